package plugin

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/tools/clientcmd"
)

// Explain puts into words what a person can do about an error of a cluster. Other
// errors come back as they are.
func Explain(err error) error {
	if errors.Is(err, context.Canceled) {
		return errors.New("interrupted")
	}
	if unreachable, ok := errors.AsType[*url.Error](err); ok {
		return fmt.Errorf("the cluster at %s cannot be reached: %w", host(unreachable.URL), unreachable.Err)
	}
	switch {
	case err == nil:
		return nil
	case clientcmd.IsEmptyConfig(err):
		return errors.New("no cluster is configured: there is no kubeconfig, or its current context is not set; see --kubeconfig and --context")
	case meta.IsNoMatchError(err):
		return fmt.Errorf("the cluster does not know Twinway's resources; install its custom resource definitions first: %w", err)
	case apierrors.IsUnauthorized(err):
		return fmt.Errorf("the cluster does not accept the credentials of the kubeconfig: %w", err)
	}
	return err
}

// host returns the part of a URL that says which server it is.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Host
}
