package enrich

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// lamp is a thing of which a reader sees all but what is called secret.
type lamp struct {
	doc, meta, policy string
}

func (l lamp) Doc() []byte { return []byte(l.doc) }

func (l lamp) Metadata() []byte {
	if l.meta == "" {
		return nil
	}
	return []byte(l.meta)
}

func (l lamp) Visible(parts []byte) []byte {
	parts, secret := document.Delete(parts, document.Pointer{"attributes", "secret"})
	if secret && string(parts) == `{"attributes":{}}` {
		return nil
	}
	return parts
}

func (l lamp) AppendField(dst []byte, name string) ([]byte, bool) {
	value, known := map[string]string{
		"_namespace": `"ns"`, "_revision": `7`, "_created": `"2026-01-01T00:00:00Z"`, "_modified": `"2026-01-02T00:00:00Z"`,
	}[name]
	return append(dst, value...), known
}

func (l lamp) Policy() []byte {
	if l.policy == "" {
		return nil
	}
	return []byte(l.policy)
}

var theLamp = lamp{
	doc: `{"thingId":"ns:lamp","policyId":"ns:p","definition":"ns:d:1","attributes":{"a":1,"b":{"c":2,"d":3},"secret":4,"lamp":5},` +
		`"features":{"f":{"properties":{"x":1,"y":2}},"g":{"properties":{"x":3}},"h":{"definition":["ns:h:1"]}}}`,
	meta:   `{"attributes":{"a":{"unit":"m"},"secret":{"unit":"s"}}}`,
	policy: `{"policyId":"ns:p"}`,
}

func selected(t *testing.T, fields string, thing Thing, s *Signal) string {
	t.Helper()
	f, invalid := Parse(fields)
	if invalid != nil {
		t.Fatalf("%s: %v", fields, invalid)
	}
	object, err := f.Select(thing, s)
	if err != nil {
		t.Fatalf("%s: %v", fields, err)
	}
	if object != nil && document.Valid(object) != nil {
		t.Fatalf("%s: no JSON: %s", fields, object)
	}
	return string(object)
}

func TestSelect(t *testing.T) {
	for _, tc := range []struct{ fields, want string }{
		{"thingId", `{"thingId":"ns:lamp"}`},
		{"policyId,definition,thingId", `{"thingId":"ns:lamp","policyId":"ns:p","definition":"ns:d:1"}`},
		{"attributes/a", `{"attributes":{"a":1}}`},
		{"/attributes/b/c", `{"attributes":{"b":{"c":2}}}`},
		{"attributes(a,b/d)", `{"attributes":{"a":1,"b":{"d":3}}}`},
		{"attributes(b(c,d))", `{"attributes":{"b":{"c":2,"d":3}}}`},
		{"attributes/a,attributes/a,attributes/a", `{"attributes":{"a":1}}`},
		{"features/f", `{"features":{"f":{"properties":{"x":1,"y":2}}}}`},
		{"features/*/properties/x", `{"features":{"f":{"properties":{"x":1}},"g":{"properties":{"x":3}}}}`},
		{"features/*/definition", `{"features":{"h":{"definition":["ns:h:1"]}}}`},
		{"features/*/properties/none", ``},
		{"_namespace,_revision,_created,_modified",
			`{"_namespace":"ns","_revision":7,"_created":"2026-01-01T00:00:00Z","_modified":"2026-01-02T00:00:00Z"}`},
		{"_revision,attributes/a", `{"attributes":{"a":1},"_revision":7}`},
		{"_policy", `{"_policy":{"policyId":"ns:p"}}`},

		// What the reader may not see is not there, nor is what the thing has not.
		{"attributes/secret", ``},
		{"attributes(a,secret)", `{"attributes":{"a":1}}`},
		{"attributes/none", ``},
		{"attributes/none,thingId", `{"thingId":"ns:lamp"}`},
		{"features/none/properties", ``},
		{"_context,_context/a", ``},

		// Metadata is seen as far as what it is about.
		{"_metadata", `{"_metadata":{"attributes":{"a":{"unit":"m"}}}}`},
		{"_metadata/attributes/a", `{"_metadata":{"attributes":{"a":{"unit":"m"}}}}`},
		{"_metadata/attributes/secret", ``},
		{"_metadata/attributes/*/unit,_metadata/features", `{"_metadata":{"attributes":{"a":{"unit":"m"}}}}`},
		{"_metadata/features", ``},
	} {
		if got := selected(t, tc.fields, theLamp, &Signal{}); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.fields, got, tc.want)
		}
	}
	bare := lamp{doc: `{"thingId":"ns:lamp","attributes":{}}`}
	for fields, want := range map[string]string{
		"_metadata,_policy": "", "_metadata/a": "", "attributes": `{"attributes":{}}`, "attributes/a": "", "features": "",
	} {
		if got := selected(t, fields, bare, &Signal{}); got != want {
			t.Errorf("%s of little: %s, want %s", fields, got, want)
		}
	}
}

