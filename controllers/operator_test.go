package controllers_test

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/controllers"
	"github.com/twinway/twinway/test/apiserver"
)

// Another operator comes to the same status, from the pods themselves, and writes
// nothing, for there is nothing new.
func TestAnotherOperatorKnowsWhatTheFirstKnew(t *testing.T) {
	w := newWorld(t)
	w.runPods()
	g := w.gateway("edge")
	w.create(g, w.users("edge", map[string]string{"ditto": bcrypt}))
	w.awaitCondition(g, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	w.stop()
	before := w.versions()

	w.startOperator()
	other := w.gateway("other")
	w.create(other, w.users("other", map[string]string{"ditto": bcrypt}))
	w.awaitCondition(other, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	w.awaitCondition(g, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	for name, version := range w.versions() {
		if old, known := before[name]; known && old != version {
			t.Errorf("%s was written", name)
		}
	}
}

// versions returns the versions of what an operator may write for Gateway edge.
func (w *world) versions() map[string]string {
	w.Helper()
	out := map[string]string{}
	for _, name := range []string{"edge-snapshot", "edge-management", "twinway-ca"} {
		secret := &corev1.Secret{ObjectMeta: w.named(name)}
		w.get(secret)
		out["Secret "+name] = secret.ResourceVersion
	}
	for _, object := range []client.Object{&corev1.Service{ObjectMeta: w.named("edge")}, &corev1.ServiceAccount{ObjectMeta: w.named("edge")}} {
		w.get(object)
		out[fmt.Sprintf("%T edge", object)] = object.GetResourceVersion()
	}
	return out
}

func TestAnOperatorTakesOverFromOneThatEnds(t *testing.T) {
	w := emptyWorld(t)
	w.options.LeaderElection = true
	w.startOperator()
	first := w.stop
	w.startOperator()
	second := w.stop
	w.stop = func() { first(); second() }
	g := w.gateway("edge")
	w.create(g, w.users("edge", map[string]string{"ditto": bcrypt}))
	w.awaitCondition(g, v1alpha1.ConditionProgrammed, metav1.ConditionUnknown, v1alpha1.ReasonNoReadyPods)

	first()
	change(w, g, func(g *v1alpha1.Gateway) { g.Spec.Listener.Port = 9000 })
	service := &corev1.Service{ObjectMeta: w.named("edge")}
	w.eventually("the second operator follows", func() bool { w.get(service); return service.Spec.Ports[0].Port == 9000 })
}

func TestARestartedPodIsProgrammedAgain(t *testing.T) {
	w := newWorld(t)
	pods := w.runPods()
	// What is mounted stays old, so that only a push can bring the new.
	g := w.gateway("edge")
	users := w.users("edge", map[string]string{"ditto": bcrypt})
	w.create(g, users)
	w.awaitCondition(g, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	pods.DelaySecrets(guard)
	before := g.Status.ConfigurationHash
	change(w, users, func(s *corev1.Secret) { s.StringData = map[string]string{"another": bcrypt} })
	w.eventually("another configuration", func() bool { w.get(g); return g.Status.ConfigurationHash != before })
	w.awaitCondition(g, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)

	pods.Kill(t, "edge-0", syscall.SIGKILL)
	w.eventually("the process has been started again", func() bool {
		pod := &corev1.Pod{ObjectMeta: w.named("edge-0")}
		w.get(pod)
		return len(pod.Status.ContainerStatuses) > 0 && pod.Status.ContainerStatuses[0].RestartCount == 1
	})
	w.awaitCondition(g, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
}

func TestADeletedAuthorityIsStoredAgain(t *testing.T) {
	w := newWorld(t)
	w.runPods()
	g := w.gateway("edge")
	w.create(g, w.users("edge", map[string]string{"ditto": bcrypt}))
	w.awaitCondition(g, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	w.stop()
	management := &corev1.Secret{ObjectMeta: w.named("edge-management")}
	w.get(management)
	old := management.Data["ca.crt"]
	if err := w.Delete(w.ctx, &corev1.Secret{ObjectMeta: w.named("twinway-ca")}); err != nil {
		t.Fatal(err)
	}

	// Another operator has to make another authority, and the pods come to know it.
	w.startOperator()
	w.eventually("certificates of another authority", func() bool { w.get(management); return !bytes.Equal(management.Data["ca.crt"], old) })
	change(w, g, func(g *v1alpha1.Gateway) { g.Spec.DefaultNamespace = new("org.example") })
	w.awaitCondition(g, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
}

func TestTheAPIServerMayGoAway(t *testing.T) {
	w := newWorld(t)
	w.runPods()
	g := w.gateway("edge")
	w.create(g, w.users("edge", map[string]string{"ditto": bcrypt}))
	w.awaitCondition(g, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	apiserver.Restart(t, nil)
	change(w, g, func(g *v1alpha1.Gateway) { g.Spec.DefaultNamespace = new("org.example") })
	w.awaitCondition(g, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
}

func TestEventsTellTransitionsOnce(t *testing.T) {
	w := newWorld(t)
	w.runPods()
	g := w.gateway("edge")
	users := w.users("edge", map[string]string{"ditto": bcrypt})
	w.create(g, users)
	w.awaitCondition(g, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	change(w, g, func(g *v1alpha1.Gateway) { g.Spec.Listener.Port = 9000 })
	w.awaitCondition(g, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	change(w, users, func(s *corev1.Secret) { s.StringData = map[string]string{"ditto": "no hash"} })
	w.awaitCondition(g, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonRefInvalid)
	// It is looked at again, and is refused as before.
	w.create(w.connection("cloud", "edge"))
	w.eventually("the Connection is counted", func() bool { w.get(g); return g.Status.Connections == 1 })

	for reason, want := range map[string]int{
		controllers.EventConfigurationAccepted:                1,
		controllers.EventRestartingPrefix + "ListenerChanged": 1,
		controllers.EventConfigurationRefused:                 1,
	} {
		w.eventually("event "+reason, func() bool { return w.count(reason) >= want })
		if got := w.count(reason); got != want {
			t.Errorf("%d events %s, want %d", got, reason, want)
		}
	}
	if w.count(controllers.EventProgrammed) == 0 {
		t.Error("no event says that the configuration is in force")
	}
}

// count returns how often events of a reason have happened to Gateways.
func (w *world) count(reason string) int {
	w.Helper()
	var events eventsv1.EventList
	if err := w.List(w.ctx, &events, client.InNamespace(w.namespace)); err != nil {
		w.Fatal(err)
	}
	n := 0
	for i := range events.Items {
		if e := &events.Items[i]; e.Reason == reason && e.Regarding.Kind == v1alpha1.GatewayKind {
			n++
			if e.Series != nil {
				n += int(e.Series.Count) - 1
			}
		}
	}
	return n
}

// What is as it should be is looked at and not written, not even in a way that
// the API server would find to change nothing.
func TestLookingAgainWritesNothing(t *testing.T) {
	w := emptyWorld(t)
	writes := &writeCounter{}
	w.config.Wrap(writes.wrap)
	w.startOperator()
	w.runPods()
	g, other := w.gateway("edge"), w.gateway("other")
	w.create(g, w.users("edge", map[string]string{"ditto": bcrypt}), w.connection("cloud", "edge"))
	w.create(other, w.users("other", map[string]string{"ditto": bcrypt}))
	for _, g := range []*v1alpha1.Gateway{g, other} {
		w.awaitCondition(g, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	}
	before := writes.to("edge")
	for i := range 5 {
		change(w, g, func(g *v1alpha1.Gateway) { g.Annotations = map[string]string{"looked": fmt.Sprint(i)} })
		change(w, other, func(g *v1alpha1.Gateway) { g.Spec.DefaultNamespace = new(fmt.Sprintf("org.example%c", 'a'+i)) })
		w.awaitCondition(other, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	}
	if diff := cmp.Diff(before, writes.to("edge")); diff != "" {
		t.Errorf("writes (-before +after):\n%s", diff)
	}
}

// writeCounter counts the requests that write, by their paths.
type writeCounter struct {
	mu    sync.Mutex
	paths []string
}

func (c *writeCounter) wrap(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		if r.Method != http.MethodGet && !strings.Contains(r.URL.Path, "/events") {
			c.mu.Lock()
			c.paths = append(c.paths, r.Method+" "+r.URL.Path)
			c.mu.Unlock()
		}
		return next.RoundTrip(r)
	})
}

// to returns the writes of what begins with a name.
func (c *writeCounter) to(name string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(c.paths), func(p string) bool { return !strings.Contains(p, "/"+name) })
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
