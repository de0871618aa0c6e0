package mapping

import (
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/snapshot"
)

// hostile returns sources of all kinds of payload behind which a device may speak only for the thing that its address names.
func hostile(t testing.TB) []*Source {
	var sources []*Source
	for _, payload := range []snapshot.SourcePayload{snapshot.SourceDittoProtocol, snapshot.SourceRawMessage, snapshot.SourceImplicitThing} {
		for _, thing := range []*snapshot.ImplicitThing{nil, {Thing: `{"thingId":"{{ header:device | fn:default(source:address) }}","{{ header:k | fn:default('k') }}":"{{ header:x | fn:default('x') }}"}`}} {
			if thing == nil && payload == snapshot.SourceImplicitThing {
				continue
			}
			sources = append(sources, sourceOf(t, func(s *snapshot.Source) {
				s.Payload, s.ImplicitThing = payload, thing
				s.Delivery, s.RequestedAcks = snapshot.AtLeastOnce, []string{"my:ack", "twin-persisted"}
				s.AuthorizationSubjects = []string{"a:{{ header:x | fn:default('x') }}", "b:c"}
				s.Enforcement = &snapshot.Enforcement{Input: "{{ source:address }}", Filters: []string{"{{ thing:id }}"}}
				s.Headers = map[string]string{
					"x": "{{ header:x | fn:split(',') }}", "device": "{{ header:device }}-{{ feature:id }}{{ resource:path }}", "requested-acks": "{{ header:acks }}",
					"response-required": "{{ header:required }}", "timeout": "{{ header:timeout }}", "y": "{{ header:y | fn:delete() }}",
				}
				s.ReplyTo, s.Replies = "{{ header:reply-to | fn:default(thing:id) }}", []snapshot.ReplyKind{snapshot.ReplyError, snapshot.ReplyNack, snapshot.ReplyResponse}
				s.ReplyHeaders = map[string]string{"status": "{{ header:status }}", "type": "{{ topic:full }}{{ feature:id }}"}
			}))
		}
	}
	return sources
}

// FuzzSource: whatever comes in, nothing panics; a message is refused with an error that can be told, or leads to commands that are all
// about the thing that its sender speaks for, whose headers are complete and within bounds.
func FuzzSource(f *testing.F) {
	const id = "ns:t"
	for _, headers := range []string{
		"", "device: ns:t", "device: ns:u", "content-type: application/cloudevents+json", "content-type: application/vnd.eclipse.ditto+json",
		"ce-id: 1\nce-source: s\nce-specversion: 1.0\nce-type: t\ncontent-type: application/json",
		"ditto-message-thing-id: ns:t\nditto-message-subject: s\nstatus: 200\ncontent-type: text/plain",
		"ditto-message-thing-id: ns:u\nditto-message-subject: a/b\nditto-message-feature-id: f\nditto-message-direction: FROM",
		"x: a,b\nk: thingId\nacks: my:ack\nrequired: false\ntimeout: 0\ny: z\ncorrelation-id: c\nreply-to: r", "x: ns:u\nk: thingId",
	} {
		for _, payload := range []string{
			`{"topic":"ns/t/things/twin/commands/modify","path":"/features","headers":{"timeout":"0"},"value":{"features":{"f":1}}}`,
			`{"topic":"ns/u/things/live/messages/s","path":"/inbox/messages/s"}`, `{"topic":"ns/t/policies/commands/delete","path":"/"}`,
			`{"topic":"_/_/things/twin/commands/retrieve","path":"/","value":{"thingIds":["ns:u"]}}`, `{"topic":"ns/t/things/twin/acks/my:ack","path":"/","status":200}`,
			`{"specversion":"1.0","id":"1","source":"s","type":"t","data":{"topic":"ns/t/things/twin/commands/delete","path":"/"}}`, "hello", "",
			`{"topic":"ns/t/things/twin/commands/create","topic":"ns/u/things/twin/commands/create","path":"/","value":{"thingId":"ns:u"}}`,
		} {
			f.Add(headers, payload)
		}
	}
	sources := hostile(f)
	f.Fuzz(func(t *testing.T, headers, payload string) {
		for _, s := range sources {
			m := &external.Message{Address: id, Headers: headerLines(headers), Payload: []byte(payload)}
			if reply := s.Reply(m, []byte(payload), snapshot.ReplyResponse, noon); reply != nil && reply.Address == "" {
				t.Fatal("a reply goes nowhere")
			}
			mapped, err := s.Map(m, madeID, noon)
			if err != nil {
				mustBeTold(t, s, m, err)
				continue
			}
			for _, c := range mapped.Commands {
				mustBeAbout(t, id, c)
			}
			if len(mapped.Subjects) == 0 || mapped.CorrelationID == "" {
				t.Fatalf("%+v", mapped)
			}
		}
	})
}

// headerLines makes headers of lines.
func headerLines(text string) external.Headers {
	headers := external.Headers{}
	for line := range strings.SplitSeq(text, "\n") {
		name, value, _ := strings.Cut(line, ": ")
		headers[strings.ToLower(name)] = value
	}
	return headers
}

// mustBeTold checks that a refusal is an envelope, and goes somewhere.
func mustBeTold(t *testing.T, s *Source, m *external.Message, err *protocol.Error) {
	t.Helper()
	text := s.Refusal(m, madeID, err).Append(nil)
	var env protocol.Envelope
	if invalid := protocol.DecodeTold(text, &env); invalid != nil {
		t.Fatalf("%s: %v", text, invalid)
	}
	if reply := s.Reply(m, text, snapshot.ReplyError, noon); reply != nil && reply.Address == "" {
		t.Fatalf("%s goes nowhere", text)
	}
}

// mustBeAbout checks a command that a device has caused which speaks for one thing.
func mustBeAbout(t *testing.T, id string, c Command) {
	t.Helper()
	env := c.Envelope
	if env.Topic.EntityID() != id || env.Topic.Group != protocol.Things {
		t.Fatalf("about %s: %s", env.Topic, env.Path)
	}
	if created, _ := textAt(env.Value, "thingId"); c.Implicit && created != id {
		t.Fatalf("creates %s", env.Value)
	}
	if !env.Headers.Has(protocol.HeaderCorrelationID) {
		t.Fatal("no correlation id")
	}
	if size := env.Headers.Size(); size > maxHeaders+1<<10 {
		t.Fatalf("%d bytes of headers", size)
	}
	if again := env.Append(nil); protocol.DecodeTold(again, &protocol.Envelope{}) != nil && env.Raw == nil {
		t.Fatalf("%s is no envelope", again)
	}
}
