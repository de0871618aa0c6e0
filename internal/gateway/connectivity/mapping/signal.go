package mapping

import (
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/thing"
)

// Signal is a signal as its subscriber is told of it, taken apart. It comes from [ReadSignal] and is for one goroutine at a time.
type Signal struct {
	protocol.Envelope
	// Text is the envelope as it came.
	Text []byte
	// RequestedAcks are the labels that the subscriber is asked for.
	RequestedAcks []string
	// CorrelationID is the one to answer with, "" if there is none.
	CorrelationID string

	// told is what it tells of a thing, once asked for.
	told []byte
}

// ReadSignal takes the text of a signal apart, which is JSON as hubs deliver it: canonical but for the payload of messages. The
// signal aliases it.
func ReadSignal(text []byte) (*Signal, *protocol.Error) {
	s := &Signal{Text: text}
	if err := protocol.DecodeTold(text, &s.Envelope); err != nil {
		return nil, err
	}
	s.RequestedAcks, _ = s.Headers.Strings(protocol.HeaderRequestedAcks)
	s.CorrelationID, _ = s.Headers.String(protocol.HeaderCorrelationID)
	return s, nil
}

// isEvent reports whether the signal tells of something that has happened to a thing.
func (s *Signal) isEvent() bool {
	return s.Topic.Group == protocol.Things && s.Topic.Criterion == protocol.Events
}

// isMessage reports whether the signal is a message to a thing or from it.
func (s *Signal) isMessage() bool {
	return s.Topic.Group == protocol.Things && s.Topic.Criterion == protocol.Messages
}

// at returns where in the thing the signal is about something.
func (s *Signal) at() (document.Pointer, bool) {
	at, err := document.ParsePointer(s.Path)
	return at, err == nil
}

// thing returns the thing as far as the signal tells of it. Protocol rule: that is what an event has in its place, and the extra
// fields of anything.
func (s *Signal) thing() []byte {
	if s.told == nil {
		var at document.Pointer
		var value []byte
		if s.isEvent() {
			if where, ok := s.at(); ok {
				at, value = where, s.Value
			}
		}
		s.told = thing.Told(s.Topic.EntityID(), at, value, s.Extra)
	}
	return s.told
}
