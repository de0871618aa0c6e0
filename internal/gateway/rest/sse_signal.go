package rest

import (
	"bytes"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// signal is the envelope of a signal as a subscriber is told it, taken apart. What it lacks is nil.
type signal struct {
	topic protocol.Topic
	// path, headers, value, extra, revision and timestamp are members of the envelope, JSON; rawTopic is that of the topic.
	rawTopic, path, headers, value, extra, revision, timestamp []byte
}

// newSignal takes an envelope apart, and reports whether it could.
func newSignal(text []byte) (s signal, ok bool) {
	for name, value := range document.Members(text) {
		switch name {
		case "topic":
			s.rawTopic = value
		case "path":
			s.path = value
		case "headers":
			s.headers = value
		case "value":
			s.value = value
		case "extra":
			s.extra = value
		case "revision":
			s.revision = value
		case "timestamp":
			s.timestamp = value
		}
	}
	topic, err := document.Unquote(s.rawTopic)
	if err != nil {
		return s, false
	}
	var failed *protocol.Error
	s.topic, failed = protocol.ParseTopic(topic)
	return s, failed == nil
}

// isFailure reports whether the envelope tells of an error, in place of a signal.
func (s *signal) isFailure() bool { return s.topic.Criterion == protocol.Errors }

// at returns where in the thing the signal is about something.
func (s *signal) at() (document.Pointer, bool) {
	text, err := document.Unquote(s.path)
	if err != nil {
		return nil, false
	}
	at, err := document.ParsePointer(text)
	return at, err == nil
}

// thingOf returns the thing that an envelope is about as its topic says it, with the opening quote: "namespace/name. The topic
// comes first in what is sent.
func thingOf(text []byte) []byte {
	topic, _ := document.Get(text, document.Pointer{"topic"})
	slash := bytes.IndexByte(topic, '/')
	if slash < 0 {
		return nil
	}
	end := bytes.IndexByte(topic[slash+1:], '/')
	if end < 0 {
		return nil
	}
	return topic[:slash+1+end]
}

// topicOf returns how topics about a thing begin, see thingOf.
func topicOf(namespace, name string) string {
	quoted := document.AppendString(nil, namespace+"/"+name)
	return string(quoted[:len(quoted)-1])
}
