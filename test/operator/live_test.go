package operator_test

import (
	"crypto/tls"
	"crypto/x509"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/render"
	"github.com/twinway/twinway/test/apiserver"
	"github.com/twinway/twinway/test/gatewaytest"
)

func TestLiveFieldsReachPodsWithoutARestart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runPods(probing)
	g, other := w.gateway("edge"), w.users("other", "more")
	w.create(g, w.users("edge"), other)
	w.await(g, ready)
	lived, session := w.life("edge"), w.session("edge-0", "ditto")
	for _, f := range liveFields {
		t.Run(f.path, func(t *testing.T) {
			w := w.within(t)
			before := g.Status.ConfigurationHash
			w.set(g, f)
			w.awaitPushed(g, before)
			w.mustHave(g)
			w.mustLive("edge", lived)
			w.mustBeOpen(session)
		})
	}
	w.mustBeOpen(w.session("edge-0", "more"))
	for reason := range w.events(g) {
		if strings.HasPrefix(reason, "Restarting") {
			t.Errorf("there is an event %s", reason)
		}
	}
}

func TestFieldsOfOtherObjectsLeavePodsAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runPods(probing)
	g := w.gateway("edge")
	g.Spec.Storage = &v1alpha1.Storage{Volume: &v1alpha1.Volume{StorageClassName: new(w.growingClass())}}
	w.create(g, w.users("edge"))
	w.await(g, ready)
	lived, session, hash := w.life("edge"), w.session("edge-0", "ditto"), g.Status.ConfigurationHash
	for _, f := range objectFields {
		t.Run(f.path, func(t *testing.T) {
			w := w.within(t)
			before := w.rendering(f.of)
			w.set(g, f.field)
			if f.of.name != "" {
				w.eventually(f.of.String()+" has changed", func() bool { return w.rendering(f.of) != before })
				if gone := w.rendering(f.of) == ""; gone != f.gone {
					t.Errorf("%s has gone: %t", f.of, gone)
				}
			}
			w.awaitSettled(g)
			w.mustLive("edge", lived)
			w.mustBeOpen(session)
			if g.Status.ConfigurationHash != hash {
				t.Error("the configuration is another")
			}
		})
	}
}

// rendering returns what an object was rendered from, empty when there is none.
func (w *world) rendering(o renderedObject) string {
	w.Helper()
	if o.name == "" {
		return ""
	}
	object := w.identified(o.kind, o.name)
	if !w.exists(object) || object.GetDeletionTimestamp() != nil {
		return ""
	}
	return object.GetAnnotations()[render.AnnotationRendered]
}

// growingClass returns the name of a storage class whose volumes may grow.
func (w *world) growingClass() string {
	w.Helper()
	classes := kubernetes.NewForConfigOrDie(apiserver.Config()).StorageV1().StorageClasses()
	class := &storagev1.StorageClass{
		ObjectMeta: metav1.ObjectMeta{Name: w.namespace}, Provisioner: "example.org/none", AllowVolumeExpansion: new(true),
	}
	if _, err := classes.Create(w.ctx, class, metav1.CreateOptions{}); err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { _ = classes.Delete(w.ctx, class.Name, metav1.DeleteOptions{}) })
	return class.Name
}

// A volume that cannot grow is said so, and holds up nothing else.
func TestAnObjectThatTheClusterRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runPods(probing)
	g := w.gateway("edge")
	w.create(g, w.users("edge"))
	w.await(g, ready)
	lived := w.life("edge")
	w.set(g, field{"storage.volume.size", `"20Gi"`})
	w.await(g, isFalse(v1alpha1.ConditionProgrammed, v1alpha1.ReasonApplyFailed), available,
		isTrue(v1alpha1.ConditionReconciling, v1alpha1.ReasonApplyFailed))
	before := g.Status.ConfigurationHash
	w.set(g, field{"defaultNamespace", `"org.example"`})
	w.eventually("what else has changed reaches the pod", func() bool { w.get(g); return g.Status.ConfigurationHash != before })
	w.eventually("the pod has it", func() bool { return w.says("edge").Hash == g.Status.ConfigurationHash })
	w.await(g, isFalse(v1alpha1.ConditionProgrammed, v1alpha1.ReasonApplyFailed), available)
	w.mustLive("edge", lived)
}

func TestScaledToZeroAndBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runPods(probing)
	g := w.gateway("edge")
	w.create(g, w.users("edge"))
	w.await(g, ready)
	w.set(g, field{"replicas", `0`})
	w.await(g, isFalse(v1alpha1.ConditionReady, v1alpha1.ReasonScaledToZero), noPods)
	w.eventually("no pod", func() bool { return !w.exists(w.podNamed("edge")) })
	w.await(g, isFalse(v1alpha1.ConditionAvailable, v1alpha1.ReasonScaledToZero))
	if has(g, v1alpha1.ConditionReconciling) || g.Status.Replicas != 0 {
		t.Errorf("%+v\n%s", g.Status, show(g))
	}
	w.set(g, field{"replicas", `1`})
	w.await(g, programmed, ready)
}

// Whoever scales the StatefulSet of a Gateway with autoscaling is left alone.
func TestAutoscaling(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runPods(probing)
	g := withEverything(w.gateway("edge"))
	w.create(g, w.users("edge"))
	w.await(g, ready)
	autoscaler := renderedObject{kindOf("HorizontalPodAutoscaler"), "edge"}
	before := w.rendering(autoscaler)
	w.set(g, field{"autoscaling.targetCPUUtilization", `55`})
	w.eventually("the autoscaler has changed", func() bool { return w.rendering(autoscaler) != before })
	w.set(g, field{"autoscaling.minReplicas", `1`}) // as it was by default
	w.awaitSettled(g)

	set := &appsv1.StatefulSet{ObjectMeta: w.named("edge")}
	change(w, set, func(s *appsv1.StatefulSet) { s.Spec.Replicas = new(int32(0)) })
	w.await(g, isFalse(v1alpha1.ConditionReady, v1alpha1.ReasonScaledToZero))
	w.set(g, field{"defaultNamespace", `"org.example"`})
	w.await(g, isFalse(v1alpha1.ConditionReady, v1alpha1.ReasonScaledToZero))
	if w.get(set); *set.Spec.Replicas != 0 {
		t.Errorf("there are to be %d pods", *set.Spec.Replicas)
	}
	w.set(g, field{"autoscaling", `null`})
	w.eventually("the autoscaler is gone", func() bool { return !w.exists(w.identified(autoscaler.kind, "edge")) })
	w.await(g, programmed, ready)
}

// The certificate that clients are shown is replaced while they are connected.
func TestTheCertificateOfAListenerIsReplaced(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runPods(probing)
	g, authority := w.gateway("edge"), gatewaytest.NewAuthority(t)
	g.Spec.Listener.TLS = &v1alpha1.ListenerTLS{CertificateRef: v1alpha1.SecretReference{Name: "edge-tls"}}
	certificate := w.tlsSecret("edge-tls", authority, "first.example.org")
	w.create(g, w.users("edge"), certificate)
	w.await(g, ready)
	if names := w.shown("edge-0"); !slices.Equal(names, []string{"first.example.org"}) {
		t.Errorf("clients are shown a certificate for %v", names)
	}
	lived, before := w.life("edge"), g.Status.ConfigurationHash
	next := w.tlsSecret("edge-tls", authority, "second.example.org")
	change(w, certificate, func(s *corev1.Secret) { s.Data = next.Data })
	w.awaitPushed(g, before)
	if names := w.shown("edge-0"); !slices.Equal(names, []string{"second.example.org"}) {
		t.Errorf("clients are shown a certificate for %v", names)
	}
	w.mustLive("edge", lived)
}

func (w *world) tlsSecret(name string, authority *gatewaytest.Authority, host string) *corev1.Secret {
	certificate, key := authority.Issue(host, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth})
	return &corev1.Secret{
		ObjectMeta: w.named(name), Type: corev1.SecretTypeTLS,
		Data: map[string][]byte{corev1.TLSCertKey: certificate, corev1.TLSPrivateKeyKey: key},
	}
}

// shown returns for which names a pod has a certificate.
func (w *world) shown(pod string) []string {
	w.Helper()
	dialer := &tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}} // it is looked at, not trusted
	connection, err := dialer.DialContext(w.ctx, "tcp", w.pods.Address(w, pod, "clients"))
	if err != nil {
		w.Fatal(err)
	}
	defer connection.Close()
	return connection.(*tls.Conn).ConnectionState().PeerCertificates[0].DNSNames
}
