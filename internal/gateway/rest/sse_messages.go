package rest

import (
	"bytes"
	"strings"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/live"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// mailbox is which messages of a thing a stream is about.
type mailbox struct {
	thing string // as topics begin that are about it
	// prefix is how their paths begin, up to the subject: [/features/id]/(inbox|outbox)/messages/
	prefix string
	// subject is that of all of them, "" for any.
	subject string
}

// messageEvents answers with the messages to a thing or a feature, or from it: with those that have the subject which the path
// ends with, if it has one.
func messageEvents(q *request) *answer {
	box, err := q.mailbox()
	if err != nil {
		return refusal(err)
	}
	want, err := q.want()
	if err != nil {
		return refusal(err)
	}
	want.Namespaces = []string{strings.Trim(box.thing[:strings.IndexByte(box.thing, '/')], `"`)}
	return q.stream(func(s *eventStream) (func() *protocol.Error, *protocol.Error) {
		l := s.subscribe(q.server.options.Messages, want, box.picks)
		return func() *protocol.Error { s.follow(l, showMessage); return nil }, nil
	})
}

// mailbox returns which messages the path is about.
func (q *request) mailbox() (box mailbox, err *protocol.Error) {
	namespace, name, err := q.thingID(q.segments[1])
	if err != nil {
		return box, err
	}
	box.thing = topicOf(namespace, name)
	rest := q.segments[2:]
	if rest[0] == "features" {
		if protocol.ValidateKey(rest[1]) != nil {
			return box, protocol.ErrMessageFeatureIDInvalid(rest[1])
		}
		box.prefix, rest = document.Pointer{"features", rest[1]}.String(), rest[2:]
	}
	box.prefix += "/" + rest[0] + "/messages/"
	if box.subject = strings.Join(rest[2:], "/"); box.subject == "" {
		return box, nil
	}
	return box, protocol.ValidateSubject(box.subject)
}

// picks reports whether an envelope is a message of the box. That one could not be told is told for all boxes of a thing.
func (b *mailbox) picks(text []byte) bool {
	if string(thingOf(text)) != b.thing {
		return false
	}
	raw, _ := document.Get(text, document.Pointer{"path"})
	path, err := document.Unquote(raw)
	if err != nil {
		return false
	}
	subject, in := strings.CutPrefix(path, b.prefix)
	return in && (b.subject == "" || b.subject == subject) || path == "/"
}

// showMessage returns the event that a message is told with: its payload as text, of a type that is the subject.
func showMessage(text []byte) (event, bool) {
	s, ok := newSignal(text)
	switch {
	case !ok:
		return event{}, false
	case s.isFailure():
		return event{data: s.value}, true
	}
	media, _ := document.Get(s.headers, document.Pointer{protocol.HeaderContentType.String()})
	contentType, err := document.Unquote(media)
	if err != nil {
		contentType = ""
	}
	return event{name: s.topic.Subject, data: []byte(live.TextPayload(contentType, bytes.Clone(s.value)))}, true
}
