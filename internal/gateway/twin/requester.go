package twin

import "github.com/twinway/twinway/internal/gateway/pubsub"

// Requester is who sent a command.
type Requester interface {
	// Subscriber identifies the requester among those who receive events: it
	// does not receive those that it caused.
	pubsub.Subscriber
	// Subjects returns on whose behalf it acts. The slice is not modified.
	Subjects() []string
	// Reply takes a text frame, made by wire.AppendText. It does not block.
	Reply(frame []byte)
	// NoReply says that a message will have no reply. It does not block.
	NoReply()
}
