package controllers_test

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/twinway/twinway/api/v1alpha1"
)

func TestAConnectionWithoutGatewaySaysSo(t *testing.T) {
	w := newWorld(t)
	c := w.connection("cloud", "edge")
	w.create(c)
	w.awaitCondition(c, v1alpha1.ConditionResolvedRefs, metav1.ConditionFalse, v1alpha1.ReasonGatewayNotFound)
	w.awaitCondition(c, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonGatewayNotFound)

	g := w.gateway("edge")
	w.create(g, w.users("edge", map[string]string{"ditto": bcrypt}))
	w.awaitCondition(c, v1alpha1.ConditionResolvedRefs, metav1.ConditionTrue, v1alpha1.ReasonResolved)
	w.awaitCondition(c, v1alpha1.ConditionProgrammed, metav1.ConditionUnknown, v1alpha1.ReasonNoReadyPods)
	w.eventually("the Connection is counted", func() bool { w.get(g); return g.Status.Connections == 1 })

	if err := w.Delete(w.ctx, g); err != nil {
		t.Fatal(err)
	}
	w.awaitCondition(c, v1alpha1.ConditionResolvedRefs, metav1.ConditionFalse, v1alpha1.ReasonGatewayNotFound)
}

func TestOneBadConnectionStopsNobodyElse(t *testing.T) {
	w := newWorld(t)
	w.runPods()
	g := w.gateway("edge")
	good, bad := w.connection("good", "edge"), w.connection("bad", "edge")
	bad.Spec.Credentials = &v1alpha1.ConnectionCredentials{Basic: &v1alpha1.SecretReference{Name: "missing"}}
	w.create(g, w.users("edge", map[string]string{"ditto": bcrypt}), good, bad)

	w.awaitCondition(bad, v1alpha1.ConditionResolvedRefs, metav1.ConditionFalse, v1alpha1.ReasonRefNotFound)
	w.awaitCondition(bad, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonRefNotFound)
	w.awaitCondition(g, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	w.awaitCondition(good, v1alpha1.ConditionProgrammed, metav1.ConditionTrue, v1alpha1.ReasonProgrammed)
	// Nobody listens there.
	w.awaitCondition(good, v1alpha1.ConditionConnected, metav1.ConditionFalse, v1alpha1.ReasonConnectionFailed)
	w.awaitCondition(good, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonConnectionFailed)
}

func TestASubscriptionFollowsItsConnection(t *testing.T) {
	w := newWorld(t)
	s := &v1alpha1.Subscription{ObjectMeta: w.named("events"), Spec: v1alpha1.SubscriptionSpec{
		ConnectionRef: v1alpha1.ConnectionReference{Name: "cloud"}, Direction: v1alpha1.Outbound, Signal: v1alpha1.SignalTwinEvents,
		AuthorizationSubjects: []v1alpha1.AuthorizationSubject{"integration:cloud"}, Target: &v1alpha1.Target{},
	}}
	w.create(s)
	w.awaitCondition(s, v1alpha1.ConditionResolvedRefs, metav1.ConditionFalse, v1alpha1.ReasonConnectionNotFound)

	c := w.connection("cloud", "edge")
	w.create(c)
	w.awaitCondition(s, v1alpha1.ConditionResolvedRefs, metav1.ConditionFalse, v1alpha1.ReasonGatewayNotFound)
	w.create(w.gateway("edge"), w.users("edge", map[string]string{"ditto": bcrypt}))
	w.awaitCondition(s, v1alpha1.ConditionResolvedRefs, metav1.ConditionTrue, v1alpha1.ReasonResolved)
	w.awaitCondition(s, v1alpha1.ConditionProgrammed, metav1.ConditionUnknown, v1alpha1.ReasonNoReadyPods)
	w.eventually("the Subscription is counted", func() bool { w.get(c); return c.Status.Subscriptions == 1 })

	change(w, c, func(c *v1alpha1.Connection) {
		c.Spec.Credentials = &v1alpha1.ConnectionCredentials{Basic: &v1alpha1.SecretReference{Name: "missing"}}
	})
	w.awaitCondition(s, v1alpha1.ConditionResolvedRefs, metav1.ConditionFalse, v1alpha1.ReasonRefInvalid)
}

func TestAConnectionThatIsToBeClosedIsReady(t *testing.T) {
	w := newWorld(t)
	w.runPods()
	c := w.connection("cloud", "edge")
	c.Spec.State = new(v1alpha1.ConnectionClosed)
	w.create(w.gateway("edge"), w.users("edge", map[string]string{"ditto": bcrypt}), c)
	w.awaitCondition(c, v1alpha1.ConditionConnected, metav1.ConditionFalse, v1alpha1.ReasonClosed)
	w.awaitCondition(c, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonClosed)
}
