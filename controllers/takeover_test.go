package controllers_test

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/api/v1alpha1"
)

// An operator that takes over and finds all as it should be has nothing to say, not
// even for the moment in which it has not asked the pods yet.
func TestWhoTakesOverSaysNothingNew(t *testing.T) {
	w := newWorld(t)
	w.runPods()
	g, c := w.gateway("edge"), w.connection("cloud", "edge")
	w.create(g, w.users("edge", map[string]string{"ditto": bcrypt}), c)
	w.awaitCondition(g, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	w.awaitCondition(c, v1alpha1.ConditionConnected, metav1.ConditionFalse, v1alpha1.ReasonConnectionFailed)
	w.stop()
	w.get(g)
	w.get(c)
	before := []string{g.ResourceVersion, c.ResourceVersion}

	w.startOperator()
	// That it has come to know a pod of another Gateway shows that it works.
	other := w.gateway("other")
	w.create(other, w.users("other", map[string]string{"ditto": bcrypt}))
	w.awaitCondition(other, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	for i, object := range []client.Object{g, c} {
		w.get(object)
		if object.GetResourceVersion() != before[i] {
			t.Errorf("the operator that took over has written to %T %s: %+v", object, object.GetName(), object)
		}
	}
}
