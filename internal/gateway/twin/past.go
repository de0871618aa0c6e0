package twin

import (
	"context"
	"errors"
	"time"

	"github.com/twinway/twinway/internal/gateway/engine"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/history"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/thing"
)

// retrievePast serves a retrieve of a former state. It keeps its place among
// the commands on the thing, and waits until all before it are durable and can
// be read from the history; its requester waits meanwhile, so that a session
// reads from the history one thing at a time.
func (s *Service) retrievePast(ctx context.Context, c *command) {
	current, err := s.currentState(ctx, c.thing.ID, c.task.Deadline)
	if err != nil {
		c.Complete(err)
		return
	}
	past := past{history: s.history, key: c.Key(), current: current}
	who := s.authority.On(c.From, nil)
	c.outcome, c.failure = thing.DecidePast(current, c.thing, who, s.clock(), c.limits, past.at)
	if who.Err() != nil || past.err != nil {
		c.failure = protocol.ErrThingUnavailable(c.thing.ID)
	}
	c.Historical = c.outcome.Historical
	c.Complete(nil)
}

// retrievePastThings serves a retrieve of former states of several things, one
// after the other.
func (s *Service) retrievePastThings(ctx context.Context, x *exchange.Exchange, cmd *thing.RetrieveThings) {
	deadline := x.Deadline()
	parts := make([][]byte, len(cmd.IDs))
	for i, id := range cmd.IDs {
		if !x.From.MayAccess(protocol.Things, protocol.NamespaceOf(id)) {
			continue
		}
		current, err := s.currentState(ctx, id, deadline)
		if err != nil {
			x.Fail(errorOf(err, id, x.Plan.Wait))
			return
		}
		past := past{history: s.history, key: store.Key{Kind: store.Thing, ID: id}, current: current}
		who := s.authority.On(x.From, nil)
		part, refused := cmd.Part(current, who, s.clock(), past.at)
		if who.Err() != nil || past.err != nil {
			refused = protocol.ErrThingUnavailable(id)
		}
		if refused != nil {
			x.Fail(refused)
			return
		}
		parts[i] = part
		x.Historical = x.Historical || past.shown && part != nil
	}
	x.Respond(exchange.Result(cmd.Response(parts)))
}

// currentState returns the state of a thing, nil if it never existed, when it
// is durable, and so is what was decided before of the policy with its id.
func (s *Service) currentState(ctx context.Context, id string, deadline time.Time) (*thing.State, error) {
	var current *thing.State
	key := store.Key{Kind: store.Thing, ID: id}
	err := s.engine.Do(ctx, key, deadline, func(record *store.Record, siblings *engine.Siblings, _ time.Time) engine.Effect {
		current = (*thing.State)(record)
		siblings.Pending(store.Policy)
		return engine.Effect{}
	})
	if err != nil {
		return nil, err
	}
	return current, nil
}

// past is the history of one thing.
type past struct {
	history *history.Reader
	key     store.Key
	current *thing.State
	// shown says that there was a state of the past, err that it could not be
	// read.
	shown bool
	err   error
}

// at implements thing.Past.
func (p *past) at(m protocol.Moment) *thing.State {
	record, err := p.history.Former(p.key, m, (*store.Record)(p.current))
	if err != nil {
		if !errors.Is(err, history.ErrNotKept) {
			p.err = err
		}
		return nil
	}
	p.shown = true
	return (*thing.State)(record)
}
