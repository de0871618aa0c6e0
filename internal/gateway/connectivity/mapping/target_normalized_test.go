package mapping

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/snapshot"
)

// eventText returns what a subscriber is told of an event with an action, a path, and more members.
func eventText(action, path, members string) string {
	return `{"topic":"ns/t/things/twin/events/` + action + `","headers":{"correlation-id":"c","response-required":false,"requested-acks":[]},"path":"` + path + `"` +
		members + `,"revision":7,"timestamp":"2026-03-04T05:06:07.8Z"}`
}

// An event is the thing as far as it tells of it, with what has changed in its place; then what is selected of that.
func TestNormalizedThing(t *testing.T) {
	const whole = `,"value":{"thingId":"ns:t","policyId":"ns:p","attributes":{"a":1,"e":{}}}`
	const special = `"_revision":7,"_modified":"2026-03-04T05:06:07.8Z"`
	const when = `"2026-03-04T05:06:07.8Z"`
	for _, tc := range []struct {
		name                  string
		action, path, members string
		want                  string // without context
	}{
		{"a thing that was created", "created", "/", whole, `{"thingId":"ns:t","policyId":"ns:p","attributes":{"a":1,"e":{}},` + special + `}`},
		{"a thing that was modified", "modified", "/", whole, `{"thingId":"ns:t","policyId":"ns:p","attributes":{"a":1,"e":{}},` + special + `}`},
		{"a thing that was deleted", "deleted", "/", ``, `{"thingId":"ns:t",` + special + `,"_deleted":` + when + `}`},
		{"a part", "modified", "/features/f/properties/p", `,"value":[{"x":null}]`, `{"thingId":"ns:t","features":{"f":{"properties":{"p":[{"x":null}]}}},` + special + `}`},
		{"null", "modified", "/attributes/a", `,"value":null`, `{"thingId":"ns:t","attributes":{"a":null},` + special + `}`},
		{"an empty part", "created", "/attributes", `,"value":{}`, `{"thingId":"ns:t","attributes":{},` + special + `}`},
		{"names with anything in them", "modified", `/attributes/~0\"ü`, `,"value":1`, `{"thingId":"ns:t","attributes":{"~\"ü":1},` + special + `}`},
		{"extra fields", "modified", "/attributes/a", `,"value":1,"extra":{"policyId":"ns:p","attributes":{"b":2}}`,
			`{"thingId":"ns:t","policyId":"ns:p","attributes":{"b":2,"a":1},` + special + `}`},
		{"the event counts", "modified", "/attributes/a", `,"value":1,"extra":{"attributes":{"a":0},"_revision":1}`, `{"thingId":"ns:t","attributes":{"a":1},"_revision":7,"_modified":` + when + `}`},
		{"extra fields of a thing that was deleted", "deleted", "/", `,"extra":{"attributes":{"b":2}}`, `{"thingId":"ns:t","attributes":{"b":2},` + special + `,"_deleted":` + when + `}`},
		{"a patch loses what it removes", "merged", "/", `,"value":{"attributes":{"a":null,"b":{"c":null},"d":{},"e":1},"definition":null}`, `{"thingId":"ns:t","attributes":{"e":1},` + special + `}`},
		{"also from extra fields", "merged", "/attributes", `,"value":{"a":null},"extra":{"attributes":{"a":1,"b":2}}`, `{"thingId":"ns:t","attributes":{"b":2},` + special + `}`},
		{"a patch by patterns", "merged", "/attributes", `,"value":{"{{ ~a.*~ }}":null,"b":1}`, `{"thingId":"ns:t","attributes":{"b":1},` + special + `}`},
		{"a part that was patched away", "merged", "/attributes/a", `,"value":null`, `{"thingId":"ns:t",` + special + `}`},
		{"a part that was deleted is not told", "deleted", "/attributes/a", ``, ``},
		{"a migration is not told", "migrated", "/", whole, ``},
	} {
		t.Run(tc.name, func(t *testing.T) {
			to := target(t, snapshot.Target{Payload: snapshot.TargetNormalizedThing, Fields: "thingId,policyId,definition,attributes,features,_revision,_modified,_deleted,_deletedFields"})
			m := mapped(t, to, eventText(tc.action, tc.path, tc.members))
			if (m == nil) != (tc.want == "") {
				t.Fatalf("message %v", m)
			}
			if m == nil {
				return
			}
			if diff := cmp.Diff(tc.want, string(m.Payload)); diff != "" {
				t.Errorf("thing (-want +got):\n%s", diff)
			}
			if m.Headers["content-type"] != "application/json" || m.Key != "ns:t" {
				t.Errorf("headers %v, key %s", m.Headers, m.Key)
			}
		})
	}
}

