package mapping

import (
	"slices"

	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// ownLabels are those that the gateway, or the answer to a message, stands for itself.
var ownLabels = []string{protocol.LabelTwinPersisted, protocol.LabelSearchPersisted, protocol.LabelLiveResponse}

// requests are the acknowledgements that a source asks for, by what a command is. What a twin cannot give is not asked of it, and
// what only a twin can give is asked of nobody else.
type requests struct {
	twin, live labels
	// others are those that neither the gateway nor the answer stands for, with what keeps others from being added.
	others labels
}

// labels are those of acknowledgements, and what they are as a header.
type labels struct {
	list []string
	raw  []byte
}

func labelsOf(list []string) labels { return labels{list, protocol.AppendLabels(nil, list)} }

// requestsOf returns what a source asks for. Protocol rule: who asks for twin-persisted with a command for a device asks for exactly
// what is asked for, and so not for a response of the device.
func requestsOf(list []string) requests {
	r := requests{
		twin: labelsOf(without(list, protocol.LabelLiveResponse)),
		live: labelsOf(without(list, protocol.LabelTwinPersisted, protocol.LabelSearchPersisted)),
	}
	if others := without(list, ownLabels...); len(others) > 0 {
		r.others = labelsOf(append([]string{protocol.LabelTwinPersisted}, others...))
	}
	return r
}

// ask asks for the acknowledgements that the source wants with a command, and says what that comes to. What is wrong with the wishes
// of the command itself is for its handler to say.
func (r *requests) ask(c *Command) {
	h := &c.Envelope.Headers
	kind, answered := answeredAs(c.Envelope)
	plan, err := ack.ReadPlan(kind, h, 0)
	if !answered || err != nil {
		required, given := h.Bool(protocol.HeaderResponseRequired)
		c.Silent = c.Silent || given && !required
		c.Handed = !answered
		return
	}
	c.Silent = c.Silent || !plan.ResponseRequired
	switch kind {
	case ack.TwinModification:
		r.askFor(c, plan.ResponseRequired, r.twin)
	case ack.LiveCommand, ack.LiveQuery, ack.Message:
		r.askFor(c, plan.ResponseRequired, r.live)
		c.Handed = c.Handed || !awaits(kind, h)
	case ack.TwinQuery, ack.PolicyCommand, ack.PolicyQuery, ack.SmartRetrieve, ack.Event: // whose acknowledgements nobody collects
		c.Handed = !plan.ResponseRequired
	}
}

// askFor asks for acknowledgements with a command. If it wants no answer that is done only where somebody else must be waited for.
func (r *requests) askFor(c *Command, required bool, wanted labels) {
	h := &c.Envelope.Headers
	switch {
	case required:
		wanted.join(h)
	case len(r.others.list) > 0:
		r.others.insist(h)
	default:
		c.Handed = true
	}
}

// join adds the labels to those that a command asks for itself.
func (l *labels) join(h *protocol.Headers) {
	given, _ := h.Strings(protocol.HeaderRequestedAcks)
	switch {
	case len(l.list) == 0:
		return
	case len(given) == 0:
		h.Set(protocol.HeaderRequestedAcks, l.raw)
		return
	}
	for _, label := range l.list {
		if !slices.Contains(given, label) {
			given = append(given, label)
		}
	}
	h.Set(protocol.HeaderRequestedAcks, protocol.AppendLabels(nil, given))
}

// insist asks for the labels with a command that wants no answer, without which nobody could wait for them.
func (l *labels) insist(h *protocol.Headers) {
	h.Set(protocol.HeaderRequestedAcks, l.raw)
	h.Set(protocol.HeaderResponseRequired, []byte("true"))
	if timeout, given, err := h.Timeout(); err == nil && given && timeout == 0 {
		h.Delete(protocol.HeaderTimeout)
	}
}

// awaits reports whether acknowledgements of a command for a device are asked for, or its response as one.
func awaits(kind ack.Kind, h *protocol.Headers) bool {
	if !h.Has(protocol.HeaderRequestedAcks) {
		return false
	}
	plan, err := ack.ReadPlan(kind, h, 0)
	return err != nil || len(plan.Labels) > 0
}

// answeredAs returns as what an envelope is answered, and reports whether it is answered at all.
func answeredAs(env *protocol.Envelope) (kind ack.Kind, answered bool) {
	t := &env.Topic
	switch {
	case env.Status != 0:
		return ack.Event, false
	case t.Criterion == protocol.Messages:
		return ack.Message, true
	case t.Criterion != protocol.Commands:
		return ack.Event, false
	case t.Group == protocol.Policies:
		return either(isQuery(t.Action), ack.PolicyQuery, ack.PolicyCommand), true
	case t.Channel == protocol.Live:
		return either(isQuery(t.Action), ack.LiveQuery, ack.LiveCommand), true
	case isQuery(t.Action) && env.Headers.Has(protocol.HeaderLiveChannelCondition):
		return ack.SmartRetrieve, true
	}
	return either(isQuery(t.Action), ack.TwinQuery, ack.TwinModification), true
}

func isQuery(a protocol.Action) bool { return a == protocol.Retrieve || a == protocol.CheckPermissions }

func either(first bool, one, other ack.Kind) ack.Kind {
	if first {
		return one
	}
	return other
}

// without returns the labels but for some; nil if none are left.
func without(labels []string, except ...string) (left []string) {
	for _, label := range labels {
		if !slices.Contains(except, label) {
			left = append(left, label)
		}
	}
	return left
}
