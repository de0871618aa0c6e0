package ack

import (
	"bytes"
	"slices"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Ack is an acknowledgement: what has become of a signal with someone.
type Ack struct {
	Label string
	// Status is one of HTTP. Anything but 2xx says that it has failed.
	Status int
	// Payload is JSON, nil if there is none.
	Payload []byte
	// Headers are the headers, of which those are shown that clients may see.
	Headers protocol.Headers
	// Weak says that the acknowledgement is given only because nobody else will give it.
	Weak bool
}

// success reports whether the acknowledgement says that all went well.
func (a *Ack) success() bool { return a.Status >= 200 && a.Status < 300 }

// size returns what the acknowledgement says takes, in bytes.
func (a *Ack) size() int { return len(a.Payload) + a.Headers.Size() }

// MaxPayload is how long the payload of a client's acknowledgement may be, in characters of its JSON text.
const MaxPayload = 256_000

// Read reads the acknowledgement that a client gives. Declared are the labels that its session has declared. An
// acknowledgement that is to be ignored does not count, and is no error.
//
// Protocol rules:
//   - It has a label and a status.
//   - A client gives no acknowledgement that only the server can give. A weak one is ignored.
//   - A label must have been declared.
//
// Errors: protocoladapter:unknown.topicpath, acknowledgement:label.invalid, acknowledgement:ditto.acklabel.forbidden,
// acknowledgement:label.not.declared, acknowledgement:correlation-id.missing, messages:payload.toolarge.
func Read(env *protocol.Envelope, declared []string) (a Ack, counts bool, err *protocol.Error) {
	label := env.Topic.Subject
	if label == "" || env.Status == 0 {
		return Ack{}, false, protocol.ErrTopicUnknown(env.Topic.String(), "An acknowledgement has a label and a status.")
	}
	weak, _ := env.Headers.Bool(protocol.HeaderWeakAck)
	if BuiltIn(label) {
		if weak {
			return Ack{}, false, nil
		}
		return Ack{}, false, protocol.ErrLabelForbidden(label)
	}
	if err := checkClient(env, label, declared); err != nil {
		return Ack{}, false, err
	}
	a = Ack{Label: label, Status: env.Status, Payload: bytes.Clone(env.Value), Headers: env.Headers.Clone(), Weak: weak}
	return a, true, nil
}

func checkClient(env *protocol.Envelope, label string, declared []string) *protocol.Error {
	if err := protocol.ValidateLabel(label); err != nil {
		return err
	}
	if !slices.Contains(declared, label) {
		return protocol.ErrLabelNotDeclared(label)
	}
	if !env.Headers.Has(protocol.HeaderCorrelationID) {
		return protocol.ErrAckCorrelationIDMissing()
	}
	if document.Chars(env.Value) > MaxPayload {
		return protocol.ErrAckTooLarge(label)
	}
	return nil
}

// BuiltIn reports whether only the server gives acknowledgements with the label.
func BuiltIn(label string) bool { return isOutcome(label) || label == protocol.LabelSearchPersisted }
