package operator_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/controllers"
	"github.com/twinway/twinway/internal/render"
	"github.com/twinway/twinway/test/gatewaytest"
)

// restarts returns how often the operator has told of each reason why it
// replaces pods.
func (w *world) restarts(g *v1alpha1.Gateway) map[string]int {
	w.Helper()
	all := w.events(g)
	maps.DeleteFunc(all, func(reason string, _ int) bool { return !strings.HasPrefix(reason, controllers.EventRestartingPrefix) })
	return all
}

func TestFieldsOfPodsReplaceThemOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runPods(probing)
	births := w.countBirths()
	g := w.gateway("edge")
	w.create(g, w.users("edge"), w.tlsSecret("edge-tls", gatewaytest.NewAuthority(t), "edge.example.org"))
	w.await(g, ready)
	expected, generations := map[string]int{}, 1
	for _, f := range podFields {
		t.Run(f.path, func(t *testing.T) {
			w := w.within(t)
			before := w.life("edge")
			w.set(g, f.field)
			generations++
			expected[controllers.EventRestartingPrefix+string(f.reason)]++
			w.awaitAnother("edge", before)
			w.awaitSettled(g)
			w.mustHave(g)
			w.eventually("an event for each reason, and no other", func() bool { return maps.Equal(w.restarts(g), expected) })
			if n := births.of("edge"); n != generations {
				t.Errorf("there have been %d pods, not %d", n, generations)
			}
		})
	}
	if n := births.of("edge"); n != generations {
		t.Errorf("in the end there have been %d pods, not %d", n, generations)
	}
}

// What changes at once replaces the pods once, and every reason is told. Clients
// are told to come again.
func TestSeveralReasonsAreOneRollout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runPods(probing)
	births := w.countBirths()
	g := w.gateway("edge")
	w.create(g, w.users("edge"))
	w.await(g, ready)
	session := w.session("edge-0", "ditto")
	w.mustAnswer(session, 201, "create", "lamp", `,"value":{}`)
	change(w, g, func(g *v1alpha1.Gateway) {
		g.Spec.Listener.Port = 9000
		g.Spec.Workload = &v1alpha1.Workload{Image: new("twinway:other")}
		g.Spec.DefaultNamespace = new("org.example")
	})
	if code := w.code(session); code != websocket.StatusServiceRestart {
		t.Errorf("the session is closed with %d", code)
	}
	w.eventually("another pod", func() bool { return births.of("edge") == 2 })
	w.awaitSettled(g)
	w.mustHave(g)
	for _, reason := range []render.RestartReason{render.ReasonListenerChanged, render.ReasonImageChanged} {
		w.awaitEvent(g, controllers.EventRestartingPrefix+string(reason))
	}
	if told := slices.Sorted(maps.Keys(w.restarts(g))); len(told) != 2 {
		t.Errorf("told is %v", told)
	}
	if births.of("edge") != 2 || g.Status.Image != "twinway:other" {
		t.Errorf("%d pods, image %s", births.of("edge"), g.Status.Image)
	}
	w.mustAnswer(w.session("edge-0", "ditto"), 200, "retrieve", "lamp", "")
}

// Another version of the operator replaces nothing unless it is asked to.
func TestAnUpgradeOfTheOperatorRestartsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runPods(probing)
	g := w.gateway("edge")
	w.create(g, w.users("edge"))
	w.await(g, ready)
	lived, session := w.life("edge"), w.session("edge-0", "ditto")

	w.stop()
	w.options.Image = "twinway:next"
	before := w.requests.writes()
	w.startOperator()
	w.annotate(g, "somebody", "looks")
	hash := g.Status.ConfigurationHash
	w.set(g, field{"defaultNamespace", `"org.example"`})
	w.awaitPushed(g, hash)
	w.mustLive("edge", lived)
	w.mustBeOpen(session)
	if g.Status.Image != image {
		t.Errorf("the image is %s", g.Status.Image)
	}
	for _, written := range w.requests.since(before) {
		if !strings.Contains(written, "/status") && !strings.Contains(written, "/secrets/edge-snapshot") {
			t.Errorf("the operator has written %s", written)
		}
	}

	w.set(g, field{"workload.updatePolicy", `"Automatic"`})
	w.awaitAnother("edge", lived)
	w.awaitSettled(g)
	w.awaitEvent(g, controllers.EventRestartingPrefix+string(render.ReasonImageChanged))
	if g.Status.Image != "twinway:next" {
		t.Errorf("the image is %s", g.Status.Image)
	}
}
