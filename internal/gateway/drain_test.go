package gateway_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/test/gatewaytest"
	"github.com/twinway/twinway/test/slowdisk"
)

func draining(minDelay, budget time.Duration) func(*snapshot.Snapshot) {
	return func(s *snapshot.Snapshot) { s.Drain = snapshot.Drain{MinDelay: minDelay, Budget: budget} }
}

// drain drains until the test ends or calls the returned function, which
// returns when draining has.
func drain(t *testing.T, g *gateway.Gateway, skipDelay bool) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		g.Drain(ctx, skipDelay)
	}()
	stop = func() {
		cancel()
		<-done
	}
	t.Cleanup(stop)
	return stop
}

func TestDrainIsNotReadyBeforeItRefuses(t *testing.T) {
	g := start(t, draining(time.Hour, time.Minute))
	before := dial(t, g, gatewaytest.User)
	if a := get(t, g, "/readyz"); a.status != 200 {
		t.Fatalf("/readyz says %d %s", a.status, a.body)
	}
	stop := drain(t, g, false)
	until(t, "/readyz says 503", func() bool { return get(t, g, "/readyz").status == 503 })
	if a := get(t, g, "/readyz"); string(a.body) != "draining\n" {
		t.Errorf("/readyz says %q", a.body)
	}
	if a := get(t, g, "/healthz"); a.status != 200 {
		t.Errorf("/healthz says %d %s", a.status, a.body)
	}
	if ready := metric(t, g, "ready"); ready != 0 {
		t.Errorf("the metric says %v", ready)
	}
	meanwhile := dial(t, g, gatewaytest.User)
	meanwhile.mustWork()
	before.mustWork()
	stop() // as a second signal does: the delay is not waited for
	if a := handshake(t, g, "/ws/2", authorization(gatewaytest.User, gatewaytest.Password)); a.status != 503 {
		t.Errorf("a handshake is answered %d", a.status)
	} else {
		a.retryAfter(t)
		a.code(t)
	}
}

func TestDrainClosesSessions(t *testing.T) {
	g := start(t, draining(time.Hour, time.Minute))
	var sessions []*client
	for range 10 {
		sessions = append(sessions, dial(t, g, gatewaytest.User))
	}
	closed := make(chan *client)
	for _, c := range sessions {
		go func() {
			c.mustClose(1012)
			closed <- c
		}()
	}
	g.Drain(t.Context(), true) // with the delay it would not return today
	for range sessions {
		<-closed
	}
	if n := metric(t, g, `sessions_closed_total{code="1012"}`); n != 10 {
		t.Errorf("%v sessions were counted as closed with 1012, want 10", n)
	}
	if a := handshake(t, g, "/ws/2", authorization(gatewaytest.User, gatewaytest.Password)); a.status != 503 {
		t.Errorf("a handshake is answered %d", a.status)
	}
	g.Drain(t.Context(), true) // a second time does nothing
}

// Draining that is stopped has closed no more than what is due before the first
// pause, one session of many; the others are told that the gateway goes away.
func TestDrainIsSpreadOverTime(t *testing.T) {
	g := start(t, draining(0, time.Hour))
	const sessions = 10
	codes := make(chan int, sessions)
	for range sessions {
		c := dial(t, g, gatewaytest.User)
		c.mustWork() // a session that is being opened is closed at once
		go func() {
			code, reason := c.closed()
			if reason == "" {
				t.Errorf("closed with %d without a reason", code)
			}
			codes <- code
		}()
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	g.Drain(stopped, false)
	counted := map[int]int{}
	for range sessions {
		counted[<-codes]++
	}
	if counted[1001] < sessions-1 || counted[1001]+counted[1012] != sessions {
		t.Errorf("closed with %v", counted)
	}
}

func handshakesRefused(t *testing.T, g *gateway.Gateway) bool {
	t.Helper()
	return handshake(t, g, "/ws/2", authorization(gatewaytest.User, gatewaytest.Password)).status == 503
}

// A command that is not answered within the budget does not keep its session.
func TestDrainBudgetSpent(t *testing.T) {
	disk := slowdisk.New()
	g := startOn(t, disk, draining(0, 0))
	defer g.Close()
	c, closed := dial(t, g, gatewaytest.User), make(chan struct{})
	release := disk.HoldSyncs()
	defer release()
	c.send(command("kept", "create", "/", "{}"))
	until(t, "the command is accepted", func() bool { return metric(t, g, `messages_received_total{kind="command"}`) == 1 })
	go func() {
		defer close(closed)
		c.mustClose(1001)
	}()
	g.Drain(t.Context(), true)
	<-closed
}

// What was accepted before is made durable and answered, by Close at the
// latest.
func TestCloseFinishesWhatWasAccepted(t *testing.T) {
	disk := slowdisk.New()
	g := startOn(t, disk)
	c := dial(t, g, gatewaytest.User)
	release := disk.HoldSyncs()
	c.send(command("kept", "create", "/", "{}"))
	until(t, "the command is accepted", func() bool { return metric(t, g, `messages_received_total{kind="command"}`) == 1 })
	closed := make(chan error, 1)
	go func() { closed <- g.Close() }()
	release()
	if err := <-closed; err != nil {
		t.Fatal(err)
	}
	again := startOn(t, disk)
	defer again.Close()
	if status, code := dial(t, again, gatewaytest.User).do(command("kept", "retrieve", "/", "")); status != 200 {
		t.Errorf("what was accepted is answered %d %s", status, code)
	}
}

func TestDrainAnswersBeforeItCloses(t *testing.T) {
	disk := slowdisk.New()
	g := startOn(t, disk)
	defer g.Close()
	c := dial(t, g, gatewaytest.User)
	release := disk.HoldSyncs()
	c.send(command("kept", "create", "/", "{}"))
	until(t, "the command is accepted", func() bool { return metric(t, g, `messages_received_total{kind="command"}`) == 1 })
	stop := drain(t, g, true)
	defer stop()
	until(t, "draining has begun", func() bool { return handshakesRefused(t, g) })
	release()
	text := c.receive()
	if status, code := statusOf(t, text); status != 201 || !strings.Contains(text, "kept") {
		t.Errorf("what was accepted before is answered %d %s", status, code)
	}
	c.mustClose(1012)
}
