package twin

import (
	"github.com/twinway/twinway/internal/gateway/authority"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/telling"
)

// View implements pubsub.Body. Who sees what of an event is what the policy
// says when it is published.
func (c *command) View(a *pubsub.Audience, w *pubsub.Want) pubsub.View {
	plain, rights := c.look(a)
	if plain == nil || w == nil {
		return plain
	}
	if c.telling == nil {
		c.telling = c.newTelling()
	}
	return c.telling.View(a, w, plain, rights)
}

// look returns how the event looks to an audience who wants it as it is, and
// what the audience may do under the policy before the event.
func (c *command) look(a *pubsub.Audience) (pubsub.View, *enforcer.Rights) {
	first := c.rightsUnder(&c.policy, c.outcome.PolicyID, a.Subjects)
	second := first
	if c.outcome.NextPolicyID != "" {
		second = c.rightsUnder(&c.nextPolicy, c.outcome.NextPolicyID, a.Subjects)
	}
	return telling.Look(c.outcome.Event.Path.Pointer, first, second), first
}

// newTelling returns how the event looks to those who want something of it.
func (c *command) newTelling() *telling.Telling {
	event, state := c.outcome.Event, c.outcome.State
	return telling.New(telling.Facts{
		ThingID: c.thing.ID, Namespace: c.thing.Namespace, Topic: c.eventTopic(), Headers: &c.Headers, Originator: c.thing.Subject,
		Path: event.Path.Pointer, Value: event.Value, Event: event,
		Revision: state.Revision, Created: state.Created, Modified: state.Modified,
		State: state, PolicyID: c.outcome.PolicyID, Policies: c,
	}, telling.Deps{Authority: c.service.authority, Metrics: c.service.metrics, MaxSize: c.limits.MaxSize, Now: c.service.clock()})
}

// Forget implements pubsub.Body.
func (c *command) Forget() { c.telling = nil }

// RightsUnder implements telling.Policies, for the policy that the thing has after
// the event.
func (c *command) RightsUnder(policyID string, subjects []string) *enforcer.Rights {
	return c.rightsUnder(&c.nextPolicy, policyID, subjects)
}

// rightsUnder returns what subjects may do with the thing of the event under a
// policy. Only the one before the event has governed it already.
func (c *command) rightsUnder(receivers *authority.Receivers, policyID string, subjects []string) *enforcer.Rights {
	var before *enforcer.Enforcer
	if policyID == c.outcome.PolicyID {
		before = c.governing
	}
	rights, err := receivers.Rights(c.service.authority.Policies, policyID, before, c.thing.Namespace, subjects)
	if err != nil {
		c.service.metrics.PolicyUnreadable()
	}
	return rights
}

// AppendSignal implements pubsub.Body: the event's envelope, or what is told in
// its place.
func (c *command) AppendSignal(dst []byte, v pubsub.View, d *pubsub.Delivery) ([]byte, bool) {
	plain, extra, failure := telling.Open(v)
	if failure != nil {
		return telling.AppendFailure(dst, c.Topic, &c.Headers, c.thing.Subject, failure), true
	}
	value, told := c.value(plain)
	if !told {
		return dst, false
	}
	event := protocol.Event{
		Topic:      c.eventTopic(),
		Headers:    c.Headers,
		Originator: c.thing.Subject,
		Path:       c.outcome.Event.Path,
		Value:      value,
		Extra:      extra,
		Revision:   c.outcome.State.Revision,
		Timestamp:  c.outcome.State.Modified,
	}
	if d != nil {
		event.CorrelationID, event.RequestedAcks = d.CorrelationID, d.Acks
	}
	return event.Append(dst), true
}

func (c *command) eventTopic() protocol.Topic {
	t := c.Topic
	t.Criterion, t.Action = protocol.Events, c.outcome.Event.Action
	return t
}

// value returns what a plain view shows of the event's value, and reports whether
// the event is to be told.
func (c *command) value(plain pubsub.View) (value []byte, told bool) {
	if c.telling != nil {
		return c.telling.Value(plain)
	}
	return telling.Value(c.outcome.Event, plain)
}
