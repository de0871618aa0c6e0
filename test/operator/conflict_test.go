package operator_test

import (
	"fmt"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/controllers"
)

var (
	conflict        = isFalse(v1alpha1.ConditionProgrammed, v1alpha1.ReasonConflict)
	stalledConflict = isTrue(v1alpha1.ConditionStalled, v1alpha1.ReasonConflict)
)

// foreignSpecs are those of objects that somebody else has made, of each kind
// that needs one.
var foreignSpecs = map[string]any{
	"PersistentVolumeClaim": map[string]any{
		"accessModes": []any{"ReadWriteOnce"}, "resources": map[string]any{"requests": map[string]any{"storage": "1Gi"}},
	},
	"Service":             map[string]any{"ports": []any{map[string]any{"port": int64(99)}}},
	"NetworkPolicy":       map[string]any{"podSelector": map[string]any{}},
	"PodDisruptionBudget": map[string]any{"minAvailable": int64(1)},
	"HorizontalPodAutoscaler": map[string]any{
		"maxReplicas":    int64(3),
		"scaleTargetRef": map[string]any{"apiVersion": "apps/v1", "kind": "Deployment", "name": "theirs"},
	},
	"StatefulSet": map[string]any{
		"replicas": int64(0), "serviceName": "theirs",
		"selector": map[string]any{"matchLabels": map[string]any{"app": "theirs"}},
		"template": map[string]any{
			"metadata": map[string]any{"labels": map[string]any{"app": "theirs"}},
			"spec":     map[string]any{"containers": []any{map[string]any{"name": "theirs", "image": "theirs"}}},
		},
	},
}

// foreign returns an object of somebody else with the name of one of ours.
func (w *world) foreign(o renderedObject) *unstructured.Unstructured {
	u := w.identified(o.kind, o.name)
	if spec, ok := foreignSpecs[o.kind.Kind]; ok {
		u.Object["spec"] = spec
	}
	u.SetLabels(map[string]string{"owner": "somebody"})
	return u
}

func TestWhatBelongsToSomebodyElseIsNotTouched(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, o := range renderedOf("unused") {
		gateway := fmt.Sprintf("g%d", i)
		o.name = strings.Replace(o.name, "unused", gateway, 1)
		t.Run(o.kind.Kind+strings.TrimPrefix(o.name, gateway), func(t *testing.T) {
			t.Parallel()
			w := w.within(t)
			w.somebodyIsInTheWay(gateway, o)
		})
	}
}

func (w *world) somebodyIsInTheWay(gateway string, o renderedObject) {
	w.Helper()
	theirs := w.foreign(o)
	w.create(theirs)
	g := withEverything(w.gateway(gateway))
	w.create(w.users(gateway), g)
	w.await(g, accepted, conflict, stalledConflict, isFalse(v1alpha1.ConditionReady, v1alpha1.ReasonConflict))
	if m := message(g, v1alpha1.ConditionProgrammed); !strings.Contains(m, o.kind.Kind) || !strings.Contains(m, o.name) {
		w.Errorf("the message does not say what is in the way: %s", m)
	}
	for _, other := range renderedOf(gateway) {
		if other != o && w.exists(w.identified(other.kind, other.name)) {
			w.Errorf("beside it, there is %s", other)
		}
	}
	for key, count := range w.requests.writes() {
		if stem := strings.ToLower(o.kind.Kind[:len(o.kind.Kind)-1]); strings.Contains(key, "/"+stem) && strings.HasSuffix(key, "/"+o.name) {
			w.Errorf("%s was tried %d times", key, count)
		}
	}
	now := w.identified(o.kind, o.name)
	w.get(now)
	if now.GetUID() != theirs.GetUID() || len(now.GetOwnerReferences()) > 0 || len(now.GetLabels()) != 1 || len(now.GetAnnotations()) > 0 {
		w.Errorf("theirs has become %v", now.Object["metadata"])
	}
	w.awaitEvent(g, controllers.EventConflict)

	w.delete(theirs)
	// It is not watched, so that somebody comes to ask, or waits for a minute.
	w.annotate(g, "somebody", "asks")
	w.await(g, noPods)
	if has(g, v1alpha1.ConditionStalled) {
		w.Errorf("still stalled:\n%s", show(g))
	}
	w.get(w.identified(o.kind, o.name))
}

// What carries the labels of a Gateway and does not belong to it is somebody
// else's as well, and is watched: when it goes there is nothing to wait for.
func TestWhatOnlyLooksLikeOursIsNotTouched(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, o := range renderedOf("edge") {
		if o.kind.Kind != "Service" || o.name != "edge" {
			continue
		}
		theirs := w.foreign(o)
		theirs.SetLabels(map[string]string{"twinway.dev/gateway": "edge", "app.kubernetes.io/managed-by": "twinway"})
		w.create(theirs)
		g := w.gateway("edge")
		w.create(w.users("edge"), g)
		w.await(g, conflict, stalledConflict)
		w.mustStayTheSame(theirs)
		w.delete(theirs)
		w.await(g, noPods)
	}
}

// mustStayTheSame checks that an object has not been written.
func (w *world) mustStayTheSame(object client.Object) {
	w.Helper()
	before := object.GetResourceVersion()
	w.get(object)
	if now := object.GetResourceVersion(); now != before {
		w.Errorf("%T %s was written", object, object.GetName())
	}
}
