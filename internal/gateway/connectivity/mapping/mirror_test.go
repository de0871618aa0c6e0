package mapping

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// toldEnvelope returns the envelope in a text that a server has told.
func toldEnvelope(t testing.TB, text string) *protocol.Envelope {
	t.Helper()
	env := &protocol.Envelope{}
	if err := protocol.DecodeTold([]byte(text), env); err != nil {
		t.Fatalf("%s: %v: %s", text, err, err.Description)
	}
	return env
}

// An event of a twin is repeated by the command that has the same effect, which has nothing else of it.
func TestMirrorOfEvents(t *testing.T) {
	const headers = `"headers":{"correlation-id":"c","response-required":false,"ditto-originator":"nginx:me","etag":"\"rev:7\"",` +
		`"entity-revision":7,"content-type":"application/json","requested-acks":["x:y"],"traceparent":"00-1","tracestate":"a=1","timeout":"5s",` +
		`"reply-to":"here","mine":"1"}`
	const rest = `,"extra":{"attributes":{"b":2}},"revision":7,"timestamp":"2026-03-04T05:06:07Z","metadata":{"a":1}}`
	const json, patch, none = `,"content-type":"application/json"`, `,"content-type":"application/merge-patch+json"`, ``
	for _, tc := range []struct{ name, action, path, value, wantAction, wantType string }{
		{"a thing that was created", "created", "/", `{"thingId":"ns:t","policyId":"ns:p"}`, "modify", json},
		{"a thing that was modified", "modified", "/", `{"thingId":"ns:t","policyId":"ns:p"}`, "modify", json},
		{"a thing that was merged", "merged", "/", `{"attributes":{"a":null}}`, "merge", patch},
		{"a thing that was deleted", "deleted", "/", ``, "delete", none},
		{"a thing that was migrated", "migrated", "/", `{"definition":"ns:d:2"}`, "merge", patch},
		{"a part that was created", "created", "/features/f/properties", `{"a": [1, 2.50]}`, "modify", json},
		{"a part that was modified", "modified", "/policyId", `"ns:q"`, "modify", json},
		{"a part that is null now", "modified", "/attributes/a", `null`, "modify", json},
		{"a part that was merged", "merged", "/attributes/a/b", `5`, "merge", patch},
		{"a part that was patched away", "merged", "/attributes/a", `null`, "merge", patch},
		{"a part that was deleted", "deleted", "/features/f", ``, "delete", none},
	} {
		t.Run(tc.name, func(t *testing.T) {
			value := ""
			if tc.value != "" {
				value = `,"value":` + tc.value
			}
			event := toldEnvelope(t, `{"topic":"ns/t/things/twin/events/`+tc.action+`",`+headers+`,"path":"`+tc.path+`"`+value+rest)
			before := string(event.Append(nil))
			command, ok := Mirror(event)
			if !ok {
				t.Fatal("it cannot be repeated")
			}
			want := `{"topic":"ns/t/things/twin/commands/` + tc.wantAction + `","headers":{"correlation-id":"c-mirror","traceparent":"00-1","tracestate":"a=1"` +
				tc.wantType + `,"twinway-mirrored":"1"},"path":"` + tc.path + `"` + value + `}`
			if diff := cmp.Diff(want, string(command.Append(nil))); diff != "" {
				t.Errorf("command (-want +got):\n%s", diff)
			}
			if after := string(event.Append(nil)); after != before {
				t.Errorf("the event became %s", after)
			}
		})
	}
}

// The caller gives a command an id of its own if the event had none.
func TestMirrorWithoutCorrelationID(t *testing.T) {
	command, ok := Mirror(toldEnvelope(t, `{"topic":"ns/t/things/twin/events/deleted","path":"/"}`))
	if !ok {
		t.Fatal("it cannot be repeated")
	}
	if got, want := string(command.Append(nil)), `{"topic":"ns/t/things/twin/commands/delete","headers":{"twinway-mirrored":"1"},"path":"/"}`; got != want {
		t.Errorf("command %s, want %s", got, want)
	}
}

// Nothing is left of what a deletion says that there was.
func TestMirrorOfDeletionWithValue(t *testing.T) {
	command, ok := Mirror(toldEnvelope(t, `{"topic":"ns/t/things/twin/events/deleted","path":"/attributes/a","value":{"old":1}}`))
	if !ok || command.Value != nil || command.Headers.Len() != 1 {
		t.Errorf("mirrored %t as %s", ok, command.Append(nil))
	}
}