// signalOf returns an event: "modified /features/f/properties 1".
func signalOf(t *testing.T, text string) *Signal {
	t.Helper()
	words := strings.SplitN(text, " ", 3)
	path, err := document.ParsePointer(words[1])
	if err != nil {
		t.Fatal(err)
	}
	var headers protocol.Headers
	headers.SetString(protocol.HeaderCorrelationID, "a")
	headers.SetString(protocol.HeaderAuthorization, "a")
	env := protocol.Envelope{}
	if err := protocol.Decode([]byte(`{"topic":"ns/lamp/things/twin/commands/modify","headers":{"correlation-id":"a","X-Key":"b/c",`+
		`"number":1,"condition":"a","root":"/"},"path":"/"}`), &env); err != nil {
		t.Fatal(err)
	}
	s := &Signal{
		Topic: protocol.Topic{Namespace: "ns", Name: "lamp", Group: protocol.Things, Channel: protocol.Twin, Criterion: protocol.Events,
			Action: protocol.Modified},
		Path: path, Headers: &env.Headers, Originator: "b", Revision: 7, Subject: "nginx:ann",
		Now: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC),
	}
	if len(words) == 3 {
		s.Value = []byte(words[2])
	}
	if words[0] == "message" {
		s.Revision = 0
	}
	return s
}

