package connectivity

import (
	"slices"
	"unicode/utf8"

	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/mapping"
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Statuses that are given in place of others.
const (
	statusOK          = 200
	statusUnavailable = 503
	// firstFailure is the lowest status that says that something is wrong.
	firstFailure = 400
)

// acknowledge tells who waits for a signal what became of it. Protocol rules: with a label of its own the outlet acknowledges, if it is
// asked to; with that of live responses it responds; with none only what the other end itself has said counts.
func (o *outlet) acknowledge(s *mapping.Signal, out *link.Outcome) {
	switch {
	case o.issued == "":
		o.pass(s, out.Answer)
	case o.issued == protocol.LabelLiveResponse:
		o.respond(s, out)
	case slices.Contains(s.RequestedAcks, o.issued):
		o.issue(s, acknowledgement(out))
	}
}

// acknowledgement returns what an outcome says of a signal.
func acknowledgement(out *link.Outcome) ack.Ack {
	if out.Answer == nil {
		if out.Delivered() {
			return ack.Ack{Status: out.Status}
		}
		err := failure(out)
		return ack.Ack{Status: err.Status, Payload: err.Append(nil)}
	}
	a := ack.Ack{Status: out.Status, Payload: payloadOf(out.Answer)}
	if media, given := out.Answer.Headers.Get(external.ContentType); given && a.Payload != nil {
		a.Headers.SetString(protocol.HeaderContentType, media)
	}
	return a
}

// failure returns why something was not delivered.
func failure(out *link.Outcome) *protocol.Error {
	status := out.Status
	if status < firstFailure {
		status = statusUnavailable
	}
	return protocol.ErrSendingFailed(status, reason(out))
}

// maxAckPayload is how much of an answer an acknowledgement shows, in bytes. Protocol rule: of text the beginning is shown, of anything
// else nothing if it is longer.
const maxAckPayload = 100_000

// payloadOf returns what an answer says as JSON, nil if that is nothing. Protocol rule: JSON is shown as it is, text as a string and
// anything else as a string with base64.
func payloadOf(answer *external.Message) []byte {
	body := answer.Payload
	media, _ := answer.Headers.Get(external.ContentType)
	switch {
	case len(body) == 0:
		return nil
	case isJSON(media) && document.Valid(body) == nil:
		return fitting(body)
	case utf8.Valid(body):
		return document.AppendString(nil, beginning(string(body)))
	}
	return fitting(appendBase64(nil, body))
}

func fitting(payload []byte) []byte {
	if len(payload) > maxAckPayload {
		return nil
	}
	return payload
}

// beginning returns as much of a text as fits as a JSON string.
func beginning(text string) string {
	size := len(`""`)
	for i, r := range text {
		if size += quotedSize(r); size > maxAckPayload {
			return text[:i]
		}
	}
	return text
}

// quotedSize returns how many bytes a character is in a JSON string, at most.
func quotedSize(r rune) int {
	switch {
	case r < ' ' || r == '"' || r == '\\' || r == '<' || r == '>' || r == '&' || r == '\u2028' || r == '\u2029' || r == 0x7f:
		return len(`\u0000`)
	default:
		return utf8.RuneLen(r)
	}
}

// acknowledgeWeakly says that nobody else will acknowledge a signal.
func (o *outlet) acknowledgeWeakly(s *mapping.Signal) {
	if slices.Contains(s.RequestedAcks, o.issued) {
		o.issue(s, ack.Weak(o.issued))
	}
}

// refuseTo tells who waits for a signal that it was not delivered.
func (o *outlet) refuseTo(s *mapping.Signal, err *protocol.Error) {
	switch {
	case o.issued == protocol.LabelLiveResponse:
		o.respondWith(s, err)
	case slices.Contains(s.RequestedAcks, o.issued):
		o.issue(s, ack.Nack(o.issued, err))
	}
}

// issue gives an acknowledgement with the outlet's label. Those of announcements are for who keeps policies.
func (o *outlet) issue(s *mapping.Signal, a ack.Ack) {
	env := &protocol.Envelope{Path: "/", Status: a.Status, Value: a.Payload, Headers: a.Headers, Topic: protocol.Topic{
		Namespace: s.Topic.Namespace, Name: s.Topic.Name, Group: s.Topic.Group, Channel: s.Topic.Channel,
		Criterion: protocol.Acks, Subject: o.issued,
	}}
	env.Headers.SetString(protocol.HeaderCorrelationID, s.CorrelationID)
	if a.Weak {
		env.Headers.Set(protocol.HeaderWeakAck, []byte("true"))
	}
	e := Event{Kind: EventAcknowledged, Failure: a.Status >= firstFailure}
	if s.Topic.Group == protocol.Policies {
		o.peer.handler.Handle(o.ctx, &voice{o}, env)
	} else if err := o.peer.broker.Acknowledge(o, env); err != nil {
		e.Failure, e.Message = true, err.Error()
	}
	o.note(s, nil, e)
}
