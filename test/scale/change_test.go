package scale

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/twinway/twinway/api/v1alpha1"
)

// counted tells when the last of a number of things has happened.
type counted struct {
	mu   sync.Mutex
	left int
	done chan time.Time
}

// expect starts to count.
func (c *counted) expect(n int) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left, c.done = n, make(chan time.Time, 1)
	return c.done
}

func (c *counted) note(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left--; c.left == 0 {
		c.done <- at
	}
}

// changes is what became of a row of changes of a Gateway.
type changes struct {
	// acknowledged is the time until the last pod had answered, and reported the
	// time until the status said so.
	acknowledged, reported sample
	// writes is how many changes of statuses there were in all.
	writes int
}

// TestChange measures how long a change of a Gateway's spec takes until all its
// pods have it, and until its status says so.
func TestChange(t *testing.T) {
	before := load()
	results := table{title: "From a change of a Gateway's spec to its pods", columns: []string{
		"Pods", "Changes", "Last pod has acknowledged: median / p99 / max", "`Programmed` is visible: median / p99 / max", "Writes of its status per change",
	}}
	for _, pods := range podCounts {
		t.Run(fmt.Sprintf("%d pods", pods), func(t *testing.T) {
			w := newWorld(t)
			w.operator = w.deployment.start(t, 250)
			g, standins := w.pods(w.namespace(fmt.Sprintf("change-%d", pods)), pods)
			c := w.change(g, standins...)
			results.add(pods, len(c.acknowledged), c.acknowledged.cells(), c.reported.cells(),
				fmt.Sprintf("%.1f", float64(c.writes)/float64(len(c.acknowledged))))
		})
	}
	results.print(before)
}

// pods makes a Gateway with pods and waits until it is programmed.
func (w *world) pods(namespace string, pods int) (*v1alpha1.Gateway, []*standin) {
	w.Helper()
	g := gateway(namespace, "measured")
	w.create(users(namespace, g.Name), g)
	set, err := w.node.set(w.ctx, namespace, g.Name)
	w.must("await the StatefulSet", err)
	standins, err := w.node.run(w.ctx, set, pods)
	w.must("run pods", err)
	_, err = w.observe(w.ctx, &v1alpha1.GatewayList{}).awaitSettled(w.ctx, g, g.Generation, int32(pods))
	w.must("await pods", err)
	return g, standins
}

// change changes the spec of a Gateway, again and again. The first change is not
// counted.
func (w *world) change(g *v1alpha1.Gateway, pods ...*standin) changes {
	w.Helper()
	var applied counted
	for _, pod := range pods {
		pod.tell(nil, applied.note)
	}
	statuses := w.observe(w.ctx, &v1alpha1.GatewayList{})
	var c changes
	writes := 0
	for i := range *repetitions + 1 {
		acknowledged := applied.expect(len(pods))
		begun := time.Now()
		generation := w.patch(g, 2000+i)
		reported, err := statuses.awaitSettled(w.ctx, g, generation, int32(len(pods)))
		w.must("await the status", err)
		var last time.Time
		select {
		case last = <-acknowledged:
		default:
			w.Fatal("the status says that all pods have the configuration, and not all of them have")
		}
		if i == 0 {
			writes = statuses.writes()
			continue
		}
		c.acknowledged = append(c.acknowledged, last.Sub(begun))
		c.reported = append(c.reported, reported.Sub(begun))
	}
	c.writes = statuses.writes() - writes
	return c
}
