package protocol

import (
	"strconv"

	"github.com/twinway/twinway/internal/gateway/document"
)

// Envelope is a message of the protocol. One that was decoded aliases the text it came in.
type Envelope struct {
	Topic   Topic
	Headers Headers
	// Path is as it was sent; see [ParsePath].
	Path string
	// Value, Extra and Metadata are JSON, nil if absent. Extra and Metadata are objects.
	Value, Extra, Metadata []byte
	// Raw is the payload of a message as bytes, in place of a value, from bindings that carry bytes. Nil if there is none.
	Raw []byte
	// Status marks a response: 100 to 599, or 0.
	Status int
	// Revision of the entity, if HasRevision.
	Revision    int64
	HasRevision bool
	// Timestamp is in the format of RFC 3339, "" if absent.
	Timestamp string
	// Fields selects fields, if HasFields.
	Fields    string
	HasFields bool
}

// Append appends the envelope as JSON, with the headers that may be shown to clients.
func (e *Envelope) Append(dst []byte) []byte {
	dst = append(dst, `{"topic":`...)
	dst = e.Topic.appendJSON(dst)
	dst = append(dst, `,"headers":`...)
	dst = e.Headers.AppendOut(dst)
	dst = append(dst, `,"path":`...)
	dst = document.AppendString(dst, e.printedPath())
	dst = appendMember(dst, `,"value":`, e.Value)
	dst = appendMember(dst, `,"extra":`, e.Extra)
	if e.Status != 0 {
		dst = append(dst, `,"status":`...)
		dst = strconv.AppendInt(dst, int64(e.Status), 10)
	}
	if e.HasRevision {
		dst = append(dst, `,"revision":`...)
		dst = strconv.AppendInt(dst, e.Revision, 10)
	}
	if e.Timestamp != "" {
		dst = append(dst, `,"timestamp":`...)
		dst = document.AppendString(dst, e.Timestamp)
	}
	dst = appendMember(dst, `,"metadata":`, e.Metadata)
	if e.HasFields {
		dst = append(dst, `,"fields":`...)
		dst = document.AppendString(dst, e.Fields)
	}
	return append(dst, '}')
}

// printedPath returns the path. Protocol rule: the root is printed as a slash, however it was sent.
func (e *Envelope) printedPath() string {
	if e.Path == "" {
		return "/"
	}
	return e.Path
}

// appendMember appends a member of which name is everything before the value, or nothing if the value is nil.
func appendMember(dst []byte, name string, value []byte) []byte {
	if value == nil {
		return dst
	}
	dst = append(dst, name...)
	return append(dst, value...)
}
