package scale

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/twinway/twinway/api/v1alpha1"
)

// TestGateways measures what an operator needs at many Gateways, each with ten
// Connections and a pod: while they come, when there is nothing to do, when one of
// them is changed, and when another operator takes over.
func TestGateways(t *testing.T) {
	before := load()
	results := newScaleTables()
	for _, n := range gatewayCounts {
		t.Run(fmt.Sprintf("%d Gateways", n), func(t *testing.T) { newWorld(t).scale(n, results) })
	}
	for _, shown := range []*table{&results.settling, &results.memory, &results.latency, &results.idle, &results.afterwards} {
		shown.print(before)
	}
}

// scaleTables are what is measured at each number of Gateways.
type scaleTables struct{ settling, memory, latency, idle, afterwards table }

func newScaleTables() *scaleTables {
	return &scaleTables{
		settling: table{
			title: "Gateways with ten Connections, a Secret and a pod each, created at once",
			columns: []string{
				"Gateways", "Creating all objects", "All statuses written, after the last object was created", "Writes to the API server in all", "Processor time of the operator",
			},
		},
		memory: table{
			title: "Memory of the operator: of the one that saw them come, and of the next one, which found them there",
			columns: []string{
				"Gateways", "Resident, idle", "of that anonymous", "Most ever", "Heap", "Next one: resident", "of that anonymous", "Most ever",
			},
		},
		latency: table{
			title: "Reconciling while the Gateways were created, from the operator's histograms",
			columns: []string{
				"Gateways", "Controller", "Reconciliations", "Taking: median / p99", "Waiting in the queue: median / p99",
			},
		},
		idle: table{
			title: "An operator that has nothing to do",
			columns: []string{
				"Gateways", "Writes per minute", "Renewals of the lease per minute", "Other requests per minute, those of the API server to itself included", "Processor",
			},
		},
		afterwards: table{
			title: "With all of them there",
			columns: []string{
				"Gateways", "One is changed, pod has acknowledged: median / p99 / max", "`Programmed` is visible: median / p99 / max",
				"Another operator is started after the first has ended: leads", "last pod reached", "Writes of it",
			},
		},
	}
}

// scale measures at a number of Gateways.
func (w *world) scale(n int, results *scaleTables) {
	token := w.token()
	o := w.deployment.start(w.T, 250)
	w.operator = o
	start := w.serverMetrics()
	s := w.settle(n)
	used := o.processor()
	writes := w.serverMetrics().sum("apiserver_request_total", isWrite) - start.sum("apiserver_request_total", isWrite)
	results.settling.add(n, rounded(s.creating), rounded(s.settling), fmt.Sprintf("%.0f", writes), rounded(used))
	results.addLatency(n, o.metrics(w.ctx, token))

	quiet := w.watchIdle(o)
	results.idle.add(n, fmt.Sprintf("%.0f", quiet.writes), fmt.Sprintf("%.0f", quiet.leases), fmt.Sprintf("%.0f", quiet.others),
		fmt.Sprintf("%.1f %%", 100*quiet.processor))

	m, heap := o.memory(), o.metrics(w.ctx, token).sum("go_memstats_heap_alloc_bytes", func(map[string]string) bool { return true })
	c := w.change(s.changed, s.pod)
	next := w.takeOver(o)
	results.memory.add(n, mebibytes(m.resident), mebibytes(m.anonymous), mebibytes(m.peak), mebibytes(int(heap)),
		mebibytes(next.memory.resident), mebibytes(next.memory.anonymous), mebibytes(next.memory.peak))
	results.afterwards.add(n, c.acknowledged.cells(), c.reported.cells(), rounded(next.leads), rounded(next.reached), fmt.Sprintf("%.0f", next.writes))
}

