package gateway_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway"
	wire "github.com/twinway/twinway/internal/management"
	"github.com/twinway/twinway/test/gatewaytest"
	"github.com/twinway/twinway/test/slowdisk"
)

// takesSessions reports whether a handshake succeeds.
func takesSessions(t *testing.T, g *gateway.Gateway) bool {
	t.Helper()
	return handshake(t, g, "/ws/2", authorization(gatewaytest.User, gatewaytest.Password)).status == http.StatusSwitchingProtocols
}

// A gateway with many sessions goes out of service and comes back, twice.
func TestTakeOutAndResume(t *testing.T) {
	g, operator := manage(t, gateway.Options{}, draining(0, time.Minute))
	for range 2 {
		before := operator.Status(t)
		const sessions = 200
		var closed sync.WaitGroup
		for range sessions {
			c := dial(t, g, gatewaytest.User)
			closed.Go(func() { c.mustClose(1012) })
		}
		s := operator.Do(t, http.MethodPut, wire.PathDrain, nil).Status(t)
		if !s.Draining || s.Ready || s.Reason != "draining" || s.Version <= before.Version {
			t.Errorf("taken out: %+v", s)
		}
		if a := get(t, g, "/readyz"); a.status != 503 {
			t.Errorf("/readyz says %d", a.status)
		}
		closed.Wait()
		until(t, "sessions are refused", func() bool { return handshakesRefused(t, g) })
		drained := operator.Await(t, "all sessions are gone", func(s wire.Status) bool { return s.Drained })
		if drained.Sessions != 0 {
			t.Errorf("drained: %+v", drained)
		}
		if a := get(t, g, "/healthz"); a.status != 200 {
			t.Errorf("/healthz says %d", a.status)
		}
		out := operator.Do(t, http.MethodPut, wire.PathDrain, nil).Status(t) // once more
		if out.Version != drained.Version {
			t.Errorf("taken out once more: %+v", out)
		}
		back := operator.Do(t, http.MethodDelete, wire.PathDrain, nil).Status(t)
		if back.Draining || back.Drained || !back.Ready || back.Version <= out.Version {
			t.Errorf("back in service: %+v", back)
		}
		if a := get(t, g, "/readyz"); a.status != 200 {
			t.Errorf("/readyz says %d", a.status)
		}
		c := dial(t, g, gatewaytest.User)
		c.mustWork()
		_ = c.ws.Close(1000, "")
		again := operator.Do(t, http.MethodDelete, wire.PathDrain, nil).Status(t)
		if again.Version != back.Version {
			t.Errorf("back once more: %+v", again)
		}
		until(t, "the last session is gone", func() bool { return operator.Status(t).Sessions == 0 })
	}
}

// That it is drained is said when it is done, and told to who waits, although it
// is ending.
func TestDrainedIsWhenNobodyIsLeft(t *testing.T) {
	g, operator := manage(t, gateway.Options{}, draining(time.Hour, time.Minute))
	c := dial(t, g, gatewaytest.User)
	out := operator.Do(t, http.MethodPut, wire.PathDrain, nil).Status(t)
	c.mustWork()
	if during := operator.Status(t); !out.Draining || out.Drained || during.Drained {
		t.Errorf("in the delay: %+v, then %+v", out, during)
	}
	waiting := make(chan wire.Status, 1)
	go func() {
		waiting <- operator.Await(t, "drained", func(s wire.Status) bool { return s.Drained })
	}()
	g.Drain(t.Context(), true)
	c.mustClose(1012)
	if s := <-waiting; s.Sessions != 0 || !s.Draining || s.Ready || !handshakesRefused(t, g) {
		t.Errorf("drained: %+v", s)
	}
}

// Who waits for an answer is still there, although nobody is let in any more.
func TestNotDrainedWhileACommandIsUnderWay(t *testing.T) {
	disk := slowdisk.New()
	g, operator := manage(t, gateway.Options{DataDir: "db", FS: disk}, draining(0, time.Hour))
	c := dial(t, g, gatewaytest.User)
	release := disk.HoldSyncs()
	defer release()
	c.send(command("kept", "create", "/", "{}"))
	until(t, "the command is accepted", func() bool { return metric(t, g, `messages_received_total{kind="command"}`) == 1 })
	g.TakeOut()
	until(t, "sessions are refused", func() bool { return handshakesRefused(t, g) })
	if s := operator.Status(t); s.Drained || !s.Draining || s.Sessions != 1 {
		t.Errorf("refusing: %+v", s)
	}
	release()
	if _, err := c.read(); err != nil {
		t.Errorf("the command is not answered: %v", err)
	}
	c.mustClose(1012)
	operator.Await(t, "drained", func(s wire.Status) bool { return s.Drained && s.Sessions == 0 })
}

