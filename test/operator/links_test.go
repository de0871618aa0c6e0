package operator_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/twinway/twinway/api/v1alpha1"
)

const goodFilter = "gt(attributes/temperature,20)"

// notOpen is what is said of a Connection to where nobody listens, and of its
// Subscriptions.
var notOpen = isFalse(v1alpha1.ConditionReady, v1alpha1.ReasonConnectionFailed)

func TestOneBadFilterAmongTwentySubscriptions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runPods(probing)
	g, c := w.gateway("edge"), w.connection("cloud", "edge")
	w.create(g, w.users("edge"), c)
	var subscriptions []*v1alpha1.Subscription
	for i := range 20 {
		subscriptions = append(subscriptions, w.subscription(fmt.Sprintf("s%d", i), "cloud", goodFilter))
		w.create(subscriptions[i])
	}
	bad := subscriptions[7]
	change(w, bad, func(s *v1alpha1.Subscription) { s.Spec.Filter = new("and(eq(attributes/a,1),gt(attributes/b,)") })

	w.await(g, programmed, ready)
	w.await(bad, isFalse(v1alpha1.ConditionAccepted, v1alpha1.ReasonInvalid),
		isFalse(v1alpha1.ConditionProgrammed, v1alpha1.ReasonNotCompiled), isTrue(v1alpha1.ConditionStalled, v1alpha1.ReasonInvalid))
	if m := message(bad, v1alpha1.ConditionAccepted); !strings.Contains(m, "spec.filter") || !strings.ContainsAny(m, "0123456789") {
		t.Errorf("the message does not say where: %s", m)
	}
	for i, s := range subscriptions {
		if i != 7 {
			w.await(s, accepted, programmed, notOpen)
		}
	}
	w.await(c, accepted, programmed, notOpen)
	w.mustHave(g)

	lived, before := w.life("edge"), g.Status.ConfigurationHash
	change(w, bad, func(s *v1alpha1.Subscription) { s.Spec.Filter = new(goodFilter) })
	w.await(bad, accepted, programmed, notOpen)
	w.awaitPushed(g, before)
	w.mustLive("edge", lived)
	if c.Status.Subscriptions != 20 || g.Status.Connections != 1 {
		t.Errorf("%d Subscriptions, %d Connections", c.Status.Subscriptions, g.Status.Connections)
	}
}

func TestWhatRefersToNothingIsAwaited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runPods(probing)
	s := w.subscription("events", "cloud", goodFilter)
	w.create(s)
	w.await(s, accepted, isFalse(v1alpha1.ConditionReady, v1alpha1.ReasonConnectionNotFound),
		isTrue(v1alpha1.ConditionStalled, v1alpha1.ReasonConnectionNotFound))

	c := w.connection("cloud", "edge")
	w.create(c)
	w.await(c, accepted, isFalse(v1alpha1.ConditionReady, v1alpha1.ReasonGatewayNotFound))
	w.await(s, accepted, isFalse(v1alpha1.ConditionReady, v1alpha1.ReasonGatewayNotFound))

	g := w.gateway("edge")
	w.create(g)
	w.await(c, isTrue(v1alpha1.ConditionResolvedRefs, v1alpha1.ReasonResolved),
		isFalse(v1alpha1.ConditionProgrammed, v1alpha1.ReasonNotCompiled))
	w.create(w.users("edge"))
	w.await(g, ready)
	w.await(c, programmed, notOpen)
	w.await(s, programmed, notOpen)

	w.delete(c)
	w.await(s, isFalse(v1alpha1.ConditionReady, v1alpha1.ReasonConnectionNotFound))
	w.eventually("the Connection is not counted any more", func() bool { w.get(g); return g.Status.Connections == 0 })
	w.create(w.connection("cloud", "edge"))
	w.await(s, programmed, notOpen)
	w.delete(g)
	w.await(s, isFalse(v1alpha1.ConditionReady, v1alpha1.ReasonGatewayNotFound))
	w.await(w.connection("cloud", "edge"), isFalse(v1alpha1.ConditionReady, v1alpha1.ReasonGatewayNotFound))
}

// A Connection that is refused takes what flows through it along, and nothing
// else.
func TestARefusedConnectionStopsNobodyElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runPods(probing)
	g, good, bad := w.gateway("edge"), w.connection("good", "edge"), w.connection("bad", "edge")
	bad.Spec.Credentials = &v1alpha1.ConnectionCredentials{Basic: &v1alpha1.SecretReference{Name: "late"}}
	through, other := w.subscription("through", "bad", goodFilter), w.subscription("other", "good", goodFilter)
	w.create(g, w.users("edge"), good, bad, through, other)
	w.await(g, ready)
	w.await(bad, accepted, isFalse(v1alpha1.ConditionReady, v1alpha1.ReasonRefNotFound))
	w.await(through, accepted, isFalse(v1alpha1.ConditionReady, v1alpha1.ReasonRefInvalid))
	w.await(good, programmed, notOpen)
	w.await(other, programmed, notOpen)

	lived, session := w.life("edge"), w.session("edge-0", "ditto")
	late := w.users("late")
	late.Name, late.StringData = "late", map[string]string{"username": "me", "password": "correct horse"}
	w.create(late)
	w.await(bad, programmed, notOpen)
	w.await(through, programmed, notOpen)
	w.mustLive("edge", lived)
	w.mustBeOpen(session)
}
