package rest

import (
	"bytes"

	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// answerOfAcks returns what acknowledgements come to.
//
// Protocol rule: a single one is the answer, of several each is told by its label.
func answerOfAcks(a *ack.Acks) *answer {
	told := &answer{status: a.Status(), body: a.AppendValue(nil)}
	if len(a.Acks) == 1 {
		told = answerOfAck(&a.Acks[0], a.HeadersOf(0))
	}
	told.echo(&a.Headers, a.Originator)
	return told
}

// answerOfAck returns what a single acknowledgement with these headers comes to. What it says is JSON unless it says otherwise.
func answerOfAck(one *ack.Ack, headers protocol.Headers) *answer {
	a := &answer{status: finalStatus(one.Status)}
	media, given := headers.String(protocol.HeaderContentType)
	if !given {
		media = mediaJSON
	}
	a.payload(media, bytes.Clone(one.Payload))
	a.show(&headers)
	a.bodiless()
	return a
}
