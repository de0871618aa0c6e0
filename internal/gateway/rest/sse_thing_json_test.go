package rest

import (
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/document"
)

// envelope returns what a subscriber is told of an event with an action, a path, and more members.
func envelopeOf(action, path, members string) []byte {
	return []byte(`{"topic":"ns/t/things/twin/events/` + action + `","headers":{"correlation-id":"c"},"path":"` + path + `"` + members +
		`,"revision":7,"timestamp":"2026-03-04T05:06:07.8Z"}`)
}

// An event is the thing as far as it tells of it: what has changed, in its place, and extra fields in theirs; then what is selected
// of that; then what is at the path. If that is nothing there is no event.
func TestEventsOfThings(t *testing.T) {
	const whole = `,"value":{"thingId":"ns:t","policyId":"ns:p","attributes":{"a":1}}`
	const thing = `{"thingId":"ns:t","policyId":"ns:p","attributes":{"a":1}}`
	for _, tc := range []struct {
		name                  string
		action, path, members string
		fields, at            string
		want                  string // "" for nothing
	}{
		{"a thing that was created", "created", "/", whole, "", "", thing},
		{"a thing that was modified", "modified", "/", whole, "", "", thing},
		{"a part", "modified", "/attributes/a", `,"value":1`, "", "", `{"thingId":"ns:t","attributes":{"a":1}}`},
		{"a part with objects in it", "created", "/features/f/properties", `,"value":{"x":{"y":[1]}}`, "", "", `{"thingId":"ns:t","features":{"f":{"properties":{"x":{"y":[1]}}}}}`},
		{"an empty part", "modified", "/attributes", `,"value":{}`, "", "", `{"thingId":"ns:t","attributes":{}}`},
		{"null", "modified", "/attributes", `,"value":null`, "", "", `{"thingId":"ns:t","attributes":null}`},
		{"names with anything in them", "modified", `/attributes/~0\"ü`, `,"value":1`, "", "", `{"thingId":"ns:t","attributes":{"~\"ü":1}}`},
		{"a patch", "merged", "/attributes", `,"value":{"a":null,"b":{"c":1}}`, "", "", `{"thingId":"ns:t","attributes":{"a":null,"b":{"c":1}}}`},
		{"a patch of the thing", "merged", "/", `,"value":{"attributes":{"a":null}}`, "", "", `{"thingId":"ns:t","attributes":{"a":null}}`},
		{"a thing that was deleted", "deleted", "/", "", "", "", `{"thingId":"ns:t"}`},
		{"a part that was deleted", "deleted", "/attributes/a", "", "", "", `{"thingId":"ns:t"}`},

		{"extra fields", "modified", "/attributes/a", `,"value":1,"extra":{"policyId":"ns:p","attributes":{"b":2}}`, "", "",
			`{"thingId":"ns:t","policyId":"ns:p","attributes":{"b":2,"a":1}}`},
		{"the event counts", "modified", "/attributes/a", `,"value":{"x":1},"extra":{"attributes":{"a":{"x":0,"y":2}}}`, "", "",
			`{"thingId":"ns:t","attributes":{"a":{"x":1,"y":2}}}`},
		{"so does what it has removed", "merged", "/attributes", `,"value":{"a":null},"extra":{"attributes":{"b":2}}`, "", "",
			`{"thingId":"ns:t","attributes":{"b":2,"a":null}}`},
		{"arrays are not merged", "modified", "/attributes/a", `,"value":[1],"extra":{"attributes":{"a":[1,2]}}`, "", "", `{"thingId":"ns:t","attributes":{"a":[1]}}`},
		{"extra fields of something else are all that a removal has", "deleted", "/attributes/a", `,"extra":{"attributes":{"b":2}}`, "", "",
			`{"thingId":"ns:t","attributes":{"b":2}}`},
		{"extra fields that are not otherwise told", "modified", "/attributes/a", `,"value":1,"extra":{"_revision":7}`, "", "",
			`{"thingId":"ns:t","_revision":7,"attributes":{"a":1}}`},

		{"fields", "modified", "/", whole, "attributes/a", "", `{"attributes":{"a":1}}`},
		{"fields of extra fields", "modified", "/attributes/a", `,"value":1,"extra":{"attributes":{"b":2}}`, "thingId,attributes/b", "", `{"thingId":"ns:t","attributes":{"b":2}}`},
		{"fields that have not changed", "modified", "/features/f", `,"value":{}`, "attributes", "", ""},
		{"fields that have not changed but one that every thing has", "modified", "/features/f", `,"value":{}`, "thingId,attributes", "", `{"thingId":"ns:t"}`},
		{"special fields", "modified", "/attributes/a", `,"value":1`, "_namespace,_revision,_modified,_created", "", `{"_namespace":"ns","_revision":7,"_modified":"2026-03-04T05:06:07.8Z"}`},
		{"when it was created", "created", "/", whole, "_created,_modified", "", `{"_modified":"2026-03-04T05:06:07.8Z","_created":"2026-03-04T05:06:07.8Z"}`},
		{"no context that is not named", "modified", "/attributes/a", `,"value":1`, "thingId,attributes", "", `{"thingId":"ns:t","attributes":{"a":1}}`},
		{"context", "merged", "/attributes/a", `,"value":1`, "_context", "",
			`{"_context":{"topic":"ns/t/things/twin/events/merged","path":"/attributes/a","value":1,"headers":{"correlation-id":"c"}}}`},
		{"everything", "deleted", "/attributes/a", "", "/", "",
			`{"thingId":"ns:t","_namespace":"ns","_revision":7,"_modified":"2026-03-04T05:06:07.8Z",` +
				`"_context":{"topic":"ns/t/things/twin/events/deleted","path":"/attributes/a","headers":{"correlation-id":"c"}}}`},
		{"some context", "deleted", "/attributes/a", "", "thingId,_context/path,_context(value)", "", `{"thingId":"ns:t","_context":{"path":"/attributes/a"}}`},

		{"at its path", "modified", "/attributes/a", `,"value":1`, "", "/attributes/a", `1`},
		{"above it", "modified", "/attributes/a/b", `,"value":1`, "", "/attributes/a", `{"b":1}`},
		{"below it", "modified", "/attributes", `,"value":{"a":{"b":1}}`, "", "/attributes/a/b", `1`},
		{"below a thing", "created", "/", whole, "", "/policyId", `"ns:p"`},
		{"beside it", "modified", "/attributes", `,"value":{"c":1}`, "", "/attributes/a", ""},
		{"where something was removed", "deleted", "/attributes/a", "", "", "/attributes/a", ""},
		{"where something was patched away", "merged", "/attributes", `,"value":{"a":null}`, "", "/attributes/a", "null"},
		{"an extra field there", "deleted", "/attributes", `,"extra":{"attributes":{"a":5}}`, "", "/attributes/a", "5"},
		{"fields are those of the thing", "modified", "/attributes", `,"value":{"a":{"b":1,"c":2}}`, "attributes/a/b", "/attributes/a", `{"b":1}`},
		{"other fields than there", "modified", "/attributes", `,"value":{"a":1}`, "thingId", "/attributes/a", ""},

		{"what is no thing", "modified", "/", `,"value":5`, "", "", `{"thingId":"ns:t"}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			at, err := document.ParsePointer(tc.at)
			if err != nil {
				t.Fatal(err)
			}
			p, failed := newProjection(at, tc.fields, tc.fields != "")
			if failed != nil {
				t.Fatal(failed)
			}
			text := envelopeOf(tc.action, tc.path, tc.members)
			before := string(text)
			e, ok := p.show(text)
			if got := string(e.data); ok != (tc.want != "") || ok && got != tc.want {
				t.Errorf("told %t %s\nwant %s", ok, got, tc.want)
			}
			if ok && document.Valid(e.data) != nil {
				t.Errorf("%s is no JSON", e.data)
			}
			if string(text) != before {
				t.Error("the envelope, which others share, was modified")
			}
		})
	}
}

// What cannot be told is told of, wherever the stream is about.
func TestFailuresAreTold(t *testing.T) {
	text := `{"topic":"ns/t/things/twin/errors","headers":{},"path":"/","value":{"status":500,"error":"signal.enrichment.failed"},"status":500}`
	p, _ := newProjection(document.Pointer{"attributes"}, "thingId", true)
	e, ok := p.show([]byte(text))
	if got, want := string(e.data), `{"status":500,"error":"signal.enrichment.failed"}`; !ok || got != want {
		t.Errorf("told %t %s, want %s", ok, got, want)
	}
	if !touches([]byte(text), p.at) {
		t.Error("it would not be picked")
	}
}

// What is no envelope is not told, and nothing else happens.
func FuzzProjection(f *testing.F) {
	f.Add(string(envelopeOf("modified", "/attributes/a", `,"value":1`)), "attributes", "/attributes")
	f.Add(`{"topic":"a/b","path":5}`, "_context", "")
	f.Fuzz(func(_ *testing.T, text, fields, at string) {
		pointer, _ := document.ParsePointer(at)
		p, err := newProjection(pointer, fields, fields != "")
		if err != nil {
			return
		}
		p.show([]byte(text))
		touches([]byte(text), pointer)
		showMessage([]byte(text))
	})
}

// A stream is about what happens at its path, above it or below.
func TestScopes(t *testing.T) {
	for _, tc := range []struct {
		things, at, thing, path string
		want                    bool
	}{
		{"t", "", "t", "/attributes", true},
		{"t", "", "u", "/attributes", false},
		{"t", "", "tt", "/attributes", false},
		{"t,u", "", "u", "/", true},
		{"", "", "u", "/", false}, // of none that is wanted
		{"t", "/attributes/a", "t", "/attributes/a", true},
		{"t", "/attributes/a", "t", "/attributes/a/b/c", true},
		{"t", "/attributes/a", "t", "/attributes", true},
		{"t", "/attributes/a", "t", "/", true},
		{"t", "/attributes/a", "t", "/attributes/ab", false},
		{"t", "/attributes/a", "t", "/attributes/b", false},
		{"t", "/attributes/a", "t", "/features/a", false},
		{"t", "/attributes/a", "u", "/attributes/a", false},
	} {
		at, _ := document.ParsePointer(tc.at)
		c := scope{things: map[string]bool{}, at: at}
		for name := range strings.SplitSeq(tc.things, ",") {
			c.things[topicOf("ns", name)] = true
		}
		text := `{"topic":"ns/` + tc.thing + `/things/twin/events/modified","headers":{},"path":"` + tc.path + `","value":1}`
		if got := c.picks()([]byte(text)); got != tc.want {
			t.Errorf("%s at %q picks %s of %s: %t, want %t", tc.things, tc.at, tc.path, tc.thing, got, tc.want)
		}
	}
	if (&scope{}).picks() != nil {
		t.Error("a stream of everything looks at every envelope")
	}
}
