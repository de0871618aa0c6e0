package operator_test

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/twinway/twinway/api/v1alpha1"
)

// unreachable says that a pod that the cluster takes for ready does not answer.
var unreachable = isFalse(v1alpha1.ConditionProgrammed, v1alpha1.ReasonUnreachable)

// The next leader knows nothing but what the cluster and the pods say, and that
// is enough.
func TestTheLeaderDiesInTheMiddleOfAPush(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	w.runPods(seldom)
	first := w.run("first")
	w.eventually("a leader", func() bool { return w.leader() != "" })
	second := w.run("second")
	edge, stuck := w.gateway("edge"), w.gateway("stuck")
	users := w.users("edge")
	stuck.Spec.Authentication.Basic.UsersSecretRef.Name = users.Name
	w.create(users, edge, stuck)
	w.await(edge, ready)
	w.await(stuck, ready)
	lives := map[string]life{"edge": w.life("edge"), "stuck": w.life("stuck")}
	session := w.session("edge-0", "ditto")

	w.pods.Freeze(t, "stuck-0")
	before := edge.Status.ConfigurationHash
	change(w, users, func(s *corev1.Secret) { s.StringData = map[string]string{"second": bcrypt} })
	w.awaitPushed(edge, before)
	w.await(stuck, unreachable)
	leader := w.leader()
	began := time.Now()
	w.kill(first)
	w.eventually("another leader", func() bool { now := w.leader(); return now != "" && now != leader })
	// The first must not have been right by what the one before has written.
	before = edge.Status.ConfigurationHash
	change(w, users, func(s *corev1.Secret) { s.StringData = map[string]string{"third": bcrypt} })
	w.awaitPushed(edge, before)
	t.Logf("the next leader has pushed a change %s after the end of the last", time.Since(began).Round(time.Millisecond))
	w.await(stuck, unreachable)

	w.pods.Unfreeze(t, "stuck-0")
	w.awaitSettled(stuck)
	for _, g := range []*v1alpha1.Gateway{edge, stuck} {
		w.mustHave(g)
		w.mustLive(g.Name, lives[g.Name])
		w.mustBeOpen(w.session(g.Name+"-0", "third"))
	}
	w.mustBeOpen(session)

	// One that is asked to end gives the lease back, and loses nothing.
	leader = w.leader()
	w.run("third")
	second.Stop(guard)
	if state := second.State(); !state.Success() {
		t.Errorf("the operator ends with %s", state)
	}
	w.eventually("another leader", func() bool { now := w.leader(); return now != "" && now != leader })
	before = edge.Status.ConfigurationHash
	change(w, users, func(s *corev1.Secret) { s.StringData = map[string]string{"fourth": bcrypt} })
	w.awaitPushed(edge, before)
	w.mustBeOpen(session)
}
