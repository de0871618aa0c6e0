package broker

import (
	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
)

// Asked implements pubsub.Account. Protocol rule: a subscriber is asked for the labels that it has declared, of those that are
// requested.
func (w *Wait) Asked(a *pubsub.Audience) pubsub.Delivery {
	d := pubsub.Delivery{CorrelationID: w.id}
	if w.custom != 0 && len(a.Acks) > 0 {
		all := w.terms.Plan.Labels
		d.Acks = w.custom.among(all, a.Acks).names(all)
	}
	return d
}

// Give implements pubsub.Account. What the subscriber can answer to is in the books before it can answer.
//
// Protocol rule: who has something under the correlation id that it can answer to is given a suffix to it.
func (w *Wait) Give(s pubsub.Subscriber, d pubsub.Delivery) pubsub.Delivery {
	m, ok := s.(Member)
	if !ok {
		d.Acks = nil
		return d
	}
	if len(d.Acks) == 0 && (!w.terms.Live || !m.Party().owes(w.id)) {
		return d
	}
	return w.give(m.Party(), d)
}

func (w *Wait) give(p *Party, d pubsub.Delivery) pubsub.Delivery {
	asked := some(w.terms.Plan.Labels, d.Acks)
	id, refusal := w.charge(p, asked)
	if id != "" {
		d.CorrelationID = id
		return d
	}
	// It cannot answer, but may well see the signal.
	if refusal != nil {
		for _, label := range d.Acks {
			w.put(ack.Nack(label, refusal(label)), nil)
		}
	}
	d.Acks = nil
	return d
}

// charge enters what a party is given into its book. It returns the correlation id to answer with; or "" and why each label is
// refused, nil if the party has ended. What is given for a wait that is done needs no answer.
func (w *Wait) charge(p *Party, asked labels) (id string, refusal refusal) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.done {
		return w.id, nil
	}
	d, refusal := p.owe(w, asked)
	if d == nil {
		return "", refusal
	}
	w.given |= asked
	d.next, w.dues = w.dues, d
	return d.id, nil
}

// refusal makes the error that stands for an acknowledgement which somebody cannot be asked for.
type refusal func(label string) *protocol.Error

// Given implements pubsub.Account. Protocol rules: those who have declared a label that is waited for and were not given the
// signal are acknowledged for, weakly. What nobody has declared is waited for.
func (w *Wait) Given() {
	if w.custom == 0 {
		return
	}
	o := &w.party.broker.options
	for _, label := range w.forgone().names(w.terms.Plan.Labels) {
		if o.Declared(label) && w.put(ack.Weak(label), nil) == counted {
			o.Hooks.WeaklyAcknowledged()
		}
	}
}

// forgone returns the labels that nobody was asked for.
func (w *Wait) forgone() labels {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.custom &^ w.given
}
