package exchange

import (
	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Waiting returns a copy of the exchange to be settled later. It keeps nothing of the text of the message but the headers, so that
// who waits does not hold what was sent.
func (e *Exchange) Waiting() *Exchange {
	waiting := *e
	waiting.Headers = e.Headers.Clone()
	return &waiting
}

// Settle answers a message that had to be waited for, and that NoReply was or will be
// called for, with what became of it. Original is the response as it came, for an
// outcome that is that, and status what it says; channel is that of the answer.
//
// Protocol rule: errors of policies are about no channel.
func (e *Exchange) Settle(r ack.Result, channel protocol.Channel, original Envelope, status int) {
	topic := e.Topic
	topic.Channel = channel
	switch r.Outcome {
	case ack.Nothing:
		e.count(0)
	case ack.Original:
		e.later(original, status)
	case ack.Failed:
		e.later(&protocol.ErrorResponse{Topic: topic, Headers: e.Headers, Originator: e.Originator(), Error: r.Error}, r.Error.Status)
	case ack.Aggregated:
		acks := &ack.Acks{Topic: topic, Headers: e.Headers, Originator: e.Originator(), Acks: r.Acks}
		e.later(acks, acks.Status())
	}
}

func (e *Exchange) later(envelope Envelope, status int) {
	e.count(status)
	e.From.Answer(envelope)
}
