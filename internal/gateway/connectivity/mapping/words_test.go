package mapping

import (
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/placeholder"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// What placeholders say of an envelope.
func TestWords(t *testing.T) {
	const (
		thing   = `{"topic":"org.acme/t:1/things/twin/commands/modify","path":"/features/f~0/properties","value":1}`
		whole   = `{"topic":"ns/t/things/twin/commands/modify","path":"/","value":{ "features" : {"a":{}, "b":{}}}}`
		message = `{"topic":"ns/t/things/live/messages/a//b","path":"features/f/outbox/messages/a//b"}`
		policy  = `{"topic":"ns/p/policies/announcements/subjectDeletion","path":"/"}`
		several = `{"topic":"ns/_/things/twin/commands/retrieve","path":"/","value":{}}`
	)
	for _, c := range []struct{ envelope, names, want string }{
		{thing, "topic:full topic:namespace topic:entityName topic:group topic:channel topic:criterion topic:action topic:subject topic:action-subject",
			"org.acme/t:1/things/twin/commands/modify org.acme t:1 things twin commands modify - modify"},
		{thing, "entity:id entity:namespace entity:name thing:id thing:namespace thing:name policy:id policy:namespace policy:name",
			"org.acme:t:1 org.acme t:1 org.acme:t:1 org.acme t:1 - - -"},
		{thing, "feature:id resource:type resource:path connection:id time:now time:now_epoch_millis-1s", "f~ thing /features/f~0/properties broker 2026-07-01T12:00:00Z 1782907199000"},
		{whole, "feature:id resource:path", "a,b /"},
		{message, "feature:id resource:type resource:path topic:subject topic:action-subject topic:action", "f message /features/f/outbox/messages/a//b a//b a//b -"},
		{policy, "entity:id thing:id policy:id policy:name feature:id resource:type topic:channel topic:subject", "ns:p - ns:p p - policy none subjectDeletion"},
		{several, "entity:id thing:id thing:namespace feature:id topic:namespace topic:entityName", "- - - - ns _"},
		{`{"topic":"_/t/things/twin/commands/retrieve","path":"/"}`, "entity:id thing:name", "- -"},
		{"", "entity:id thing:id policy:id feature:id topic:full resource:type resource:path connection:id", "- - - - - - - broker"},
		{"", "header:x thing:no topic:no entity: feature:name connection:name time:later jwt:sub policy:x resource:x", "? ? ? ? ? ? ? ? ? ?"},
	} {
		w := &words{connection: "broker", now: noon}
		if c.envelope != "" {
			w.env = &protocol.Envelope{}
			if err := protocol.Decode([]byte(c.envelope), w.env); err != nil {
				t.Fatal(err)
			}
		}
		var got []string
		for name := range strings.FieldsSeq(c.names) {
			got = append(got, said(w, name))
		}
		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("%s: %s:\n got %s\nwant %s", c.envelope, c.names, text, c.want)
		}
	}
}

// said returns what a placeholder stands for: - for nothing, ? if there is no such placeholder.
func said(src placeholder.Source, name string) string {
	prefix, rest, _ := strings.Cut(name, ":")
	values, known := src.Lookup(prefix, rest)
	switch {
	case !known:
		return "?"
	case len(values) == 0:
		return "-"
	}
	return strings.Join(values, ",")
}

// What placeholders say of a message, before and after it was understood.
func TestWordsOfMessages(t *testing.T) {
	in := &incoming{
		words:   words{connection: "broker", now: noon},
		message: &external.Message{Address: "dev/1", Headers: external.Headers{"device": "d", "empty": "", "broken": "\xff"}},
	}
	for name, want := range map[string]string{
		"header:device": "d", "header:DEVICE": "d", "header:empty": "-", "header:broken": "-", "header:no": "-",
		"source:address": "dev/1", "source:name": "?", "request:subjectId": "-", "request:id": "?", "connection:id": "broker", "thing:id": "-", "x:y": "?",
	} {
		if got := said(in, name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	in.subject = "a:b"
	in.message.Address = "\xff"
	if got := said(in, "request:subjectId") + said(in, "source:address"); got != "a:b-" {
		t.Error(got)
	}
}
