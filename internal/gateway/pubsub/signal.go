package pubsub

import "github.com/twinway/twinway/internal/gateway/wire"

// Signal is something that happened to an entity and is to be told.
type Signal struct {
	// Namespace is that of the entity.
	Namespace string
	// Origin is the subscriber that caused the signal, nil if none did.
	Origin Subscriber
	// Body writes the signal's envelope.
	Body Body
}

// Body writes an envelope. It is called at most once for each delivery of a
// signal, and not at all if nobody subscribed.
type Body interface {
	// AppendSignal appends the JSON text of the envelope to dst.
	AppendSignal(dst []byte) []byte
}

// Subscriber receives bursts. Its implementation must be comparable.
type Subscriber interface {
	// Deliver hands over signals. It must not block and must not modify the
	// burst, which other subscribers share.
	Deliver(b wire.Burst)
}
