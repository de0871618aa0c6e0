package twin

import (
	"time"

	"github.com/twinway/twinway/internal/gateway/engine"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/thing"
)

// command is a command on one thing on its way through the engine. It
// implements engine.Command and, since the event it causes is told with its
// headers, pubsub.Body.
type command struct {
	*request
	task   engine.Task
	thing  *thing.Command
	limits thing.Limits
	signal pubsub.Signal

	// Set by Decide.
	outcome thing.Outcome
	failure *protocol.Error
}

// Key implements engine.Command.
func (c *command) Key() store.Key { return store.Key{Kind: store.Thing, ID: c.thing.ID} }

// Decide implements engine.Command.
func (c *command) Decide(current *store.Record, now time.Time) engine.Effect {
	c.outcome, c.failure = thing.Decide((*thing.State)(current), c.thing, now, c.limits)
	if c.failure != nil || c.outcome.State == nil {
		return engine.Effect{}
	}
	c.signal = pubsub.Signal{Namespace: c.thing.Namespace, Origin: c.from, Body: c}
	return engine.Effect{
		Record:  (*store.Record)(c.outcome.State),
		Journal: appendJournal(nil, c.outcome.Event),
		Signal:  &c.signal,
	}
}

// Complete implements engine.Command. With an error it uses nothing that
// Decide sets.
func (c *command) Complete(err error) {
	if err != nil {
		c.fail(errorOf(err, c.thing.ID, c.timeout()))
		return
	}
	if c.failure != nil {
		c.fail(c.failure)
		return
	}
	c.respond(&c.outcome.Response)
}

// AppendSignal implements pubsub.Body: the event's envelope.
func (c *command) AppendSignal(dst []byte) []byte {
	event := protocol.Event{
		Topic:      c.topic,
		Headers:    c.headers,
		Originator: c.thing.Subject,
		Path:       c.outcome.Event.Path,
		Value:      c.outcome.Event.Value,
		Revision:   c.outcome.State.Revision,
		Timestamp:  c.outcome.State.Modified,
	}
	event.Topic.Criterion, event.Topic.Action = protocol.Events, c.outcome.Event.Action
	return event.Append(dst)
}
