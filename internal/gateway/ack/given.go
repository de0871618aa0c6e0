package ack

import (
	"bytes"
	"strconv"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// TwinPersisted returns the acknowledgement that a modification was stored, which says what the response to it says.
func TwinPersisted(r *protocol.Response) Ack {
	h := r.Headers.Clone()
	h.SetString(protocol.HeaderContentType, contentType(r))
	if r.Originator != "" {
		h.SetString(protocol.HeaderOriginator, r.Originator)
	}
	if r.ETag != "" {
		h.SetString(protocol.HeaderETag, r.ETag)
	}
	if r.Revision != 0 {
		h.Set(protocol.HeaderEntityRevision, strconv.AppendInt(nil, r.Revision, 10))
	}
	return Ack{Label: protocol.LabelTwinPersisted, Status: r.Status, Payload: bytes.Clone(r.Value), Headers: h}
}

// contentType returns that of a response. Protocol rule: the response to a merge has that of the merge.
func contentType(r *protocol.Response) string {
	if r.Topic.Action == protocol.Merge {
		return protocol.MergePatchJSON
	}
	return protocol.JSON
}

// LiveResponse returns the acknowledgement that a device, or whoever received a message, has responded: status, payload and
// headers of the response.
func LiveResponse(env *protocol.Envelope) Ack {
	return Ack{
		Label: protocol.LabelLiveResponse, Status: env.Status,
		Payload: bytes.Clone(env.Value), Headers: env.Headers.Clone(),
	}
}

// Weak returns the acknowledgement that the server gives in place of someone who has declared the label and will not receive
// the signal.
func Weak(label string) Ack {
	text := "The acknowledgement was given by the server, because whoever declares the label is not entitled to the signal, " +
		"has not subscribed to it or filters it out."
	return Ack{Label: label, Status: 200, Payload: document.AppendString(nil, text), Weak: true}
}

// SearchPersisted returns the acknowledgement that a modification can be found by searches.
func SearchPersisted() Ack { return Ack{Label: protocol.LabelSearchPersisted, Status: 204} }

// unanswered returns what stands for an acknowledgement that did not come in time.
func unanswered(label string, p *Plan) Ack {
	return Nack(label, protocol.ErrAckTimeout(label, p.Wait))
}

// Nack returns what stands for an acknowledgement that nobody gives, and says why.
func Nack(label string, err *protocol.Error) Ack {
	return Ack{Label: label, Status: err.Status, Payload: err.Append(nil)}
}
