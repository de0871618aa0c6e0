package live

import "github.com/twinway/twinway/internal/gateway/protocol"

// Answer is a response as who asked is sent it: either one to a message, or one to a command.
type Answer struct {
	Message  *Message
	Response *Response
	// Value is JSON, nil if there is none: the payload of the message, or what [Response.Visible] has returned.
	Value    []byte
	Delivery Delivery
}

// Status is that of the response.
func (a *Answer) Status() int {
	if a.Message != nil {
		return a.Message.Status
	}
	return a.Response.Status
}

// Originator is the first authorization subject of who has responded.
func (a *Answer) Originator() string {
	if a.Message != nil {
		return a.Message.Originator
	}
	return a.Response.Originator
}

// Append appends the answer as an envelope.
func (a *Answer) Append(dst []byte) []byte {
	if a.Message != nil {
		return a.Message.AppendSignal(dst, a.Delivery)
	}
	return a.Response.AppendSignal(dst, a.Delivery, a.Value)
}

// Headers returns the headers that [Answer.Append] shows, for bindings without envelopes.
func (a *Answer) Headers() protocol.Headers {
	var h protocol.Headers
	if a.Message != nil {
		h = a.Message.delivered()
	} else {
		h = a.Response.delivered()
	}
	h.SetString(protocol.HeaderCorrelationID, a.Delivery.CorrelationID)
	h.Set(protocol.HeaderResponseRequired, []byte("false"))
	h.SetString(protocol.HeaderOriginator, a.Originator())
	if a.Delivery.Smart {
		h.Set(protocol.HeaderLiveChannelConditionMatched, []byte("true"))
	}
	return h
}
