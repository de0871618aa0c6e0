package pubsub

import "github.com/twinway/twinway/internal/gateway/wire"

// Signal is something that happened to an entity and is to be told.
type Signal struct {
	// Namespace is that of the entity.
	Namespace string
	// Origin is the subscriber that caused the signal, nil if none did. It need not
	// have subscribed.
	Origin Subscriber
	// Body knows what the signal looks like.
	Body Body
	// Account knows who is to answer the signal; nil: nobody is.
	Account Account
	// Hub is where the signal is for, if whoever publishes it cannot know that.
	Hub *Hub
}

// Body is a signal's envelope, of which not everybody may see the same. Its
// methods must not block.
type Body interface {
	// View returns how the signal looks to an audience who wants w, nil if it may
	// not see any of it, Filtered if it does not want it. W is nil for those who
	// want every signal as it is; its namespaces have been looked at. It is called
	// once for each circle that subscribed. Equal wants are the same pointer, so
	// that what does not depend on the audience can be found out once. A nil
	// pointer in a View is not nil: it would be shown.
	View(a *Audience, w *Want) View
	// AppendSignal appends the JSON text of the envelope to dst, as the view
	// shows it, which is not nil. If ok is false nothing is left to be told,
	// and the signal is delivered to nobody with this view. It is called for
	// views that somebody has, as a rule once for each. What is delivered is
	// asked of d, or of nobody if that is nil: a signal without an account.
	AppendSignal(dst []byte, v View, d *Delivery) (out []byte, ok bool)
	// Forget says that nobody who wants something will be asked about any more:
	// what was found out for them need not be remembered.
	Forget()
}

// View tells apart the ways in which one signal looks to those who may see
// it: views that are equal (==) look the same. Views of different signals are
// never compared. Its dynamic type must be comparable, and is best a pointer,
// which costs no allocation.
type View any

// Substitute is a view that shows something else in place of the signal, such as
// an error. Who has it was not given the signal.
type Substitute interface {
	// Substitute does nothing but say so.
	Substitute()
}

// Filtered is the view of a signal that the filter of a want does not match.
var Filtered View = new(filtered)

// filtered is not empty, so that no other pointer is equal to one.
type filtered struct{ _ byte }

// Subscriber receives bursts. Its implementation must be comparable.
type Subscriber interface {
	// Audience returns what decides how signals look to the subscriber. To
	// receive as another audience, it must subscribe anew. What is returned is
	// never modified.
	Audience() *Audience
	// Deliver hands over signals. It must not block and must not modify the
	// burst, which other subscribers share.
	Deliver(b wire.Burst)
}

// Kindred is a subscriber that is one of several who act for the same: none of
// them is told what one of them has caused.
type Kindred interface {
	Subscriber
	// Kin returns who they act for, the same and comparable for all of them.
	Kin() any
}

// caused reports whether a subscriber is the origin of a signal, or akin to it.
func caused(origin, s Subscriber) bool {
	if origin == nil || origin == s {
		return origin == s
	}
	of, ok := origin.(Kindred)
	if !ok {
		return false
	}
	to, ok := s.(Kindred)
	return ok && of.Kin() == to.Kin()
}
