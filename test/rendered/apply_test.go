package rendered

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	kubernetes "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/render"
	"github.com/twinway/twinway/test/apiserver"
)

func TestMain(m *testing.M) { apiserver.Main(m, apiserver.Options{}) }

// patience guards against hanging and measures nothing.
const patience = 2 * time.Minute

const fixtures = "../../internal/render/testdata"

// What is applied is there as it was rendered: a comparison field by field tells
// whether somebody has changed it. To apply it again changes nothing.
func TestApply(t *testing.T) {
	entries, err := os.ReadDir(fixtures)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		t.Run(e.Name(), func(t *testing.T) {
			w := newWorld(t)
			// The API server stores a claim in another form when it is first written
			// again, whatever by.
			w.apply(gateway(t, e.Name()), nil)
			first := w.versions(w.apply(gateway(t, e.Name()), w.statefulSet()))
			again := w.apply(gateway(t, e.Name()), w.statefulSet())
			if len(again.Restart) > 0 {
				t.Errorf("the second time the pods restart: %v", again.Restart)
			}
			for name, version := range w.versions(again) {
				if version != first[name] {
					t.Errorf("%s is changed by applying it again", name)
				}
			}
		})
	}
}

// A Gateway can become any other one that the rules of its fields admit.
func TestFollowTheSpec(t *testing.T) {
	w := newWorld(t)
	var live *appsv1.StatefulSet
	for _, name := range []string{"minimal", "load-balancer", "autoscaling", "no-limit", "disabled", "minimal"} {
		w.apply(gateway(t, name), live)
		live = w.statefulSet()
	}
	g := gateway(t, "minimal")
	g.Spec.Service = &v1alpha1.Service{Type: new(v1alpha1.ServiceNodePort), NodePort: new(int32(30123))}
	w.apply(g, live)
	w.apply(gateway(t, "minimal"), live)
	service := w.read("v1", "Service", "demo")
	if kind, _, _ := unstructured.NestedString(service.Object, "spec", "type"); kind != "ClusterIP" {
		t.Errorf("the Service is a %s in the end", kind)
	}
	g = gateway(t, "minimal")
	g.Spec.Storage = &v1alpha1.Storage{Volume: &v1alpha1.Volume{Retention: new(v1alpha1.RetentionDelete)}}
	w.apply(g, live)
	if n := len(w.read("v1", "PersistentVolumeClaim", "demo-data").GetOwnerReferences()); n != 1 {
		t.Errorf("a claim that is to be deleted has %d owners", n)
	}
	w.apply(gateway(t, "minimal"), live)
	if n := len(w.read("v1", "PersistentVolumeClaim", "demo-data").GetOwnerReferences()); n != 0 {
		t.Errorf("a claim that is to be retained has %d owners", n)
	}
}

// What others set and the operator does not render stays: the replicas that an
// autoscaler has chosen.
func TestAutoscalerKeepsItsReplicas(t *testing.T) {
	w := newWorld(t)
	w.apply(gateway(t, "autoscaling"), nil)
	set := w.statefulSet()
	set.Spec.Replicas = new(int32(0))
	if err := w.client.Update(w.ctx, set, client.FieldOwner("autoscaler")); err != nil {
		t.Fatal(err)
	}
	w.apply(gateway(t, "autoscaling"), set)
	if n := *w.statefulSet().Spec.Replicas; n != 0 {
		t.Errorf("%d replicas", n)
	}
}

// world is a namespace.
type world struct {
	*testing.T
	ctx       context.Context
	client    client.Client
	namespace string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := kubernetes.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	c, err := client.New(apiserver.Config(), client.Options{Scheme: scheme})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return &world{T: t, ctx: ctx, client: c, namespace: apiserver.Namespace(t)}
}

// apply renders a Gateway, applies it, and compares what is there then.
func (w *world) apply(g *v1alpha1.Gateway, live *appsv1.StatefulSet) render.Result {
	w.Helper()
	g.Namespace = w.namespace
	result, err := render.Gateway(render.Input{
		Gateway: g, Live: live, Snapshot: []byte("{}"), Management: render.NoCertificates(),
		Settings: render.Settings{
			Image: "twinway", OperatorNamespace: "twinway-system", OperatorLabels: map[string]string{"a": "b"},
		},
	})
	if err != nil {
		w.Fatal(err)
	}
	for _, object := range result.Objects {
		rendered := fields(w.T, object.Config)
		if err := w.client.Apply(w.ctx, object.Config, client.FieldOwner(render.FieldManager), client.ForceOwnership); err != nil {
			w.Errorf("%s %s: %v", object.GVK.Kind, object.Name, err)
			continue
		}
		apiVersion, kind := object.GVK.ToAPIVersionAndKind()
		within(w.T, kind+" "+object.Name, rendered, w.read(apiVersion, kind, object.Name).Object)
	}
	return result
}

func (w *world) read(apiVersion, kind, name string) *unstructured.Unstructured {
	w.Helper()
	object := new(unstructured.Unstructured)
	object.SetAPIVersion(apiVersion)
	object.SetKind(kind)
	if err := w.client.Get(w.ctx, client.ObjectKey{Namespace: w.namespace, Name: name}, object); err != nil {
		w.Fatal(err)
	}
	return object
}

func (w *world) statefulSet() *appsv1.StatefulSet {
	w.Helper()
	set := new(appsv1.StatefulSet)
	if err := w.client.Get(w.ctx, client.ObjectKey{Namespace: w.namespace, Name: "demo"}, set); err != nil {
		w.Fatal(err)
	}
	return set
}

// versions returns the resource version of every object.
func (w *world) versions(result render.Result) map[string]string {
	w.Helper()
	versions := map[string]string{}
	for _, object := range result.Objects {
		apiVersion, kind := object.GVK.ToAPIVersionAndKind()
		versions[kind+" "+object.Name] = w.read(apiVersion, kind, object.Name).GetResourceVersion()
	}
	return versions
}

func gateway(t *testing.T, name string) *v1alpha1.Gateway {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(fixtures, name, "gateway.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	g := new(v1alpha1.Gateway)
	if err := yaml.UnmarshalStrict(data, g); err != nil {
		t.Fatal(err)
	}
	return g
}

// fields returns what is said of an object, as it goes over the wire.
func fields(t *testing.T, config any) any {
	t.Helper()
	data, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// within fails for every field that was rendered and is not there with the same
// value.
func within(t *testing.T, path string, want, got any) {
	t.Helper()
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			t.Errorf("%s: %v, want an object", path, got)
			return
		}
		for key := range w {
			within(t, path+"."+key, w[key], g[key])
		}
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			t.Errorf("%s: %v, want %v", path, got, want)
			return
		}
		for i := range w {
			within(t, fmt.Sprintf("%s[%d]", path, i), w[i], g[i])
		}
	default:
		if fmt.Sprint(want) != fmt.Sprint(got) {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
}
