package persisted

import (
	"strconv"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/enrich"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/history"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/rql"
)

// encoder makes envelopes of events.
type encoder struct {
	topic      protocol.Topic
	headers    protocol.Headers
	originator string
	path       func(string) (protocol.Path, *protocol.Error)
	clock      func() time.Time

	filter *rql.Predicate // nil for none
	// id is the document that an entity has in every event.
	id []byte
	// refused says why it goes no further.
	refused *protocol.Error
}

// newEncoder returns an encoder for what the message asks for. Protocol rule:
// events that are told again have the headers of that message.
func newEncoder(x *exchange.Exchange, e *entity, clock func() time.Time, filter *rql.Predicate) encoder {
	topic := x.Topic
	topic.Criterion = protocol.Events
	id := document.AppendString([]byte(`{"`+e.id+`":`), topic.EntityID())
	return encoder{
		topic: topic, headers: x.Headers.Clone(), originator: x.Originator(), path: e.path, clock: clock,
		filter: filter, id: append(id, '}'),
	}
}

// encode returns the envelope of an event, nil if it is not wanted.
func (c *encoder) encode(e *history.Event) []byte {
	path, err := c.path(e.Path)
	if err != nil {
		c.refused = protocol.ErrInternal()
		return nil
	}
	event := protocol.Event{
		Topic: c.topic, Headers: c.headers, Originator: c.originator, Path: path, Value: e.Value,
		Revision: e.Revision, Timestamp: e.Time,
	}
	event.Topic.Action = e.Action
	if c.filter != nil && !c.matches(&event) {
		return nil
	}
	return event.Append(make([]byte, 0, usualEvent+len(e.Value)))
}

// usualEvent is what an event takes beside its value, in bytes, as a rule.
const usualEvent = 384

// matches evaluates the filter. Protocol rule: on what the event itself says,
// of the id, the revision and the time of the entity, and of the signal.
func (c *encoder) matches(e *protocol.Event) bool {
	facts := facts{event: e, signal: enrich.Signal{Topic: e.Topic, Path: e.Path.Pointer, Value: e.Value}}
	layers := [...]rql.Layer{
		{At: e.Path.Pointer, Value: e.Value, Patch: e.Topic.Action == protocol.Merged},
		{Value: c.id},
	}
	matches, err := c.filter.Match(&rql.Subject{Layers: layers[:], Facts: &facts, Now: c.clock()})
	if err != nil {
		c.refused = protocol.ErrRQLInvalid(c.filter.String(), err.Error()+".")
	}
	return matches && err == nil
}

// facts is what a filter can ask of an event beside its value. It implements
// rql.Facts.
type facts struct {
	event  *protocol.Event
	signal enrich.Signal
}

// AppendField implements rql.Facts.
func (f *facts) AppendField(dst []byte, name string) ([]byte, bool) {
	switch name {
	case "_revision":
		return strconv.AppendInt(dst, f.event.Revision, 10), true
	case "_modified":
		return append(f.event.Timestamp.UTC().AppendFormat(append(dst, '"'), time.RFC3339Nano), '"'), true
	case "_namespace":
		return document.AppendString(dst, f.event.Topic.Namespace), true
	}
	return dst, false
}

// Placeholder implements rql.Facts.
func (f *facts) Placeholder(name string) (string, bool) { return f.signal.Placeholder(name) }
