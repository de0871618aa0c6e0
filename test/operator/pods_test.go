package operator_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/management"
	"github.com/twinway/twinway/internal/pki"
	"github.com/twinway/twinway/internal/render"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/test/apiserver"
	"github.com/twinway/twinway/test/gatewaytest"
)

func (w *world) podNamed(gateway string) *corev1.Pod {
	return &corev1.Pod{ObjectMeta: w.named(gateway + "-0")}
}

// life is what is another after a restart.
type life struct {
	uid      types.UID
	restarts int32
}

// pod returns the pod of a Gateway.
func (w *world) pod(gateway string) *corev1.Pod {
	w.Helper()
	pod := &corev1.Pod{ObjectMeta: w.named(gateway + "-0")}
	w.get(pod)
	return pod
}

func (w *world) life(gateway string) life {
	w.Helper()
	pod := w.pod(gateway)
	l := life{uid: pod.UID}
	for _, s := range pod.Status.ContainerStatuses {
		l.restarts += s.RestartCount
	}
	return l
}

// awaitAnother waits until the pod of a Gateway is another, which was taken up.
func (w *world) awaitAnother(gateway string, before life) {
	w.Helper()
	w.eventually("another pod", func() bool {
		pod := w.podNamed(gateway)
		return w.exists(pod) && pod.UID != before.uid && pod.Status.PodIP != ""
	})
}

// mustLive checks that the pod of a Gateway was not restarted.
func (w *world) mustLive(gateway string, before life) {
	w.Helper()
	if now := w.life(gateway); now != before {
		w.Errorf("the pod of %s was %+v and is %+v", gateway, before, now)
	}
}

// asking returns how the operator asks the pod of a Gateway. It needs the API
// server; what is returned does not.
func (w *world) asking(gateway string) *gatewaytest.Operator {
	w.Helper()
	return w.askingBy(w.namespace, gateway)
}

// askingBy is asking for the operator of another namespace.
func (w *world) askingBy(operator, gateway string) *gatewaytest.Operator {
	w.Helper()
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: operator, Name: authoritySecret}}
	w.get(secret)
	authority, err := pki.ParseAuthority(secret.Data)
	if err != nil {
		w.Fatal(err)
	}
	certificate, err := authority.IssueClient(time.Now())
	if err != nil {
		w.Fatal(err)
	}
	return &gatewaytest.Operator{
		Address:     w.pods.Address(w, gateway+"-0", render.PortManagement),
		ServerName:  management.ServerName(snapshot.Identity{Namespace: w.namespace, Name: gateway}),
		Certificate: &certificate, Roots: authority.Roots(),
	}
}

// says asks the pod of a Gateway for its status, as the operator does. One that
// does not answer says nothing.
func (w *world) says(gateway string) management.Status {
	w.Helper()
	return w.answer(w.asking(gateway))
}

func (w *world) answer(operator *gatewaytest.Operator) management.Status {
	w.Helper()
	answer, err := operator.Try(w.ctx, http.MethodGet, management.PathStatus, nil)
	if err != nil {
		return management.Status{} // it is on its way up or down
	}
	return answer.Status(w)
}

// mustHave checks that what the status of a Gateway says is what is stored, and
// what its pod has.
func (w *world) mustHave(g *v1alpha1.Gateway) {
	w.Helper()
	secret := &corev1.Secret{ObjectMeta: w.named(render.SnapshotSecretName(g.Name))}
	w.get(secret)
	sum := sha256.Sum256(secret.Data[render.KeySnapshot])
	if stored := hex.EncodeToString(sum[:]); stored != g.Status.ConfigurationHash {
		w.Errorf("the status says %s, stored is %s", g.Status.ConfigurationHash, stored)
	}
	if said := w.says(g.Name); said.Hash != g.Status.ConfigurationHash {
		w.Errorf("the status says %s, the pod has %s", g.Status.ConfigurationHash, said.Hash)
	}
}

// authoritySecret is where an operator keeps its authority.
const authoritySecret = "twinway-ca"

// births counts the pods that come into being from now on.
type births struct {
	mu   sync.Mutex
	seen map[types.UID]string
}

// countBirths counts until the test ends.
func (w *world) countBirths() *births {
	w.Helper()
	c := kubernetes.NewForConfigOrDie(apiserver.Config())
	b := &births{seen: map[types.UID]string{}}
	ctx, cancel := context.WithCancel(w.ctx)
	pods, err := c.CoreV1().Pods(w.namespace).Watch(ctx, metav1.ListOptions{})
	if err != nil {
		w.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.follow(pods)
	}()
	w.Cleanup(func() {
		cancel()
		<-done
	})
	return b
}

func (b *births) follow(pods watch.Interface) {
	defer pods.Stop()
	for event := range pods.ResultChan() {
		if pod, ok := event.Object.(client.Object); ok {
			b.mu.Lock()
			b.seen[pod.GetUID()] = pod.GetName()
			b.mu.Unlock()
		}
	}
}

// of returns how many pods of a Gateway there have been.
func (b *births) of(gateway string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, name := range b.seen {
		if name == gateway+"-0" {
			n++
		}
	}
	return n
}
