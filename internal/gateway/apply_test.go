package gateway_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/test/gatewaytest"
)

func mustApply(t *testing.T, g *gateway.Gateway, next *snapshot.Snapshot, changed ...string) {
	t.Helper()
	got, err := g.Apply(next)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(changed, got); diff != "" {
		t.Errorf("changed (-want +got):\n%s", diff)
	}
}

func TestApplyAddsAUser(t *testing.T) {
	g := start(t)
	c := dial(t, g, gatewaytest.User)
	credentials := authorization("anna", gatewaytest.Password)
	if a := handshake(t, g, "/ws/2", credentials); a.status != 401 {
		t.Fatalf("a user who is not there is answered %d", a.status)
	}
	mustApply(t, g, configuration(t, withUser("anna")), "authentication.basic.users")
	dial(t, g, "anna").mustWork()
	c.mustWork()
}

func TestApplyRemovesAUser(t *testing.T) {
	g := start(t, withUser("anna"))
	anna, ditto, other := dial(t, g, "anna"), dial(t, g, gatewaytest.User), dial(t, g, "anna")
	anna.ask("START-SEND-EVENTS")
	anna.mustWork()
	mustApply(t, g, configuration(t), "authentication.basic.users")
	anna.mustClose(1008)
	other.mustClose(1008)
	if a := handshake(t, g, "/ws/2", authorization("anna", gatewaytest.Password)); a.status != 401 {
		t.Errorf("the removed user is answered %d", a.status)
	}
	ditto.mustWork()
	until(t, "one session is left", func() bool { return metric(t, g, "sessions") == 1 })
	if n := metric(t, g, `sessions_closed_total{code="1008"}`); n != 2 {
		t.Errorf("%v sessions were counted as closed with 1008, want 2", n)
	}
	// Who is back is as welcome as before.
	mustApply(t, g, configuration(t, withUser("anna")), "authentication.basic.users")
	dial(t, g, "anna").mustWork()
}

func TestApplyLimitsThingsOfOpenSessions(t *testing.T) {
	g := start(t)
	c := dial(t, g, gatewaytest.User)
	value := func(n int) string { return `{"attributes":{"a":"` + strings.Repeat("x", n) + `"}}` }
	if status, code := c.do(command("first", "create", "/", value(2000))); status != 201 {
		t.Fatalf("before: %d %s", status, code)
	}
	mustApply(t, g, configuration(t, func(s *snapshot.Snapshot) { s.Limits.Thing.MaxSize = 1024 }), "limits.thing.maxSize")
	if status, code := c.do(command("second", "create", "/", value(2000))); status != 413 {
		t.Errorf("after: %d %s, want 413", status, code)
	}
	if status, code := c.do(command("third", "create", "/", value(500))); status != 201 {
		t.Errorf("what is small enough: %d %s", status, code)
	}
}

func TestApplyLimitsOfNewSessions(t *testing.T) {
	g := start(t)
	before := dial(t, g, gatewaytest.User)
	mustApply(t, g, configuration(t, func(s *snapshot.Snapshot) {
		s.Limits.Message.MaxSize = 1024
		s.Limits.Sessions.Max = 2
	}), "limits.message.maxSize", "limits.sessions.max")
	after := dial(t, g, gatewaytest.User)
	if a := handshake(t, g, "/ws/2", authorization(gatewaytest.User, gatewaytest.Password)); a.status != 503 {
		t.Errorf("a session above the new limit is answered %d", a.status)
	}
	large := command("absent", "retrieve", "/", "") + strings.Repeat(" ", 1024)
	after.send(large)
	if code, _ := after.closed(); code != 1009 {
		t.Errorf("the new session is closed with %d, want 1009", code)
	}
	if status, code := before.do(large); status != 404 {
		t.Errorf("the old session is answered %d %s", status, code)
	}
}

func TestApplyLimitsFailedAttempts(t *testing.T) {
	g := start(t)
	mustApply(t, g, configuration(t, func(s *snapshot.Snapshot) { s.Limits.Authentication.FailuresPerMinute = 1 }),
		"limits.authentication.failuresPerMinute")
	wrong := authorization(gatewaytest.User, "wrong")
	if first, second := handshake(t, g, "/ws/2", wrong), handshake(t, g, "/ws/2", wrong); first.status != 401 || second.status != 429 {
		t.Errorf("two wrong passwords are answered %d and %d", first.status, second.status)
	}
}

func TestApplyRefusesWhatNeedsARestart(t *testing.T) {
	g := start(t)
	before := g.Current().Hash()
	c := dial(t, g, gatewaytest.User)
	_, err := g.Apply(configuration(t, withoutUser(gatewaytest.User), func(s *snapshot.Snapshot) {
		s.Listener.Port++
		s.Storage.CacheSize *= 2
	}))
	refused, ok := errors.AsType[*gateway.RestartError](err)
	if !ok {
		t.Fatalf("error %v, want one that asks for a restart", err)
	}
	for _, field := range []string{"listener.port", "storage.cacheSize"} {
		if !slices.Contains(refused.Fields, field) || !strings.Contains(err.Error(), field) {
			t.Errorf("%q is not named in %v: %s", field, refused.Fields, err)
		}
	}
	// Nothing of it is in force, not even what could be.
	c.mustWork()
	dial(t, g, gatewaytest.User).mustWork()
	if g.Current().Hash() != before {
		t.Error("the current snapshot is another one")
	}
	if n := metric(t, g, `configurations_total{result="refused"}`); n != 1 {
		t.Errorf("%v configurations were counted as refused, want 1", n)
	}
}

func TestApplyRefusesUsersThatCannotBeUsed(t *testing.T) {
	g := start(t)
	c := dial(t, g, gatewaytest.User)
	if _, err := g.Apply(configuration(t, withoutUser(gatewaytest.User), func(s *snapshot.Snapshot) {
		s.Authentication.Basic.Users["anna"] = "no hash"
	})); err == nil || strings.Contains(err.Error(), "no hash") {
		t.Errorf("error %v, want one that does not tell the hash", err)
	}
	c.mustWork()
	dial(t, g, gatewaytest.User).mustWork()
}

func TestApplyOfTheSame(t *testing.T) {
	g := start(t)
	mustApply(t, g, configuration(t))
	if n := metric(t, g, `configurations_total{result="applied"}`); n != 0 {
		t.Errorf("%v configurations were counted as applied", n)
	}
}

func TestApplyChangesDraining(t *testing.T) {
	g := start(t, func(s *snapshot.Snapshot) { s.Drain.MinDelay = time.Hour })
	mustApply(t, g, configuration(t, func(s *snapshot.Snapshot) { s.Drain.MinDelay = 0 }), "drain.minDelay")
	g.Drain(t.Context(), false) // for an hour, with the delay of before
}
