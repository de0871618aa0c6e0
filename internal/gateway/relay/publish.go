package relay

import (
	"slices"

	"github.com/twinway/twinway/internal/gateway/live"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/telling"
)

// makeSignal returns the signal, ready to be published.
func (r *request) makeSignal() *pubsub.Signal {
	r.signal = pubsub.Signal{Namespace: r.Topic.Namespace, Origin: r.From, Body: r, Hub: r.hub}
	switch {
	case r.waiting != nil:
		r.waiting.policyID = r.readers.policyID
		r.signal.Account = r.waiting
	case len(r.Plan.Labels) > 0:
		r.signal.Account = shown{r.Plan.Labels}
	}
	return &r.signal
}

// published tells the requester that the signal was sent, which is nothing.
func (r *request) published() {
	r.service.metrics.LivePublished(r.kind)
	if r.waiting != nil {
		r.From.NoReply()
		return
	}
	r.Tell(nil, 0)
}

// View implements pubsub.Body. Who receives a signal is what the policy says when it is published.
func (r *request) View(a *pubsub.Audience, w *pubsub.Want) pubsub.View {
	rights := r.readers.rights(a.Subjects)
	plain := r.content.view(rights)
	if plain == nil || w == nil {
		return plain
	}
	return r.wanted(a, w, plain, rights)
}

// wanted returns how the signal looks to an audience that wants something of it. Protocol rule: what is added comes from the
// thing as it is, and what a filter looks at is that, with what an event says.
func (r *request) wanted(a *pubsub.Audience, w *pubsub.Want, plain pubsub.View, rights *enforcer.Rights) pubsub.View {
	if r.telling == nil {
		facts := r.content.facts()
		facts.State = r.state
		r.telling = telling.New(facts, telling.Deps{
			Authority: r.service.authority, Metrics: r.service.metrics,
			MaxSize: r.service.settings.Load().Limits.MaxSize, Now: r.service.clock(),
		})
	}
	v := r.telling.View(a, w, plain, rights)
	if _, is := r.content.(message); is && v == plain && w.Extra != nil {
		return bare
	}
	return v
}

// AppendSignal implements pubsub.Body: the signal's envelope, or what is told in its place.
func (r *request) AppendSignal(dst []byte, v pubsub.View, d *pubsub.Delivery) ([]byte, bool) {
	plain, extra, err := telling.Open(v)
	if err != nil {
		return r.appendFailure(dst, err), true
	}
	delivery := live.Delivery{CorrelationID: r.correlationID(), ResponseRequired: r.waits(), Extra: extra}
	if d != nil {
		delivery.RequestedAcks = d.Acks
		if d.CorrelationID != "" {
			delivery.CorrelationID = d.CorrelationID
		}
	}
	return r.content.append(dst, plain, delivery)
}

// correlationID returns the one that an answer must have.
func (r *request) correlationID() string {
	if r.waiting != nil {
		return r.waiting.wait.CorrelationID()
	}
	id, _ := r.Headers.String(protocol.HeaderCorrelationID)
	return id
}

// appendFailure appends what is told in place of the signal.
func (r *request) appendFailure(dst []byte, err *protocol.Error) []byte {
	return telling.AppendFailure(dst, r.Topic, &r.Headers, r.Originator(), err)
}

// Forget implements pubsub.Body.
func (r *request) Forget() { r.telling = nil }

// shown is the account of a signal for which nobody waits: its receivers are shown those labels that they have declared, and owe
// nothing. It implements pubsub.Account.
type shown struct{ labels []string }

// Asked implements pubsub.Account.
func (s shown) Asked(a *pubsub.Audience) (d pubsub.Delivery) {
	for _, label := range s.labels {
		if _, declared := slices.BinarySearch(a.Acks, label); declared {
			d.Acks = append(d.Acks, label)
		}
	}
	return d
}

// Give implements pubsub.Account.
func (shown) Give(_ pubsub.Subscriber, d pubsub.Delivery) pubsub.Delivery { return d }

// Given implements pubsub.Account.
func (shown) Given() {}
