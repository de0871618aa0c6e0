package live

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

const illegalCode = "422 protocoladapter:illegal.adaptable"

// TestResponseStatuses goes through all actions and statuses, with and without a value that can be at the path.
func TestResponseStatuses(t *testing.T) {
	// The statuses that answer an action, and whether there must be a value with them.
	expected := map[string]map[int]bool{
		"create": {201: true}, "modify": {201: true, 204: false}, "merge": {204: false}, "delete": {204: false}, "retrieve": {200: true},
	}
	for action, statuses := range expected {
		for _, status := range []int{100, 200, 201, 202, 204, 207, 304, 400, 404, 500, 599} {
			needsValue, expected := statuses[status]
			for _, value := range []string{"", `,"value":{"attributes":{}}`} {
				want := ""
				if !expected || needsValue && value == "" {
					want = illegalCode
				}
				r, err := ParseResponse(decode(t, frame("commands/"+action, "/", fmt.Sprintf(`"status":%d%s`, status, value))))
				if got := codeOf(err); got != want {
					t.Errorf("%s %d%s: refused with %q, want %q", action, status, value, got, want)
				}
				if err != nil && (err.TopicPath != "ns/t/things/live/commands/"+action || err.Unaddressed) {
					t.Errorf("%s %d%s: refused as %+v", action, status, value, err)
				}
				if expected && want != "" && !strings.Contains(err.Description, "there must be a value") {
					t.Errorf("%s %d%s: refused because of %q", action, status, value, err.Description)
				}
				if r != nil && (r.Value != nil) != needsValue {
					t.Errorf("%s %d%s: value is %s", action, status, value, r.Value)
				}
			}
		}
	}
}

// TestResponseValues goes through all parts of a thing: what was retrieved or created must be able to be there.
func TestResponseValues(t *testing.T) {
	for _, p := range parts {
		for action, status := range map[string]int{"retrieve": 200, "modify": 201} {
			for value, want := range map[string]string{p.good: "", p.bad: illegalCode} {
				if value == "" {
					continue
				}
				_, err := ParseResponse(decode(t, frame("commands/"+action, p.path, fmt.Sprintf(`"status":%d,"value":%s`, status, value))))
				if got := codeOf(err); got != want {
					t.Errorf("%s %s %s: refused with %q, want %q", action, p.path, value, got, want)
				}
			}
		}
	}
	for value, want := range map[string]string{
		`null`: illegalCode, `{}`: "", `{"_revision":5,"_policy":{}}`: "", `{"thingId":"ns:t"}`: "", `{"thingId":"ns:u"}`: illegalCode,
		`{"attributes":5}`: illegalCode, `{"features":{"f":{"properties":1}}}`: illegalCode, `{"attributes":{"a/b":1}}`: illegalCode,
		`{"attributes":{"a":"\u0000"}}`: illegalCode, `{"attributes":null}`: "",
	} {
		_, err := ParseResponse(decode(t, frame("commands/retrieve", "/", `"status":200,"value":`+value)))
		if got := codeOf(err); got != want {
			t.Errorf("%s: refused with %q, want %q", value, got, want)
		}
	}
}

// TestResponseRefused says what is no response at all, or is about what there is not.
func TestResponseRefused(t *testing.T) {
	const none = "400 protocoladapter:unknown.topicpath"
	for _, tc := range []struct{ topic, path, rest, want string }{
		{"ns/t/things/live/commands/retrieve", "/", `"value":{}`, none},
		{"ns/t/things/twin/commands/retrieve", "/", `"status":200,"value":{}`, none},
		{"ns/t/policies/commands/retrieve", "/", `"status":200,"value":{}`, none},
		{"ns/t/things/live/events/created", "/", `"status":200,"value":{}`, none},
		{"ns/t/things/live/messages/ask", "/", `"status":200,"value":{}`, none},
		{"ns/t/things/live/commands/migrate", "/", `"status":200,"value":{}`, none},
		{"ns/t/things/live/commands/create", "/attributes", `"status":201,"value":{}`, none},
		{"ns/t/things/live/commands/retrieve", "/x", `"status":200,"value":{}`, "400 protocoladapter:unknown.path"},
		{"1/t/things/live/commands/retrieve", "/", `"status":200,"value":{}`, "400 things:id.invalid"},
		{"1/t/things/live/errors", "/", `"status":404,"value":{"error":"x"}`, "400 things:id.invalid"},
	} {
		_, err := ParseResponse(decode(t, fmt.Sprintf(`{"topic":%q,"path":%q,%s}`, tc.topic, tc.path, tc.rest)))
		if got := codeOf(err); got != tc.want {
			t.Errorf("%s %s: refused with %q, want %q", tc.topic, tc.path, got, tc.want)
		}
	}
}