// addLatency adds what the operator says of its controllers.
func (r *scaleTables) addLatency(n int, m metrics) {
	for _, controller := range []string{"gateway", "connection"} {
		reconciled := func(labels map[string]string) bool { return labels["controller"] == controller }
		queued := func(labels map[string]string) bool { return labels["name"] == controller }
		pair := func(name string, wanted func(map[string]string) bool) string {
			return m.quantile(name, 0.5, wanted) + " / " + m.quantile(name, 0.99, wanted)
		}
		r.latency.add(n, controller, fmt.Sprintf("%.0f", m.sum("controller_runtime_reconcile_total", reconciled)),
			pair("controller_runtime_reconcile_time_seconds", reconciled), pair("workqueue_queue_duration_seconds", queued))
	}
}

// settled is how Gateways came to be programmed.
type settled struct {
	// creating is how long it took to create all objects, and settling how much
	// longer until the last status was written.
	creating, settling time.Duration
	// changed is one of the Gateways and pod is its pod.
	changed *v1alpha1.Gateway
	pod     *standin
}

// settle creates Gateways with their pods and waits until there is nothing left
// to be said of them.
func (w *world) settle(n int) settled {
	w.Helper()
	statuses := w.observe(w.ctx, &v1alpha1.GatewayList{}, &v1alpha1.ConnectionList{})
	begun := time.Now()
	created, pods := w.fill(n)
	_, err := statuses.await(w.ctx, "everything is programmed", func(last map[string]seen) bool { return programmed(last) == n*(1+connectionsEach) })
	w.must("settle", err)
	last := statuses.quiet(w.ctx, quietFor)
	s := settled{creating: created.Sub(begun), settling: max(0, last.Sub(created))}
	for g, pod := range pods {
		s.changed, s.pod = g, pod
		break
	}
	w.Logf("%d Gateways: objects created in %s, settled %s later", n, rounded(s.creating), rounded(s.settling))
	return s
}

// quietFor is how long no status was written when everything is settled.
const quietFor = 5 * time.Second

// programmed counts the objects whose status says that their spec is in force.
func programmed(last map[string]seen) int {
	n := 0
	for _, s := range last {
		if s.settled(s.generation, 0) {
			n++
		}
	}
	return n
}

// idleness is what an operator does when there is nothing to do.
type idleness struct {
	requests
	// processor is the share of one processor that it uses.
	processor float64
}

// watchIdle watches an operator that has nothing to do.
func (w *world) watchIdle(o *operator) idleness {
	w.Helper()
	before, used, begun := w.serverMetrics(), o.processor(), time.Now()
	select {
	case <-time.After(*idle):
	case <-w.ctx.Done():
	}
	took := time.Since(begun)
	after := w.serverMetrics()
	i := idleness{requestsSince(before, after, took), (o.processor() - used).Seconds() / took.Seconds()}
	if i.writes > 0 {
		w.Logf("written while there was nothing to do: %s", writesSince(before, after))
	}
	return i
}

// takeover is what an operator does that finds everything as it should be.
type takeover struct {
	// leads is how long it took from its start until it was the leader, reached
	// until it had asked the last pod.
	leads, reached time.Duration
	// writes is what it wrote to the API server.
	writes float64
	memory memory
}

// takeOver ends the operator and has another one take over.
func (w *world) takeOver(o *operator) takeover {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, guard)
	defer cancel()
	o.stop()
	var asked counted
	pods := w.node.all()
	last := asked.expect(len(pods))
	for _, pod := range pods {
		pod.tell(asked.note, nil)
	}
	before, begun := w.serverMetrics(), time.Now()
	leader := w.awaitLeader(ctx)
	next := w.deployment.start(w.T, 251)
	t := takeover{leads: (<-leader).Sub(begun)}
	select {
	case at := <-last:
		t.reached = at.Sub(begun)
	case <-ctx.Done():
		w.Fatal("never: another operator asks all pods")
	}
	time.Sleep(quietFor) // for what it may write
	after := w.serverMetrics()
	if t.writes = after.sum("apiserver_request_total", isWrite) - before.sum("apiserver_request_total", isWrite); t.writes > 0 {
		w.Logf("written by the operator that took over: %s", writesSince(before, after))
	}
	t.memory = next.memory()
	return t
}
