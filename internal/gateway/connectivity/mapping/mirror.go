package mapping

import (
	"bytes"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Mirror returns the envelope that repeats at one end what an envelope says has happened at the other, where only commands change
// something: a command for an event of a twin, and for anything of the live channel that envelope itself. It reports false for what
// cannot be repeated, and for what was repeated too often: it goes in a circle. The envelope is not modified, and the result aliases
// its value.
//
// The commands for the events of a thing, done in order, make the thing at the one end what it is at the other. Whether they are
// answered is for the caller to say; acknowledgements are not requested.
func Mirror(env *protocol.Envelope) (*protocol.Envelope, bool) {
	t := &env.Topic
	times := timesMirrored(env)
	if t.Group != protocol.Things || t.Namespace == protocol.Wildcard || t.Name == protocol.Wildcard || times >= maxMirrored {
		return nil, false
	}
	var repeated *protocol.Envelope
	var ok bool
	switch {
	case t.Channel == protocol.Live:
		repeated, ok = mirrorLive(env)
	case t.Channel == protocol.Twin && t.Criterion == protocol.Events:
		repeated, ok = mirrorEvent(env)
	}
	if ok {
		count(repeated, times)
	}
	return repeated, ok
}

// mirrors are the commands that lead to events. Protocol rule: modifying what does not exist creates it, so that no command fails
// because the other end knows the thing already.
var mirrors = map[protocol.Action]protocol.Action{
	protocol.Created: protocol.Modify, protocol.Modified: protocol.Modify, protocol.Deleted: protocol.Delete,
	protocol.Merged: protocol.Merge, protocol.Migrated: protocol.Merge,
}

// mirrorEvent returns the command for an event of a twin. It has nothing of the event but what has changed: metadata, extra fields,
// revision and time are those of the other end.
func mirrorEvent(env *protocol.Envelope) (*protocol.Envelope, bool) {
	action, ok := mirrors[env.Topic.Action]
	deletes := action == protocol.Delete
	if !ok || env.Status != 0 || env.Value == nil && !deletes {
		return nil, false
	}
	if action == protocol.Modify && mayHaveTemplates(env.Value) {
		action = protocol.Merge
	}
	m := &protocol.Envelope{Topic: env.Topic, Path: env.Path, Headers: mirrorHeaders(&env.Headers)}
	m.Topic.Criterion, m.Topic.Action = protocol.Commands, action
	switch {
	case deletes:
		return m, true
	case action == protocol.Merge:
		m.Headers.SetString(protocol.HeaderContentType, protocol.MergePatchJSON)
	default:
		m.Headers.SetString(protocol.HeaderContentType, protocol.JSON)
	}
	m.Value = env.Value
	return m, true
}

// mayHaveTemplates is hasTemplates for a value as another end has written it, which may be escaped.
func mayHaveTemplates(value []byte) bool {
	if !bytes.Contains(value, []byte("{{")) && !bytes.Contains(value, []byte(`\u007`)) {
		return false
	}
	canonical, err := document.Canonical(value)
	return err == nil && hasTemplates(canonical)
}

// hasTemplates reports whether a value has strings in it that another end would take for templates. Protocol rules: it replaces them,
// or refuses them, unless they come with a patch; and no event has any but that of a new thing which was made by one. That the patch
// adds to a thing, if the other end has one, is the smaller evil.
func hasTemplates(value []byte) bool {
	if !bytes.Contains(value, []byte("{{")) {
		return false
	}
	switch document.KindOf(value) {
	case document.String:
		return true
	case document.Array:
		for element := range document.Elements(value) {
			if hasTemplates(element) {
				return true
			}
		}
	case document.Object:
		for _, member := range document.Members(value) {
			if hasTemplates(member) {
				return true
			}
		}
	}
	return false
}

// mirrorSuffix follows the correlation id of the event in that of its command: the answer to the command is no answer to what caused
// the event.
const mirrorSuffix = "-mirror"

// mirrorHeaders returns the headers of the command for an event with these headers. Those of whoever caused the event ask for nothing
// at the other end: only what traces it is passed on.
func mirrorHeaders(event *protocol.Headers) (h protocol.Headers) {
	if id, ok := event.String(protocol.HeaderCorrelationID); ok {
		h.SetString(protocol.HeaderCorrelationID, id+mirrorSuffix)
	}
	for _, name := range []protocol.HeaderName{protocol.HeaderTraceparent, protocol.HeaderTracestate} {
		if raw, ok := event.Get(name); ok {
			h.Set(name, raw)
		}
	}
	return h
}

// mirrorLive returns an envelope of the live channel for the other end: as it is, but for headers that only one end has a use for.
func mirrorLive(env *protocol.Envelope) (*protocol.Envelope, bool) {
	switch env.Topic.Criterion {
	case protocol.Commands, protocol.Events, protocol.Messages, protocol.Errors, protocol.Acks:
	default:
		return nil, false
	}
	m := *env
	m.Headers = env.Headers.Clone()
	m.Headers.FilterThrough(env.Topic.Criterion == protocol.Acks)
	m.Headers.Delete(protocol.HeaderDivertedResponseFromConnection)
	return &m, true
}