// TestErrorResponses says what devices may fail with.
func TestErrorResponses(t *testing.T) {
	for _, tc := range []struct{ path, rest, want string }{
		{"/", `"status":404,"value":{"status":404,"error":"x:y","message":"m"}`, ""},
		{"/", `"status":304,"value":{"error":"x:y"}`, ""},
		{"/attributes/a", `"status":599,"value":{"error":"x:y"}`, ""},
		{"/nowhere", `"status":500,"value":{"error":"x:y"}`, ""},
		{"/", `"status":200,"value":{"error":"x:y"}`, illegalCode},
		{"/", `"status":299,"value":{"error":"x:y"}`, illegalCode},
		{"/", `"status":404`, illegalCode},
		{"/", `"status":404,"value":null`, illegalCode},
		{"/", `"status":404,"value":"x:y"`, illegalCode},
		{"/", `"status":404,"value":["error"]`, illegalCode},
		{"/", `"status":404,"value":{}`, illegalCode},
		{"/", `"status":404,"value":{"error":5}`, illegalCode},
	} {
		r, err := ParseResponse(decode(t, frame("errors", tc.path, tc.rest)))
		if got := codeOf(err); got != tc.want {
			t.Errorf("%s %s: refused with %q, want %q", tc.path, tc.rest, got, tc.want)
		}
		if r != nil && !r.Failed {
			t.Errorf("%s %s: did not fail", tc.path, tc.rest)
		}
	}
}

// TestMatch says which responses answer a command.
func TestMatch(t *testing.T) {
	command, err := NewCommand(decode(t, frame("commands/modify", "/attributes/a", `"headers":{"correlation-id":"c"},"value":1`)))
	if err != nil {
		t.Fatal(err)
	}
	const failure = `"status":404,"value":{"error":"x:y"}`
	for _, tc := range []struct{ name, thing, topic, path, id, rest, reason string }{
		{"the same", "t", "commands/modify", "/attributes/a", "c", `"status":204`, ""},
		{"the same, spelled differently", "t", "commands/modify", "attributes/a/", "c", `"status":204`, ""},
		{"a suffix", "t", "commands/modify", "/attributes/a", "c#0", `"status":201,"value":1`, ""},
		{"an error", "t", "errors", "/", "c", failure, ""},
		{"an error with a path", "t", "errors", "/features", "c_1", failure, ""},
		{"another correlation id", "t", "commands/modify", "/attributes/a", "d", `"status":204`, "correlation id"},
		{"no correlation id", "t", "commands/modify", "/attributes/a", "", `"status":204`, "correlation id"},
		{"another thing", "u", "commands/modify", "/attributes/a", "c", `"status":204`, "ns:u"},
		{"another action", "t", "commands/delete", "/attributes/a", "c", `"status":204`, "delete"},
		{"another path", "t", "commands/modify", "/attributes/b", "c", `"status":204`, "/attributes/b"},
		{"a path below", "t", "commands/modify", "/attributes/a/b", "c", `"status":204`, "/attributes/a/b"},
		{"an error with another correlation id", "t", "errors", "/", "d", failure, "correlation id"},
		{"an error of another thing", "u", "errors", "/", "c", failure, "ns:u"},
	} {
		headers := `{}`
		if tc.id != "" {
			headers = `{"correlation-id":"` + tc.id + `"}`
		}
		r, err := ParseResponse(decode(t, fmt.Sprintf(`{"topic":"ns/%s/things/live/%s","path":%q,"headers":%s,%s}`, tc.thing, tc.topic, tc.path, headers, tc.rest)))
		if err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		if got := Match(command, r); (got == "") != (tc.reason == "") || !strings.Contains(got, tc.reason) {
			t.Errorf("%s: does not fit because of %q, want %q", tc.name, got, tc.reason)
		}
	}
}