func TestSelectWithPlaceholders(t *testing.T) {
	const fx, gx = `"f":{"properties":{"x":1}}`, `"g":{"properties":{"x":3}}`
	x := "features/{{feature:id}}/properties/x"
	for _, tc := range []struct{ name, fields, signal, want string }{
		{"the feature", x, "modified /features/f 1", `{"features":{` + fx + `}}`},
		{"the feature of a property", x, "modified /features/g/properties/y 1", `{"features":{` + gx + `}}`},
		{"all features", x, `modified /features {"f":{},"g":{},"none":{}}`, `{"features":{` + fx + `,` + gx + `}}`},
		{"features of the thing", x, `modified / {"attributes":{"h":1},"features":{"g":{}}}`, `{"features":{` + gx + `}}`},
		{"features of a patch", x, `merged /features {"g":null,"{{ ~f~ }}":null}`, `{"features":{` + gx + `}}`},
		{"no feature", x, `modified /attributes {"f":1}`, ``},
		{"no feature in the thing", x, `modified / {"attributes":{"f":1}}`, ``},
		{"features are gone", x, `deleted /features`, ``},
		{"the feature is gone", "features/{{feature:id}}", `deleted /features/none`, ``},
		{"and others", x + ",thingId", `modified /attributes 1`, `{"thingId":"ns:lamp"}`},
		{"in a list", "features/{{ feature:id }}/properties(x,none)", "modified /features/f 1", `{"features":{` + fx + `}}`},
		{"as a prefix", "features({{feature:id}}(properties/x))", "modified /features/f 1", `{"features":{` + fx + `}}`},
		{"as a part of a name", "features/{{feature:id}}{{feature:id|fn:filter('eq','none')|fn:default('')}}/properties/x", "modified /features/f 1", `{"features":{` + fx + `}}`},
		{"twice", "features/{{feature:id}}/properties/{{feature:id|fn:replace('f','x')}}", "modified /features/f 1", `{"features":{` + fx + `}}`},
		{"with a function", "features/{{feature:id|fn:filter('ne','f')}}/properties/x", `modified /features {"f":1,"g":1}`, `{"features":{` + gx + `}}`},

		{"a header", "attributes/{{header:correlation-id}}", "modified /", `{"attributes":{"a":1}}`},
		{"a header in other case", "attributes/{{header:Correlation-ID}}", "modified /", `{"attributes":{"a":1}}`},
		{"a custom header with a path", "attributes/{{header:x-key}}", "modified /", `{"attributes":{"b":{"c":2}}}`},
		{"the originator", "attributes/{{header:ditto-originator}}", "modified /", `{"attributes":{"b":{"c":2,"d":3}}}`},
		{"a header that is not there", "attributes/{{header:none}},thingId", "modified /", `{"thingId":"ns:lamp"}`},
		{"a header that nobody is shown", "attributes/{{header:condition}}", "modified /", ``},
		{"the revision", "attributes/{{header:entity-revision|fn:replace('7','a')}}", "modified /", `{"attributes":{"a":1}}`},
		{"a default", "attributes/{{header:none|fn:default('a')}}", "modified /", `{"attributes":{"a":1}}`},
		{"deleted", "attributes/{{header:none|fn:default('a')|fn:delete()}},thingId", "modified /", `{"thingId":"ns:lamp"}`},
		{"entity", "attributes/{{entity:name}}", "modified /", `{"attributes":{"lamp":5}}`},
		{"thing", "attributes/{{thing:id|fn:substring-after(':')}}", "modified /", `{"attributes":{"lamp":5}}`},
		{"topic", "attributes/{{topic:entityName}}", "modified /", `{"attributes":{"lamp":5}}`},
		{"resource", "{{resource:path}}", "modified /attributes/b/c", `{"attributes":{"b":{"c":2}}}`},
		{"action", "attributes/{{topic:action|fn:replace('modified','a')}}", "modified /", `{"attributes":{"a":1}}`},
		{"no revision", "attributes/{{header:entity-revision|fn:default('a')}}", "message /", `{"attributes":{"a":1}}`},
		{"no subject", "attributes/{{topic:subject}},thingId", "modified /", `{"thingId":"ns:lamp"}`},
		{"subscriber", "attributes/{{request:subjectId|fn:replace('nginx:ann','a')}}", "modified /", `{"attributes":{"a":1}}`},
		{"time", "attributes/{{time:now-1d[d]|fn:replace('2026-03-03T00:00:00Z','a')}}", "modified /", `{"attributes":{"a":1}}`},
		{"milliseconds", "attributes/{{time:now_epoch_millis|fn:replace('1772600767000','a')}}", "modified /", `{"attributes":{"a":1}}`},

		// What no thing has, and what would be all of it, selects nothing.
		{"no field", "foo/{{header:x-key}},{{header:x-key}},thingId/{{header:x-key}}", "modified /", ``},
		{"the root", "{{header:root}}", "modified /", ``},
		{"no pointer", "attributes/{{header:root}}/b", "modified /", ``},
		{"no field among placeholders", "bogus,attributes/{{header:correlation-id}}", "modified /", `{"attributes":{"a":1}}`},
		{"what may not be seen", "attributes/{{header:none|fn:default('secret')}}", "modified /", ``},
		{"a special field", "{{header:none|fn:default('_revision')}}", "modified /", `{"_revision":7}`},
		{"a part of a field that has none", "{{header:none|fn:default('_policy/entries')}},{{header:none|fn:default('_revision/a')}}", "modified /", ``},
		{"the policy", "{{header:none|fn:default('_policy')}}", "modified /", `{"_policy":{"policyId":"ns:p"}}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := selected(t, tc.fields, theLamp, signalOf(t, tc.signal)); got != tc.want {
				t.Errorf("%s\nof %s\nselects %s\nwant    %s", tc.fields, tc.signal, got, tc.want)
			}
		})
	}
}

func TestSelectionIsBounded(t *testing.T) {
	many := func(n int) *Signal {
		var features []string
		for i := range n {
			features = append(features, fmt.Sprintf(`"f%d":1`, i))
		}
		return &Signal{Path: document.Pointer{"features"}, Value: []byte("{" + strings.Join(features, ",") + "}")}
	}
	large := func(n int) lamp {
		return lamp{doc: `{"attributes":"` + strings.Repeat("x", n-len(`{"attributes":""}`)) + `"}`}
	}
	for _, tc := range []struct {
		name, fields string
		thing        Thing
		signal       *Signal
		want         error
	}{
		{"features", "features/{{feature:id}}", theLamp, many(MaxEntries), nil},
		{"too many features", "features/{{feature:id}}", theLamp, many(MaxEntries + 1), ErrTooManyEntries},
		{"together", "features/{{feature:id}},attributes/{{feature:id}}", theLamp, many(MaxEntries/2 + 1), ErrTooManyEntries},
		{"each with each", "features/{{feature:id}}/properties/{{feature:id}}", theLamp, many(10), nil},
		{"too many with too many", "features/{{feature:id}}/properties/{{feature:id}}", theLamp, many(11), ErrTooManyEntries},
		{"size", "attributes", large(MaxSize), &Signal{}, nil},
		{"too large", "attributes", large(MaxSize + 1), &Signal{}, ErrTooLarge},
	} {
		f, invalid := Parse(tc.fields)
		if invalid != nil {
			t.Fatal(tc.fields, invalid)
		}
		if _, err := f.Select(tc.thing, tc.signal); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, err, tc.want)
		}
	}
}

func TestPlaceholdersOfSignals(t *testing.T) {
	event := signalOf(t, "modified /features/f/properties 1")
	announcement := &Signal{Topic: protocol.SubjectDeletionTopic("ns:p")}
	message := &Signal{
		Topic: protocol.Topic{Namespace: "ns", Name: "lamp", Group: protocol.Things, Channel: protocol.Live, Criterion: protocol.Messages, Subject: "ask"},
		Path:  document.Pointer{"features", "f", "inbox", "messages", "ask"},
	}
	for _, tc := range []struct {
		name, event, announcement, message string // "" is unresolved
	}{
		{"topic:full", "ns/lamp/things/twin/events/modified", "ns/p/policies/announcements/subjectDeletion", "ns/lamp/things/live/messages/ask"},
		{"topic:namespace", "ns", "ns", "ns"},
		{"topic:entityName", "lamp", "p", "lamp"},
		{"topic:group", "things", "policies", "things"},
		{"topic:channel", "twin", "none", "live"},
		{"topic:criterion", "events", "announcements", "messages"},
		{"topic:action", "modified", "", ""},
		{"topic:subject", "", "subjectDeletion", "ask"},
		{"topic:action-subject", "modified", "subjectDeletion", "ask"},
		{"resource:path", "/features/f/properties", "/", "/features/f/inbox/messages/ask"},
		{"resource:type", "thing", "policy", "message"},
		{"entity:id", "ns:lamp", "ns:p", "ns:lamp"},
		{"entity:namespace", "ns", "ns", "ns"},
		{"entity:name", "lamp", "p", "lamp"},
		// A filter knows the entity by that name only, and no features.
		{"thing:id", "", "", ""},
		{"feature:id", "", "", ""},
		{"topic:other", "", "", ""},
		{"entity", "", "", ""},
	} {
		for _, got := range []struct {
			of   string
			s    *Signal
			want string
		}{{"event", event, tc.event}, {"announcement", announcement, tc.announcement}, {"message", message, tc.message}} {
			if text, ok := got.s.Placeholder(tc.name); text != got.want || ok != (got.want != "") {
				t.Errorf("%s of the %s: %q, %t, want %q", tc.name, got.of, text, ok, got.want)
			}
		}
	}
}
