package live

import (
	"strconv"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/thing"
)

// Event is what a device tells of itself. It comes from [NewEvent].
type Event struct {
	// ID is the id of the thing, "namespace:name".
	ID string
	// Topic names the thing and the action: Created, Modified, Merged or Deleted.
	Topic protocol.Topic
	Path  protocol.Path
	// Value is canonical JSON, nil if something was deleted.
	Value []byte
	// Revision is the one that the device gave.
	Revision int64
	// Timestamp is in the format of RFC 3339, "" if the device gave none.
	Timestamp string
	// CorrelationID is "" if the device gave none.
	CorrelationID string
	// Headers are those of the device.
	Headers protocol.Headers
	// Originator is the first authorization subject of the device. The caller sets it.
	Originator string

	what thing.Event
	form form
}

// causes are the commands whose effects events tell. What cannot be commanded cannot have happened.
var causes = map[protocol.Action]protocol.Action{
	protocol.Created: protocol.Modify, protocol.Modified: protocol.Modify, protocol.Merged: protocol.Merge,
	protocol.Deleted: protocol.Delete,
}

// NewEvent makes an event of an envelope whose topic is an event of a thing of channel live.
//
// Errors: json.field.missing without a revision; protocoladapter:illegal.adaptable for a value that is missing or cannot be at
// the path, about which [Untold] says whether the device is told; those of [NewCommand] for what the event is about.
func NewEvent(env *protocol.Envelope) (*Event, *protocol.Error) {
	t := &env.Topic
	if t.Group != protocol.Things || t.Criterion != protocol.Events || t.Channel != protocol.Live || env.Status != 0 {
		return nil, protocol.ErrTopicNotServed(*t)
	}
	cause, ok := causes[t.Action]
	if !ok {
		return nil, protocol.ErrUnknownTopicPath(t.String(), env.Path)
	}
	what, err := thing.NewLivePart(env, cause)
	if err != nil {
		return nil, err
	}
	if !env.HasRevision {
		return nil, protocol.ErrFieldMissing("revision")
	}
	if cause != protocol.Delete {
		if err := what.TakeLiveValue(env); err != nil {
			return nil, illegal(t, err)
		}
	}
	e := &Event{
		ID: t.EntityID(), Topic: *t, Path: what.Path, Value: what.Value, Revision: env.Revision, Timestamp: env.Timestamp,
		Headers: env.Headers,
	}
	e.what = thing.Event{Action: t.Action, Path: e.Path, Value: e.Value, MergePatch: t.Action == protocol.Merged}
	e.CorrelationID, _ = env.Headers.String(protocol.HeaderCorrelationID)
	headers := e.delivered()
	e.form = newForm(&protocol.Envelope{
		Topic: *t, Revision: env.Revision, HasRevision: true, Timestamp: env.Timestamp, Metadata: env.Metadata,
	}, &headers, e.Path.String())
	return e, nil
}

// delivered returns the headers of the event that every receiver is shown. Protocol rule: without a value it has the content
// type that it was sent with, if any.
func (e *Event) delivered() protocol.Headers {
	h := passedOn(&e.Headers)
	h.Set(protocol.HeaderEntityRevision, strconv.AppendInt(nil, e.Revision, 10))
	switch {
	case e.Topic.Action == protocol.Merged:
		h.SetString(protocol.HeaderContentType, protocol.MergePatchJSON)
	case e.Value != nil:
		h.SetString(protocol.HeaderContentType, protocol.JSON)
	}
	return h
}

// Resource is what the permissions are about that senders and receivers need: WRITE and READ.
func (e *Event) Resource() (enforcer.ResourceType, document.Pointer) {
	return enforcer.Thing, e.Path.Pointer
}

// Authorize checks whether a device with the rights may send the event. The error is things:event.notallowed.
func (e *Event) Authorize(rights *enforcer.Rights) *protocol.Error {
	if typ, at := e.Resource(); !rights.Unrestricted(typ, at, enforcer.Write) {
		return protocol.ErrEventNotAllowed(e.ID, e.Path)
	}
	return nil
}

// What returns what has happened, as it is told of a twin.
func (e *Event) What() *thing.Event { return &e.what }

// AppendSignal appends the event as the receiver is sent it, with what of its value they may read. Protocol rule: that is decided
// as for the events of twins.
func (e *Event) AppendSignal(dst []byte, d Delivery, value []byte) []byte {
	d.ResponseRequired = false
	return e.form.append(dst, &d, e.Originator, true, value)
}
