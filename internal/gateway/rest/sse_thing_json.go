package rest

import (
	"maps"
	"slices"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
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
	p.context = slices.ContainsFunc(p.fields.Pointers(), func(f document.Pointer) bool { return f[0] == fieldContext })
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
	thing, ok := p.thing(s)
	if !ok {
		return nil, false
	}
	if p.selects {
		if thing = p.fields.Apply(thing); len(thing) <= len(`{}`) {
			return nil, false
		}
	}
	return document.Get(thing, p.at)
}

// thing returns the thing as far as an event tells of it.
func (p *projection) thing(s *signal) ([]byte, bool) {
	at, ok := s.at()
	if !ok {
		return nil, false
	}
	thing := append(document.AppendString([]byte(`{"thingId":`), s.topic.EntityID()), '}')
	if s.extra != nil {
		thing = overlay(thing, s.extra)
	}
	switch {
	case s.value == nil:
	case len(at) > 0:
		thing = overlay(thing, document.Set(nil, at, s.value))
	case document.KindOf(s.value) == document.Object:
		thing = overlay(thing, s.value)
	}
	if p.selects {
		thing = p.special(thing, s)
	}
	return thing, true
}

// special adds what can be selected and is otherwise not told.
func (p *projection) special(thing []byte, s *signal) []byte {
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
	return overlay(thing, append(more, '}'))
}

// appendMember appends a member behind another, unless there is none.
func appendMember(dst []byte, name string, value []byte) []byte {
	if value == nil {
		return dst
	}
	return append(append(append(append(dst, `,"`...), name...), `":`...), value...)
}

// overlay returns what is below together with what is above, which is what counts where both have something. Other than in a
// patch, null is a value.
func overlay(below, above []byte) []byte {
	return appendOverlay(make([]byte, 0, len(below)+len(above)), below, above)
}

func appendOverlay(dst, below, above []byte) []byte {
	if document.KindOf(below) != document.Object || document.KindOf(above) != document.Object {
		return append(dst, above...)
	}
	upper := maps.Collect(document.Members(above))
	dst = append(dst, '{')
	start := len(dst)
	for name, value := range document.Members(below) {
		dst = appendName(dst, start, name)
		over, has := upper[name]
		if !has {
			dst = append(dst, value...)
			continue
		}
		dst = appendOverlay(dst, value, over)
		delete(upper, name)
	}
	for name, value := range document.Members(above) {
		if _, left := upper[name]; left {
			dst = append(appendName(dst, start, name), value...)
		}
	}
	return append(dst, '}')
}

// appendName appends the name of a member of an object whose members begin at start.
func appendName(dst []byte, start int, name string) []byte {
	if len(dst) > start {
		dst = append(dst, ',')
	}
	return append(document.AppendString(dst, name), ':')
}
