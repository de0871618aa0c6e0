package nats

import (
	"strings"

	"github.com/nats-io/nats.go"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
)

// headerSubject is the name of the header that says where a message comes from.
const headerSubject = "nats.subject"

// inbound returns a message that has come in.
func inbound(msg *nats.Msg) external.Message {
	headers := make(external.Headers, len(msg.Header)+2)
	for name, values := range msg.Header {
		if len(values) > 0 {
			headers[strings.ToLower(name)] = values[0]
		}
	}
	if msg.Reply != "" {
		headers[external.ReplyTo] = msg.Reply
	}
	headers[headerSubject] = msg.Subject
	return external.Message{Address: msg.Subject, Headers: headers, Payload: msg.Data, Key: msg.Subject}
}

// outbound returns a message that is to go out. A stream has no use for reply subjects: with one, they stay headers.
func outbound(m *external.Message, toStream bool) (*nats.Msg, error) {
	if err := publishable(m.Address); err != nil {
		return nil, err
	}
	msg := &nats.Msg{Subject: m.Address, Data: m.Payload}
	if len(m.Headers) == 0 {
		return msg, nil
	}
	msg.Header = make(nats.Header, len(m.Headers))
	for name, value := range m.Headers {
		if !toStream && strings.EqualFold(name, external.ReplyTo) && publishable(value) == nil {
			msg.Reply = value
			continue
		}
		msg.Header[name] = []string{value}
	}
	return msg, nil
}
