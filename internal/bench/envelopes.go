package bench

import (
	"fmt"
	"strconv"
)

// envelope appends what asks for a task over WebSocket.
func (s *stock) envelope(b []byte, t task, lane, op int) []byte {
	switch t.kind {
	case create:
		b = appendHeaders(s.topic(b, t.at, "create"), lane, op)
		return append(s.body(append(b, `},"path":"/","value":`...), t.at), '}')
	case createDevice:
		b = appendHeaders(fmt.Appendf(b, `{"topic":"%s/device/things/twin/commands/create`, s.deviceNamespace(t.at)), lane, op)
		return append(s.body(append(b, `},"path":"/","value":`...), t.at), '}')
	case echoed:
		b = appendHeaders(s.topic(b, t.at, "retrieve"), lane, op)
		return append(s.body(append(b, `},"path":"/","value":`...), t.at), `,"status":200}`...)
	case modify:
		b = appendHeaders(s.topic(b, t.at, "modify"), lane, op)
		b = append(b, `},"path":"/features/coffee-brewer/properties/brewed-coffees","value":`...)
		return append(strconv.AppendInt(b, int64(t.value), 10), '}')
	case searchID, searchAttribute, searchPage:
		b = appendHeaders(append(b, searchTopic+`subscribe`...), lane, op)
		return s.subscription(append(b, `},"path":"/","value":{`...), t)
	case message:
		b = appendHeaders(fmt.Appendf(b, `{"topic":"%s/device/things/live/messages/ask`, s.deviceNamespace(t.at)), lane, op)
		return append(b, `,"content-type":"application/json"},"path":"/inbox/messages/ask","value":{"brew":"coffee"}}`...)
	}
	return append(appendHeaders(s.topic(b, t.at, "retrieve"), lane, op), `},"path":"/"}`...)
}

// topic appends the beginning of a command on a thing.
func (s *stock) topic(b []byte, at int, action string) []byte {
	b = append(append(append(b, `{"topic":"`...), s.namespace...), "/test-thing-"...)
	b = strconv.AppendInt(b, int64(at), 10)
	return append(append(b, "/things/twin/commands/"...), action...)
}

// appendHeaders appends headers behind a topic, and leaves them open for more.
func appendHeaders(b []byte, lane, op int) []byte {
	return append(appendID(append(b, `","headers":{"correlation-id":"`...), lane, op), '"')
}

// searchTopic is how envelopes of searches begin, up to the action.
const searchTopic = `{"topic":"_/_/things/twin/search/`

// subscription appends the value of an envelope that begins a search, which it ends.
func (s *stock) subscription(b []byte, t task) []byte {
	switch t.kind {
	case searchAttribute:
		return fmt.Appendf(b, `"filter":"eq(attributes/serial,\"SN%010d\")"}}`, s.serialOf(t.at))
	case searchPage:
		return fmt.Appendf(b, `"filter":"eq(attributes/line,\"line-%02d\")","options":"sort(+attributes/weight),size(%d)"}}`, t.at%groups, page)
	}
	return append(s.thing(append(b, `"filter":"eq(thingId,\"`...), t.at), `\")"}}`...)
}

// askForPages appends the request for pages of a search.
func askForPages(b []byte, lane, op int, subscription []byte, pages int) []byte {
	b = appendHeaders(append(b, searchTopic+`request`...), lane, op)
	return fmt.Appendf(b, `},"path":"/","value":{"subscriptionId":"%s","demand":%d}}`, subscription, pages)
}

// endSearch appends the cancellation of a search. Its correlation id is that of no operation, since nobody waits for an answer.
func endSearch(b []byte, subscription []byte) []byte {
	return fmt.Appendf(b, `%scancel","headers":{"correlation-id":"%s"},"path":"/","value":{"subscriptionId":"%s"}}`, searchTopic, ended, subscription)
}

// ended is the correlation id of what follows when everything is said.
const ended = "ended"

// answerOf appends the answer of a device to a message.
func (s *stock) answerOf(b []byte, at int, correlationID []byte) []byte {
	return fmt.Appendf(b, `{"topic":"%s/device/things/live/messages/ask","headers":{"correlation-id":"%s","content-type":"application/json"},`+
		`"path":"/inbox/messages/ask","value":{"done":true},"status":200}`, s.deviceNamespace(at), correlationID)
}
