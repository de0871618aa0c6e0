package dittows

import (
	"strings"
	"time"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// event is an event of a twin at the other end.
type event struct {
	*frame
	// source is the Subscription.
	source string
	// thing is the twin, and revision the one that it has by the event.
	thing    string
	revision int64
	// creates and deletes say that it does so with the whole thing.
	creates, deletes bool
	// whole says that it stands for all that is missing.
	whole bool
	// again is how often it was told before.
	again int
}

func newEvent(f *frame, source string) *event {
	whole := strings.Trim(f.env.Path, "/") == ""
	return &event{
		frame: f, source: source, thing: f.env.Topic.EntityID(), revision: f.env.Revision,
		creates: whole && f.env.Topic.Action == protocol.Created, deletes: whole && f.env.Topic.Action == protocol.Deleted,
	}
}

// newText returns an event that was not sent, with its text.
func newText(thing, source string, action protocol.Action, value []byte, revision int64, timestamp string) (*event, *protocol.Error) {
	env := protocol.Envelope{Topic: topicOf(thing), Path: "/", Value: value, Revision: revision, HasRevision: true, Timestamp: timestamp}
	env.Topic.Criterion, env.Topic.Action = protocol.Events, action
	env.Headers.SetString(protocol.HeaderCorrelationID, "gap")
	if value != nil {
		env.Headers.SetString(protocol.HeaderContentType, protocol.JSON)
	}
	return readEvent(env.Append(nil), source)
}

// deletion returns the event that deletes a thing of which the other end no longer tells how it went.
func deletion(thing, source string, revision int64, at time.Time) (*event, *protocol.Error) {
	return newText(thing, source, protocol.Deleted, nil, revision, at.UTC().Format(time.RFC3339Nano))
}

// readEvent reads the text of an event.
func readEvent(text []byte, source string) (*event, *protocol.Error) {
	f := &frame{text: text}
	if err := protocol.Decode(text, &f.env); err != nil {
		return nil, err
	}
	return newEvent(f, source), nil
}

// topicOf returns a topic of the twin channel about a thing.
func topicOf(thing string) protocol.Topic {
	namespace, name, _ := strings.Cut(thing, ":")
	return protocol.Topic{Namespace: namespace, Name: name, Group: protocol.Things, Channel: protocol.Twin}
}
