package live

import (
	"fmt"
	"testing"
)

// TestEventMatrix goes through all actions of events at all parts of a thing.
func TestEventMatrix(t *testing.T) {
	const none = "400 protocoladapter:unknown.topicpath"
	for _, p := range parts {
		for _, action := range []string{"created", "modified", "merged", "deleted", "migrated"} {
			good, bad := "", illegalCode
			switch {
			case action == "migrated", action == "deleted" && p.path == "/policyId":
				good, bad = none, none
			case action == "deleted":
				bad = "" // its value is ignored
			}
			check := func(rest, want string) {
				t.Helper()
				e, err := NewEvent(decode(t, frame("events/"+action, p.path, rest)))
				if got := codeOf(err); got != want {
					t.Errorf("%s %s %s: refused with %q, want %q", action, p.path, rest, got, want)
				}
				if e != nil && (e.Value == nil) != (action == "deleted") {
					t.Errorf("%s %s: value is %s", action, p.path, e.Value)
				}
			}
			check(`"revision":5,"value":`+p.good, good)
			check(`"revision":5`, bad)
			if p.bad != "" {
				check(`"revision":5,"value":`+p.bad, bad)
			}
			if good == "" {
				check(`"value":`+p.good, "400 json.field.missing")
			}
		}
	}
}

// TestEventRefused says what else is refused.
func TestEventRefused(t *testing.T) {
	const none = "400 protocoladapter:unknown.topicpath"
	for _, tc := range []struct{ topic, path, rest, want string }{
		{"ns/t/things/live/events/modified", "/attributes/a", `"revision":0,"value":1`, ""},
		{"ns/t/things/live/events/modified", "/attributes/a", `"revision":-1,"value":1`, ""},
		{"ns/t/things/twin/events/modified", "/attributes/a", `"revision":5,"value":1`, none},
		{"ns/t/policies/events/modified", "/", `"revision":5,"value":1`, none},
		{"ns/t/things/live/commands/modify", "/attributes/a", `"revision":5,"value":1`, none},
		{"ns/t/things/live/events/modified", "/attributes/a", `"revision":5,"value":1,"status":200`, none},
		{"ns/_/things/live/events/modified", "/attributes/a", `"revision":5,"value":1`, none},
		{"1/t/things/live/events/modified", "/attributes/a", `"revision":5,"value":1`, "400 things:id.invalid"},
		{"ns/t/things/live/events/modified", "/x", `"revision":5,"value":1`, "400 protocoladapter:unknown.path"},
		{"ns/t/things/live/events/modified", "/_policy", `"revision":5,"value":1`, none},
		{"ns/t/things/live/events/modified", "/", `"revision":5,"value":{"thingId":"ns:u"}`, illegalCode},
		{"ns/t/things/live/events/merged", "/", `"revision":5,"value":{}`, illegalCode},
		{"ns/t/things/live/events/merged", "/attributes/a", `"revision":5,"value":null`, ""},
		{"ns/t/things/live/events/merged", "/policyId", `"revision":5,"value":null`, illegalCode},
	} {
		_, err := NewEvent(decode(t, fmt.Sprintf(`{"topic":%q,"path":%q,%s}`, tc.topic, tc.path, tc.rest)))
		if got := codeOf(err); got != tc.want {
			t.Errorf("%s %s %s: refused with %q, want %q", tc.topic, tc.path, tc.rest, got, tc.want)
		}
	}
}

