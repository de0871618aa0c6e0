package operator_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	corev1 "k8s.io/api/core/v1"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/controllers"
)

var paused = isTrue(v1alpha1.ConditionPaused, v1alpha1.ReasonPaused)

func TestAPausedGatewayIsLeftAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runPods(probing)
	g, users, c := w.gateway("edge"), w.users("edge"), w.connection("cloud", "edge")
	w.create(g, users, c)
	w.await(g, ready)
	w.await(c, notOpen)
	lived, session, hash := w.life("edge"), w.session("edge-0", "ditto"), g.Status.ConfigurationHash

	w.annotate(g, v1alpha1.AnnotationPaused, "true")
	w.awaitPaused(g, paused, ready)
	w.await(c, isUnknown(v1alpha1.ConditionProgrammed, v1alpha1.ReasonPaused))
	before := w.requests.writes()
	w.set(g, field{"listener.port", `9000`})
	w.set(g, field{"defaultNamespace", `"org.example"`})
	change(w, users, func(s *corev1.Secret) { s.StringData = map[string]string{"second": bcrypt} })
	w.delete(w.identified(kindOf("PodDisruptionBudget"), "edge"))
	w.merge(w.identified(kindOf("Service"), "edge"), edits["Service edge"])
	time.Sleep(quiet) // for what must not happen
	for _, written := range w.requests.since(before) {
		if !strings.Contains(written, "/gateways/edge/status") { // which says what it has seen
			t.Errorf("the operator has written %s", written)
		}
	}
	if has := w.says("edge").Hash; has != hash {
		t.Errorf("the pod has %s", has)
	}
	w.mustLive("edge", lived)
	w.mustBeOpen(session)
	w.awaitPaused(g, paused, ready)
	if g.Status.ObservedGeneration == g.Generation {
		t.Error("the status says that it is of what was changed since")
	}
	// Another operator leaves it alone, too.
	before = w.requests.writes()
	w.restartOperator()
	time.Sleep(quiet)
	for _, written := range w.requests.since(before) {
		if !strings.Contains(written, "/connections/cloud/status") { // which asks the pods no more
			t.Errorf("another operator has written %s", written)
		}
	}

	w.annotate(g, v1alpha1.AnnotationPaused, "")
	w.awaitAnother("edge", lived)
	w.awaitSettled(g)
	w.mustHave(g)
	if has(g, v1alpha1.ConditionPaused) || g.Status.ConfigurationHash == hash {
		t.Errorf("what was changed has no effect:\n%s", show(g))
	}
	w.await(c, programmed, notOpen)
	w.get(w.identified(kindOf("PodDisruptionBudget"), "edge"))
	w.mustBeOpen(w.session("edge-0", "second"))
	for _, reason := range []string{controllers.EventPaused, controllers.EventResumed} {
		w.awaitEvent(g, reason)
	}
}

func TestADrainedGatewayComesBack(t *testing.T) {
	t.Parallel()
	const clients = 40
	w := newWorld(t)
	w.runPods(probing)
	g := w.gateway("edge")
	g.Spec.Drain.Budget = new(v1alpha1.Duration("4s"))
	w.create(g, w.users("edge"))
	w.await(g, ready)
	lived := w.life("edge")
	var sessions []*session
	for range clients {
		sessions = append(sessions, w.session("edge-0", "ditto"))
	}
	w.annotate(g, v1alpha1.AnnotationDrain, "true")
	w.mustEndOneByOne(sessions)
	w.await(g, isTrue(v1alpha1.ConditionDraining, v1alpha1.ReasonDrained), isFalse(v1alpha1.ConditionReady, v1alpha1.ReasonDraining),
		isFalse(v1alpha1.ConditionAvailable, v1alpha1.ReasonDraining))
	w.eventually("the pod takes no clients", func() bool { w.get(g); return g.Status.ReadyReplicas == 0 && g.Status.Replicas == 1 })
	if _, err := dial(w.ctx, w.pods.Address(t, "edge-0", "clients"), "ditto"); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("a client is answered: %v", err)
	}
	w.awaitEvent(g, controllers.EventDrained)

	// A change reaches it, and a pod that starts is drained as well.
	hash := g.Status.ConfigurationHash
	w.set(g, field{"defaultNamespace", `"org.example"`})
	w.eventually("the pod has the change", func() bool {
		w.get(g)
		said := w.says("edge")
		return g.Status.ConfigurationHash != hash && said.Hash == g.Status.ConfigurationHash && said.Draining
	})
	w.mustLive("edge", lived)
	w.delete(w.pod("edge"))
	w.awaitAnother("edge", lived)
	w.eventually("the new pod drains", func() bool { return w.says("edge").Draining })

	w.annotate(g, v1alpha1.AnnotationDrain, "")
	w.awaitSettled(g)
	w.mustBeOpen(w.session("edge-0", "ditto"))
	w.awaitEvent(g, controllers.EventUndrained)
	if has(g, v1alpha1.ConditionDraining) {
		t.Error("still draining")
	}
}

// mustEndOneByOne checks that sessions are told to come again, and not all in
// one moment.
func (w *world) mustEndOneByOne(sessions []*session) {
	w.Helper()
	ends := make(chan time.Time, len(sessions))
	for _, s := range sessions {
		go func() {
			<-s.closed
			ends <- time.Now()
		}()
	}
	ctx, cancel := context.WithTimeout(w.ctx, guard)
	defer cancel()
	seconds := map[int64]int{}
	for range sessions {
		select {
		case end := <-ends:
			seconds[end.UnixMilli()/250]++
		case <-ctx.Done():
			w.Fatal("not all sessions end")
		}
	}
	for _, s := range sessions {
		if code := w.code(s); code != websocket.StatusServiceRestart {
			w.Errorf("a session is closed with %d", code)
		}
	}
	for _, n := range seconds {
		if n == len(sessions) {
			w.Error("all sessions end in one moment")
		}
	}
}
