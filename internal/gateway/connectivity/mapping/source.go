package mapping

import (
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/snapshot"
)

// Source maps what a source of a Connection consumes. It is made by [NewSource].
type Source struct{}

// NewSource returns the source of a connection with that name. Errors say which template cannot be used.
func NewSource(connection string, s *snapshot.Source) (*Source, error) { return &Source{}, nil }

// Command is one thing that a message asks for.
type Command struct {
	// Envelope is to be handled like any that a client sends. Its headers are complete.
	Envelope *protocol.Envelope
	// Implicit says that the command creates a thing only if it does not exist: that it does is a success.
	Implicit bool
}

// Mapped is what a message has become.
type Mapped struct {
	// Subjects are those on whose authority the commands are done, at least one.
	Subjects []string
	// Commands are to be done in order: none, if the message asks for nothing.
	Commands []Command
	// CorrelationID is that of the message, given or made.
	CorrelationID string
}

// Map returns what a message asks for. A message that asks for nothing has no commands. ID is the correlation id of one that has
// none, and now is when it came in.
//
// The error says why the message is not taken, as a response would: it goes to the reply target like one; see Refusal.
func (s *Source) Map(m *external.Message, id string, now time.Time) (Mapped, *protocol.Error) {
	return Mapped{}, nil
}

// Refusal returns the envelope that tells a sender why a message was not taken.
func (s *Source) Refusal(m *external.Message, id string, err *protocol.Error) *protocol.ErrorResponse {
	return &protocol.ErrorResponse{Error: err}
}

// ReplyKind is what an answer to a message is.
type ReplyKind = snapshot.ReplyKind

// Reply returns the message that tells the sender of m an answer, which is the text of an envelope of the kind; nil if it is not
// to be told of such, or if there is nowhere to send it.
func (s *Source) Reply(m *external.Message, answer []byte, kind ReplyKind, now time.Time) *external.Message {
	return nil
}
