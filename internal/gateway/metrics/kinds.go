package metrics

// MessageKind says what a text message turned out to be.
type MessageKind int

// The kinds of messages.
const (
	MessageCommand   MessageKind = iota // a command that is served
	MessageControl                      // a control message of the WebSocket binding
	MessageInvalid                      // refused before it became a command
	MessageDiscarded                    // accepted and without effect, as events sent by a client
	messageKinds
)

// String returns the label of the kind.
func (k MessageKind) String() string {
	return [...]string{"command", "control", "invalid", "discarded"}[k]
}
