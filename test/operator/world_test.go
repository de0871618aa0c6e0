package operator_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/controllers"
	"github.com/twinway/twinway/test/apiserver"
	"github.com/twinway/twinway/test/loopback"
	"github.com/twinway/twinway/test/podrunner"
	"github.com/twinway/twinway/test/process"
	"github.com/twinway/twinway/test/statuscheck"
)

// guard is how long something may take before it counts as never.
const guard = 2 * time.Minute

// image is that of gateways that name none.
const image = "twinway:test"

// world is a namespace, what the test may do in it, and what its operator does.
type world struct {
	*testing.T
	client.Client // of somebody who may do everything
	ctx           context.Context
	namespace     string
	// operator is how the operator reaches the API server: with its own rights.
	operator *rest.Config
	options  controllers.ManagerOptions
	requests *requests
	log      *process.Tail
	// stop ends the operator, if it runs.
	stop func()
	pods *podrunner.Runner
}

// newWorld makes a namespace and starts an operator for it.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := emptyWorld(t)
	w.startOperator()
	return w
}

// emptyWorld makes a namespace that nobody looks after yet.
func emptyWorld(t *testing.T) *world {
	t.Helper()
	return worldOf(t, apiserver.Namespace(t))
}

// worldOf returns the world of a namespace.
func worldOf(t *testing.T, namespace string) *world {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*guard)
	t.Cleanup(cancel)
	w := &world{
		T: t, Client: newClient(t), ctx: ctx, namespace: namespace,
		requests: newRequests(), log: &process.Tail{}, stop: func() {},
	}
	installMonitors(w)
	w.operator = w.ownRights()
	t.Cleanup(w.end)
	statuscheck.Watch(t, apiserver.Config(), w.namespace)
	w.options = controllers.ManagerOptions{
		Options: controllers.Options{
			Namespace: w.namespace, Image: image,
			Logger: slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelInfo})),
		},
		WatchNamespaces: []string{w.namespace}, MetricsAddress: "0", ProbeAddress: "0",
	}
	return w
}

func newClient(t *testing.T) client.Client {
	t.Helper()
	scheme, err := controllers.Scheme()
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.New(apiserver.Config(), client.Options{Scheme: scheme})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// setUp keeps operators of one process from registering their metrics at once.
var setUp sync.Mutex

// startOperator starts an operator, which ends with the test or when it is
// stopped.
func (w *world) startOperator() {
	w.Helper()
	config := rest.CopyConfig(w.operator)
	config.Wrap(w.requests.note)
	setUp.Lock()
	mgr, err := controllers.NewManager(w.ctx, config, w.options)
	setUp.Unlock()
	if err != nil {
		w.Fatal(err)
	}
	ctx, cancel := context.WithCancel(w.ctx)
	done := make(chan error, 1)
	go func() { done <- mgr.Start(ctx) }()
	w.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			w.Errorf("the operator ended: %v", err)
		}
	})
}

// restartOperator has another operator take over, which knows nothing of the
// one before.
func (w *world) restartOperator() {
	w.Helper()
	w.stop()
	w.startOperator()
}

// end ends the operator, and holds it to the rights it has.
func (w *world) end() {
	w.stop()
	for _, request := range w.requests.refused() {
		w.Errorf("the operator lacks the right to %s", request)
	}
	if w.Failed() {
		const shown = 20 << 10
		text := w.log.String()
		w.Logf("the operator says at last:\n%s", text[max(0, len(text)-shown):])
	}
}

// brokenImage cannot be pulled.
const brokenImage = "twinway:broken"

// probing is how often gateways are probed, so that tests need not wait for it.
const probing = 50 * time.Millisecond

// seldom is how often they are when a process that is stopped must not be
// found out for a while.
const seldom = 10 * time.Second

// runPods runs the pods of the namespace from now on.
func (w *world) runPods(period time.Duration) {
	w.Helper()
	block, err := loopback.Acquire()
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { _ = block.Close() })
	w.pods = podrunner.Start(w, podrunner.Options{Namespace: w.namespace, Address: block.Address, ProbePeriod: period, BrokenImage: brokenImage})
}