// In the delay sessions are still taken, and who resumes then has lost none.
func TestResumeDuringTheDelay(t *testing.T) {
	g := start(t, draining(time.Hour, time.Minute))
	before := dial(t, g, gatewaytest.User)
	g.TakeOut()
	if err := g.Ready(); err == nil || err.Error() != "draining" {
		t.Errorf("readiness: %v", err)
	}
	during := dial(t, g, gatewaytest.User)
	g.Resume()
	if err := g.Ready(); err != nil {
		t.Error(err)
	}
	before.mustWork()
	during.mustWork()
	dial(t, g, gatewaytest.User).mustWork()
}

// Sessions that were not told to end stay when the gateway comes back. The
// commands of the one that was are held up, so that it is still there.
func TestResumeWhileSessionsAreClosed(t *testing.T) {
	disk := slowdisk.New()
	g := startOn(t, disk, draining(0, time.Hour))
	defer g.Close()
	var sessions []*client
	for range 10 {
		sessions = append(sessions, dial(t, g, gatewaytest.User))
	}
	g.TakeOut()
	until(t, "sessions are refused", func() bool { return handshakesRefused(t, g) })
	g.Resume()
	if !takesSessions(t, g) {
		t.Error("sessions are refused")
	}
	kept, closed := int(metric(t, g, "sessions")), 0
	for _, c := range sessions {
		c.send(command("absent", "retrieve", "/", ""))
		if _, err := c.read(); err == nil {
			continue
		} else if code, _ := closeFrame(err); code != 1012 {
			t.Errorf("closed with %d", code)
		}
		closed++
	}
	t.Logf("%d sessions were open after resuming, %d of %d were closed", kept, closed, len(sessions))
	if closed == len(sessions) {
		t.Error("every session was closed")
	}
}

// A gateway that was taken out ends without waiting once more.
func TestDrainAfterTakeOut(t *testing.T) {
	g := start(t, draining(0, time.Minute))
	c := dial(t, g, gatewaytest.User)
	g.TakeOut()
	c.mustClose(1012)
	until(t, "the session is gone", func() bool { return metric(t, g, "sessions") == 0 })
	mustApply(t, g, configuration(t, draining(time.Hour, time.Hour)), "drain.minDelay", "drain.budget")
	g.Drain(t.Context(), false) // for an hour, if it began anew
	g.Resume()
	if err := g.Ready(); err == nil {
		t.Error("a gateway that ends is back in service")
	}
	g.TakeOut()
	if takesSessions(t, g) {
		t.Error("a gateway that ends takes sessions")
	}
}

// Who ends the gateway while it is being taken out goes on with that.
func TestDrainDuringTakeOut(t *testing.T) {
	g := start(t, draining(time.Hour, time.Minute))
	c := dial(t, g, gatewaytest.User)
	g.TakeOut()
	done := make(chan struct{})
	go func() {
		defer close(done)
		g.Drain(t.Context(), true) // skips what is left of the delay
	}()
	c.mustClose(1012)
	<-done
}

func TestCloseWhileTakenOut(t *testing.T) {
	g := start(t, draining(time.Hour, time.Hour))
	c := dial(t, g, gatewaytest.User)
	g.TakeOut()
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.read(); err == nil {
		t.Error("the session is open")
	}
	g.TakeOut()
	g.Resume()
	g.Drain(t.Context(), false)
}

// A gateway that is closed begins nothing any more.
func TestTakeOutAfterClose(t *testing.T) {
	var log bytes.Buffer
	g, err := gateway.Start(configuration(t), gateway.Options{
		DataDir: t.TempDir(), Listen: "127.0.0.1:0", Logger: slog.New(slog.NewTextHandler(&log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	g.TakeOut()
	g.Drain(t.Context(), false)
	g.Resume()
	if strings.Contains(log.String(), "draining") || strings.Contains(log.String(), "back in service") {
		t.Errorf("the log says\n%s", &log)
	}
}

// Everybody takes the gateway out and back at once, and sessions come and go.
// It is then in service, and takes sessions.
func TestTakeOutAndResumeAtOnce(t *testing.T) {
	g := start(t, draining(0, 100*time.Millisecond))
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for range 50 {
				if i%2 == 0 {
					g.TakeOut()
				} else {
					g.Resume()
				}
			}
		})
		all.Go(func() {
			for range 10 {
				takesSessions(t, g)
			}
		})
	}
	all.Wait()
	g.Resume()
	if err := g.Ready(); err != nil {
		t.Error(err)
	}
	dial(t, g, gatewaytest.User).mustWork()
}
