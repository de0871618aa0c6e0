package ack

import (
	"strconv"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Acks answers a message with acknowledgements.
type Acks struct {
	// Topic is that of the message. The channel must be that of the reply.
	Topic protocol.Topic
	// Headers are those of the message.
	Headers protocol.Headers
	// Originator is the first authorization subject of who sent the message, "" to leave it out.
	Originator string
	// Acks are those of a [Result], of which there is at least one.
	Acks []Ack
}

// Statuses of several acknowledgements.
const (
	allGood    = 200
	someFailed = 424
)

// Status returns the status of the answer. Protocol rule: a single acknowledgement says all, of several only whether all of
// them are good.
func (a *Acks) Status() int {
	if len(a.Acks) == 1 {
		return a.Acks[0].Status
	}
	for i := range a.Acks {
		if !a.Acks[i].success() {
			return someFailed
		}
	}
	return allGood
}

// Append appends the answer as an envelope.
func (a *Acks) Append(dst []byte) []byte {
	topic := protocol.Topic{
		Namespace: a.Topic.Namespace, Name: a.Topic.Name, Group: protocol.Things, Channel: a.Topic.Channel, Criterion: protocol.Acks,
	}
	headers := a.headers()
	dst = append(dst, `{"topic":`...)
	dst = document.AppendString(dst, topic.String())
	dst = append(dst, `,"headers":`...)
	dst = headers.AppendOut(dst)
	dst = append(dst, `,"path":"/","value":`...)
	dst = a.AppendValue(dst)
	dst = append(dst, `,"status":`...)
	dst = strconv.AppendInt(dst, int64(a.Status()), 10)
	return append(dst, '}')
}

// AppendValue appends the acknowledgements as an object with a member for each label.
func (a *Acks) AppendValue(dst []byte) []byte {
	dst = append(dst, '{')
	for i := range a.Acks {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = a.appendAck(dst, &a.Acks[i])
	}
	return append(dst, '}')
}

// headers returns the headers of the answer. Protocol rule: those of a single acknowledgement are among them, except where the
// message has the same ones.
func (a *Acks) headers() protocol.Headers {
	h := a.Headers.Clone()
	h.Delete(protocol.HeaderRequestedAcks)
	h.Set(protocol.HeaderResponseRequired, []byte("false"))
	if a.Originator != "" {
		h.SetString(protocol.HeaderOriginator, a.Originator)
	}
	h.SetString(protocol.HeaderContentType, protocol.JSON)
	if len(a.Acks) == 1 {
		h.Default(a.HeadersOf(0))
	}
	return h
}

// appendAck appends an acknowledgement as the member with its label.
func (a *Acks) appendAck(dst []byte, ack *Ack) []byte {
	headers := a.headersOf(ack)
	dst = document.AppendString(dst, ack.Label)
	dst = append(dst, `:{"status":`...)
	dst = strconv.AppendInt(dst, int64(ack.Status), 10)
	if ack.Payload != nil {
		dst = append(dst, `,"payload":`...)
		dst = append(dst, ack.Payload...)
	}
	dst = append(dst, `,"headers":`...)
	dst = headers.AppendOut(dst)
	return append(dst, '}')
}

// HeadersOf returns the headers of one of the acknowledgements, as they are told.
func (a *Acks) HeadersOf(i int) protocol.Headers { return a.headersOf(&a.Acks[i]) }

// headersOf returns the headers of an acknowledgement. Protocol rules: it requests no acknowledgements and requires no response.
// It has the correlation id of the message: that under which it was given concerns nobody else.
func (a *Acks) headersOf(ack *Ack) protocol.Headers {
	h := ack.Headers.Clone()
	h.Delete(protocol.HeaderRequestedAcks)
	if id, ok := a.Headers.Get(protocol.HeaderCorrelationID); ok {
		h.Set(protocol.HeaderCorrelationID, id)
	}
	h.Set(protocol.HeaderResponseRequired, []byte("false"))
	if ack.Weak {
		h.Set(protocol.HeaderWeakAck, []byte("true"))
	}
	return h
}
