package controllers_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/controllers"
	"github.com/twinway/twinway/test/apiserver"
)

// probeAddress is where the operators of these tests answer probes, one after the
// other.
func probeAddress() string { return fmt.Sprintf("%s:8081", apiserver.Address(81)) }

// runOperator runs an operator as a process does, which ends with the test or when
// it is stopped.
func (w *world) runOperator() {
	w.Helper()
	w.options.ProbeAddress = probeAddress()
	ctx, cancel := context.WithCancel(w.ctx)
	ended := make(chan error, 1)
	go func() { ended <- controllers.Run(ctx, w.config, w.options) }()
	w.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			w.Errorf("the operator ended: %v", err)
		}
	})
}

// probe returns what a probe is answered; 0 when nobody answers.
func (w *world) probe(path string) int {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+probeAddress()+path, http.NoBody)
	if err != nil {
		w.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode
}

// An operator that is started while there is no API server is alive, not ready,
// and works once there is one.
func TestTheOperatorWaitsForTheAPIServer(t *testing.T) {
	w := emptyWorld(t)
	g := w.gateway("edge")
	w.create(g, w.users("edge", map[string]string{"ditto": bcrypt}))
	apiserver.Restart(t, func() {
		w.runOperator()
		w.eventually("the operator tries again", func() bool { return strings.Count(w.log.String(), "starts over") >= 2 })
		if alive, ready := w.probe("/healthz"), w.probe("/readyz"); alive != 200 || ready != 503 {
			t.Errorf("without an API server, liveness is %d and readiness %d", alive, ready)
		}
	})
	w.awaitCondition(g, v1alpha1.ConditionProgrammed, metav1.ConditionUnknown, v1alpha1.ReasonNoReadyPods)
	w.eventually("it is ready", func() bool { return w.probe("/readyz") == 200 })
}

// An operator that loses its lease stops to act and competes for it again.
func TestALostLeaseStartsTheOperatorOver(t *testing.T) {
	w := emptyWorld(t)
	w.options.LeaderElection = true
	w.runOperator()
	g := w.gateway("edge")
	w.create(g, w.users("edge", map[string]string{"ditto": bcrypt}))
	w.awaitCondition(g, v1alpha1.ConditionProgrammed, metav1.ConditionUnknown, v1alpha1.ReasonNoReadyPods)

	lease := &coordinationv1.Lease{ObjectMeta: w.named("twinway-operator")}
	change(w, lease, func(l *coordinationv1.Lease) {
		l.Spec.HolderIdentity, l.Spec.RenewTime = new("another"), new(metav1.NowMicro())
		l.Spec.LeaseDurationSeconds = new(int32(5))
	})
	w.eventually("it starts over", func() bool { return strings.Contains(w.log.String(), "starts over") })
	change(w, g, func(g *v1alpha1.Gateway) { g.Spec.Listener.Port = 9000 })
	service := &corev1.Service{ObjectMeta: w.named("edge")}
	w.eventually("it acts again", func() bool { w.get(service); return service.Spec.Ports[0].Port == 9000 })
	w.get(lease)
	if *lease.Spec.HolderIdentity == "another" {
		t.Error("it acts without the lease")
	}
}

// What does not pass by itself ends the operator.
func TestTheOperatorEndsOverWhatSomebodyHasToRepair(t *testing.T) {
	w := emptyWorld(t)
	w.options.ProbeAddress = probeAddress()
	listening := controllers.ManagerOptions{Options: w.options.Options, MetricsAddress: "nowhere:http:", ProbeAddress: "0"}
	for name, o := range map[string]controllers.ManagerOptions{
		"no namespace":           {ProbeAddress: "0"},
		"no address for metrics": listening,
		"no address for probes":  {Options: w.options.Options, MetricsAddress: "0", ProbeAddress: "nowhere:http:"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(w.ctx, guard)
			defer cancel()
			if err := controllers.Run(ctx, w.config, o); err == nil || errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
				t.Errorf("it ends with %v", err)
			}
		})
	}
}
