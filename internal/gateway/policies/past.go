package policies

import (
	"context"
	"errors"
	"time"

	"github.com/twinway/twinway/internal/gateway/engine"
	"github.com/twinway/twinway/internal/gateway/history"
	"github.com/twinway/twinway/internal/gateway/policy"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/store"
)

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
	history *history.Reader
	key     store.Key
	current *policy.State
	err     error
}

// At implements policy.Past.
func (p *past) At(m protocol.Moment) *policy.State {
	record, err := p.history.Former(p.key, m, (*store.Record)(p.current))
	if err != nil && !errors.Is(err, history.ErrNotKept) {
		p.err = err
	}
	return (*policy.State)(record)
}
