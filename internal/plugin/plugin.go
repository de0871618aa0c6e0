package plugin

import (
	"context"
	"io"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/api/v1alpha1"
)

// FieldManager owns the annotations that are set here.
const FieldManager = "kubectl-twinway"

// Plugin answers questions about one cluster.
type Plugin struct {
	// Client reads and writes objects; its scheme is Scheme's or knows more.
	Client client.Client
	// Logs opens the log of a container of a pod, that of its previous run if
	// asked to, with at most so many bytes. Only Bundle needs it.
	Logs func(ctx context.Context, pod *corev1.Pod, container string, previous bool, limit int64) (io.ReadCloser, error)
	// Ask opens what the gateway in a pod answers at a path of its admin port. Only
	// Events needs it.
	Ask func(ctx context.Context, pod *corev1.Pod, path string) (io.ReadCloser, error)
	// Versions names what takes part and its version. Only Bundle needs it.
	Versions map[string]string
}

// Scheme returns the types that the package reads; everything else it reads
// without types.
func Scheme() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	builder := runtime.NewSchemeBuilder(v1alpha1.AddToScheme, corev1.AddToScheme)
	return scheme, builder.AddToScheme(scheme)
}
