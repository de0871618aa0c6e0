package broker

import (
	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Acknowledge takes the envelope of an acknowledgement that a member sends. One without effect is dropped silently.
// Errors: those of ack.Read.
//
// Protocol rule: only who was given a signal acknowledges it, with the correlation id that it was given.
func (b *Broker) Acknowledge(m Member, env *protocol.Envelope) *protocol.Error {
	a, counts, err := ack.Read(env, m.Audience().Acks)
	if err != nil || !counts {
		return err
	}
	id, _ := env.Headers.String(protocol.HeaderCorrelationID)
	if lost := m.Party().acknowledge(id, &env.Topic, a); lost != counted {
		b.options.Hooks.AnswerLost(lost)
	}
	return nil
}

func (p *Party) acknowledge(id string, topic *protocol.Topic, a ack.Ack) Lost {
	d, owed := p.find(id)
	switch {
	case d == nil:
		return Unknown
	case topic.Channel != d.wait.terms.Channel || topic.EntityID() != d.wait.terms.ThingID:
		return Mismatched
	}
	paid := some(d.wait.terms.Plan.Labels, []string{a.Label})
	if owed&paid == 0 {
		return Repeated
	}
	lost := d.wait.put(a, nil)
	p.pay(d, paid)
	return lost
}

// Find returns the wait for a response with the correlation id that a party sends, nil if there is none, which is counted as
// an answer that is lost.
//
// Protocol rule: anybody may respond who knows the id. What the party itself was given comes first.
func (b *Broker) Find(p *Party, correlationID string) *Wait {
	if d, _ := p.find(correlationID); d != nil && d.wait.terms.Live {
		return d.wait
	}
	if w := b.live.find(correlationID); w != nil {
		return w
	}
	if base, had := unsuffixed(correlationID); had {
		if w := b.live.find(base); w != nil {
			return w
		}
	}
	b.options.Hooks.AnswerLost(Unknown)
	return nil
}
