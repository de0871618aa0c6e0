package twin

import (
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
)

// whole is the view of an event as it is.
var whole = new(struct{ _ byte })

// View implements pubsub.Body. Who sees what of an event is what the policy
// says when it is published.
func (c *command) View(a *pubsub.Audience) pubsub.View {
	rights := c.rightsOf(a.Subjects)
	event := c.outcome.Event
	switch {
	case rights.Unrestricted(enforcer.Thing, event.Path.Pointer, enforcer.Read):
		return whole
	case rights.Partial(enforcer.Thing, nil, enforcer.Read):
		return rights
	}
	return nil
}

// rightsOf returns what subjects may do with the thing of the event. A policy
// that is gone, or cannot be read, allows nothing.
func (c *command) rightsOf(subjects []string) *enforcer.Rights {
	if c.policy == nil || c.policy.Stale() {
		policy, err := c.service.authority.Policies.Compiled(c.outcome.PolicyID)
		if err != nil {
			return nil
		}
		c.policy = policy
	}
	return c.policy.InNamespace(c.thing.Namespace, subjects)
}

// AppendSignal implements pubsub.Body: the event's envelope.
func (c *command) AppendSignal(dst []byte, v pubsub.View) ([]byte, bool) {
	value := c.outcome.Event.Value
	if rights, reduced := v.(*enforcer.Rights); reduced {
		var ok bool
		if value, ok = c.outcome.Event.Reduced(rights); !ok {
			return dst, false
		}
	}
	event := protocol.Event{
		Topic:      c.Topic,
		Headers:    c.Headers,
		Originator: c.thing.Subject,
		Path:       c.outcome.Event.Path,
		Value:      value,
		Revision:   c.outcome.State.Revision,
		Timestamp:  c.outcome.State.Modified,
	}
	event.Topic.Criterion, event.Topic.Action = protocol.Events, c.outcome.Event.Action
	return event.Append(dst), true
}
