package rest

import (
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/auth"
	"github.com/twinway/twinway/internal/gateway/broker"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// asking returns a call of a user that waits for others, if it may, and what it is told if not.
func asking(t *testing.T, s *Server, user string) (*call, *protocol.Error) {
	t.Helper()
	q := &request{server: s, who: auth.Identity{Kind: auth.KindBasic, User: user}}
	c := q.newCall()
	t.Cleanup(c.end)
	_, err := s.options.Broker.Open(c.Party(), broker.Terms{
		Plan:     ack.Plan{Labels: []string{"live-response"}, Response: "live-response", Reply: ack.Response, Wait: time.Minute},
		Received: time.Now(), CorrelationID: user, Live: true,
	})
	return c, err
}

func newTestServer(t *testing.T, o broker.Options) *Server {
	t.Helper()
	b := broker.New(o)
	t.Cleanup(b.Close)
	return NewServer(Options{Broker: b})
}

// A user has only so many requests that wait, and takes nothing from others.
func TestWaitingOfOneUser(t *testing.T) {
	s := newTestServer(t, broker.Options{MaxWaitsTogether: 2})
	first, _ := asking(t, s, "ann")
	_, second := asking(t, s, "ann")
	_, third := asking(t, s, "ann")
	_, other := asking(t, s, "bob")
	if second != nil || other != nil || third == nil || third.Status != 429 {
		t.Errorf("told %v, %v and %v", second, third, other)
	}
	first.end()
	if _, err := asking(t, s, "ann"); err != nil {
		t.Errorf("told %v when one has ended", err)
	}
}

// All users together have only so many.
func TestWaitingOfAll(t *testing.T) {
	s := newTestServer(t, broker.Options{})
	s.waiting.Store(maxWaitingCalls - 1)
	last, err := asking(t, s, "ann")
	if err != nil {
		t.Fatal(err)
	}
	refused, err := asking(t, s, "bob")
	if err == nil || err.Status != 429 {
		t.Errorf("told %v", err)
	}
	refused.end()
	last.end()
	if _, err := asking(t, s, "bob"); err != nil {
		t.Errorf("told %v when there is room", err)
	}
}

// A call that is over cannot begin to wait, and one that never did is no party.
func TestCallsThatAreOver(t *testing.T) {
	s := newTestServer(t, broker.Options{})
	q := &request{server: s}
	c := q.newCall()
	c.end()
	if c.party != nil {
		t.Error("a call is a party that nobody asked to be")
	}
	if _, err := s.options.Broker.Open(c.Party(), broker.Terms{Plan: ack.Plan{Reply: ack.Response, Wait: time.Minute}, Received: time.Now()}); err == nil {
		t.Error("a call waits that is over")
	}
	if n := s.options.Broker.Waits(); n != 0 || s.waiting.Load() != 0 {
		t.Errorf("%d waits, %d calls are left", n, s.waiting.Load())
	}
}