// TestMatchAsked says that what is kept of a request is enough to tell what answers it, and holds nothing of what was sent.
func TestMatchAsked(t *testing.T) {
	command, err := NewCommand(decode(t, frame("commands/modify", "/attributes/a", `"headers":{"correlation-id":"c","x":"y"},"value":1`)))
	if err != nil {
		t.Fatal(err)
	}
	message, err := NewMessage(decode(t, frame("messages/ask", "/inbox/messages/ask", `"headers":{"correlation-id":"c","x":"y"},"value":1`)))
	if err != nil {
		t.Fatal(err)
	}
	asked, told := command.Asked(), message.Asked()
	if asked.Value != nil || asked.Headers.Len() != 0 || asked.form.path != nil || told.Value != nil || told.Headers.Len() != 0 || told.form.path != nil {
		t.Errorf("kept are %+v and %+v", asked, told)
	}
	for path, fits := range map[string]bool{"/attributes/a": true, "/attributes/b": false} {
		r, err := ParseResponse(decode(t, frame("commands/modify", path, `"headers":{"correlation-id":"c"},"status":204`)))
		if err != nil {
			t.Fatal(err)
		}
		if reason := Match(asked, r); (reason == "") != fits {
			t.Errorf("%s: does not fit because of %q, want it to fit: %t", path, reason, fits)
		}
	}
	for subject, fits := range map[string]bool{"ask": true, "tell": false} {
		r, err := NewMessage(decode(t, frame("messages/"+subject, "/outbox/messages/"+subject, `"headers":{"correlation-id":"c"},"status":204`)))
		if err != nil {
			t.Fatal(err)
		}
		if reason := MatchMessage(told, r); (reason == "") != fits {
			t.Errorf("%s: does not fit because of %q, want it to fit: %t", subject, reason, fits)
		}
	}
	if err := asked.Authorize(rightsOf(t, "+r thing:/")); codeOf(err) != "403 things:attribute.notmodifiable" {
		t.Errorf("may be sent by who may only read: %v", err)
	}
}

// TestMatchError says which errors answer a message.
func TestMatchError(t *testing.T) {
	request, err := NewMessage(decode(t, frame("messages/ask", "/inbox/messages/ask", `"headers":{"correlation-id":"c"}`)))
	if err != nil {
		t.Fatal(err)
	}
	const failure = `"status":404,"value":{"error":"x:y"}`
	for _, tc := range []struct{ name, topic, path, id, rest, reason string }{
		{"an error", "ns/t/things/live/errors", "/", "c", failure, ""},
		{"an error with a path", "ns/t/things/live/errors", "/x", "c#1", failure, ""},
		{"of another thing", "ns/u/things/live/errors", "/", "c", failure, "ns:u"},
		{"another correlation id", "ns/t/things/live/errors", "/", "d", failure, "correlation id"},
		{"a success", "ns/t/things/live/commands/modify", "/attributes/a", "c", `"status":204`, "a command"},
	} {
		r, err := ParseResponse(decode(t, fmt.Sprintf(`{"topic":%q,"path":%q,"headers":{"correlation-id":%q},%s}`, tc.topic, tc.path, tc.id, tc.rest)))
		if err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		if got := MatchError(request, r); (got == "") != (tc.reason == "") || !strings.Contains(got, tc.reason) {
			t.Errorf("%s: does not fit because of %q, want %q", tc.name, got, tc.reason)
		}
	}
}

// TestSmartResponse says that the requester is told that the device has answered in place of the twin.
func TestSmartResponse(t *testing.T) {
	r, err := ParseResponse(decode(t, frame("commands/retrieve", "/attributes/a",
		`"headers":{"correlation-id":"c#1","live-channel-condition-matched":false},"status":200,"value":1`)))
	if err != nil {
		t.Fatal(err)
	}
	for smart, marked := range map[bool]string{true: `"live-channel-condition-matched":true,`, false: ""} {
		checkJSON(t, r.AppendSignal(nil, Delivery{CorrelationID: "c", Smart: smart}, r.Value),
			`{"topic":"ns/t/things/live/commands/retrieve","headers":{"correlation-id":"c","response-required":false,`+marked+
				`"channel":"live","content-type":"application/json"},"path":"/attributes/a","value":1,"status":200}`)
	}
}

