package operator_test

import (
	"strings"
	"testing"

	"github.com/coder/websocket"
	corev1 "k8s.io/api/core/v1"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/render"
	"github.com/twinway/twinway/test/gatewaytest"
)

var (
	refNotFound = isFalse(v1alpha1.ConditionResolvedRefs, v1alpha1.ReasonRefNotFound)
	refInvalid  = isFalse(v1alpha1.ConditionResolvedRefs, v1alpha1.ReasonRefInvalid)
	resolved    = isTrue(v1alpha1.ConditionResolvedRefs, v1alpha1.ReasonResolved)
	available   = isTrue(v1alpha1.ConditionAvailable, v1alpha1.ReasonAvailable)
)

func TestASecretMayComeLateAndGo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runPods(probing)
	g := w.gateway("edge")
	w.create(g)
	w.await(g, accepted, refNotFound, isFalse(v1alpha1.ConditionProgrammed, v1alpha1.ReasonNotCompiled),
		isTrue(v1alpha1.ConditionStalled, v1alpha1.ReasonRefNotFound))
	for _, o := range renderedOf("edge") {
		if w.exists(w.identified(o.kind, o.name)) {
			t.Errorf("without a configuration there is %s", o)
		}
	}
	users := w.users("edge")
	w.create(users)
	w.await(g, resolved, programmed, ready)

	// When it goes again, what was there stays in force, for open sessions and for
	// new ones, and for a pod that has to start anew.
	lived, session, before := w.life("edge"), w.session("edge-0", "ditto"), g.Status.ConfigurationHash
	w.delete(users)
	w.await(g, refNotFound, available, isFalse(v1alpha1.ConditionReady, v1alpha1.ReasonRefNotFound))
	if g.Status.ConfigurationHash != before || g.Status.ProgrammedReplicas != 1 {
		t.Errorf("the status says %+v", g.Status)
	}
	w.mustBeOpen(session)
	w.mustBeOpen(w.session("edge-0", "ditto"))
	w.mustLive("edge", lived)
	w.mustHave(g)
	w.delete(w.pod("edge"))
	w.awaitAnother("edge", lived)
	w.await(g, refNotFound, available)
	w.mustBeOpen(w.session("edge-0", "ditto"))

	w.create(w.users("edge", "second"))
	w.awaitPushed(g, before)
	w.mustBeOpen(w.session("edge-0", "second"))
}

func TestAPasswordIsRotated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runPods(probing)
	g, users := w.gateway("edge"), w.users("edge", "rotated", "removed")
	w.create(g, users)
	w.await(g, ready)
	lived, before := w.life("edge"), g.Status.ConfigurationHash
	kept, rotated, removed := w.session("edge-0", "ditto"), w.session("edge-0", "rotated"), w.session("edge-0", "removed")

	change(w, users, func(s *corev1.Secret) {
		s.Data["rotated"] = []byte(otherBcrypt)
		delete(s.Data, "removed")
	})
	w.awaitPushed(g, before)
	w.mustHave(g)
	if code := w.code(removed); code != websocket.StatusPolicyViolation {
		t.Errorf("the session of a user who is no longer there is closed with %d", code)
	}
	w.mustBeOpen(kept)
	w.mustBeOpen(rotated)
	w.mustBeOpen(w.session("edge-0", "rotated"))
	w.mustLive("edge", lived)
	if _, err := dial(w.ctx, w.pods.Address(w, "edge-0", "clients"), "removed"); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("the user who is no longer there is answered: %v", err)
	}

	// What nobody can use changes nothing, and its message does not show it.
	before = g.Status.ConfigurationHash
	change(w, users, func(s *corev1.Secret) { s.Data["rotated"] = []byte("by mistake in the clear") })
	w.await(g, refInvalid, available)
	w.mustBeOpen(kept)
	if g.Status.ConfigurationHash != before {
		t.Error("the configuration is another")
	}
	w.mustHave(g)
}

func TestCertificatesOfProvidersAreReplaced(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runPods(probing)
	g := w.gateway("edge")
	g.Spec.Authentication.OIDC = []v1alpha1.OIDCProvider{{
		Name: "plant", Issuers: []v1alpha1.IssuerURL{"https://127.0.0.1:1/none"},
		Keys: &v1alpha1.OIDCKeys{CA: &v1alpha1.ContentReference{ConfigMapKeyRef: &v1alpha1.KeyReference{Name: "authorities", Key: "ca.crt"}}},
	}}
	w.create(g, w.users("edge"))
	w.await(g, accepted, refNotFound)

	authorities := &corev1.ConfigMap{ObjectMeta: w.named("authorities"), Data: map[string]string{"ca.crt": string(gatewaytest.NewAuthority(t).PEM())}}
	w.create(authorities)
	w.await(g, ready)
	lived, session, before := w.life("edge"), w.session("edge-0", "ditto"), g.Status.ConfigurationHash

	next := string(gatewaytest.NewAuthority(t).PEM())
	change(w, authorities, func(c *corev1.ConfigMap) { c.Data["ca.crt"] = next })
	w.awaitPushed(g, before)
	w.mustHave(g)
	stored := &corev1.Secret{ObjectMeta: w.named(render.SnapshotSecretName("edge"))}
	w.get(stored)
	if line := strings.Split(next, "\n")[1]; !strings.Contains(string(stored.Data[render.KeySnapshot]), line) {
		t.Error("the new certificates are not in the configuration")
	}
	w.delete(authorities)
	w.await(g, refNotFound, available)
	w.mustBeOpen(session)
	w.mustLive("edge", lived)
}
