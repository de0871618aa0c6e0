package connectivity

import (
	"encoding/base64"
	"maps"
	"mime"
	"slices"
	"strings"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/mapping"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// dittoJSON is the type of texts that are envelopes.
const dittoJSON = "application/vnd.eclipse.ditto+json"

// pass gives an answer of the other end to who waits for it. Protocol rule: without a label of its own the outlet passes on what is an
// acknowledgement or a live response in words of the protocol, and nothing else.
func (o *outlet) pass(s *mapping.Signal, answer *external.Message) {
	if env := envelopeOf(answer); env != nil && (isAck(env) || isLiveResponse(env)) {
		o.say(s, env)
	}
}

// envelopeOf returns the envelope that a message is, nil if it is none.
func envelopeOf(m *external.Message) *protocol.Envelope {
	if m == nil {
		return nil
	}
	if media, _ := m.Headers.Get(external.ContentType); mediaType(media) != dittoJSON {
		return nil
	}
	env := &protocol.Envelope{}
	if err := protocol.Decode(m.Payload, env); err != nil {
		return nil
	}
	return env
}

func isAck(env *protocol.Envelope) bool {
	return env.Topic.Criterion == protocol.Acks && env.Status != 0
}

func isLiveResponse(env *protocol.Envelope) bool {
	t := &env.Topic
	return t.Group == protocol.Things && t.Channel == protocol.Live && env.Status != 0 &&
		(t.Criterion == protocol.Messages || t.Criterion == protocol.Commands || t.Criterion == protocol.Errors)
}

// respond answers a message or a command for a device with what became of it.
//
// Protocol rules: an answer in words of the protocol must be one to this very signal. Any other answers a message as what it is, but no
// command.
func (o *outlet) respond(s *mapping.Signal, out *link.Outcome) {
	if !wantsResponse(s) {
		return
	}
	env := envelopeOf(out.Answer)
	switch {
	case env != nil && !answersTo(s, env):
		o.note(s, nil, Event{Kind: EventAcknowledged, Failure: true, Message: "the answer is not one to the signal"})
	case env != nil:
		o.say(s, env)
	case out.Answer == nil && !out.Delivered():
		o.respondWith(s, failure(out))
	case s.Topic.Criterion == protocol.Messages:
		o.say(s, messageResponse(s, out))
	default:
		o.note(s, nil, Event{Kind: EventAcknowledged, Failure: true, Message: "the answer to a command must be an envelope"})
	}
}

// wantsResponse reports whether somebody waits for the response to a signal.
func wantsResponse(s *mapping.Signal) bool {
	required, _ := s.Headers.Bool(protocol.HeaderResponseRequired)
	return required && s.Status == 0 && s.Topic.Channel == protocol.Live &&
		(s.Topic.Criterion == protocol.Messages || s.Topic.Criterion == protocol.Commands)
}

// answersTo reports whether an envelope answers a signal: same correlation id, thing and, of a message, feature.
func answersTo(s *mapping.Signal, env *protocol.Envelope) bool {
	id, _ := env.Headers.String(protocol.HeaderCorrelationID)
	return isLiveResponse(env) && id == s.CorrelationID && env.Topic.EntityID() == s.Topic.EntityID() &&
		(env.Topic.Criterion != protocol.Messages || featureOf(env.Path) == featureOf(s.Path))
}

// featureOf returns the feature that the path of a message names, "" if it names none.
func featureOf(path string) string {
	rest, found := strings.CutPrefix(path, "/features/")
	if !found {
		return ""
	}
	feature, _, _ := strings.Cut(rest, "/")
	return feature
}

// messageResponse returns the response that an answer is to a message.
func messageResponse(s *mapping.Signal, out *link.Outcome) *protocol.Envelope {
	env := &protocol.Envelope{Topic: s.Topic, Path: s.Path, Status: out.Status}
	if out.Answer != nil {
		env.Headers = headersOf(out.Answer.Headers)
		env.Raw = out.Answer.Payload
	}
	env.Headers.SetString(protocol.HeaderCorrelationID, s.CorrelationID)
	return env
}

// headersOf returns the headers of an answer that are passed on: its type, and what the protocol does not know.
func headersOf(answer external.Headers) protocol.Headers {
	custom := make(map[string][]string, len(answer))
	for _, name := range slices.Sorted(maps.Keys(answer)) {
		lower := strings.ToLower(name)
		if !strings.HasPrefix(lower, "ditto-") && lower != "correlation-id" {
			custom[name] = []string{answer[name]}
		}
	}
	headers, err := protocol.RequestHeaders(custom, nil)
	if err != nil {
		headers = protocol.Headers{}
	}
	for _, name := range asking {
		headers.Delete(name)
	}
	if media, given := answer.Get(external.ContentType); given {
		headers.SetString(protocol.HeaderContentType, media)
	}
	return headers
}

// asking are headers by which a message asks for something, which an answer does not.
var asking = []protocol.HeaderName{
	protocol.HeaderTimeout, protocol.HeaderResponseRequired, protocol.HeaderRequestedAcks, protocol.HeaderCondition, protocol.HeaderChannel,
}

// respondWith answers a message or a command for a device with an error.
func (o *outlet) respondWith(s *mapping.Signal, err *protocol.Error) {
	if !wantsResponse(s) {
		return
	}
	env := &protocol.Envelope{Path: "/", Status: err.Status, Value: err.Append(nil), Topic: protocol.Topic{
		Namespace: s.Topic.Namespace, Name: s.Topic.Name, Group: protocol.Things, Channel: protocol.Live, Criterion: protocol.Errors,
	}}
	env.Headers.SetString(protocol.HeaderCorrelationID, s.CorrelationID)
	o.say(s, env)
}

// say gives an answer to who waits for it.
func (o *outlet) say(s *mapping.Signal, env *protocol.Envelope) {
	o.note(s, nil, Event{Kind: EventAcknowledged, Failure: env.Status >= firstFailure})
	o.peer.handler.Handle(o.ctx, &voice{o}, env)
}

// voice is an outlet that says something. It implements exchange.Requester.
type voice struct{ *outlet }

// MayAccess implements exchange.Requester: policies decide.
func (*voice) MayAccess(protocol.Group, string) bool { return true }

// NoReply implements exchange.Requester.
func (*voice) NoReply() {}

// Answer implements exchange.Requester. Answers are not answered.
func (*voice) Answer(exchange.Envelope) {}

// Reply implements exchange.Requester: what was said is refused.
func (v *voice) Reply(e exchange.Envelope, _ int) {
	refusal, ok := e.(*protocol.ErrorResponse)
	if ok && v.notes.admits(EventAcknowledged, true, v.peer.clock()) {
		v.notes.note(Event{Kind: EventAcknowledged, Failure: true, Message: refusal.Error.Error()})
	}
}

// mediaType returns a content type without its parameters.
func mediaType(contentType string) string {
	if media, _, err := mime.ParseMediaType(contentType); err == nil {
		return media
	}
	media, _, _ := strings.Cut(contentType, ";")
	return strings.ToLower(strings.TrimSpace(media))
}

func isJSON(contentType string) bool {
	media := mediaType(contentType)
	return media == "application/json" || strings.HasSuffix(media, "+json")
}

// appendBase64 appends bytes as a JSON string.
func appendBase64(dst, content []byte) []byte {
	return append(base64.StdEncoding.AppendEncode(append(dst, '"'), content), '"')
}
