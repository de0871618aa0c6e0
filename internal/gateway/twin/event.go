package twin

import (
	"errors"

	"github.com/twinway/twinway/internal/gateway/authority"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/store"
)

// whole is the view of an event as it is.
var whole = new(struct{ _ byte })

// reduced is the view of an event of which not all may be read. Two rights are
// those under the policy before and after a change of the policy.
type reduced struct{ first, second *enforcer.Rights }

// View implements pubsub.Body. Who sees what of an event is what the policy
// says when it is published.
func (c *command) View(a *pubsub.Audience, w *pubsub.Want) pubsub.View {
	view, rights := c.look(a)
	if view == nil || w == nil {
		return view
	}
	return c.wanted(a, w, view, rights)
}

// look returns how the event looks to an audience who wants it as it is, and
// what the audience may do under the policy before the event. What comes with
// another policy must be readable under that, too.
func (c *command) look(a *pubsub.Audience) (pubsub.View, *enforcer.Rights) {
	first := c.rightsUnder(&c.policy, c.outcome.PolicyID, a.Subjects)
	second := first
	if c.outcome.NextPolicyID != "" {
		second = c.rightsUnder(&c.nextPolicy, c.outcome.NextPolicyID, a.Subjects)
	}
	path := c.outcome.Event.Path.Pointer
	switch {
	case first.Unrestricted(enforcer.Thing, path, enforcer.Read) && second.Unrestricted(enforcer.Thing, path, enforcer.Read):
		return whole, first
	case first.Partial(enforcer.Thing, nil, enforcer.Read) && second.Partial(enforcer.Thing, nil, enforcer.Read):
		return reduced{first, second}, first
	}
	return nil, nil
}

// rightsUnder returns what subjects may do with the thing of the event. A
// policy that cannot be read allows nothing. One that was deleted since allows
// what it did when the command was decided: the event came first.
func (c *command) rightsUnder(known **authority.Compiled, policyID string, subjects []string) *enforcer.Rights {
	if *known == nil || (*known).Stale() {
		policy, err := c.service.authority.Policies.Compiled(policyID)
		if errors.Is(err, store.ErrNotFound) && c.governing != nil && policyID == c.outcome.PolicyID {
			return c.governing.InNamespace(c.thing.Namespace, subjects)
		}
		if err != nil {
			if !errors.Is(err, store.ErrNotFound) {
				c.service.metrics.PolicyUnreadable()
			}
			return nil
		}
		*known = policy
	}
	return (*known).InNamespace(c.thing.Namespace, subjects)
}

// AppendSignal implements pubsub.Body: the event's envelope, or what is told in
// its place.
func (c *command) AppendSignal(dst []byte, v pubsub.View, _ *pubsub.Delivery) ([]byte, bool) {
	switch v := v.(type) {
	case *failure:
		return c.appendFailure(dst, v), true
	case enriched:
		return c.appendEvent(dst, v.view, v.extra.object)
	}
	return c.appendEvent(dst, v, nil)
}

func (c *command) appendEvent(dst []byte, v pubsub.View, extra []byte) ([]byte, bool) {
	value, told := c.value(v)
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
	return event.Append(dst), true
}

func (c *command) eventTopic() protocol.Topic {
	t := c.Topic
	t.Criterion, t.Action = protocol.Events, c.outcome.Event.Action
	return t
}

// value returns what a view that is whole or reduced shows of the event's value,
// and reports whether the event is to be told.
func (c *command) value(v pubsub.View) (value []byte, told bool) {
	view, ok := v.(reduced)
	if !ok {
		return c.outcome.Event.Value, true
	}
	if c.memory != nil {
		return c.memory.value(c, view)
	}
	return c.reduce(view)
}

// reduce returns what a view leaves of the event's value, and reports whether
// the event is to be told.
func (c *command) reduce(v reduced) (value []byte, ok bool) {
	event := *c.outcome.Event
	if event.Value, ok = event.Reduced(v.first); ok && v.second != v.first {
		event.Value, ok = event.Reduced(v.second)
	}
	return event.Value, ok
}
