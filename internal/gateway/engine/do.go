package engine

import (
	"context"
	"time"

	"github.com/twinway/twinway/internal/gateway/store"
)

// Decision is what Command.Decide does.
type Decision func(current *store.Record, siblings *Siblings, now time.Time) Effect

// Do has something decided for an entity in its turn, and returns when that, and
// everything that was seen, is durable. A deadline that is zero never passes.
//
// Errors: those of Submit and of Command.Complete. With ErrTimeout it may still be
// decided, now or later: what the decision sets must then not be looked at.
func (e *Engine) Do(ctx context.Context, key store.Key, deadline time.Time, decide Decision) error {
	s := &step{key: key, decide: decide, done: make(chan error, 1)}
	s.task = Task{Command: s, Deadline: deadline}
	if err := e.Submit(ctx, &s.task); err != nil {
		return err
	}
	return <-s.done // every task is completed
}

// step is a decision that somebody waits for. It implements Command.
type step struct {
	task   Task
	key    store.Key
	decide Decision
	done   chan error
}

// Key implements Command.
func (s *step) Key() store.Key { return s.key }

// Decide implements Command.
func (s *step) Decide(current *store.Record, siblings *Siblings, now time.Time) Effect {
	return s.decide(current, siblings, now)
}

// Complete implements Command.
func (s *step) Complete(err error) { s.done <- err }
