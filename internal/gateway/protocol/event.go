package protocol

import (
	"strconv"
	"time"
)

// Event tells of a change of an entity.
type Event struct {
	// Topic has the criterion Events and the action of the event.
	Topic Topic
	// Headers are those of the command that caused the change.
	Headers Headers
	// Originator is the first authorization subject of who sent the command.
	Originator string
	// CorrelationID is the one that the receiver is to answer with, "" for that of the command.
	CorrelationID string
	// RequestedAcks are the labels that the receiver is asked to acknowledge with.
	RequestedAcks []string
	// Path is what has changed.
	Path Path
	// Value is JSON, nil if there is none.
	Value []byte
	// Extra is a JSON object with further fields of the entity, nil if there is none.
	Extra []byte
	// Revision is that of the entity after the change.
	Revision  int64
	Timestamp time.Time
}

// Append appends the event as an envelope.
func (e *Event) Append(dst []byte) []byte {
	headers := replyHeaders{
		command: e.Headers, originator: e.Originator, revision: e.Revision, contentType: e.contentType(),
		event: true, acks: e.RequestedAcks, correlationID: e.CorrelationID,
	}
	dst = append(dst, `{"topic":`...)
	dst = e.Topic.appendJSON(dst)
	dst = append(dst, `,"headers":`...)
	dst = headers.append(dst)
	dst = append(dst, `,"path":`...)
	dst = e.Path.appendJSON(dst)
	dst = appendMember(dst, `,"value":`, e.Value)
	dst = appendMember(dst, `,"extra":`, e.Extra)
	dst = append(dst, `,"revision":`...)
	dst = strconv.AppendInt(dst, e.Revision, 10)
	dst = append(dst, `,"timestamp":"`...)
	dst = e.Timestamp.UTC().AppendFormat(dst, time.RFC3339Nano)
	return append(dst, `"}`...)
}

// contentType returns the content type. Protocol rule: an event without a value has that of the command, if any.
func (e *Event) contentType() string {
	switch {
	case e.Topic.Action == Merged || e.Topic.Action == Migrated:
		return MergePatchJSON
	case e.Value == nil:
		return ""
	}
	return JSON
}
