package twin

import (
	"errors"
	"time"

	"github.com/twinway/twinway/internal/gateway/authority"
	"github.com/twinway/twinway/internal/gateway/broker"
	"github.com/twinway/twinway/internal/gateway/engine"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/index"
	"github.com/twinway/twinway/internal/gateway/journal"
	"github.com/twinway/twinway/internal/gateway/policies"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/telling"
	"github.com/twinway/twinway/internal/gateway/thing"
)

// command is a command on one thing on its way through the engine. It
// implements engine.Command and, since the event it causes is told with its
// headers, pubsub.Body.
type command struct {
	exchange.Exchange
	service *Service
	task    engine.Task
	thing   *thing.Command
	limits  thing.Limits
	signal  pubsub.Signal
	// wait gathers the acknowledgements, if they are what the command is answered with; else it is nil.
	wait *broker.Wait
	// held receives the result in place of the requester, if it is set.
	held chan error

	// Set by Decide.
	outcome thing.Outcome
	failure *protocol.Error
	// governing is the policy under which it was decided, nil if it was made.
	governing *enforcer.Enforcer

	// policy and nextPolicy say who receives the event, while it is published.
	policy, nextPolicy authority.Receivers
	// telling is of use while it is published, too; nil while nobody wants anything.
	telling *telling.Telling
}

// Key implements engine.Command.
func (c *command) Key() store.Key { return store.Key{Kind: store.Thing, ID: c.thing.ID} }

// Decide implements engine.Command.
func (c *command) Decide(current *store.Record, siblings *engine.Siblings, now time.Time) engine.Effect {
	who := c.service.authority.On(c.From, siblings)
	c.outcome, c.failure = thing.Decide((*thing.State)(current), c.thing, who, now, c.limits)
	if who.Err() != nil || c.outcome.Policy != nil && c.outcome.PolicyID != c.thing.ID {
		// The thing was deleted since createWithPolicy has looked, or a policy
		// cannot be read.
		c.failure = protocol.ErrThingUnavailable(c.thing.ID)
	}
	if c.failure == nil && c.outcome.State != nil {
		c.failure = c.service.checkIndex(c.thing.ID, current, (*store.Record)(c.outcome.State))
	}
	if c.failure != nil || c.outcome.State == nil {
		return engine.Effect{}
	}
	c.governing = who.Governing()
	c.signal = pubsub.Signal{Namespace: c.thing.Namespace, Origin: c.From, Body: c}
	if c.wait != nil {
		c.signal.Account = c.wait
	}
	effect := engine.Effect{
		Record: (*store.Record)(c.outcome.State),
		Journal: journal.AppendChange(nil, c.outcome.Event.Action, c.outcome.Event.Path, c.outcome.Event.Value,
			current, (*store.Record)(c.outcome.State)),
		Signal: &c.signal,
	}
	effect.Index.Remove, effect.Index.Add = c.service.indexed.Changes(indexed(current), indexed(effect.Record))
	if c.outcome.Policy != nil {
		made := policies.Effect(nil, c.outcome.Policy)
		effect.Sibling = &engine.SiblingEffect{Kind: store.Policy, Record: made.Record, Journal: made.Journal}
	}
	return effect
}

// Complete implements engine.Command. With an error it uses nothing that
// Decide sets.
func (c *command) Complete(err error) {
	if c.held != nil {
		c.held <- err
		return
	}
	c.answer(err)
}

func (c *command) answer(err error) {
	switch {
	case c.wait != nil:
		c.acknowledge(err)
	case err != nil:
		c.Fail(errorOf(err, c.thing.ID, c.Plan.Wait))
	case c.failure != nil:
		c.Fail(c.failure)
	default:
		c.Respond(exchange.Result(c.outcome.Response))
	}
}

// errorOf is what a client is told of an error of the engine. The engine's own
// words are for operators.
func errorOf(err error, id string, timeout time.Duration) *protocol.Error {
	if errors.Is(err, engine.ErrTimeout) {
		return protocol.ErrCommandTimeout(timeout)
	}
	return protocol.ErrThingUnavailable(id)
}

// indexed returns what of a record can be searched for.
func indexed(r *store.Record) index.Thing {
	if r == nil || r.Deleted {
		return index.Thing{}
	}
	return index.Thing{Doc: r.Doc, Meta: r.Meta, Created: r.Created, Modified: r.Modified}
}

// Entries returns what tells the entries by which a thing is found, by rules.
func Entries(rules index.Rules) func(store.Record) [][]byte {
	return func(r store.Record) [][]byte {
		_, gained := rules.Changes(index.Thing{}, indexed(&r))
		return gained
	}
}
