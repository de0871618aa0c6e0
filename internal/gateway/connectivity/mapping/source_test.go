package mapping

import (
	"slices"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/snapshot"
)

// Errors say which template cannot be used.
func TestSourcesThatCannotBeUsed(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*snapshot.Source)
		want   string
	}{
		{"subject", func(s *snapshot.Source) { s.AuthorizationSubjects = []string{"a:b", "{{ thing:id }}"} }, "authorizationSubjects[1]: the placeholder thing:id"},
		{"subject of itself", func(s *snapshot.Source) { s.AuthorizationSubjects = []string{"{{ request:subjectId }}"} }, "authorizationSubjects[0]: the placeholder request:subjectId"},
		{"syntax", func(s *snapshot.Source) { s.ReplyTo = "{{ header:x" }, "replyTo: "},
		{"function", func(s *snapshot.Source) { s.ReplyTo = "{{ header:x | fn:no() }}" }, "replyTo: "},
		{"header", func(s *snapshot.Source) { s.Headers = map[string]string{"x": "{{ jwt:sub }}"} }, "headers.x: the placeholder jwt:sub"},
		{"name", func(s *snapshot.Source) { s.Headers = map[string]string{"x": "{{ topic:no }}"} }, "headers.x: the placeholder topic:no"},
		{"time", func(s *snapshot.Source) { s.Headers = map[string]string{"x": "{{ time:later }}"} }, "headers.x: the placeholder time:later"},
		{"reply header", func(s *snapshot.Source) { s.ReplyTo, s.ReplyHeaders = "a", map[string]string{"X": "{{ source:no }}"} }, "replyHeaders.X: the placeholder source:no"},
		{"input", func(s *snapshot.Source) {
			s.Enforcement = &snapshot.Enforcement{Input: "{{ thing:id }}", Filters: []string{"x"}}
		}, "enforcement.input: the placeholder thing:id"},
		{"filter", func(s *snapshot.Source) {
			s.Enforcement = &snapshot.Enforcement{Input: "{{ header:x }}", Filters: []string{"x", "{{ entity:no }}"}}
		}, "enforcement.filters[1]: the placeholder entity:no"},
		{"thing", func(s *snapshot.Source) {
			s.ImplicitThing = &snapshot.ImplicitThing{Thing: `{"thingId":"{{ thing:id }}"}`}
		}, "implicitThing.thing: the placeholder thing:id"},
		{"no thing", func(s *snapshot.Source) { s.ImplicitThing = &snapshot.ImplicitThing{Thing: `{"policyId":"a:b"}`} }, "implicitThing.thing: must have a thingId"},
		{"no JSON", func(s *snapshot.Source) {
			s.ImplicitThing = &snapshot.ImplicitThing{Thing: `{"thingId":{{ header:x }}}`}
		}, "implicitThing.thing: must be a JSON object"},
		{"nothing", func(s *snapshot.Source) { s.Payload = snapshot.SourceImplicitThing }, "implicitThing: is required"},
		{"many", func(s *snapshot.Source) {
			s.ImplicitThing = &snapshot.ImplicitThing{Thing: `{"thingId":"a:b","x":[` + strings.Repeat(`"{{ header:x }}",`, 65) + `0]}`}
		}, "implicitThing.thing: has too many placeholders"},
		{"raw", func(s *snapshot.Source) {
			s.Payload, s.Headers = snapshot.SourceRawMessage, map[string]string{"ditto-message-subject": "{{ topic:full }}"}
		}, "headers.ditto-message-subject: the placeholder topic:full"},
	} {
		given := &snapshot.Source{Name: "in", AuthorizationSubjects: []string{"integration:x"}, Payload: snapshot.SourceDittoProtocol}
		c.change(given)
		_, err := NewSource("broker", given)
		if err == nil || !strings.HasPrefix(err.Error(), "source in: "+c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// On whose authority a message is taken may depend on its headers, and is never left open.
func TestSubjectsOfMessages(t *testing.T) {
	for _, c := range []struct{ subjects, message, want string }{
		{"a:b,c:d", "dev/1 | ", "a:b,c:d"},
		{"a:b,a:b", "dev/1 | ", "a:b"},
		{"a:{{ header:Device }}", "dev/1 | device: d | ", "a:d"},
		{"a:{{ header:device }},b:{{ source:address }}@{{ connection:id }}", "dev/1 | device: d | ", "a:d,b:dev/1@broker"},
		{"a:{{ header:groups | fn:split(',') }},a:x", "dev/1 | groups: x,y | ", "a:x,a:y"},
		{"a:b,a:{{ header:device }}", "dev/1 | ", "400 connectivity:connection.configuration.invalid"},
		{"a:b,a:{{ header:device }}", "dev/1 | device:  | ", "400 connectivity:connection.configuration.invalid"},
		{"a:b,a:{{ header:device }}", "dev/1 | device: \xff | ", "400 connectivity:connection.configuration.invalid"},
		{"{{ header:device | fn:trim() }}", "dev/1 | device:   | ", "400 connectivity:connection.configuration.invalid"},
		{"{{ header:device | fn:delete() }}", "dev/1 | device: d | ", "400 connectivity:connection.configuration.invalid"},
		{"", "dev/1 | ", "400 connectivity:connection.configuration.invalid"},
	} {
		s := sourceOf(t, func(s *snapshot.Source) {
			s.AuthorizationSubjects = slices.DeleteFunc(splitTop(c.subjects), func(s string) bool { return s == "" })
		})
		m := message(c.message)
		m.Payload = []byte(`{"topic":"ns/t/things/twin/commands/retrieve","path":"/"}`)
		mapped, err := s.Map(m, madeID, noon)
		got := strings.Join(mapped.Subjects, ",")
		if err != nil {
			got = became(mapped, err)
		}
		if got != c.want {
			t.Errorf("%s of %q: %s, want %s", c.subjects, c.message, got, c.want)
		}
	}
}

// splitTop splits at commas that are in no expression.
func splitTop(text string) (parts []string) {
	depth, start := 0, 0
	for i, c := range text {
		switch {
		case c == '{':
			depth++
		case c == '}':
			depth--
		case c == ',' && depth == 0:
			parts = append(parts, text[start:i])
			start = i + 1
		}
	}
	return append(parts, text[start:])
}

// A message that names itself an envelope, or does not say what it is, is one.
func TestMessagesThatAreEnvelopes(t *testing.T) {
	const retrieve = `{"topic":"ns/t/things/twin/commands/retrieve","path":"/","headers":{"correlation-id":"c"}}`
	const retrieved = `ns/t/things/twin/commands/retrieve / {correlation-id="c"}`
	cloud := func(attributes string) string {
		return `dev/1 | content-type: application/cloudevents+json; charset=utf-8 | {"specversion":"1.0","id":"1","source":"s","type":"t"` + attributes + `}`
	}
	for _, c := range []struct{ message, want string }{
		{"dev/1 | " + retrieve, retrieved},
		{"dev/1 | content-type: application/vnd.eclipse.ditto+json | " + retrieve, retrieved},
		{"dev/1 | content-type: text/plain | " + retrieve, retrieved},
		{"dev/1 | ", "400 json.format.invalid"},
		{"dev/1 | x", "400 json.invalid"},
		{`dev/1 | {"path":"/"}`, "400 json.field.missing"},
		{`dev/1 | {"topic":"ns/t/things","path":"/"}`, "400 protocoladapter:unknown.topicpath"},
		{`dev/1 | {"topic":"ns/t/things/twin/commands/retrieve","path":"/","headers":{"timeout":"soon"}}`, "400 timeout.invalid"},

		{"dev/1 | content-type: application/vnd.eclipse-hono-empty-notification | x", ""},
		{"dev/1 | content-type: application/vnd.eclipse-hono-device-provisioning-notification | " + retrieve, ""},
		{"dev/1 | content-type: application/vnd.eclipse-hono-dc-notification+json | {}", ""},
		{"dev/1 | content-type: Application/vnd.eclipse-hono-delivery-failure-notification+json;x=y | {}", ""},

		{cloud(`,"data":` + retrieve), retrieved},
		{cloud(`,"datacontenttype":"application/vnd.eclipse.ditto+json","data":` + retrieve), retrieved},
		{cloud(`,"data":null,"data_base64":"eyJ0b3BpYyI6Im5zL3QvdGhpbmdzL3R3aW4vY29tbWFuZHMvcmV0cmlldmUiLCJwYXRoIjoiLyIsImhlYWRlcnMiOnsiY29ycmVsYXRpb24taWQiOiJjIn19"`), retrieved},
		{cloud(``), "400 connectivity:message.mapping.failed"},
		{cloud(`,"data":null`), "400 connectivity:message.mapping.failed"},
		{cloud(`,"data":{},"data_base64":"e30="`), "400 connectivity:message.mapping.failed"},
		{cloud(`,"data_base64":"?"`), "400 connectivity:message.mapping.failed"},
		{cloud(`,"datacontenttype":"text/plain","data":` + retrieve), "400 connectivity:message.mapping.failed"},
		{cloud(`,"data":{}`), "400 json.field.missing"},
		{`dev/1 | content-type: application/cloudevents+json | {"specversion":"1.0","id":"","source":"s","type":"t","data":{}}`, "400 connectivity:message.mapping.failed"},
		{`dev/1 | content-type: application/cloudevents+json | {"specversion":1.0,"id":"1","source":"s","type":"t","data":{}}`, "400 connectivity:message.mapping.failed"},
		{`dev/1 | content-type: application/cloudevents+json | []`, "400 connectivity:message.mapping.failed"},

		{"dev/1 | content-type: application/vnd.eclipse.ditto+json | ce-id: 1 | ce-source: s | ce-specversion: 1.0 | ce-type: t | " + retrieve, retrieved},
		{"dev/1 | content-type: application/json | ce_id: 1 | ce_source: s | ce_specversion: 1.0 | ce_type: t | " + retrieve, retrieved},
		{"dev/1 | content-type: application/json | ce-id: 1 | ce-source: s | ce-type: t | " + retrieve, "400 connectivity:message.mapping.failed"},
		{"dev/1 | ce-mine: 1 | ce: 2 | " + retrieve, retrieved},
		{"dev/1 | content-type: application/json | CE-Id: 1 | " + retrieve, "400 connectivity:message.mapping.failed"},
		{"dev/1 | content-type: text/plain | ce-id: 1 | ce-source: s | ce-specversion: 1.0 | ce-type: t | " + retrieve, "400 connectivity:message.mapping.failed"},
	} {
		if got := became(sourceOf(t, nil).Map(message(c.message), madeID, noon)); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.message, got, c.want)
		}
	}
}

