package stream

import (
	"math"
	"time"

	"github.com/twinway/twinway/internal/gateway/lazily"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/wire"
)

// Message is what a client says about a subscription: to open it, to request
// more or to end it.
type Message struct {
	// Topic is the message's. What is sent has it with another action.
	Topic   protocol.Topic
	Headers protocol.Headers
	// Originator is the first authorization subject of who sent it.
	Originator string
}

// Created returns what says that the message has opened a subscription.
func (m *Message) Created(id string) *protocol.SubscriptionSignal {
	return m.about(protocol.Created, protocol.SubscriptionSignal{ID: id})
}

// Failed returns what says what is wrong with the message.
func (m *Message) Failed(id string, err *protocol.Error) *protocol.SubscriptionSignal {
	return m.about(protocol.Failed, protocol.SubscriptionSignal{ID: id, Error: err})
}

// about completes what tells of a subscription.
func (m *Message) about(action protocol.Action, s protocol.SubscriptionSignal) *protocol.SubscriptionSignal {
	s.Topic, s.Headers, s.Originator = m.Topic, m.Headers, m.Originator
	s.Topic.Action = action
	return &s
}

// frame returns a text frame that tells of a subscription.
func (m *Message) frame(action protocol.Action, signal protocol.SubscriptionSignal) []byte {
	s := m.about(action, signal)
	return wire.AppendText(make([]byte, 0, usualFrame+len(s.Item)), s.Append)
}

// usualFrame is what a frame takes beside its element, in bytes, as a rule.
const usualFrame = 384

// subscription is one that is open. Its set's lock guards it, but for what
// does not change.
type subscription struct {
	id     string
	source Source
	// release frees what the source holds, nil if that is nothing.
	release func()
	// asked says that the source has been asked and has not answered yet.
	asked bool
	// ctx is the subscription's own lifetime.
	ctx *lazily.Context

	// latest is what the client said last, but with the topic of the first.
	latest Message
	// heard is when the client was last heard of, or was last sent something.
	heard time.Time
	// requested says that there was a request, demand is what is left of all.
	requested bool
	demand    int64
	// sated says that there is more, but no demand for it.
	sated bool
	// failure is what the subscription is to end with, nil while it is not.
	failure *protocol.Error
	gone    bool
}

// busy reports whether there is something to be done that needs no more words
// of the client.
func (s *subscription) busy() bool {
	return s.failure != nil || s.requested && !s.sated
}

// hear takes the headers of a message about the subscription. Protocol rule:
// what is sent has those of the latest.
func (s *subscription) hear(m *Message, now time.Time) {
	s.latest.Headers, s.heard = m.Headers.Clone(), now
}

// request adds to the demand.
func (s *subscription) request(demand int64) {
	s.requested, s.sated = true, false
	if s.demand > math.MaxInt64-demand {
		s.demand = math.MaxInt64
		return
	}
	s.demand += demand
}

// fail has the subscription end with the error, unless it does so with another.
func (s *subscription) fail(err *protocol.Error) {
	if s.failure == nil {
		s.failure = err
	}
}
