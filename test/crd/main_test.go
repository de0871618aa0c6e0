package crd_test

import (
	"context"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/test/apiserver"
)

// resources are the resources under test, by kind.
var resources = map[string]schema.GroupVersionResource{
	v1alpha1.GatewayKind:      v1alpha1.GroupVersion.WithResource("gateways"),
	v1alpha1.ConnectionKind:   v1alpha1.GroupVersion.WithResource("connections"),
	v1alpha1.SubscriptionKind: v1alpha1.GroupVersion.WithResource("subscriptions"),
}

func TestMain(m *testing.M) { apiserver.Main(m, apiserver.Options{}) }

// connect returns a client for the objects of a kind in a namespace of the
// test's own.
func connect(t *testing.T, kind string) dynamic.ResourceInterface {
	t.Helper()
	config := apiserver.Config()
	config.QPS = -1
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return client.Resource(resources[kind]).Namespace(apiserver.Namespace(t))
}

// deadline is a guard against hanging, for one request or a few.
func deadline(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}
