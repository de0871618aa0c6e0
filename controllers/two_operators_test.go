package controllers_test

import (
	"strings"
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/controllers"
	"github.com/twinway/twinway/internal/render"
	"github.com/twinway/twinway/test/apiserver"
)

// Of two operators for the same namespace one looks after a Gateway, and the other
// leaves it alone, until the first has gone.
func TestTwoOperatorsDoNotFight(t *testing.T) {
	w := emptyWorld(t)
	w.options.LeaderElection = true
	w.startOperator()
	w.runPods()
	g, link := w.gateway("edge"), w.connection("cloud", "edge")
	users := w.users("edge", map[string]string{"ditto": bcrypt})
	w.create(g, users, link)
	w.awaitCondition(g, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	w.awaitCondition(link, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonConnectionFailed)
	first, versions := w.stop, w.versions()
	mine, theirs := w.namespace, apiserver.Namespace(t)

	w.options.Namespace = theirs
	writes := &writeCounter{}
	w.config = rest.CopyConfig(w.config)
	w.config.Wrap(writes.wrap)
	w.startOperator()
	second := w.stop
	w.stop = func() { first(); second() }
	w.eventually("the other operator says that it leaves the Gateway alone", func() bool {
		return strings.Contains(w.noteOf(controllers.EventConflict), "operator in namespace "+mine)
	})
	// What is new is for the first to do, and what the other has to say about it it
	// has said.
	before, later := g.Status.ConfigurationHash, w.connection("cloud-later", "edge")
	w.create(later)
	change(w, link, func(c *v1alpha1.Connection) { c.Spec.URI = "wss://other.example.org/ws/2" })
	for _, c := range []*v1alpha1.Connection{link, later} {
		w.awaitCondition(c, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonConnectionFailed)
	}
	change(w, users, func(s *corev1.Secret) { s.StringData = map[string]string{"another": bcrypt} })
	w.eventually("another configuration", func() bool { w.get(g); return g.Status.ConfigurationHash != before })
	w.awaitCondition(g, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	for name, version := range w.versions() {
		if name != "Secret edge-snapshot" && version != versions[name] {
			t.Errorf("%s was written", name)
		}
	}
	if written := append(writes.to("edge"), writes.to("cloud")...); len(written) > 0 {
		t.Errorf("the operator that leaves the Gateway alone has written:\n%s", strings.Join(written, "\n"))
	}
	if n := w.count(controllers.EventConflict); n != 1 {
		t.Errorf("%d events say that the Gateway is left alone", n)
	}

	first()
	change(w, &coordinationv1.Lease{ObjectMeta: w.named("twinway-operator")}, func(l *coordinationv1.Lease) {
		l.Spec.RenewTime = new(metav1.NewMicroTime(time.Now().Add(-time.Hour)))
	})
	management := &corev1.Secret{ObjectMeta: w.named("edge-management")}
	var asked time.Time
	w.eventually("the other has taken over", func() bool {
		// It looks when something happens, and remembers for a while what it saw.
		if time.Since(asked) > 2*time.Second {
			asked = time.Now()
			change(w, g, func(g *v1alpha1.Gateway) { g.Annotations = map[string]string{"looked": asked.String()} })
		}
		w.get(management)
		return management.Annotations[render.AnnotationOperator] == theirs
	})
	change(w, g, func(g *v1alpha1.Gateway) { g.Spec.DefaultNamespace = new("org.example") })
	w.awaitCondition(g, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
}

// noteOf returns what the last event of a reason says; empty when there is none.
func (w *world) noteOf(reason string) string {
	w.Helper()
	var events eventsv1.EventList
	if err := w.List(w.ctx, &events, client.InNamespace(w.namespace)); err != nil {
		w.Fatal(err)
	}
	note := ""
	for i := range events.Items {
		if events.Items[i].Reason == reason {
			note = events.Items[i].Note
		}
	}
	return note
}
