package mapping

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/snapshot"
)

// Source maps what a source of a Connection consumes. It is made by [NewSource].
type Source struct {
	connection  string
	subjects    []*template
	fixed       []string // what the subjects are if they are always the same
	enforcement *enforcement
	implicit    *implicit // nil: nothing is created
	// payload makes an envelope of a message, nil for one that asks for nothing. It is nil if nothing is done with payloads.
	payload  func(in *incoming) (*protocol.Envelope, *protocol.Error)
	headers  []mapping
	requests requests
	replies  replies
}

// NewSource returns the source of a connection with that name. Errors say which template cannot be used.
func NewSource(connection string, s *snapshot.Source) (*Source, error) {
	var r reader
	source := &Source{
		connection:  connection,
		enforcement: r.enforcement(s.Enforcement),
		implicit:    r.implicit(s.ImplicitThing),
		requests:    requestsOf(s.RequestedAcks),
		replies:     r.replies(s),
	}
	for i, text := range s.AuthorizationSubjects {
		source.subjects = append(source.subjects, r.read(arrived, "authorizationSubjects["+strconv.Itoa(i)+"]", text))
	}
	headers := s.Headers
	switch s.Payload {
	case snapshot.SourceDittoProtocol:
		source.payload = readProtocol
	case snapshot.SourceRawMessage:
		var what raw
		what, headers = r.raw(headers)
		source.payload = what.envelope
	case snapshot.SourceImplicitThing:
		r.require("implicitThing", s.ImplicitThing != nil)
	}
	source.headers = r.mappings("headers", headers)
	if r.err != nil {
		return nil, fmt.Errorf("source %s: %w", s.Name, r.err)
	}
	source.fix()
	return source, nil
}

// Map returns what a message asks for. A message that asks for nothing has no commands. ID is the correlation id of one that has
// none, and now is when it came in. What is returned aliases the payload.
//
// The error says why the message is not taken, as a response would: it goes to the reply target like one; see Refusal. It is taken
// as a whole or not at all.
func (s *Source) Map(m *external.Message, id string, now time.Time) (Mapped, *protocol.Error) {
	in := &incoming{words: words{connection: s.connection, now: now}, message: m}
	mapped := Mapped{CorrelationID: in.correlationID(id)}
	var err *protocol.Error
	if mapped.Subjects, err = s.resolveSubjects(in); err != nil {
		return mapped, err
	}
	in.subject = mapped.Subjects[0]
	asked, err := s.envelope(in)
	if asked != nil {
		mapped.CorrelationID = idOf(asked, mapped.CorrelationID)
	}
	if err != nil {
		return mapped, err
	}
	mapped.Commands, err = s.commands(in, asked, &mapped)
	return mapped, err
}

// envelope returns the envelope that the payload of a message becomes, nil for none.
func (s *Source) envelope(in *incoming) (*protocol.Envelope, *protocol.Error) {
	if s.payload == nil {
		return nil, nil
	}
	return s.payload(in)
}

// commands returns what is to be done, in order: the thing comes before what is asked of it.
func (s *Source) commands(in *incoming, asked *protocol.Envelope, mapped *Mapped) ([]Command, *protocol.Error) {
	var commands []Command
	if asked != nil {
		wanted, err := s.finish(in, Command{Envelope: asked}, mapped.CorrelationID)
		if err != nil {
			return nil, err
		}
		mapped.CorrelationID = idOf(asked, mapped.CorrelationID)
		commands = append(commands, wanted)
	}
	if s.implicit == nil {
		return commands, nil
	}
	in.env = nil
	env, err := s.implicit.envelope(in)
	if err != nil {
		return nil, err
	}
	created, err := s.finish(in, Command{Envelope: env, Implicit: true, Silent: asked != nil}, mapped.CorrelationID)
	if err != nil {
		return nil, err
	}
	return slices.Insert(commands, 0, created), nil
}

// finish completes and checks a command.
func (s *Source) finish(in *incoming, c Command, id string) (Command, *protocol.Error) {
	in.env = c.Envelope
	if err := s.complete(in, id); err != nil {
		return c, err
	}
	if err := s.enforcement.check(in); err != nil {
		return c, err
	}
	s.requests.ask(&c)
	return c, nil
}
