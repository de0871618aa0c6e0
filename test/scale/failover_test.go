package scale

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/twinway/twinway/api/v1alpha1"
)

// TestFailover measures how long it takes until another operator leads, and until
// it has pushed what was changed meanwhile, after the leader was killed and after
// it was asked to end.
func TestFailover(t *testing.T) {
	before := load()
	w := newWorld(t)
	results := table{title: "Failover between two operators", columns: []string{
		"Signal", "Times", "Another one leads: median / max", "What was changed meanwhile is acknowledged: median / max", "`Programmed` is visible: median / max",
	}}
	leader := w.deployment.start(t, 250)
	w.awaitHolder()
	g, pods := w.pods(w.namespace("failover"), 1)
	host := byte(251)
	for _, signal := range []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM} {
		var leads, acknowledged, reported sample
		for i := range *failovers {
			standby := w.deployment.start(t, host)
			w.awaitStandby(standby)
			f := w.failOver(leader, signal, g, pods[0], 3000+i+1000*int(signal))
			leads, acknowledged, reported = append(leads, f.leads), append(acknowledged, f.acknowledged), append(reported, f.reported)
			leader, host = standby, 250+(host+1)%2
		}
		cells := func(s sample) string { return rounded(s.median()) + " / " + rounded(s.most()) }
		results.add(signal, *failovers, cells(leads), cells(acknowledged), cells(reported))
	}
	results.print(before)
}

// failover is how long after a signal something had happened.
type failover struct{ leads, acknowledged, reported time.Duration }

// failOver ends the leader with a signal and changes a Gateway at once.
func (w *world) failOver(leader *operator, signal syscall.Signal, g *v1alpha1.Gateway, pod *standin, sessions int) failover {
	w.Helper()
	var applied counted
	acknowledged := applied.expect(1)
	pod.tell(nil, applied.note)
	statuses := w.observe(w.ctx, &v1alpha1.GatewayList{})
	leads := w.awaitLeader(w.ctx)
	begun := time.Now()
	leader.signal(signal)
	if signal == syscall.SIGKILL {
		<-leader.process.Done()
	}
	generation := w.patch(g, sessions)
	reported, err := statuses.awaitSettled(w.ctx, g, generation, 1)
	w.must("await the status", err)
	f := failover{reported: reported.Sub(begun)}
	for what, channel := range map[*time.Duration]<-chan time.Time{&f.leads: leads, &f.acknowledged: acknowledged} {
		select {
		case at := <-channel:
			*what = at.Sub(begun)
		case <-w.ctx.Done():
			w.Fatal("never: the change is pushed by another leader")
		}
	}
	leader.stop()
	w.Logf("%s: %s", signal, fmt.Sprintf("leads after %s, acknowledged after %s, reported after %s", rounded(f.leads), rounded(f.acknowledged), rounded(f.reported)))
	return f
}