// TestEventPermissions says who may send an event, and what of it is told.
func TestEventPermissions(t *testing.T) {
	const refused = "403 things:event.notallowed"
	for _, tc := range []struct {
		name, action, path, value, rights string
		send                              string
		told                              bool
		want                              string
	}{
		{"nobody", "modified", "/attributes", `{"a":1}`, "", refused, false, ""},
		{"rights on messages", "modified", "/attributes", `{"a":1}`, "+rw message:/ +rw policy:/", refused, false, ""},
		{"all", "modified", "/attributes", `{"a":1}`, "+rw thing:/", "", true, `{"a":1}`},
		{"reading", "modified", "/attributes", `{"a":1}`, "+r thing:/", refused, true, `{"a":1}`},
		{"writing", "modified", "/attributes", `{"a":1}`, "+w thing:/attributes", "", false, ""},
		{"a part", "modified", "/attributes", `{"a":1,"b":2}`, "+rw thing:/attributes/a", refused, true, `{"a":1}`},
		{"all but a part", "merged", "/attributes", `{"a":1,"b":2}`, "+rw thing:/ -rw thing:/attributes/b", refused, true, `{"a":1}`},
		{"nothing that is there", "modified", "/attributes", `{"a":1}`, "+rw thing:/attributes/b", refused, false, ""},
		{"the whole with its id", "created", "/", `{"thingId":"ns:t","attributes":{"a":1,"b":2}}`, "+r thing:/attributes/a", refused, true,
			`{"thingId":"ns:t","attributes":{"a":1}}`},
		{"a deletion", "deleted", "/attributes", "", "+rw thing:/", "", true, ""},
		{"a deletion, to who may read a part", "deleted", "/attributes", "", "+rw thing:/attributes/a", refused, false, ""},
	} {
		rest := `"revision":5`
		if tc.value != "" {
			rest += `,"value":` + tc.value
		}
		e, err := NewEvent(decode(t, frame("events/"+tc.action, tc.path, rest)))
		if err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		rights := rightsOf(t, tc.rights)
		if got := codeOf(e.Authorize(rights)); got != tc.send {
			t.Errorf("%s: sending is refused with %q, want %q", tc.name, got, tc.send)
		}
		if value, ok := e.What().Reduced(rights); ok != tc.told || string(value) != tc.want {
			t.Errorf("%s: %s, %t is told, want %s, %t", tc.name, value, ok, tc.want, tc.told)
		}
	}
}

// TestEventDelivered says what subscribers are sent, to the letter of the headers.
func TestEventDelivered(t *testing.T) {
	const headers = `"headers":{"correlation-id":"c","response-required":true,"timeout":"5s","content-type":"text/plain","requested-acks":["twin-persisted","my:ack"],"Custom":7,
		"entity-revision":99,"condition":"x","channel":"twin"}`
	const shown = `"response-required":false,"ditto-originator":"device","channel":"live","entity-revision":5,"timeout":"5s","Custom":"7"`
	for _, tc := range []struct {
		name, action, path, rest string
		d                        Delivery
		want                     string
	}{
		{"modified", "modified", "attributes", `"revision":5,"value":{ "a":1 },"timestamp":"2026-01-02T03:04:05.123456789Z","metadata":{"m":1},"extra":{"own":1},"fields":"a"`,
			Delivery{CorrelationID: "c", ResponseRequired: true},
			`"headers":{"correlation-id":"c","requested-acks":[],"content-type":"application/json",` + shown + `},"path":"/attributes","value":{"a":1},"revision":5,
			"timestamp":"2026-01-02T03:04:05.123456789Z","metadata":{"m":1}`},
		{"modified, of which not all may be read", "modified", "/attributes", `"revision":5,"value":{},"metadata":{"m":1}`, Delivery{CorrelationID: "c", Partial: true},
			`"headers":{"correlation-id":"c","requested-acks":[],"content-type":"application/json",` + shown + `},"path":"/attributes","value":{},"revision":5`},
		{"created", "created", "", `"revision":5,"value":{}`, Delivery{CorrelationID: "c", RequestedAcks: []string{"my:ack"}, Extra: []byte(`{"e":1}`)},
			`"headers":{"correlation-id":"c","requested-acks":["my:ack"],"content-type":"application/json",` + shown + `},"path":"/","value":{},"extra":{"e":1},"revision":5`},
		{"merged", "merged", "/attributes", `"revision":5,"value":{"a":null}`, Delivery{CorrelationID: "c"},
			`"headers":{"correlation-id":"c","requested-acks":[],"content-type":"application/merge-patch+json",` + shown + `},"path":"/attributes","value":{"a":null},"revision":5`},
		{"deleted", "deleted", "/attributes", `"revision":5,"value":1`, Delivery{CorrelationID: "c"},
			`"headers":{"correlation-id":"c","requested-acks":[],"content-type":"text/plain",` + shown + `},"path":"/attributes","revision":5`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e, err := NewEvent(decode(t, frame("events/"+tc.action, tc.path, headers+","+tc.rest)))
			if err != nil {
				t.Fatal(err)
			}
			e.Originator = "device"
			checkJSON(t, e.AppendSignal(nil, tc.d, e.Value), `{"topic":"ns/t/things/live/events/`+tc.action+`",`+tc.want+`}`)
		})
	}
}
