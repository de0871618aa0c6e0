package rest

import (
	"slices"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/thing"
)

// projection is what of an event is told.
type projection struct {
	// at leads to what is told, nil for the thing.
	at document.Pointer
	// fields are selected from the thing, if selects.
	fields  document.Selector
	selects bool
	// context says that what is known of the event itself may be among them.
	context bool
}

// fieldContext is the member that tells of the event itself.
const fieldContext = "_context"

func newProjection(at document.Pointer, fields string, selects bool) (projection, *protocol.Error) {
	p := projection{at: at, selects: selects}
	if !selects {
		return p, nil
	}
	var err error
	if p.fields, err = document.ParseSelector(fields); err != nil {
		return p, protocol.ErrFieldSelectorInvalid(fields)
	}
	p.context = slices.ContainsFunc(p.fields.Pointers(), func(f document.Pointer) bool { return len(f) == 0 || f[0] == fieldContext })
	return p, nil
}

// show returns the event that a signal is told with, and reports whether it is to be told.
func (p *projection) show(text []byte) (event, bool) {
	s, ok := newSignal(text)
	switch {
	case !ok:
		return event{}, false
	case s.isFailure():
		return event{data: s.value}, true
	}
	data, ok := p.of(&s)
	return event{data: data}, ok
}

// of returns what is told of an event.
//
// Protocol rules: it is the thing, with what has changed in its place and the extra fields in theirs; then what is selected of it;
// if that is nothing, it is not told. What is at a path is told without the thing around it.
func (p *projection) of(s *signal) (data []byte, ok bool) {
	told, ok := p.told(s)
	if !ok {
		return nil, false
	}
	if p.selects {
		if told = p.fields.Apply(told); len(told) <= len(`{}`) {
			return nil, false
		}
	}
	return document.Get(told, p.at)
}

// told returns the thing as far as an event tells of it.
func (p *projection) told(s *signal) ([]byte, bool) {
	at, ok := s.at()
	if !ok {
		return nil, false
	}
	told := thing.Told(s.topic.EntityID(), at, s.value, s.extra)
	if p.selects {
		told = p.special(told, s)
	}
	return told, true
}

// special adds what can be selected and is otherwise not told.
func (p *projection) special(told []byte, s *signal) []byte {
	more := document.AppendString([]byte(`{"_namespace":`), s.topic.Namespace)
	more = appendMember(more, "_revision", s.revision)
	more = appendMember(more, "_modified", s.timestamp)
	if s.topic.Action == protocol.Created {
		more = appendMember(more, "_created", s.timestamp)
	}
	if p.context {
		more = append(appendMember(more, fieldContext, []byte(`{"topic":`)), s.rawTopic...)
		more = appendMember(more, "path", s.path)
		more = appendMember(more, "value", s.value)
		more = append(appendMember(more, "headers", s.headers), '}')
	}
	return document.Overlay(told, append(more, '}'))
}

// appendMember appends a member behind another, unless there is none.
func appendMember(dst []byte, name string, value []byte) []byte {
	if value == nil {
		return dst
	}
	return append(append(append(append(dst, `,"`...), name...), `":`...), value...)
}
