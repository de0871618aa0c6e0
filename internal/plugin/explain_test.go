package plugin_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"

	"github.com/twinway/twinway/internal/plugin"
	"github.com/twinway/twinway/test/apiserver"
)

func TestExplain(t *testing.T) {
	c := newCluster(t, gatewayYAML)
	// Nobody listens on port 1.
	_, unreachable := newPlugin(t, &rest.Config{Host: "http://127.0.0.1:1"}).Status(c.ctx, "default", "")
	stranger := apiserver.Config()
	stranger.CertData, stranger.KeyData, stranger.CertFile, stranger.KeyFile, stranger.BearerToken = nil, nil, "", "", "nobody's"
	_, unauthorized := newPlugin(t, stranger).Status(c.ctx, "default", "")
	cancelled, cancel := context.WithCancel(c.ctx)
	cancel()
	_, interrupted := c.Status(cancelled, "default", "")
	list := new(unstructured.UnstructuredList)
	list.SetAPIVersion("elsewhere.example.com/v1")
	list.SetKind("GatewayList")
	unknown := fmt.Errorf("list Gateways: %w", c.Client.List(c.ctx, list))

	for name, test := range map[string]struct {
		err  error
		says []string
	}{
		"unreachable":   {unreachable, []string{"cannot be reached", "127.0.0.1", "refused"}},
		"unauthorized":  {unauthorized, []string{"credentials of the kubeconfig"}},
		"interrupted":   {interrupted, []string{"interrupted"}},
		"not installed": {unknown, []string{"custom resource definitions"}},
		"anything else": {errors.New("else"), []string{"else"}},
	} {
		t.Run(name, func(t *testing.T) {
			if test.err == nil {
				t.Fatal("no error to explain")
			}
			mustFail(t, plugin.Explain(test.err), test.says...)
		})
	}
	if plugin.Explain(nil) != nil {
		t.Error("no error is explained")
	}
}
