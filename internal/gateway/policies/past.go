package policies

import (
	"context"
	"errors"
	"time"

	"github.com/twinway/twinway/internal/gateway/engine"
	"github.com/twinway/twinway/internal/gateway/journal"
	"github.com/twinway/twinway/internal/gateway/policy"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/store"
)

// History is where the events of policies are read.
type History interface {
	History(key store.Key, from, to int64, yield func(store.Event) bool) error
}

// retrievePast serves a retrieve of a former state. It keeps its place among
// the commands on the policy, and waits until all before it are durable and
// can be read from the history; its requester waits meanwhile.
func (s *Service) retrievePast(ctx context.Context, c *command) {
	current := &reading{key: c.Key(), done: make(chan error, 1)}
	current.task = engine.Task{Command: current, Deadline: c.task.Deadline}
	err := s.engine.Submit(ctx, &current.task)
	if err == nil {
		err = <-current.done // every task is completed
	}
	if err != nil {
		c.Complete(err)
		return
	}
	past := &past{history: s.history, key: c.Key(), current: current.state}
	c.decide(current.state, nil, past, s.clock())
	if past.err != nil {
		c.failure = protocol.ErrPolicyUnavailable(c.policy.ID)
	}
	c.Complete(nil)
}

// reading finds the current state of a policy. It implements engine.Command.
type reading struct {
	task  engine.Task
	key   store.Key
	state *policy.State
	done  chan error
}

// Key implements engine.Command.
func (r *reading) Key() store.Key { return r.key }

// Decide implements engine.Command.
func (r *reading) Decide(current *store.Record, _ *engine.Siblings, _ time.Time) engine.Effect {
	r.state = (*policy.State)(current)
	return engine.Effect{}
}

// Complete implements engine.Command.
func (r *reading) Complete(err error) { r.done <- err }

// past is the history of one policy. It implements policy.Past.
type past struct {
	history History
	key     store.Key
	current *policy.State
	err     error
}

// At implements policy.Past.
func (p *past) At(m policy.Moment) *policy.State {
	from, to := m.Revision, m.Revision
	if !m.Time.IsZero() {
		from, to = 1, p.current.Revision
	}
	if from < 1 {
		return nil
	}
	var found *policy.State
	var damaged error
	err := p.history.History(p.key, from, to, func(e store.Event) bool {
		if !m.Time.IsZero() && e.Time.After(m.Time) {
			return false
		}
		var st *policy.State
		if st, damaged = stateAfter(e); damaged != nil {
			return false
		}
		found = st
		return true
	})
	if p.err = errors.Join(err, damaged); p.err != nil {
		return nil
	}
	if found.Exists() && !found.Created.Equal(p.current.Created) {
		// It was somebody else's policy, which was deleted since. Who created
		// this one has no say in who may know that one.
		return nil
	}
	return found
}

// stateAfter returns the state that an event led to.
func stateAfter(e store.Event) (*policy.State, error) {
	created, doc, err := journal.Whole(e.Payload)
	if err != nil {
		return nil, err
	}
	return &policy.State{
		Revision: e.Revision, Created: created, Modified: e.Time, Deleted: doc == nil,
		Doc: append([]byte(nil), doc...), // the payload is lent
	}, nil
}
