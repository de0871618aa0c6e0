package mapping

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/snapshot"
)

// ReplyKind is what an answer to a message is.
type ReplyKind = snapshot.ReplyKind

// replies is where answers go, and which.
type replies struct {
	kinds   []ReplyKind
	address *template // nil: nowhere
	headers []mapping
}

func (r *reader) replies(s *snapshot.Source) replies {
	if s.ReplyTo == "" {
		return replies{}
	}
	read := replies{kinds: s.Replies, address: r.read(understood, "replyTo", s.ReplyTo)}
	for _, name := range slices.Sorted(maps.Keys(s.ReplyHeaders)) {
		read.headers = append(read.headers, mapping{usualName(name), r.read(understood, "replyHeaders."+name, s.ReplyHeaders[name])})
	}
	return read
}

// usualName returns the name of a header, as it is usually written if it has a meaning whatever carries it.
func usualName(name string) string {
	switch lower := strings.ToLower(name); lower {
	case external.ContentType, external.CorrelationID, external.ReplyTo:
		return lower
	}
	return name
}

// Reply returns the message that tells the sender of m an answer, which is the text of an envelope of the kind; nil if it is not
// to be told of such, or if there is nowhere to send it. The message aliases the answer.
//
// Where the address is taken from headers, those of m count before those of the answer, which may come from whoever has answered:
// only who asks says where the answer goes, and as an answer to what. For other headers of the reply it is the other way round.
func (s *Source) Reply(m *external.Message, answer []byte, kind ReplyKind, now time.Time) *external.Message {
	if s.replies.address == nil || !slices.Contains(s.replies.kinds, kind) {
		return nil
	}
	var env protocol.Envelope
	_ = protocol.DecodeTold(answer, &env) // placeholders have no value for what cannot be read
	in := &incoming{words: words{s.connection, &env, now}, message: m, answer: &env.Headers}
	if subjects, err := s.resolveSubjects(in); err == nil {
		in.subject = subjects[0]
	}
	address := s.replies.address.text(in)
	if address == "" || isForBroker(s.replies.address.String(), address) {
		return nil
	}
	reply := &external.Message{Address: address, Payload: answer, Headers: s.replies.headersOf(in)}
	if in.addressed() {
		reply.Key = env.Topic.EntityID()
	}
	return reply
}

// headersOf returns the headers of the reply to a message.
func (r *replies) headersOf(in *incoming) external.Headers {
	headers := external.Headers{external.ContentType: mediaProtocol}
	if id := in.header(external.CorrelationID); id != "" {
		headers[external.CorrelationID] = id
	}
	in.answerFirst = true
	for _, m := range r.headers {
		m.tell(headers, in)
	}
	return headers
}

// tell gives a reply the header.
func (m *mapping) tell(headers external.Headers, in *incoming) {
	texts, err := m.value.resolve(in)
	switch {
	case isDeleted(err):
		delete(headers, m.name)
	case err == nil && len(texts) > 0:
		headers[m.name] = strings.Join(texts, ",")
	}
}

// Refusal returns the envelope that tells a sender why a message was not taken. ID is the correlation id of a message that has none.
func (s *Source) Refusal(m *external.Message, id string, err *protocol.Error) *protocol.ErrorResponse {
	in := &incoming{words: words{connection: s.connection}, message: m}
	refused := &protocol.ErrorResponse{Error: err}
	if s.payload != nil {
		if env, _ := s.payload(in); env != nil {
			refused.Topic, refused.Headers = env.Topic, env.Headers
		}
	}
	if !refused.Headers.Has(protocol.HeaderCorrelationID) {
		refused.Headers.SetString(protocol.HeaderCorrelationID, in.correlationID(id))
	}
	return refused
}
