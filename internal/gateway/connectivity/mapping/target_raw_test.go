package mapping

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/snapshot"
)

// messageText returns what a receiver is told of a message with a content type, "" for none, and more members.
func messageText(contentType, members string) string {
	text := strings.Replace(signalMessage, `,"value":"hello"`, members, 1)
	if contentType == "" {
		return strings.Replace(text, `,"content-type":"text/plain"`, "", 1)
	}
	return strings.Replace(text, "text/plain", contentType, 1)
}

// A message is its payload, as it was meant.
func TestRawMessage(t *testing.T) {
	for _, tc := range []struct{ name, contentType, members, payload, media string }{
		{"text", "text/plain", `,"value":"h\u00e4llo\n"`, "hällo\n", "text/plain"},
		{"text of another character set", "text/plain; charset=ISO-8859-1; x=y", `,"value":"h\u00e4llo"`, "hällo", "text/plain; charset=utf-8; x=y"},
		{"JSON", "application/json", `,"value":{ "a": [1] }`, `{ "a": [1] }`, "application/json"},
		{"some JSON", "application/senml+json", `,"value":[1]`, `[1]`, "application/senml+json"},
		{"a JSON string", "application/json", `,"value":"a"`, `"a"`, "application/json"},
		{"bytes", "application/octet-stream", `,"value":"AAH/"`, "\x00\x01\xff", "application/octet-stream"},
		{"bytes of a kind", "image/png", `,"value":"iVBORw=="`, "\x89PNG", "image/png"},
		{"text that does not say so", "", `,"value":"aGVsbG8="`, "hello", "text/plain; charset=UTF-8"},
		{"bytes that do not say so", "", `,"value":"AAH/"`, "\x00\x01\xff", "application/octet-stream"},
		{"nothing", "image/png", ``, "", "image/png"},
		{"nothing at all", "", ``, "", "text/plain; charset=UTF-8"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := mapped(t, target(t, snapshot.Target{Payload: snapshot.TargetRawMessage, Address: "{{ thing:id }}"}), messageText(tc.contentType, tc.members))
			if string(m.Payload) != tc.payload {
				t.Errorf("payload %q, want %q", m.Payload, tc.payload)
			}
			want := external.Headers{
				"content-type": tc.media, "ditto-message-direction": "TO", "ditto-message-subject": "ask/me", "ditto-message-thing-id": "ns:t",
				"ditto-message-feature-id": "lamp",
			}
			if diff := cmp.Diff(want, m.Headers); diff != "" {
				t.Errorf("headers (-want +got):\n%s", diff)
			}
			if m.Address != "ns:t" || m.Key != "ns:t" {
				t.Errorf("address %s, key %s", m.Address, m.Key)
			}
		})
	}
}

// A response has a status besides.
func TestRawResponse(t *testing.T) {
	const text = `{"topic":"ns/t/things/live/messages/ask","headers":{"ditto-message-direction":"FROM","ditto-message-subject":"ask",` +
		`"ditto-message-thing-id":"ns:t","content-type":"application/json"},"path":"/outbox/messages/ask","value":1,"status":201}`
	m := mapped(t, target(t, snapshot.Target{Payload: snapshot.TargetRawMessage}), text)
	want := external.Headers{
		"content-type": "application/json", "ditto-message-direction": "FROM", "ditto-message-subject": "ask", "ditto-message-thing-id": "ns:t", "status": "201",
	}
	if diff := cmp.Diff(want, m.Headers); diff != "" || string(m.Payload) != "1" {
		t.Errorf("payload %s, headers (-want +got):\n%s", m.Payload, diff)
	}
}

// What is no message, or has an envelope as its payload, is an envelope.
func TestRawMessageOfAnythingElse(t *testing.T) {
	for _, text := range []string{signalEvent, signalAnnouncement, messageText("Application/vnd.eclipse.ditto+json; charset=utf-8", `,"value":{"topic":"x"}`)} {
		m := mapped(t, target(t, snapshot.Target{Payload: snapshot.TargetRawMessage}), text)
		want := external.Headers{"content-type": "application/vnd.eclipse.ditto+json"}
		if diff := cmp.Diff(want, m.Headers); diff != "" || string(m.Payload) != text {
			t.Errorf("payload %s, headers (-want +got):\n%s", m.Payload, diff)
		}
	}
}