// What is of the live channel goes as it is, without what only one end knows.
func TestMirrorOfLiveSignals(t *testing.T) {
	const in = `"headers":{"correlation-id":"c","response-required":true,"ditto-originator":"nginx:me","requested-acks":["x:y","live-response"],` +
		`"channel":"live","timeout":"5s","content-type":"text/plain","ditto-message-subject":"s","ditto-message-thing-id":"ns:t",` +
		`"diverted-response-from-connection":"other","if-match":"*","ditto-connection-id":"b","mine":"1"}`
	const out = `"headers":{"correlation-id":"c","response-required":true,"requested-acks":["x:y","live-response"],` +
		`"channel":"live","timeout":"5s","content-type":"text/plain","mine":"1"}`
	for name, rest := range map[string]string{
		"messages/s":          `"path":"/inbox/messages/s","value":"hello","extra":{"attributes":{"a":1}}}`,
		"messages/a//b":       `"path":"/features/f/outbox/messages/a//b","value":{"a" : 1},"status":200}`,
		"commands/modify":     `"path":"/attributes/a","value":1}`,
		"commands/retrieve":   `"path":"/","fields":"attributes"}`,
		"commands/delete":     `"path":"/features/f","status":204}`,
		"events/modified":     `"path":"/attributes/a","value":1,"revision":7,"timestamp":"2026-03-04T05:06:07Z","metadata":{"m":1}}`,
		"errors":              `"path":"/","value":{"error":"x:y"},"status":404}`,
		"acks/live-response":  `"path":"/","value":1,"status":200}`,
		"acks/device:receipt": `"path":"/","status":204}`,
		"acks":                `"path":"/","value":{"x:y":{"status":200}},"status":200}`,
	} {
		t.Run(name, func(t *testing.T) {
			head := `{"topic":"ns/t/things/live/` + name + `",`
			env := toldEnvelope(t, head+in+`,`+rest)
			before := string(env.Append(nil))
			mirrored, ok := Mirror(env)
			if !ok {
				t.Fatal("it cannot be repeated")
			}
			want := head + out + `,` + rest
			if signals(env) {
				want = head + strings.Replace(out, `"mine":"1"`, `"mine":"1","twinway-mirrored":"1"`, 1) + `,` + rest
			}
			if diff := cmp.Diff(want, string(mirrored.Append(nil))); diff != "" {
				t.Errorf("envelope (-want +got):\n%s", diff)
			}
			if after := string(env.Append(nil)); after != before {
				t.Errorf("the signal became %s", after)
			}
		})
	}
}

// An acknowledgement in place of somebody else says so at the other end.
func TestMirrorOfWeakAcknowledgement(t *testing.T) {
	ack, ok := Mirror(toldEnvelope(t, `{"topic":"ns/t/things/live/acks/x:y","headers":{"ditto-weak-ack":true,"ditto-originator":"a"},"path":"/","status":200}`))
	if weak, _ := ack.Headers.Bool(protocol.HeaderWeakAck); !ok || !weak || ack.Headers.Len() != 1 {
		t.Errorf("mirrored %t, weak %t, %d headers", ok, weak, ack.Headers.Len())
	}
}

// Nothing else can be repeated.
func TestMirrorOfAnythingElse(t *testing.T) {
	for _, text := range []string{
		`{"topic":"ns/t/things/twin/commands/modify","path":"/","value":{}}`,
		`{"topic":"ns/t/things/twin/commands/modify","path":"/","status":204}`,
		`{"topic":"ns/t/things/twin/errors","path":"/","value":{},"status":500}`,
		`{"topic":"ns/t/things/twin/acks/x:y","path":"/","status":200}`,
		`{"topic":"ns/t/things/twin/search/subscribe","path":"/"}`,
		`{"topic":"ns/t/things/twin/streaming/next","path":"/"}`,
		`{"topic":"ns/t/things/live/streaming/next","path":"/"}`,
		`{"topic":"ns/t/things/none/events/modified","path":"/","value":{}}`,
		`{"topic":"ns/p/policies/announcements/subjectDeletion","path":"/","value":{}}`,
		`{"topic":"ns/p/policies/commands/modify","path":"/","value":{}}`,
		`{"topic":"_/c/connections/announcements/opened","path":"/","value":{}}`,
		// What is about nothing in particular, and what says nothing.
		`{"topic":"_/_/things/twin/events/deleted","path":"/"}`,
		`{"topic":"ns/_/things/live/commands/retrieve","path":"/"}`,
		`{"topic":"ns/t/things/twin/events/modified","path":"/attributes/a"}`,
		`{"topic":"ns/t/things/twin/events/deleted","path":"/","status":204}`,
	} {
		if mirrored, ok := Mirror(toldEnvelope(t, text)); ok || mirrored != nil {
			t.Errorf("%s became %s", text, mirrored.Append(nil))
		}
	}
}

// Whatever a server tells, what is made of it can be sent, and is something that this end would take.
func FuzzMirror(f *testing.F) {
	f.Add(`{"topic":"ns/t/things/twin/events/merged","headers":{"correlation-id":"c","tracestate":"a"},"path":"/attributes/~0a","value":{"a":null}}`)
	f.Add(`{"topic":"ns/t/things/live/messages/a//b","headers":{"x":{"y":[]}},"path":"/inbox/messages/a//b","value":"\ud800","status":200}`)
	f.Add(`{"topic":"ns/t/things/live/acks","headers":{"ditto-weak-ack":true},"path":"/","extra":{},"metadata":{},"fields":"a,b(c)"}`)
	f.Fuzz(func(t *testing.T, text string) {
		var env, again protocol.Envelope
		if protocol.DecodeTold([]byte(text), &env) != nil {
			return
		}
		before := string(env.Append(nil))
		mirrored, ok := Mirror(&env)
		if string(env.Append(nil)) != before {
			t.Fatal("the signal was modified")
		}
		if !ok {
			return
		}
		sent := mirrored.Append(nil)
		if err := protocol.Decode(sent, &again); err != nil {
			t.Fatalf("%s: %v %s", sent, err, err.Description)
		}
		if again.Topic != mirrored.Topic || string(again.Append(nil)) != string(sent) {
			t.Fatalf("%s is read as %s", sent, again.Append(nil))
		}
	})
}
