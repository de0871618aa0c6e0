package operator_test

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/pki"
	"github.com/twinway/twinway/internal/render"
	"github.com/twinway/twinway/internal/snapshot"
)

const day = 24 * time.Hour

// ripe returns an authority whose next root has been published for so long that
// it will issue two days from now at the latest.
func (w *world) ripe() *pki.Authority {
	w.Helper()
	published := time.Now().Add(-pki.IssueAfter + day)
	old, err := pki.NewAuthority(published.Add(-pki.RootLife + pki.LeafLife + pki.PublishAhead - time.Minute))
	if err != nil {
		w.Fatal(err)
	}
	return w.advanced(old, published)
}

func (w *world) advanced(a *pki.Authority, to time.Time) *pki.Authority {
	w.Helper()
	next, changed, err := a.Advance(to)
	if err != nil || !changed {
		w.Fatalf("the authority does not advance: %t, %v", changed, err)
	}
	return next
}

func (w *world) managementSecret() *corev1.Secret {
	return &corev1.Secret{ObjectMeta: w.named(render.ManagementSecretName("edge"))}
}

// The root in use is replaced by the one that was published ahead, and a
// certificate that is about to end by another. Pods stay within reach, whatever
// they have mounted.
func TestTheAuthorityRotates(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	w.runPods(probing)
	authority := w.ripe()
	stored := &corev1.Secret{ObjectMeta: w.named(authoritySecret), Data: authority.Encode()}
	g, users := w.gateway("edge"), w.users("edge")
	w.create(stored, g, users)
	w.startOperator()
	w.await(g, ready)
	lived, session := w.life("edge"), w.session("edge-0", "ditto")
	w.get(stored)
	if !equal(stored.Data, authority.Encode()) {
		t.Fatal("the authority has advanced before its time")
	}

	w.stop()
	authority = w.advanced(authority, time.Now().Add(2*day))
	change(w, stored, func(s *corev1.Secret) { s.Data = authority.Encode() })
	w.age(authority)
	w.pods.DelaySecrets(2 * guard) // what the pods have is what they had
	w.startOperator()
	w.mustFollow(g, users, "second")
	w.mustLive("edge", lived)
	w.eventually("the certificate is replaced", func() bool { return w.certificateEnds().After(time.Now().Add(pki.LeafLife - day)) })
	w.eventually("all roots are mounted", func() bool { return bytes.Equal(w.stored(render.KeyCA), authority.Bundle()) })

	w.pods.DelaySecrets(0)
	w.mustFollow(g, users, "third")
	w.mustLive("edge", lived)
	w.mustBeOpen(session)
}

// age replaces the certificate of the pods by one that is about to end.
func (w *world) age(authority *pki.Authority) {
	w.Helper()
	id := snapshot.Identity{Namespace: w.namespace, Name: "edge"}
	certificate, key, err := authority.IssueServer(id, time.Now().Add(-pki.LeafLife*3/4))
	if err != nil {
		w.Fatal(err)
	}
	change(w, w.managementSecret(), func(s *corev1.Secret) {
		s.Data[render.KeyCertificate], s.Data[render.KeyPrivateKey] = certificate, key
	})
	if w.certificateEnds().After(time.Now().Add(pki.LeafLife / 3)) {
		w.Fatal("the certificate is not about to end")
	}
}

func (w *world) stored(key string) []byte {
	w.Helper()
	secret := w.managementSecret()
	w.get(secret)
	return secret.Data[key]
}

// certificateEnds returns when the stored certificate of the pods ends.
func (w *world) certificateEnds() time.Time {
	w.Helper()
	block, _ := pem.Decode(w.stored(render.KeyCertificate))
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		w.Fatal(err)
	}
	return certificate.NotAfter
}

// mustFollow checks that a change still reaches the pod.
func (w *world) mustFollow(g *v1alpha1.Gateway, users *corev1.Secret, user string) {
	w.Helper()
	w.get(g)
	before := g.Status.ConfigurationHash
	change(w, users, func(s *corev1.Secret) { s.StringData = map[string]string{user: bcrypt} })
	w.awaitPushed(g, before)
	w.mustBeOpen(w.session("edge-0", user))
}

// An authority that is lost while there is no operator is made anew. The pods
// learn of it as of any other, by what is mounted.
func TestTheAuthorityIsLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runPods(probing)
	g, users := w.gateway("edge"), w.users("edge")
	w.create(g, users)
	w.await(g, ready)
	lived, session := w.life("edge"), w.session("edge-0", "ditto")
	w.stop()
	w.delete(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: authoritySecret}})
	w.startOperator()
	w.eventually("there is an authority", func() bool { return w.exists(&corev1.Secret{ObjectMeta: w.named(authoritySecret)}) })
	w.mustFollow(g, users, "second")
	w.mustLive("edge", lived)
	w.mustBeOpen(session)
}

func equal(a, b map[string][]byte) bool {
	for key := range a {
		if !bytes.Equal(a[key], b[key]) {
			return false
		}
	}
	return len(a) == len(b)
}
