package broker

import (
	"time"

	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
)

// Terms say what a wait is about.
type Terms struct {
	// Plan is what is waited for, and for how long.
	Plan ack.Plan
	// Received is when the wait began.
	Received time.Time
	// ThingID and Channel are those of the signal, and of the acknowledgements to it.
	ThingID string
	Channel protocol.Channel
	// CorrelationID is the one that the requester gave.
	CorrelationID string
	// Live says that the signal is answered by a response, which anybody may send who knows its correlation id.
	Live bool
	// Request is whatever the owner needs to know when a response comes.
	Request any
	// Instead gives the response when none has come in time; ok is false if there is none either. Nil: there is none.
	Instead func() (a ack.Ack, original any, ok bool)
	// Done is told once what has become of the wait, unless who waits is gone. Original is what the response was put with,
	// nil if the outcome is not the original response. It must not block, nor publish anything.
	Done func(r ack.Result, original any)
}

// Wait is a signal that somebody waits for. It implements pubsub.Account.
type Wait struct{ terms Terms }

// Open opens a wait of a party. Whoever opens it must see to it that Done is reached: it is when the time of the plan is over.
//
// The error is too.many.requests: there is no room for the wait, or the party has ended.
func (b *Broker) Open(_ *Party, t Terms) (*Wait, *protocol.Error) { return &Wait{terms: t}, nil }

// CorrelationID returns the one with which the signal is delivered. That of a live signal is different from the requester's if
// another is waiting under that.
func (w *Wait) CorrelationID() string { return w.terms.CorrelationID }

// Request returns that of the terms.
func (w *Wait) Request() any { return w.terms.Request }

// Put gives an acknowledgement that is not that of a client.
func (w *Wait) Put(_ ack.Ack) {}

// Respond gives the response, of which original is kept for Done.
func (w *Wait) Respond(_ ack.Ack, _ any) {}

// Mismatch takes note of a response that does not fit, with a sentence that says why.
func (w *Wait) Mismatch(_ string) {}

// Fail ends the wait because the signal could not be processed.
func (w *Wait) Fail(_ *protocol.Error) {}

// Asked implements pubsub.Account.
func (w *Wait) Asked(_ *pubsub.Audience) pubsub.Delivery { return pubsub.Delivery{} }

// Give implements pubsub.Account.
func (w *Wait) Give(_ pubsub.Subscriber, d pubsub.Delivery) pubsub.Delivery { return d }

// Given implements pubsub.Account: those who have declared a label that is waited for and were not given the signal are
// acknowledged for, weakly.
func (w *Wait) Given() {}
