package exchange

import (
	"github.com/twinway/twinway/internal/gateway/broker"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Requester is who sent a message.
type Requester interface {
	// Subscriber identifies the requester among those who receive signals, and
	// says on whose behalf it acts: it does not receive what it caused itself.
	broker.Member
	// MayAccess reports whether the requester may address entities of the
	// group in the namespace at all, whatever policies say.
	MayAccess(group protocol.Group, namespace string) bool
	// Reply takes a text frame, made by wire.AppendText. It does not block.
	Reply(frame []byte)
	// NoReply says that a message will have no reply, or that it will have an answer
	// later. It does not block.
	NoReply()
	// Answer takes a text frame, made by wire.AppendText, that answers a message for
	// which NoReply was called or will be. It does not block.
	Answer(frame []byte)
}
