package exchange

import (
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
)

// Requester is who sent a message.
type Requester interface {
	// Subscriber identifies the requester among those who receive signals, and
	// says on whose behalf it acts: it does not receive what it caused itself.
	pubsub.Subscriber
	// MayAccess reports whether the requester may address entities of the
	// group in the namespace at all, whatever policies say.
	MayAccess(group protocol.Group, namespace string) bool
	// Reply takes a text frame, made by wire.AppendText. It does not block.
	Reply(frame []byte)
	// NoReply says that a message will have no reply. It does not block.
	NoReply()
}
