package session

import (
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/pubsub"
)

func TestPace(t *testing.T) {
	for _, test := range []struct {
		sessions int
		over     time.Duration
		perTick  int
	}{
		{0, time.Second, 1},
		{1, 0, 1},
		{1000, 0, 1000},
		{10, time.Hour, 1},
		{50, time.Second, 1},
		{51, time.Second, 2},
		{10_000, 15 * time.Second, 14},
	} {
		if got := pace(test.sessions, test.over); got != test.perTick {
			t.Errorf("%d sessions over %v: %d with each tick, want %d", test.sessions, test.over, got, test.perTick)
		}
		// All are closed within the time.
		if ticks := max(1, int(test.over/closeTick)); pace(test.sessions, test.over)*ticks < test.sessions {
			t.Errorf("%d sessions take longer than %v", test.sessions, test.over)
		}
	}
}

func TestPlacesInTheRegistry(t *testing.T) {
	r := newRegistry()
	for range 2 {
		if !r.reserve(2) {
			t.Fatal("there is no place in an empty registry")
		}
	}
	if r.reserve(2) {
		t.Error("a third of two places was given away")
	}
	r.release()
	if !r.reserve(2) {
		t.Error("a place that was given back is lost")
	}
	s := &Session{audience: &pubsub.Audience{}}
	r.add(s, s.conn)
	if r.Len() != 1 || r.reserve(2) {
		t.Error("a session takes more or less than the place that was reserved for it")
	}
	r.remove(s)
	r.remove(s)
	if r.Len() != 0 || !r.reserve(2) || r.reserve(2) {
		t.Error("a removed session gives more or less than its place back")
	}
}
