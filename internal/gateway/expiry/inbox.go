package expiry

import (
	"sync"
	"time"

	"github.com/twinway/twinway/internal/gateway/policy"
)

// inbox is where other goroutines leave what has happened.
type inbox struct {
	wake  chan struct{} // capacity 1: there is something to do
	limit int

	mu    sync.Mutex
	notes notes
}

// notes are what has happened. Changes of one policy are one note.
type notes struct {
	changed      map[string]time.Time // when policies are due, by id
	removed      []departure
	overflow     bool // further policies were changed
	reconfigured bool
}

// departure is the removal of a subject by a command.
type departure struct {
	policyID string
	policy.Removed
}

func newInbox(limit int, wake chan struct{}) *inbox {
	return &inbox{limit: limit, wake: wake}
}

// changed notes a change. If there are too many it only notes that.
func (b *inbox) changed(policyID string, due time.Time) {
	b.mu.Lock()
	if _, again := b.notes.changed[policyID]; !again && len(b.notes.changed) >= b.limit {
		b.notes.overflow = true
	} else {
		if b.notes.changed == nil {
			b.notes.changed = map[string]time.Time{}
		}
		b.notes.changed[policyID] = due
	}
	b.mu.Unlock()
	signal(b.wake)
}

// removed notes subjects, and returns how many were too many.
func (b *inbox) removed(policyID string, subjects []policy.Removed) (lost int) {
	b.mu.Lock()
	room := b.limit - len(b.notes.removed)
	if len(subjects) > room {
		lost = len(subjects) - room
		subjects = subjects[:room]
	}
	for _, s := range subjects {
		b.notes.removed = append(b.notes.removed, departure{policyID: policyID, Removed: s})
	}
	b.mu.Unlock()
	signal(b.wake)
	return lost
}

func (b *inbox) reconfigured() {
	b.mu.Lock()
	b.notes.reconfigured = true
	b.mu.Unlock()
	signal(b.wake)
}

// take returns what was noted since the last time.
func (b *inbox) take() notes {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := b.notes
	b.notes = notes{}
	return n
}

func signal(wake chan struct{}) {
	select {
	case wake <- struct{}{}:
	default:
	}
}
