package mapping

import (
	"strconv"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/live"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/snapshot"
)

// A payload that is taken as it is becomes that of a message, of which headers say the rest. What it is depends on its content type.
func TestRawMessages(t *testing.T) {
	const about = " | ditto-message-thing-id: ns:t | ditto-message-subject: ask/me"
	for _, c := range []struct{ headers, message, want string }{
		{"", "dev/1" + about + " | hi", `ns/t/things/live/messages/ask/me /inbox/messages/ask/me "application/octet-stream" "aGk="`},
		{"", "dev/1" + about + " | content-type: text/plain | hi", `ns/t/things/live/messages/ask/me /inbox/messages/ask/me "text/plain" "hi"`},
		{"", "dev/1" + about + ` | content-type: application/json | {"a": 1}`, `ns/t/things/live/messages/ask/me /inbox/messages/ask/me "application/json" {"a": 1}`},
		{"", "dev/1" + about + " | content-type: application/json | hi", "400 json.invalid"},
		{"", "dev/1" + about + " | content-type: text/plain | \xff", "400 messages:messageformat.invalid"},
		{"", "dev/1" + about + " | content-type: text/plain | ", `ns/t/things/live/messages/ask/me /inbox/messages/ask/me "text/plain"`},
		{"", "dev/1" + about + " | content-type: text/plain | ditto-message-direction: from | ditto-message-feature-id: f~x | hi",
			`ns/t/things/live/messages/ask/me /features/f~0x/outbox/messages/ask/me "text/plain" "hi"`},
		{"", "dev/1" + about + " | content-type: text/plain | status: 204 | hi", `ns/t/things/live/messages/ask/me /inbox/messages/ask/me "text/plain" "hi" 204`},
		{"", "dev/1" + about + " | status: 99 | hi", "400 connectivity:message.mapping.failed"},
		{"", "dev/1" + about + " | status: fine | hi", "400 connectivity:message.mapping.failed"},
		{"", "dev/1" + about + " | ditto-message-direction: up | hi", "400 connectivity:message.mapping.failed"},
		{"", "dev/1" + about + " | ditto-message-feature-id: a/b | hi", "400 protocoladapter:invalid.path"},
		{"", "dev/1 | ditto-message-thing-id: ns:t | hi", "400 messages:subject.invalid"},
		{"", "dev/1 | ditto-message-subject: s | hi", "400 connectivity:message.mapping.failed"},
		{"", "dev/1 | ditto-message-thing-id: t | ditto-message-subject: s | hi", "400 connectivity:message.mapping.failed"},
		{"", "dev/1 | ditto-message-thing-id: ns:a/b | ditto-message-subject: s | hi", "400 things:id.invalid"},

		// The source may say instead of the message what it is.
		{"Ditto-Message-Thing-Id=ns:{{ source:address | fn:substring-after('/') }};ditto-message-subject=up;ditto-message-direction=FROM;content-type=text/plain",
			"dev/1 | content-type: application/json | ditto-message-thing-id: ns:other | hi", `ns/1/things/live/messages/up /outbox/messages/up "text/plain" "hi"`},
		{"ditto-message-subject={{ header:no }}", "dev/1" + about + " | hi", "400 messages:subject.invalid"},

		// What names itself an envelope is one.
		{"", `dev/1 | content-type: application/vnd.eclipse.ditto+json | {"topic":"ns/t/things/live/messages/s","path":"/inbox/messages/s","value":"x"}`,
			`ns/t/things/live/messages/s /inbox/messages/s "" "eA=="`},
		{"content-type=application/vnd.eclipse.ditto+json", `dev/1 | content-type: text/plain | x`, "400 json.invalid"},
	} {
		s := sourceOf(t, func(s *snapshot.Source) {
			s.Payload, s.Headers = snapshot.SourceRawMessage, headersOf(c.headers)
		})
		if got := delivered(s, c.message); got != c.want {
			t.Errorf("%s, %s:\n got %s\nwant %s", c.headers, c.message, got, c.want)
		}
	}
}

// delivered says what message a message becomes, as it is delivered: topic, path, content type, value and status.
func delivered(s *Source, text string) string {
	mapped, err := s.Map(message(text), madeID, noon)
	if err != nil {
		return became(mapped, err)
	}
	m, err := live.NewMessage(mapped.Commands[0].Envelope)
	if err != nil {
		return became(mapped, err)
	}
	contentType, _ := m.Headers.String(protocol.HeaderContentType)
	words := []string{m.Topic.String(), m.Address.Path(), `"` + contentType + `"`}
	if m.Value != nil {
		words = append(words, string(m.Value))
	}
	if m.Status != 0 {
		words = append(words, strconv.Itoa(m.Status))
	}
	return strings.Join(words, " ")
}

// A raw message has the headers of its source besides those that say what it is.
func TestHeadersOfRawMessages(t *testing.T) {
	s := sourceOf(t, func(s *snapshot.Source) {
		s.Payload = snapshot.SourceRawMessage
		s.Headers = headersOf("response-required=false;subject={{ topic:subject }};content-type=text/plain;correlation-id={{ header:id }}")
	})
	got := became(s.Map(message("dev/1 | ditto-message-thing-id: ns:t | ditto-message-subject: s | correlation-id: theirs | id: mapped | hi"), madeID, noon))
	want := `ns/t/things/live/messages/s /inbox/messages/s {content-type="text/plain" correlation-id="mapped" response-required=false subject="s"} raw(hi) silent handed`
	if got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}
