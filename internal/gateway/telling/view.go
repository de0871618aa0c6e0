package telling

import (
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/thing"
)

// Whole is the plain view of a signal as it is.
var Whole pubsub.View = new(struct{ _ byte })

// Reduced is the plain view of an event of which not all may be read.
type Reduced struct {
	// First and Second are the rights under the policies before and after it, which are mostly the same.
	First, Second *enforcer.Rights
}

// enriched is the view of a signal to which fields of the thing are added.
type enriched struct {
	view  pubsub.View // the plain one
	extra *extra
}

// extra is what is added to a signal.
type extra struct{ object []byte }

// failure is the view of a signal to which the parameters of a subscription
// cannot be applied. It implements pubsub.Substitute.
type failure struct{ err *protocol.Error }

// Substitute implements pubsub.Substitute.
func (*failure) Substitute() {}

// Look returns the plain view of an event at the path for those who have the rights under the policies before and after it,
// nil if they are not told of it. What comes with another policy must be readable under that, too.
func Look(path document.Pointer, first, second *enforcer.Rights) pubsub.View {
	switch {
	case first.Unrestricted(enforcer.Thing, path, enforcer.Read) && second.Unrestricted(enforcer.Thing, path, enforcer.Read):
		return Whole
	case first.Partial(enforcer.Thing, nil, enforcer.Read) && second.Partial(enforcer.Thing, nil, enforcer.Read):
		return Reduced{first, second}
	}
	return nil
}

// Open takes a view apart: the plain view, the fields that are added to what that shows, nil for none, and the error that is
// told in place of the signal, nil if that is told.
func Open(v pubsub.View) (plain pubsub.View, extra []byte, err *protocol.Error) {
	switch v := v.(type) {
	case *failure:
		return nil, nil, v.err
	case enriched:
		return v.view, v.extra.object, nil
	}
	return v, nil, nil
}

// AppendFailure appends the error that is told in place of a signal with the topic, the headers and the originator. It asks for
// no acknowledgement, since who is told it was not given the signal.
func AppendFailure(dst []byte, t protocol.Topic, h *protocol.Headers, originator string, err *protocol.Error) []byte {
	headers := h.Clone()
	headers.Delete(protocol.HeaderRequestedAcks)
	response := protocol.ErrorResponse{Topic: t, Headers: headers, Originator: originator, Error: err}
	return response.Append(dst)
}

// Value returns what of an event's value a plain view shows, and reports whether the event is to be told.
func Value(e *thing.Event, plain pubsub.View) (value []byte, told bool) {
	view, ok := plain.(Reduced)
	if !ok {
		return e.Value, true
	}
	return view.of(e)
}

// of returns what the view leaves of the event's value, and reports whether the
// event is to be told.
func (v Reduced) of(e *thing.Event) (value []byte, ok bool) {
	event := *e
	if event.Value, ok = event.Reduced(v.First); ok && v.Second != v.First {
		event.Value, ok = event.Reduced(v.Second)
	}
	return event.Value, ok
}

// Value is [Value] for the signal, found out once for each view. What is no event is shown as it is.
func (t *Telling) Value(plain pubsub.View) (value []byte, told bool) {
	view, ok := plain.(Reduced)
	if !ok || t.facts.Event == nil {
		return t.facts.Value, true
	}
	return t.reduced(view)
}
