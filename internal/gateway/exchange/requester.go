package exchange

import (
	"time"

	"github.com/twinway/twinway/internal/gateway/broker"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Envelope is what answers a message. It appends itself as JSON text. Answers to
// commands are *[protocol.Response], *[protocol.ErrorResponse], *[ack.Acks], or
// what a device has answered, as it came.
type Envelope interface{ Append(dst []byte) []byte }

// Insistent is a requester who is told what is wrong with a command even if it
// wants no response: each of its messages has an answer of another kind.
type Insistent interface{ Insists() }

// Patient is a requester who may wait for longer than others.
type Patient interface {
	// Patience is how long its messages may wait, if that is longer than they otherwise may.
	Patience() time.Duration
}

// Requester is who sent a message.
type Requester interface {
	// Subscriber identifies the requester among those who receive signals, and
	// says on whose behalf it acts: it does not receive what it caused itself.
	broker.Member
	// MayAccess reports whether the requester may address entities of the
	// group in the namespace at all, whatever policies say.
	MayAccess(group protocol.Group, namespace string) bool
	// Reply takes the answer to a message, of about so many bytes. It keeps nothing of
	// it, and does not block.
	Reply(answer Envelope, size int)
	// NoReply says that a message will have no reply, or that it will have an answer
	// later. It does not block.
	NoReply()
	// Answer takes the answer to a message for which NoReply was called or will be. It
	// keeps nothing of it, and does not block.
	Answer(answer Envelope)
}
