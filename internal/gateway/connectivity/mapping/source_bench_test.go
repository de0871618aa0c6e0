package mapping

import (
	"testing"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/snapshot"
)

// BenchmarkSource maps what devices send.
func BenchmarkSource(b *testing.B) {
	const modify = `{"topic":"org.acme/lamp-1/things/twin/commands/modify","headers":{"correlation-id":"0123456789","content-type":"application/json"},"path":"/features/lamp/properties/on","value":true}`
	for _, c := range []struct {
		name   string
		change func(*snapshot.Source)
		m      *external.Message
	}{
		{"envelope", nil, &external.Message{Address: "dev/lamp-1", Payload: []byte(modify)}},
		{"enforced", func(s *snapshot.Source) {
			s.RequestedAcks = []string{"twin-persisted"}
			s.Enforcement = &snapshot.Enforcement{Input: "{{ source:address }}", Filters: []string{"dev/{{ thing:name }}"}}
		}, &external.Message{Address: "dev/lamp-1", Payload: []byte(modify)}},
		{"raw", func(s *snapshot.Source) { s.Payload = snapshot.SourceRawMessage }, &external.Message{
			Address: "dev/lamp-1", Payload: []byte("hello"),
			Headers: external.Headers{"ditto-message-thing-id": "org.acme:lamp-1", "ditto-message-subject": "hello", "content-type": "text/plain"},
		}},
		{"implicit", creates(`{"thingId":"org.acme:{{ header:device_id }}","policyId":"org.acme:lamps","attributes":{"gateway":"{{ header:gateway }}"}}`), &external.Message{
			Address: "dev/lamp-1", Headers: external.Headers{"device_id": "lamp-1", "gateway": "g"},
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			s := sourceOf(b, c.change)
			b.ReportAllocs()
			for b.Loop() {
				if mapped, err := s.Map(c.m, madeID, noon); err != nil || len(mapped.Commands) != 1 {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkReply makes the reply to a message.
func BenchmarkReply(b *testing.B) {
	s := sourceOf(b, func(s *snapshot.Source) {
		s.ReplyTo, s.Replies = "{{ header:reply-to }}", []snapshot.ReplyKind{snapshot.ReplyResponse}
	})
	m := message("dev/1 | reply-to: dev/1/replies | ")
	answer := []byte(`{"topic":"org.acme/lamp-1/things/twin/commands/modify","headers":{"correlation-id":"0123456789","response-required":false,"content-type":"application/json"},"path":"/features/lamp/properties/on","status":204}`)
	b.ReportAllocs()
	for b.Loop() {
		if s.Reply(m, answer, snapshot.ReplyResponse, noon) == nil {
			b.Fatal("no reply")
		}
	}
}
