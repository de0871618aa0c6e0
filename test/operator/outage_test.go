package operator_test

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/twinway/twinway/test/apiserver"
)

// A push goes on while there is no API server: what is stored and what pods have
// is known. Clients notice nothing. No other test runs meanwhile.
func TestTheAPIServerRestartsDuringAPush(t *testing.T) {
	w := newWorld(t)
	w.runPods(seldom)
	g, users := w.gateway("edge"), w.users("edge")
	w.create(g, users)
	w.await(g, ready)
	lived, session, before := w.life("edge"), w.session("edge-0", "ditto"), g.Status.ConfigurationHash
	w.mustAnswer(session, 201, "create", "lamp", `,"value":{}`)
	asking := w.asking("edge")

	w.pods.Freeze(t, "edge-0")
	change(w, users, func(s *corev1.Secret) { s.StringData = map[string]string{"second": bcrypt} })
	w.await(g, unreachable)
	desired := g.Status.ConfigurationHash
	apiserver.Restart(t, func() {
		w.pods.Unfreeze(t, "edge-0")
		w.eventually("the pod has the configuration", func() bool { return w.answer(asking).Hash == desired })
		w.mustAnswer(session, 200, "retrieve", "lamp", "")
		w.mustBeOpen(w.session("edge-0", "second"))
	})
	w.awaitSettled(g)
	w.requests.forgive()
	if desired == before || g.Status.ConfigurationHash != desired {
		t.Errorf("it was %s, then %s, and is %s", before, desired, g.Status.ConfigurationHash)
	}
	w.mustHave(g)
	w.mustLive("edge", lived)

	// What happens afterwards is seen, so everything is watched again.
	change(w, users, func(s *corev1.Secret) { s.StringData = map[string]string{"third": bcrypt} })
	w.awaitPushed(g, desired)
	w.mustBeOpen(w.session("edge-0", "third"))
	w.delete(w.identified(kindOf("Service"), "edge"))
	w.eventually("the Service is back", func() bool { return w.exists(w.identified(kindOf("Service"), "edge")) })
	w.mustLive("edge", lived)
	w.mustAnswer(session, 200, "retrieve", "lamp", "")
}

func TestTheAPIServerRestartsDuringARollout(t *testing.T) {
	w := newWorld(t)
	w.runPods(probing)
	moving, calm := w.gateway("moving"), w.gateway("calm")
	w.create(w.users("moving"), w.users("calm"), moving, calm)
	w.await(moving, ready)
	w.await(calm, ready)
	before, lived, session := w.life("moving"), w.life("calm"), w.session("calm-0", "ditto")
	w.mustAnswer(w.session("moving-0", "ditto"), 201, "create", "lamp", `,"value":{}`)

	set := &appsv1.StatefulSet{ObjectMeta: w.named("moving")}
	w.set(moving, field{"listener.port", `9000`})
	w.eventually("the rollout begins", func() bool { w.get(set); return set.Generation > 1 })
	apiserver.Restart(t, func() { w.mustBeOpen(session) })
	w.awaitAnother("moving", before)
	w.awaitSettled(moving)
	w.awaitSettled(calm)
	w.requests.forgive()
	w.mustHave(moving)
	w.mustAnswer(w.session("moving-0", "ditto"), 200, "retrieve", "lamp", "")
	if w.get(set); set.Generation != 2 {
		t.Errorf("the StatefulSet was changed %d times", set.Generation-1)
	}
	w.mustLive("calm", lived)
	w.mustBeOpen(session)
}