// TestMatchIsShort says that a reason is not as large as the response.
func TestMatchIsShort(t *testing.T) {
	command, err := NewCommand(decode(t, frame("commands/delete", "/attributes/a", "")))
	if err != nil {
		t.Fatal(err)
	}
	path := "/attributes/" + strings.Repeat(strings.Repeat("€", 200)+"/", 50)
	r, err := ParseResponse(decode(t, frame("commands/delete", path, `"status":204`)))
	if err != nil {
		t.Fatal(err)
	}
	if got := Match(command, r); len(got) == 0 || len(got) > 400 {
		t.Errorf("the reason has %d bytes", len(got))
	}
}

// TestResponseVisible says what of a value who asked for it is sent.
func TestResponseVisible(t *testing.T) {
	const whole = `{"thingId":"ns:t","attributes":{"a":1,"b":2},"_revision":3}`
	for _, tc := range []struct {
		name, action, path, rest, rights string
		want                             string // "" for nothing
	}{
		{"all", "retrieve", "/", `"status":200,"value":` + whole, "+r thing:/", whole},
		{"a part", "retrieve", "/", `"status":200,"value":` + whole, "+r thing:/attributes/a", `{"thingId":"ns:t","attributes":{"a":1},"_revision":3}`},
		{"all but a part", "retrieve", "/attributes", `"status":200,"value":{"a":1,"b":2}`, "+r thing:/ -r thing:/attributes/b", `{"a":1}`},
		{"nothing", "retrieve", "/attributes", `"status":200,"value":{"a":1}`, "+r thing:/features", ""},
		{"nothing that is there", "retrieve", "/attributes", `"status":200,"value":{"a":1}`, "+r thing:/attributes/b", ""},
		{"nobody", "retrieve", "/attributes/a", `"status":200,"value":1`, "", ""},
		{"of names that come twice the last", "retrieve", "/attributes", `"status":200,"value":{"a":{"x":1},"a":2}`, "+r thing:/attributes/a", `{"a":2}`},
		{"what was created", "modify", "/attributes/a", `"status":201,"value":1`, "", `1`},
	} {
		r, err := ParseResponse(decode(t, frame("commands/"+tc.action, tc.path, tc.rest)))
		if err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		value, ok := r.Visible(rightsOf(t, tc.rights))
		if ok != (tc.want != "") || string(value) != tc.want {
			t.Errorf("%s: %s, %t is visible, want %q", tc.name, value, ok, tc.want)
		}
	}
}

// TestResponseDelivered says what who asked is sent, to the letter of the headers.
func TestResponseDelivered(t *testing.T) {
	const headers = `"headers":{"correlation-id":"c","response-required":true,"content-type":"text/plain","requested-acks":["my:ack"],"Custom":7,"etag":"\"x\"","ditto-originator":"fake"}`
	shown := func(contentType string) string {
		return `"headers":{"correlation-id":"c#0","response-required":false,"ditto-originator":"device","channel":"live","Custom":"7","content-type":"` + contentType + `"}`
	}
	for _, tc := range []struct{ name, topic, path, rest, want string }{
		{"retrieve", "commands/retrieve", "attributes", `"status":200,"value":{ "a":1.50 },"extra":{"x":1},"revision":4`,
			shown("application/json") + `,"path":"/attributes","value":{"a":1.5},"status":200`},
		{"modify", "commands/modify", "/attributes", `"status":204,"value":5`, shown("application/json") + `,"path":"/attributes","status":204`},
		{"merge", "commands/merge", "", `"status":204`, shown("application/merge-patch+json") + `,"path":"/","status":204`},
		{"an error", "errors", "/features", `"status":404,"value":{"error":"x:y","more":[1]}`,
			shown("application/json") + `,"path":"/","value":{"error":"x:y","more":[1]},"status":404`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r, err := ParseResponse(decode(t, frame(tc.topic, tc.path, headers+","+tc.rest)))
			if err != nil {
				t.Fatal(err)
			}
			r.Originator = "device"
			value, _ := r.Visible(rightsOf(t, "+r thing:/"))
			d := Delivery{CorrelationID: "c#0", ResponseRequired: true, RequestedAcks: []string{"my:ack"}}
			checkJSON(t, r.AppendSignal(nil, d, slices.Clone(value)), `{"topic":"ns/t/things/live/`+tc.topic+`",`+tc.want+`}`)
		})
	}
}