// What the headers of commands come to.
func TestHeadersOfCommands(t *testing.T) {
	const topic = `"topic":"ns/t/things/twin/commands/retrieve","path":"/features/f"`
	const retrieve = `{` + topic + `}`
	for _, c := range []struct{ headers, message, want string }{
		{"", "dev/1 | " + retrieve, `{correlation-id="made"}`},
		{"", "dev/1 | correlation-id: theirs | reply-to: back | x: y | " + retrieve, `{correlation-id="theirs" reply-to="back"}`},
		{"", `dev/1 | correlation-id: theirs | reply-to: back | {` + topic + `,"headers":{"Correlation-Id":"c","reply-to":"r"}}`, `{Correlation-Id="c" reply-to="r"}`},
		{"", "dev/1 | correlation-id: \xff | " + retrieve, `{correlation-id="made"}`},

		// What is known of the message, and of the command in it.
		{"a={{ header:X }}", "dev/1 | x: y | " + retrieve, `{a="y" correlation-id="made"}`},
		{"a={{ source:address }} {{ connection:id }}", "dev/1 | " + retrieve, `{a="dev/1 broker" correlation-id="made"}`},
		{"a={{ thing:id }} {{ thing:namespace }} {{ entity:name }} {{ feature:id }} {{ resource:type }}{{ resource:path }}", "dev/1 | " + retrieve,
			`{a="ns:t ns t f thing/features/f" correlation-id="made"}`},
		{"a={{ topic:full }} {{ topic:action }} {{ request:subjectId }}", "dev/1 | " + retrieve, `{a="ns/t/things/twin/commands/retrieve retrieve integration:broker" correlation-id="made"}`},
		{"a={{ time:now }}", "dev/1 | " + retrieve, `{a="2026-07-01T12:00:00Z" correlation-id="made"}`},
		{"a={{ header:x | fn:split(' ') }}", "dev/1 | x: 1 2 | " + retrieve, `{a="1,2" correlation-id="made"}`},

		// What cannot be resolved is left out. What only the server sets is ignored.
		{"a={{ header:x }};b={{ policy:id }};c=1", "dev/1 | " + retrieve, `{c="1" correlation-id="made"}`},
		{"ditto-a=1;Ditto-B=1;Ditto-Originator=1;etag=1;ditto-message-subject=s", "dev/1 | " + retrieve, `{correlation-id="made"}`},

		// Typed headers are read like those of HTTP.
		{"requested-acks=my:ack, other:ack;response-required={{ header:r }};timeout=5s", "dev/1 | r: true | " + retrieve,
			`{requested-acks=["my:ack","other:ack"] response-required=true timeout="5s" correlation-id="made"}`},
		{"response-required={{ header:r }}", "dev/1 | r: perhaps | " + retrieve, "400 header.invalid"},
		{"timeout={{ header:r }}", "dev/1 | r: soon | " + retrieve, "400 timeout.invalid"},
		{"requested-acks={{ header:r }}", "dev/1 | r: no label | " + retrieve, "400 acknowledgement:label.invalid"},

		// What the command says counts, unless it is to be deleted.
		{"a=1;timeout=5s;correlation-id=x", `dev/1 | correlation-id: theirs | {` + topic + `,"headers":{"A":"2","Timeout":"7s"}}`,
			`{A="2" Timeout="7s" correlation-id="x"}`},
		{"a={{ fn:delete() }};timeout={{ header:x | fn:delete() }}", `dev/1 | {` + topic + `,"headers":{"A":"2","Timeout":"7s"}}`, `{correlation-id="made"}`},

		{"", `dev/1 | {` + topic + `,"headers":{"a":"` + strings.Repeat("x", 5_000) + `"}}`, `{a="` + strings.Repeat("x", 5_000) + `" correlation-id="made"}`},
		{"", `dev/1 | {` + topic + `,"headers":{"a":"` + strings.Repeat("x", 5_120) + `"}}`, "431 headers.too.large"},
		{"a={{ header:x }}", "dev/1 | x: " + strings.Repeat("x", 5_120) + " | " + retrieve, "431 headers.too.large"},
	} {
		s := sourceOf(t, func(s *snapshot.Source) { s.Headers = headersOf(c.headers) })
		want := c.want
		if strings.HasPrefix(want, "{") {
			want = "ns/t/things/twin/commands/retrieve /features/f " + want
		}
		if got := became(s.Map(message(c.message), madeID, noon)); got != want {
			t.Errorf("%s, %s:\n got %s\nwant %s", c.headers, c.message, got, want)
		}
	}
}

