package operator_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/render"
)

// edits are what somebody else does to our objects, as merge patches. Of kinds
// that are not here the API server lets nobody change anything.
var edits = map[string]string{
	"ServiceAccount edge":          `{"automountServiceAccountToken":true}`,
	"Secret edge-snapshot":         `{"data":{"snapshot.json":"e30="}}`,
	"Secret edge-management":       `{"data":{"tls.crt":"e30=","ca.crt":"e30="}}`,
	"Service edge":                 `{"spec":{"ports":[{"name":"clients","port":81,"targetPort":81}]}}`,
	"Service edge-pods":            `{"spec":{"selector":{"twinway.dev/gateway":"other"},"publishNotReadyAddresses":false}}`,
	"NetworkPolicy edge":           `{"spec":{"ingress":[{}]}}`,
	"PodDisruptionBudget edge":     `{"spec":{"maxUnavailable":0}}`,
	"HorizontalPodAutoscaler edge": `{"spec":{"maxReplicas":7}}`,
	"PodMonitor edge":              `{"spec":{"selector":{"matchLabels":{"twinway.dev/gateway":"other"}}}}`,
	"StatefulSet edge":             `{"spec":{"template":{"spec":{"terminationGracePeriodSeconds":1,"serviceAccountName":"default"}}}}`,
}

// essence is what is rendered of an object, and who owns it.
func essence(u *unstructured.Unstructured) map[string]any {
	out := u.DeepCopy()
	for _, field := range []string{"managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "deletionTimestamp", "finalizers"} {
		unstructured.RemoveNestedField(out.Object, "metadata", field)
	}
	for _, field := range []string{"clusterIP", "clusterIPs"} { // chosen anew
		unstructured.RemoveNestedField(out.Object, "spec", field)
	}
	delete(out.Object, "status")
	return out.Object
}

// repaired waits until an object is what it was before somebody did something.
func (w *world) repaired(o renderedObject, before map[string]any) {
	w.Helper()
	var diff string
	object := w.identified(o.kind, o.name)
	defer func() {
		if diff != "" {
			w.Logf("%s is (-before +now)\n%s", o, diff)
		}
	}()
	w.eventually(o.String()+" is what it was", func() bool {
		if !w.exists(object) || object.GetDeletionTimestamp() != nil {
			diff = "gone"
			return false
		}
		diff = cmp.Diff(before, essence(object))
		return diff == ""
	})
}

func TestWhatSomebodyDoesToOurObjectsIsUndone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g := withEverything(w.gateway("edge"))
	w.create(g, w.users("edge"))
	w.await(g, noPods)
	for _, o := range renderedOf("edge") {
		t.Run(o.String(), func(t *testing.T) { w.within(t).mustUndo(g, o) })
	}
	w.await(g, noPods)
}

// mustUndo checks that what somebody does to an object is undone, and what is
// none of the operator's business is not.
func (w *world) mustUndo(g *v1alpha1.Gateway, o renderedObject) {
	w.Helper()
	object := w.identified(o.kind, o.name)
	var acts []func()
	change := func(patch string) { acts = append(acts, func() { w.merge(object, patch) }) }
	if edit, ok := edits[o.String()]; ok {
		change(edit)
	}
	for label := range render.Labels("edge") {
		change(`{"metadata":{"labels":{"` + label + `":null}}}`)
	}
	if o.kind.Kind != "PersistentVolumeClaim" { // which would be that of another Gateway
		change(`{"metadata":{"labels":{"` + render.LabelGateway + `":"other"},"annotations":{"` + render.AnnotationRendered + `":null}}}`)
	}
	acts = append(acts, func() { w.delete(object) })
	for i, act := range acts {
		// Another generation: in each the status may come back to what it was a few
		// times.
		w.set(g, field{"limits.thing.maxSize", strconv.Itoa(2000 + i)})
		w.await(g, noPods)
		w.get(object)
		before := essence(object)
		act()
		w.noticed(o)
		w.repaired(o, before)
	}
	w.merge(object, `{"metadata":{"labels":{"somebody":"else"},"annotations":{"somebody":"else"}}}`)
	w.mustBeLeftAlone(object)
	w.merge(object, `{"metadata":{"labels":{"somebody":null},"annotations":{"somebody":null}}}`)
}

// noticed helps the operator with what it does not watch: PodMonitors, which it
// looks at only from time to time, and anew.
func (w *world) noticed(o renderedObject) {
	w.Helper()
	if o.kind.Kind == "PodMonitor" {
		w.restartOperator()
	}
}

// merge changes an object as somebody else.
func (w *world) merge(object client.Object, patch string) {
	w.Helper()
	if !json.Valid([]byte(patch)) {
		w.Fatalf("no JSON: %s", patch)
	}
	if err := w.Patch(w.ctx, object, client.RawPatch(types.MergePatchType, []byte(patch)), client.FieldOwner("somebody")); err != nil {
		w.Fatalf("change %s: %v", object.GetName(), err)
	}
}

// mustBeLeftAlone checks that what somebody has added stays when the operator
// looks and finds nothing to do.
func (w *world) mustBeLeftAlone(object client.Object) {
	w.Helper()
	g := w.gateway("edge")
	before := w.requests.writes()
	w.annotate(g, "somebody", object.GetResourceVersion()) // has it looked at
	users := w.users("edge")
	w.annotate(users, "somebody", object.GetResourceVersion())
	w.await(g, noPods)
	w.get(object)
	if object.GetLabels()["somebody"] != "else" || object.GetAnnotations()["somebody"] != "else" {
		w.Error("what somebody has added is gone")
	}
	for _, written := range w.requests.since(before) {
		if !strings.Contains(written, "/status ") {
			w.Errorf("the operator has written %s", written)
		}
	}
}

// A pod that starts with what a slow kubelet has mounted is brought up to date.
func TestAPodThatStartsWithAnOldConfiguration(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runPods(probing)
	g, users := w.gateway("edge"), w.users("edge")
	w.create(g, users)
	w.await(g, ready)
	first := g.Status.ConfigurationHash

	w.pods.DelaySecrets(guard * 2)
	change(w, users, func(s *corev1.Secret) { s.StringData = map[string]string{"second": bcrypt} })
	w.awaitPushed(g, first)
	lived := w.life("edge")
	w.pods.Kill(t, "edge-0", syscall.SIGKILL)
	w.eventually("the container is started again", func() bool { return w.life("edge").restarts > lived.restarts })
	w.eventually("the pod has the configuration", func() bool { return w.says("edge").Hash == g.Status.ConfigurationHash })
	w.awaitSettled(g)
	w.mustHave(g)
	w.mustBeOpen(w.session("edge-0", "second"))

	set := &appsv1.StatefulSet{ObjectMeta: w.named("edge")}
	w.get(set)
	if set.Generation != 1 {
		t.Errorf("the StatefulSet was changed %d times", set.Generation-1)
	}
}
