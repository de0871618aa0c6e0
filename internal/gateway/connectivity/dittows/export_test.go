package dittows

import (
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
)

// Settings are what tests change.
type Settings struct {
	Poll, Tick, Idle, Patience, Answering, Redelivery time.Duration
	Held, Things, Frames                              int
}

// NewWith returns a kind with other settings where they are not zero.
func NewWith(s Settings) link.Kind {
	d := defaults()
	for _, change := range []struct {
		to   *time.Duration
		from time.Duration
	}{
		{&d.poll, s.Poll}, {&d.tick, s.Tick}, {&d.idle, s.Idle}, {&d.patience, s.Patience}, {&d.answering, s.Answering}, {&d.redelivery, s.Redelivery},
	} {
		if change.from != 0 {
			*change.to = change.from
		}
	}
	for _, change := range []struct {
		to   *int
		from int
	}{{&d.held, s.Held}, {&d.things, s.Things}, {&d.frames, s.Frames}} {
		if change.from != 0 {
			*change.to = change.from
		}
	}
	return newKind(d)
}

// Age moves the time up to which a kind has been told of everything.
func Age(k link.Kind, by time.Duration) {
	m := k.(*kind).memory
	m.mu.Lock()
	defer m.mu.Unlock()
	m.horizon = m.horizon.Add(by)
}
