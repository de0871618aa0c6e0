package protocol

import (
	"strconv"
	"strings"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
)

// Decode reads an envelope from the text of a message, which env aliases from then on. What env held before is gone.
//
// In case of an error env holds what was readable: the correlation id in any case in which the headers are JSON, all headers
// unless one of them is what is wrong, and the topic if it is valid.
//
// Errors: json.format.invalid for no text, json.invalid, json.field.missing, header.invalid, timeout.invalid,
// json.fieldselector.invalid, json.pointer.invalid, protocoladapter:unknown.topicpath.
func Decode(frame []byte, env *Envelope) *Error { return env.decode(frame, false) }

// DecodeTold is [Decode] for a text that comes from a server, which may have headers that clients cannot set, and more of them.
func DecodeTold(frame []byte, env *Envelope) *Error { return env.decode(frame, true) }

// decode reads an envelope from a text, which was told by a server or else sent by a client.
func (e *Envelope) decode(frame []byte, told bool) *Error {
	*e = Envelope{}
	if len(frame) == 0 {
		return ErrEmptyText()
	}
	var m members
	if err := m.split(frame); err != nil {
		if document.KindOf(m.headers) == document.Object {
			e.Headers.keepCorrelationID(m.headers)
		}
		return ErrJSONInvalid("The text cannot be read: " + err.Error() + ".")
	}
	// The order in which members are read decides which of several errors is reported.
	if err := e.readHeaders(m.headers, told); err != nil {
		return err
	}
	if err := e.readTopic(m.topic); err != nil {
		return err
	}
	if !told {
		e.Headers.filterIn(e.Topic.Criterion == Acks)
	}
	return e.readPayload(&m)
}

func (e *Envelope) readHeaders(raw []byte, told bool) *Error {
	if raw == nil {
		return nil
	}
	if err := checkKind("headers", document.Object, raw); err != nil {
		return err
	}
	if told {
		return e.Headers.decodeWithin(raw, toldBounds)
	}
	return e.Headers.decode(raw)
}

func (e *Envelope) readTopic(raw []byte) *Error {
	text, err := requiredText("topic", raw)
	if err != nil {
		return err
	}
	e.Topic, err = ParseTopic(text)
	return err
}

// readPayload reads what is neither topic nor headers.
func (e *Envelope) readPayload(m *members) *Error {
	path, err := requiredText("path", m.path)
	if err != nil {
		return err
	}
	if err := checkKind("extra", document.Object, m.extra); err != nil {
		return err
	}
	if err := checkKind("metadata", document.Object, m.metadata); err != nil {
		return err
	}
	e.Path, e.Value, e.Extra, e.Metadata = path, m.value, m.extra, m.metadata
	if err := e.readStatus(m.status); err != nil {
		return err
	}
	if err := e.readRevision(m.revision); err != nil {
		return err
	}
	if err := e.readTimestamp(m.timestamp); err != nil {
		return err
	}
	if err := e.readFields(m.fields); err != nil {
		return err
	}
	// Protocol rule: the paths of messages contain their subjects, which may be anything. Those of policies contain the ids
	// of subjects, which may be addresses; they are checked when they are parsed.
	if e.Topic.Criterion != Messages && e.Topic.Group != Policies && strings.Contains(e.Path, "//") {
		return ErrPointerInvalid(e.Path)
	}
	return nil
}

// readStatus reads the status. Protocol rule: one that is none of HTTP counts as absent.
func (e *Envelope) readStatus(raw []byte) *Error {
	if raw == nil {
		return nil
	}
	status, err := strconv.ParseInt(string(raw), 10, 32)
	if err != nil {
		return errMember("status", "must be a whole number")
	}
	if status >= 100 && status <= 599 {
		e.Status = int(status)
	}
	return nil
}

func (e *Envelope) readRevision(raw []byte) *Error {
	if raw == nil {
		return nil
	}
	revision, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		return errMember("revision", "must be a whole number")
	}
	e.Revision, e.HasRevision = revision, true
	return nil
}

// maxTimestamp is the length of a timestamp with nine digits for the fraction of a second and the offset of a zone.
const maxTimestamp = len(time.RFC3339Nano)

func (e *Envelope) readTimestamp(raw []byte) *Error {
	if raw == nil {
		return nil
	}
	if err := checkKind("timestamp", document.String, raw); err != nil {
		return err
	}
	text := textOf(raw)
	if _, ok := ParseInstant(text); !ok {
		return errMember("timestamp", "must be like 2006-01-02T15:04:05.678Z")
	}
	e.Timestamp = text
	return nil
}

func (e *Envelope) readFields(raw []byte) *Error {
	if raw == nil {
		return nil
	}
	if err := checkKind("fields", document.String, raw); err != nil {
		return err
	}
	text := textOf(raw)
	if _, err := document.ParseSelector(text); err != nil {
		return ErrFieldSelectorInvalid(text)
	}
	e.Fields, e.HasFields = text, true
	return nil
}

// requiredText returns the text of a member that there must be.
func requiredText(name string, raw []byte) (string, *Error) {
	if raw == nil {
		return "", ErrFieldMissing(name)
	}
	if err := checkKind(name, document.String, raw); err != nil {
		return "", err
	}
	return textOf(raw), nil
}

// checkKind checks that a member is of the kind, if there is one.
func checkKind(name string, want document.Kind, raw []byte) *Error {
	if got := document.KindOf(raw); raw != nil && got != want {
		return errMember(name, "must be of type "+want.String()+", not "+got.String())
	}
	return nil
}

func errMember(name, reason string) *Error {
	return ErrJSONInvalid("The member \"" + name + "\" " + reason + ".")
}