// All of a thing comes with the event that it is made of, as it was.
func TestNormalizedContext(t *testing.T) {
	const headers = `"headers":{"correlation-id":"c","response-required":"false","requested-acks":"[]"}`
	for _, tc := range []struct{ action, path, members, want string }{
		{"modified", "/attributes/a", `,"value":1`, `{"thingId":"ns:t","attributes":{"a":1},"_revision":7,"_modified":"2026-03-04T05:06:07.8Z",` +
			`"_context":{"topic":"ns/t/things/twin/events/modified","path":"/attributes/a","value":1,` + headers + `}}`},
		{"merged", "/", `,"value":{"attributes":{"a":null,"b":{}}}`, `{"thingId":"ns:t","_revision":7,"_modified":"2026-03-04T05:06:07.8Z",` +
			`"_context":{"topic":"ns/t/things/twin/events/merged","path":"/","value":{"attributes":{"a":null,"b":{}}},` + headers + `}}`},
		{"deleted", "/", `,"fields":"a,b"`, `{"thingId":"ns:t","_revision":7,"_modified":"2026-03-04T05:06:07.8Z","_deleted":"2026-03-04T05:06:07.8Z",` +
			`"_context":{"topic":"ns/t/things/twin/events/deleted","path":"/","value":null,"fields":"a,b",` + headers + `}}`},
	} {
		m := mapped(t, target(t, snapshot.Target{Payload: snapshot.TargetNormalizedThing}), eventText(tc.action, tc.path, tc.members))
		if diff := cmp.Diff(tc.want, string(m.Payload)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.action, diff)
		}
	}
}

// Fields are selected of all that is told. If that is nothing, an empty thing is told.
func TestNormalizedFields(t *testing.T) {
	for fields, want := range map[string]string{
		"thingId,attributes/a":          `{"thingId":"ns:t","attributes":{"a":1}}`,
		"attributes/b,_revision":        `{"attributes":{"b":2},"_revision":7}`,
		"features":                      `{}`,
		"*/path":                        `{"_context":{"path":"/attributes/a"}}`,
		"_context/path,_context(topic)": `{"_context":{"topic":"ns/t/things/twin/events/modified","path":"/attributes/a"}}`,
		"_modified,_deleted,_context/headers/mine": `{"_modified":"2026-03-04T05:06:07.8Z"}`,
	} {
		to := target(t, snapshot.Target{Payload: snapshot.TargetNormalizedThing, Fields: fields})
		m := mapped(t, to, eventText("modified", "/attributes/a", `,"value":1,"extra":{"attributes":{"b":2,"c":3}}`))
		if diff := cmp.Diff(want, string(m.Payload)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", fields, diff)
		}
	}
}

// Who wants to know is told what was deleted, and when, in the place where it was.
func TestNormalizedDeletedFields(t *testing.T) {
	const at = `"2026-03-04T05:06:07.8Z"`
	for _, tc := range []struct {
		name                  string
		action, path, members string
		want                  string
	}{
		{"a part that was deleted", "deleted", "/attributes/a/b", ``, `{"_deletedFields":{"attributes":{"a":{"b":` + at + `}}}}`},
		{"a feature", "deleted", "/features/~0f", ``, `{"_deletedFields":{"features":{"~f":` + at + `}}}`},
		{"the thing", "deleted", "/", ``, `{"_deleted":` + at + `}`},
		{"a part that was patched away", "merged", "/attributes/a", `,"value":null`, `{"_deletedFields":{"attributes":{"a":` + at + `}}}`},
		{"parts of a patch", "merged", "/", `,"value":{"attributes":{"a":null,"b":{"c":null,"d":1},"e":[null]},"features":null}`,
			`{"attributes":{"b":{"d":1},"e":[null]},"_deletedFields":{"attributes":{"a":` + at + `,"b":{"c":` + at + `}},"features":` + at + `}}`},
		{"parts of a patch of a part", "merged", "/features/f", `,"value":{"properties":{"p\"":null}}`, `{"_deletedFields":{"features":{"f":{"properties":{"p\"":` + at + `}}}}}`},
		{"what a pattern deletes is not known", "merged", "/attributes", `,"value":{"{{ ~a.*~ }}":null,"{{ /b/ }}":null}`, `{}`},
		{"nothing", "merged", "/attributes", `,"value":{"a":1}`, `{"attributes":{"a":1}}`},
		{"null is no deletion", "modified", "/attributes", `,"value":{"a":null}`, `{"attributes":{"a":null}}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			to := target(t, snapshot.Target{Payload: snapshot.TargetNormalizedThing, DeletedFields: true, Fields: "attributes,features,_deleted,_deletedFields"})
			m := mapped(t, to, eventText(tc.action, tc.path, tc.members))
			if diff := cmp.Diff(tc.want, string(m.Payload)); diff != "" {
				t.Errorf("thing (-want +got):\n%s", diff)
			}
		})
	}
	// When it was is not known of what has no time.
	to := target(t, snapshot.Target{Payload: snapshot.TargetNormalizedThing, DeletedFields: true, Fields: "thingId,_modified,_revision,_deletedFields"})
	m := mapped(t, to, `{"topic":"ns/t/things/live/events/deleted","headers":{},"path":"/attributes/a"}`)
	if got := string(m.Payload); got != `{"thingId":"ns:t"}` {
		t.Errorf("without a time: %s", got)
	}
}

// Nothing but events of things is a thing.
func TestNormalizedNothing(t *testing.T) {
	to := target(t, snapshot.Target{Payload: snapshot.TargetNormalizedThing, DeletedFields: true})
	for _, text := range []string{
		signalMessage, signalAnnouncement,
		`{"topic":"ns/t/things/live/commands/modify","headers":{},"path":"/attributes/a","value":1}`,
		`{"topic":"ns/t/things/twin/errors","headers":{},"path":"/","value":{},"status":500}`,
	} {
		if m := mapped(t, to, text); m != nil {
			t.Errorf("%s became %s", text, m.Payload)
		}
	}
}
