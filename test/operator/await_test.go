package operator_test

import (
	"bytes"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/test/statuscheck"
)

const poll = 20 * time.Millisecond

// eventually waits until something holds.
func (w *world) eventually(what string, holds func() bool) {
	w.Helper()
	for end := time.Now().Add(guard); !holds(); time.Sleep(poll) {
		if time.Now().After(end) {
			w.Fatalf("still not: %s", what)
		}
	}
}

// quiet is how long is waited for what must not happen.
const quiet = 500 * time.Millisecond

func statusOf(object client.Object) ([]metav1.Condition, int64) {
	switch o := object.(type) {
	case *v1alpha1.Gateway:
		return o.Status.Conditions, o.Status.ObservedGeneration
	case *v1alpha1.Connection:
		return o.Status.Conditions, o.Status.ObservedGeneration
	case *v1alpha1.Subscription:
		return o.Status.Conditions, o.Status.ObservedGeneration
	}
	panic(fmt.Sprintf("%T has no conditions", object))
}

// expected is what a condition is to be.
type expected struct {
	condition string
	status    metav1.ConditionStatus
	reason    string
}

func isTrue(condition, reason string) expected {
	return expected{condition, metav1.ConditionTrue, reason}
}

func isFalse(condition, reason string) expected {
	return expected{condition, metav1.ConditionFalse, reason}
}

func isUnknown(condition, reason string) expected {
	return expected{condition, metav1.ConditionUnknown, reason}
}

var (
	ready      = isTrue(v1alpha1.ConditionReady, v1alpha1.ReasonReady)
	programmed = isTrue(v1alpha1.ConditionProgrammed, v1alpha1.ReasonProgrammed)
	accepted   = isTrue(v1alpha1.ConditionAccepted, v1alpha1.ReasonAccepted)
	noPods     = isUnknown(v1alpha1.ConditionProgrammed, v1alpha1.ReasonNoReadyPods)
)

func (e expected) holds(object client.Object) bool {
	conditions, _ := statusOf(object)
	c := meta.FindStatusCondition(conditions, e.condition)
	return c != nil && c.Status == e.status && c.Reason == e.reason
}

// await waits until a status is of the object's present generation and has the
// conditions, then checks the statuses of all objects.
func (w *world) await(object client.Object, conditions ...expected) {
	w.Helper()
	w.awaitThat(object, func() bool {
		_, observed := statusOf(object)
		return observed == object.GetGeneration() && allHold(object, conditions)
	}, conditions)
	statuscheck.Check(w, w, w.namespace)
}

// awaitPaused is await for an object whose status need not be of its present
// generation.
func (w *world) awaitPaused(object client.Object, conditions ...expected) {
	w.Helper()
	w.awaitThat(object, func() bool { return allHold(object, conditions) }, conditions)
	statuscheck.Check(w, w, w.namespace)
}

func (w *world) awaitThat(object client.Object, holds func() bool, conditions []expected) {
	w.Helper()
	for end := time.Now().Add(guard); ; time.Sleep(poll) {
		w.get(object)
		if holds() {
			return
		}
		if time.Now().After(end) {
			w.Fatalf("%T %s is never %v, but\n%s", object, object.GetName(), conditions, show(object))
		}
	}
}

func allHold(object client.Object, conditions []expected) bool {
	for _, e := range conditions {
		if !e.holds(object) {
			return false
		}
	}
	return true
}

func show(object client.Object) string {
	conditions, observed := statusOf(object)
	var b bytes.Buffer
	fmt.Fprintf(&b, "  observed generation %d of %d\n", observed, object.GetGeneration())
	for _, c := range conditions {
		fmt.Fprintf(&b, "  %s=%s %s (%d): %s\n", c.Type, c.Status, c.Reason, c.ObservedGeneration, c.Message)
	}
	return b.String()
}

// isSettled says that a Gateway is ready, and that nothing is under way.
func isSettled(g *v1alpha1.Gateway) bool {
	return g.Status.ObservedGeneration == g.Generation && ready.holds(g) &&
		meta.FindStatusCondition(g.Status.Conditions, v1alpha1.ConditionReconciling) == nil
}

// awaitSettled waits until a Gateway is ready after a change.
func (w *world) awaitSettled(g *v1alpha1.Gateway) {
	w.Helper()
	w.awaitThat(g, func() bool { return isSettled(g) }, []expected{ready})
	statuscheck.Check(w, w, w.namespace)
}

// awaitPushed waits until a Gateway is ready with another configuration than the
// one before.
func (w *world) awaitPushed(g *v1alpha1.Gateway, before string) {
	w.Helper()
	w.awaitThat(g, func() bool { return isSettled(g) && g.Status.ConfigurationHash != before }, []expected{ready})
	statuscheck.Check(w, w, w.namespace)
}

// message returns that of a condition.
func message(object client.Object, condition string) string {
	conditions, _ := statusOf(object)
	if c := meta.FindStatusCondition(conditions, condition); c != nil {
		return c.Message
	}
	return ""
}

func has(object client.Object, condition string) bool {
	conditions, _ := statusOf(object)
	return meta.FindStatusCondition(conditions, condition) != nil
}
