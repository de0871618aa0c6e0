package scale

import (
	"context"
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/render"
	"github.com/twinway/twinway/test/apiserver"
)

// world is the cluster of one measurement.
type world struct {
	*testing.T
	client.WithWatch
	ctx        context.Context
	node       *node
	deployment deployment
	namespaces []string
	// operator is the one that everything depends on; nil: any.
	operator *operator
}

// check fails the test when the operator has ended.
func (w *world) check() {
	w.Helper()
	if w.operator != nil {
		w.operator.mustRun()
	}
}

// newWorld returns a cluster in which the operator is installed but does not run.
// What is made in its namespaces is deleted at the end of the test.
func newWorld(t *testing.T) *world {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), guard)
	t.Cleanup(cancel)
	scheme := runtime.NewScheme()
	builder := runtime.NewSchemeBuilder(clientgoscheme.AddToScheme, v1alpha1.AddToScheme)
	if err := builder.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	c, err := client.NewWithWatch(apiserver.Config(), client.Options{Scheme: scheme})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, WithWatch: c, ctx: ctx, deployment: install(t)}
	t.Cleanup(w.deleteAll)
	w.node = newNode(t, c)
	return w
}

// namespace makes a namespace.
func (w *world) namespace(name string) string {
	w.Helper()
	err := w.Create(w.ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}})
	if err != nil {
		w.Fatal(err)
	}
	w.namespaces = append(w.namespaces, name)
	return name
}

// deleteAll deletes what was made: there is no controller that would do it when a
// namespace goes, and the next operator would look after it.
func (w *world) deleteAll() {
	ctx, cancel := context.WithTimeout(context.Background(), guard)
	defer cancel()
	objects := []client.Object{&v1alpha1.Gateway{}, &v1alpha1.Connection{}, &corev1.Pod{}}
	for _, kind := range render.Kinds() {
		if object, err := w.Scheme().New(kind); err == nil {
			objects = append(objects, object.(client.Object))
		}
	}
	for _, namespace := range w.namespaces {
		for _, object := range objects {
			options := []client.DeleteAllOfOption{client.InNamespace(namespace), client.GracePeriodSeconds(0)}
			if err := w.DeleteAllOf(ctx, object, options...); err != nil {
				w.Logf("delete %T in %s: %v", object, namespace, err)
			}
		}
		if err := w.Delete(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}); err != nil {
			w.Logf("delete namespace %s: %v", namespace, err)
		}
	}
}

func (w *world) create(objects ...client.Object) {
	w.Helper()
	for _, object := range objects {
		if err := w.Create(w.ctx, object); err != nil {
			w.Fatalf("create %T %s: %v", object, object.GetName(), err)
		}
	}
}

// patch changes the number of sessions that a Gateway allows, as kubectl patch
// does, and returns the new generation of its spec.
func (w *world) patch(g *v1alpha1.Gateway, sessions int) int64 {
	w.Helper()
	object := &v1alpha1.Gateway{ObjectMeta: metav1.ObjectMeta{Namespace: g.Namespace, Name: g.Name}}
	patch := fmt.Appendf(nil, `{"spec":{"limits":{"sessions":{"max":%d}}}}`, sessions)
	if err := w.Patch(w.ctx, object, client.RawPatch("application/merge-patch+json", patch)); err != nil {
		w.Fatalf("patch Gateway %s: %v", g.Name, err)
	}
	return object.Generation
}

// must fails the test at an error.
func (w *world) must(doing string, err error) {
	w.Helper()
	if err != nil {
		w.Fatalf("%s: %v", doing, err)
	}
}
