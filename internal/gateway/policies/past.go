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
	var current *policy.State
	err := s.engine.Do(ctx, c.Key(), c.task.Deadline, func(record *store.Record, _ *engine.Siblings, _ time.Time) engine.Effect {
		current = (*policy.State)(record)
		return engine.Effect{}
	})
	if err != nil {
		c.Complete(err)
		return
	}
	past := &past{history: s.history, key: c.Key(), current: current}
	c.decide(current, nil, past, s.clock())
	if past.err != nil {
		c.failure = protocol.ErrPolicyUnavailable(c.policy.ID)
	}
	c.Complete(nil)
}

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
