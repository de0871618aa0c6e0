package operator_test

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/twinway/twinway/api/v1alpha1"
)

// A pod that hangs is nobody's matter but its own Gateway's.
func TestAPodThatHangsHoldsUpNobody(t *testing.T) {
	t.Parallel()
	const others = 5
	w := newWorld(t)
	w.runPods(seldom)
	users := w.users("shared")
	w.create(users)
	var all []*v1alpha1.Gateway
	for i := range others + 1 {
		g := w.gateway(fmt.Sprintf("g%d", i))
		g.Spec.Authentication.Basic.UsersSecretRef.Name = users.Name
		all = append(all, g)
		w.create(g)
	}
	lives := map[string]life{}
	for _, g := range all {
		w.await(g, ready)
		lives[g.Name] = w.life(g.Name)
	}
	stuck, before := all[0], all[0].Status.ConfigurationHash
	c := w.connection("cloud", stuck.Name)
	w.pods.Freeze(t, stuck.Name+"-0")
	change(w, users, func(s *corev1.Secret) { s.StringData = map[string]string{"second": bcrypt} })
	for _, g := range all[1:] {
		w.awaitThat(g, func() bool { return isSettled(g) && w.says(g.Name).Hash == g.Status.ConfigurationHash }, []expected{ready})
		w.mustBeOpen(w.session(g.Name+"-0", "second"))
	}
	w.await(stuck, unreachable)
	if stuck.Status.ProgrammedReplicas != 0 || stuck.Status.ReadyReplicas != 1 || stuck.Status.ConfigurationHash == before {
		t.Errorf("%+v", stuck.Status)
	}
	w.create(c)
	w.await(c, unreachable)

	w.pods.Unfreeze(t, stuck.Name+"-0")
	w.awaitSettled(stuck)
	w.mustHave(stuck)
	w.await(c, programmed, notOpen)
	for name, lived := range lives {
		w.mustLive(name, lived)
	}
}
