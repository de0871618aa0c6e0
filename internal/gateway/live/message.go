package live

import (
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/rql"
)

// Message is a message to a thing or from it, or the response to one. It comes from [NewMessage].
type Message struct {
	// ID is the id of the thing, "namespace:name".
	ID string
	// Topic names the thing and the subject.
	Topic protocol.Topic
	// Address says which way the message goes, and for which feature.
	Address
	// Status is that of a response, 0 for a message that is none.
	Status int
	// CorrelationID is "" if the sender gave none.
	CorrelationID string
	// Headers are those of the sender. They say, among other things, which answer is wanted.
	Headers protocol.Headers
	// Condition must hold for the twin, nil for none. Responses have none.
	Condition *rql.Predicate
	// Value is the payload as it is delivered, JSON, nil if there is none.
	Value []byte
	// Originator is the first authorization subject of the sender. The caller sets it.
	Originator string

	extra []byte
	form  form
}

// NewMessage makes a message of an envelope whose topic is one of messages.
//
// Errors: things:id.invalid, messages:subject.invalid, messages:featureid.invalid, protocoladapter:invalid.path for a path that
// is not that of the subject, messages:payload.toolarge, json.invalid and messages:messageformat.invalid for a
// payload that came as bytes, things:condition.invalid, and protocoladapter:unknown.topicpath for another kind of envelope.
func NewMessage(env *protocol.Envelope) (*Message, *protocol.Error) {
	t := &env.Topic
	if t.Group != protocol.Things || t.Criterion != protocol.Messages || t.Channel != protocol.Live {
		return nil, protocol.ErrTopicNotServed(*t)
	}
	m := &Message{ID: t.EntityID(), Topic: *t, Status: env.Status, Headers: env.Headers, extra: env.Extra}
	m.CorrelationID, _ = env.Headers.String(protocol.HeaderCorrelationID)
	for _, read := range []func(*protocol.Envelope) *protocol.Error{m.readAddress, m.readPayload, m.readCondition} {
		if err := read(env); err != nil {
			return nil, err
		}
	}
	headers := m.delivered()
	m.form = newForm(&protocol.Envelope{Topic: *t, Status: env.Status}, &headers, m.Address.Path())
	return m, nil
}

// readAddress reads and checks what the message is about.
func (m *Message) readAddress(env *protocol.Envelope) (err *protocol.Error) {
	t := &env.Topic
	if err := protocol.ValidateID(t.Namespace, t.Name); err != nil {
		return err
	}
	if err := protocol.ValidateSubject(t.Subject); err != nil {
		return err
	}
	m.Address, err = parseAddress(env.Path, t.Subject)
	return err
}

func (m *Message) readPayload(env *protocol.Envelope) (err *protocol.Error) {
	contentType, _ := env.Headers.String(protocol.HeaderContentType)
	if env.Raw != nil {
		m.Value, err = payloadOfRaw(contentType, env.Raw)
		return err
	}
	if size := payloadSize(env.Value); size > MaxPayload {
		return protocol.ErrMessageTooLarge(size, MaxPayload)
	}
	m.Value = payload(contentType, env.Value)
	return nil
}

// readCondition reads the condition of a message. Responses are not sent under conditions.
func (m *Message) readCondition(env *protocol.Envelope) *protocol.Error {
	text, given := env.Headers.String(protocol.HeaderCondition)
	if !given || m.IsResponse() {
		return nil
	}
	condition, invalid := rql.CompileCondition(text)
	if invalid != nil {
		return protocol.ErrConditionInvalid(text, invalid.Error()+".")
	}
	m.Condition = condition
	return nil
}

// delivered returns the headers of the message that every receiver is shown. Protocol rule: what the topic and the path say is
// repeated in headers.
func (m *Message) delivered() protocol.Headers {
	h := passedOn(&m.Headers)
	h.SetString(protocol.HeaderMessageDirection, m.Direction.String())
	h.SetString(protocol.HeaderMessageSubject, m.Subject)
	h.SetString(protocol.HeaderMessageThingID, m.ID)
	if m.FeatureID != "" {
		h.SetString(protocol.HeaderMessageFeatureID, m.FeatureID)
	}
	return h
}

// Asked returns what of the message matters while an answer is waited for: what [MatchMessage] and [MatchError] look at. It
// holds nothing of what was sent.
func (m *Message) Asked() *Message {
	return &Message{ID: m.ID, Topic: m.Topic, Address: m.Address, CorrelationID: m.CorrelationID}
}

// IsResponse reports whether the message answers another.
func (m *Message) IsResponse() bool { return m.Status != 0 }

// Resource is what the permissions are about that senders and receivers need: WRITE and READ.
func (m *Message) Resource() (enforcer.ResourceType, document.Pointer) {
	return enforcer.Message, m.Address.Pointer()
}

// Authorize checks whether a requester with the rights may send the message. Protocol rules: anybody may claim a thing, and
// anybody who was asked may respond. The error is messages:send.notallowed.
func (m *Message) Authorize(rights *enforcer.Rights) *protocol.Error {
	if m.IsResponse() || m.IsClaim() {
		return nil
	}
	if typ, at := m.Resource(); !rights.Unrestricted(typ, at, enforcer.Write) {
		return protocol.ErrMessageNotAllowed(m.ID, m.Address.Path())
	}
	return nil
}

// MayReceive reports whether somebody with the rights is sent the message. A response goes to who asked, whatever their rights.
func (m *Message) MayReceive(rights *enforcer.Rights) bool {
	typ, at := m.Resource()
	return m.IsResponse() || rights.Effective(typ, at, enforcer.Read)
}

// AppendSignal appends the message, or the response, as the receiver is sent it. Protocol rules: who selects no fields of the thing
// is sent those that the message came with; who does, and may be shown none, is sent none.
func (m *Message) AppendSignal(dst []byte, d Delivery) []byte {
	if d.Extra == nil && !d.Selected {
		d.Extra = m.extra
	}
	if m.IsResponse() {
		d.ResponseRequired, d.RequestedAcks = false, nil
	}
	return m.form.append(dst, &d, m.Originator, false, m.Value)
}