// headersOf makes templates of "name=template;name=template".
func headersOf(text string) map[string]string {
	headers := map[string]string{}
	for header := range strings.SplitSeq(text, ";") {
		if name, value, ok := strings.Cut(header, "="); ok {
			headers[name] = value
		}
	}
	return headers
}

// The correlation id of a message is known whether it is taken or not.
func TestCorrelationIDs(t *testing.T) {
	for text, want := range map[string]string{
		`dev/1 | correlation-id: theirs | {"topic":"ns/t/things/twin/commands/retrieve","path":"/","headers":{"correlation-id":"c"}}`: "c",
		`dev/1 | correlation-id: theirs | {"topic":"ns/t/things/twin/commands/retrieve","path":"/"}`:                                  "theirs",
		`dev/1 | {"topic":"ns/t/things/twin/commands/retrieve","path":"/"}`:                                                           "made",
		`dev/1 | {"headers":{"correlation-id":"c"},"topic":1}`:                                                                        "c",
		`dev/1 | correlation-id: theirs | x`:                                                                                          "theirs",
	} {
		if mapped, _ := sourceOf(t, nil).Map(message(text), madeID, noon); mapped.CorrelationID != want {
			t.Errorf("%s: %q, want %q", text, mapped.CorrelationID, want)
		}
	}
	s := sourceOf(t, func(s *snapshot.Source) { s.Headers = headersOf("correlation-id={{ header:id }}") })
	mapped, err := s.Map(message(`dev/1 | id: mapped | {"topic":"ns/t/things/twin/commands/retrieve","path":"/"}`), madeID, noon)
	if err != nil || mapped.CorrelationID != "mapped" {
		t.Errorf("%q, %v", mapped.CorrelationID, err)
	}
}
