package operator_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/test/apiserver"
	"github.com/twinway/twinway/test/statuscheck"
)

// Many Gateways are so many times the work of one, and no work at all while
// nothing happens. They have no pods.
func TestAThousandGateways(t *testing.T) {
	count := 1000
	if testing.Short() {
		count = 100
	}
	w := worldOf(t, keptNamespace(t))
	w.startOperator()
	users := w.users("shared")
	w.create(users)
	began := time.Now()
	w.createMany(count)
	t.Logf("%d Gateways are there after %s", count, time.Since(began).Round(time.Millisecond))
	w.awaitAll(count, "")
	t.Logf("all have their status after %s", time.Since(began).Round(time.Millisecond))
	// One write for each object; of the status, one at first and one when the
	// StatefulSet is there, or its controller has seen it.
	w.mustHaveWritten(map[string]int{}, 1, 4)

	before, first := w.requests.writes(), w.hash()
	began = time.Now()
	change(w, users, func(s *corev1.Secret) { s.StringData = map[string]string{"second": bcrypt} })
	w.awaitAll(count, first)
	t.Logf("all have a change after %s", time.Since(began).Round(time.Millisecond))
	w.mustHaveWritten(before, 1, 2)

	before = w.requests.writes()
	began = time.Now()
	w.stop()
	w.requests.forget()
	w.startOperator()
	w.eventually("another operator has looked at all", func() bool { return w.looked() == count && w.requests.idle(quiet) })
	t.Logf("another operator has looked at all after %s", time.Since(began).Round(time.Millisecond))
	if written := w.requests.since(before); len(written) > 0 {
		t.Errorf("although nothing has happened it has written %d objects, such as %s", len(written), written[0])
	}
	statuscheck.Check(t, w, w.namespace)
}

// keptNamespace makes a namespace that ends with the API server: to delete all
// that is in it takes longer than the test.
func keptNamespace(t *testing.T) string {
	t.Helper()
	namespaces := kubernetes.NewForConfigOrDie(apiserver.Config()).CoreV1().Namespaces()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "many"}}
	if _, err := namespaces.Create(t.Context(), namespace, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	return namespace.Name
}

// createMany creates Gateways without pods.
func (w *world) createMany(count int) {
	w.Helper()
	const atOnce = 16
	var workers sync.WaitGroup
	next := make(chan int)
	for range atOnce {
		workers.Go(func() {
			for i := range next {
				g := w.gateway(fmt.Sprintf("g%d", i))
				g.Spec.Authentication.Basic.UsersSecretRef.Name = "shared-users"
				g.Spec.Replicas = new(int32(0))
				if err := w.Create(w.ctx, g); err != nil {
					w.Errorf("create %s: %v", g.Name, err)
				}
			}
		})
	}
	for i := range count {
		next <- i
	}
	close(next)
	workers.Wait()
}

// awaitAll waits until all Gateways have a status, with another configuration
// than g0 had before.
func (w *world) awaitAll(count int, before string) {
	w.Helper()
	scaledToZero := isFalse(v1alpha1.ConditionReady, v1alpha1.ReasonScaledToZero)
	for end := time.Now().Add(5 * guard); ; time.Sleep(5 * quiet) {
		var all v1alpha1.GatewayList
		if err := w.List(w.ctx, &all, client.InNamespace(w.namespace)); err != nil {
			w.Fatal(err)
		}
		done := 0
		for i := range all.Items {
			g := &all.Items[i]
			if scaledToZero.holds(g) && !has(g, v1alpha1.ConditionReconciling) && (g.Name != "g0" || g.Status.ConfigurationHash != before) {
				done++
			}
		}
		if done == count && w.requests.idle(quiet) {
			return
		}
		if time.Now().After(end) {
			w.Fatalf("%d of %d Gateways have their status", done, count)
		}
	}
}

// looked counts the Gateways whose certificate an operator has read, which it does
// once.
func (w *world) looked() int {
	n := 0
	for _, path := range w.requests.paths() {
		if strings.HasSuffix(path, "-management") {
			n++
		}
	}
	return n
}

// hash returns the configuration of the first Gateway.
func (w *world) hash() string {
	w.Helper()
	g := w.gateway("g0")
	w.get(g)
	return g.Status.ConfigurationHash
}

// mustHaveWritten checks how often objects and statuses were written at most
// since an earlier count.
func (w *world) mustHaveWritten(before map[string]int, objects, statuses int) {
	w.Helper()
	total, most := 0, map[bool]int{}
	for key, count := range w.requests.writes() {
		n := count - before[key]
		total += n
		isStatus := strings.HasSuffix(key, "/status")
		most[isStatus] = max(most[isStatus], n)
		if limit := map[bool]int{true: statuses, false: objects}[isStatus]; n > limit {
			w.Errorf("%s: %d times", key, n)
		}
	}
	w.Logf("%d writes, at most %d of an object and %d of a status", total, most[false], most[true])
}
