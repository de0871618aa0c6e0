package live

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// A part of a thing, and what can be there.
type part struct {
	path string
	good string // a value that can be there
	bad  string // one that cannot, "" if any can
}

var parts = []part{
	{"/", `{"thingId":"ns:t","attributes":{"a":1}}`, `5`},
	{"/policyId", `"ns:p"`, `{}`},
	{"/definition", `"ns:d:1"`, `[]`},
	{"/attributes", `{"a":1}`, `5`},
	{"/attributes/a/b", `5`, ``},
	{"/features", `{"f":{"properties":{"p":1}}}`, `[]`},
	{"/features/f", `{"properties":{"p":1}}`, `"x"`},
	{"/features/f/definition", `["ns:d:1"]`, `"ns:d:1"`},
	{"/features/f/properties", `{"p":1}`, `1`},
	{"/features/f/properties/p/q", `[1]`, ``},
	{"/features/f/desiredProperties", `{"p":1}`, `true`},
	{"/features/f/desiredProperties/p", `null`, ``},
}

// exists reports whether the protocol has a command at a part.
func (p part) exists(action string) bool {
	switch action {
	case "create":
		return p.path == "/"
	case "delete":
		return p.path != "/policyId"
	}
	return action == "modify" || action == "merge" || action == "retrieve"
}

var actions = []string{"create", "modify", "merge", "delete", "retrieve", "migrate", "checkPermissions"}

// headersFor returns the header that a merge must have.
func headersFor(action string) string {
	if action == "merge" {
		return `"headers":{"content-type":"application/merge-patch+json"}`
	}
	return `"headers":{}`
}

func valued(action string) bool { return action == "create" || action == "modify" || action == "merge" }

// TestCommandMatrix goes through all actions at all parts of a thing, with values that can be there, that cannot, and without.
func TestCommandMatrix(t *testing.T) {
	for _, p := range parts {
		for _, action := range actions {
			good, bad, missing := "", "", ""
			switch {
			case !p.exists(action):
				good = "400 protocoladapter:unknown.topicpath"
				bad, missing = good, good
			case valued(action):
				bad, missing = "400 json.format.invalid", "400 json.invalid"
			}
			topic, headers := "commands/"+action, headersFor(action)
			check := func(value, want string) {
				t.Helper()
				c, err := NewCommand(decode(t, frame(topic, p.path, headers+value)))
				if got := codeOf(err); got != want {
					t.Errorf("%s %s%s: refused with %q, want %q", action, p.path, value, got, want)
				}
				if c != nil && valued(action) && string(c.Value) != strings.TrimPrefix(value, `,"value":`) {
					t.Errorf("%s %s: value is %s, want %s", action, p.path, c.Value, value)
				}
			}
			check(`,"value":`+p.good, good)
			check("", missing)
			if p.bad != "" {
				check(`,"value":`+p.bad, bad)
			}
		}
	}
}

// TestCommandRefused says what else is refused.
func TestCommandRefused(t *testing.T) {
	const none, condition = "400 protocoladapter:unknown.topicpath", "400 things:condition.invalid"
	for _, tc := range []struct{ topic, path, rest, want string }{
		{"ns/t/things/live/commands/retrieve", "/", ``, ""},
		{"ns/t/things/twin/commands/retrieve", "/", ``, none},
		{"ns/t/things/none/commands/retrieve", "/", ``, none},
		{"ns/t/policies/commands/retrieve", "/", ``, none},
		{"ns/t/things/live/events/created", "/", ``, none},
		{"ns/t/things/live/commands/retrieve", "/", `"status":200`, none},
		{"ns/_/things/live/commands/retrieve", "/", ``, none},
		{"1/t/things/live/commands/retrieve", "/", ``, "400 things:id.invalid"},
		{"ns/t/things/live/commands/retrieve", "/x", ``, "400 protocoladapter:unknown.path"},
		{"ns/t/things/live/commands/retrieve", "/_policy", ``, none},
		{"ns/t/things/live/commands/retrieve", "/attributes/ä", ``, "400 json.key.invalid"},
		{"ns/t/things/live/commands/modify", "/attributes", `"value":{"a/b":1}`, "400 json.key.invalid"},
		{"ns/t/things/live/commands/modify", "/attributes/a", `"value":"\u0000"`, "400 json.invalid"},
		{"ns/t/things/live/commands/modify", "/", `"value":{"thingId":"ns:u"}`, "400 things:id.notsettable"},
		{"ns/t/things/live/commands/modify", "/features/f/definition", `"value":[]`, "400 things:feature.definition.empty"},
		{"ns/t/things/live/commands/modify", "/attributes/a", `"value":"{{ device:own }}"`, ""},
		{"ns/t/things/live/commands/merge", "/attributes/a", `"value":1`, "415 mediatype.unsupported"},
		{"ns/t/things/live/commands/merge", "/policyId", `"headers":{"content-type":"application/merge-patch+json"},"value":null`, "400 things:policyId.notdeletable"},
		{"ns/t/things/live/commands/merge", "/definition", `"headers":{"Content-Type":"APPLICATION/merge-patch+json; x"},"value":null`, ""},

		{"_/_/things/live/commands/retrieve", "/", `"value":{"thingIds":["ns:t"]}`, none},
		{"ns/t/things/live/commands/delete", "/", `"headers":{"response-required":false}`, ""},
		{"ns/t/things/live/commands/delete", "/", `"headers":{"timeout":0}`, ""},
		{"ns/t/things/live/commands/delete", "/", `"headers":{"condition":"x("}`, condition},
		{"ns/t/things/live/commands/retrieve", "/", `"headers":{"condition":"x("}`, condition},
		{"ns/t/things/live/commands/create", "/", `"headers":{"condition":"x("},"value":{}`, ""},
		{"ns/t/things/live/commands/retrieve", "/", `"headers":{"live-channel-condition":"exists(attributes/a)"}`, ""},
		{"ns/t/things/live/commands/delete", "/", `"headers":{"live-channel-condition":"exists(attributes/a)"}`, "405 things:live.channelcondition.notallowed"},
		{"ns/t/things/live/commands/modify", "/attributes/a", `"headers":{"live-channel-condition":"exists(attributes/a)"},"value":1`, "405 things:live.channelcondition.notallowed"},
	} {
		if tc.rest != "" {
			tc.rest = "," + tc.rest
		}
		_, err := NewCommand(decode(t, fmt.Sprintf(`{"topic":%q,"path":%q%s}`, tc.topic, tc.path, tc.rest)))
		if got := codeOf(err); got != tc.want {
			t.Errorf("%s %s %s: refused with %q, want %q", tc.topic, tc.path, tc.rest, got, tc.want)
		}
	}
}

// TestCommandUsesTwin says what the strategy must be for the twin to answer.
func TestCommandUsesTwin(t *testing.T) {
	for _, tc := range []struct {
		action, strategy string
		want             bool
	}{
		{"retrieve", "use-twin", true}, {"retrieve", "USE-TWIN", false}, {"retrieve", "fail", false}, {"delete", "use-twin", false},
	} {
		c, err := NewCommand(decode(t, frame("commands/"+tc.action, "/attributes/a", `"headers":{"live-channel-timeout-strategy":"`+tc.strategy+`"}`)))
		if err != nil {
			t.Fatal(err)
		}
		if c.UseTwin != tc.want {
			t.Errorf("%s %s: uses the twin %t, want %t", tc.action, tc.strategy, c.UseTwin, tc.want)
		}
	}
}

// TestCommandPermissions says who may send a command, and who receives it.
func TestCommandPermissions(t *testing.T) {
	for _, tc := range []struct {
		name, action, path, value, rights string
		send                              string
		receive                           bool
	}{
		{"nobody retrieves", "retrieve", "/", "", "", "404 things:thing.notfound", false},
		{"nobody retrieves a property", "retrieve", "/features/f/properties/p", "", "", "404 things:feature.property.notfound", false},
		{"rights on messages", "retrieve", "/", "", "+rw message:/ +rw policy:/", "404 things:thing.notfound", false},
		{"retrieve", "retrieve", "/attributes/a", "", "+r thing:/", "", true},
		{"retrieve with what may be written", "retrieve", "/attributes/a", "", "+w thing:/", "404 things:attribute.notfound", false},
		{"retrieve of what may be read in part", "retrieve", "/", "", "+r thing:/attributes/a", "", false},
		{"retrieve of what may not be read in part", "retrieve", "/", "", "+r thing:/ -r thing:/attributes/a", "", true},
		{"modify", "modify", "/attributes", `{"a":1}`, "+w thing:/", "", false},
		{"modify without permission", "modify", "/attributes", `{"a":1}`, "+r thing:/", "403 things:attributes.notmodifiable", true},
		{"modify of what may not be written in part", "modify", "/attributes", `{"a":1}`, "+rw thing:/ -w thing:/attributes/b", "403 things:attributes.notmodifiable", true},
		{"modify of what may not be read in part", "modify", "/attributes", `{"a":1}`, "+rw thing:/ -r thing:/attributes/b", "", false},
		{"create", "create", "/", `{}`, "+rw thing:/", "", true},
		{"create without permission", "create", "/", `{}`, "+r thing:/", "403 things:thing.notmodifiable", true},
		{"delete", "delete", "/", "", "+rw thing:/", "", true},
		{"delete without permission", "delete", "/", "", "+r thing:/", "403 things:thing.notdeletable", true},
		{"delete of a part without permission", "delete", "/features/f", "", "+r thing:/", "403 things:feature.notmodifiable", true},
		{"merge", "merge", "/", `{"attributes":{"a":1}}`, "+rw thing:/", "", true},
		{"merge of what may be written", "merge", "/", `{"attributes":{"a":1}}`, "+rw thing:/attributes/a", "", false},
		{"merge of more than may be written", "merge", "/", `{"attributes":{"a":1,"b":2}}`, "+rw thing:/attributes/a", "403 things:thing.notmodifiable", false},
		{"merge of what a thing cannot have", "merge", "/", `{"attributes":{"a":1},"x":2}`, "+rw thing:/attributes/a", "403 things:thing.notmodifiable", false},
	} {
		rest := headersFor(tc.action)
		if tc.value != "" {
			rest += `,"value":` + tc.value
		}
		c, err := NewCommand(decode(t, frame("commands/"+tc.action, tc.path, rest)))
		if err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		rights := rightsOf(t, tc.rights)
		if got := codeOf(c.Authorize(rights)); got != tc.send {
			t.Errorf("%s: sending is refused with %q, want %q", tc.name, got, tc.send)
		}
		if got := c.MayReceive(rights); got != tc.receive {
			t.Errorf("%s: receives %t, want %t", tc.name, got, tc.receive)
		}
	}
}

// TestCommandDelivered says what devices are sent, to the letter of the headers.
func TestCommandDelivered(t *testing.T) {
	const all = `"correlation-id":"c","timeout":"5s","response-required":true,"requested-acks":["live-response","my:ack"],"channel":"twin","Custom":7,
		"condition":"exists(attributes/a)","if-match":"*","live-channel-timeout-strategy":"use-twin","put-metadata":[{"key":"a","value":1}],"entity-revision":9,
		"ditto-originator":"fake","at-historical-revision":3`
	for _, tc := range []struct{ name, action, path, rest, want string }{
		{"retrieve", "retrieve", "attributes/", `"headers":{` + all + `},"fields":"a,b(c)","value":5,"extra":{},"revision":1,"timestamp":"2026-01-01T00:00:00Z"`,
			`"headers":{"correlation-id":"c_1","response-required":true,"ditto-originator":"app","requested-acks":["my:ack"],"timeout":"5s","channel":"live","Custom":"7",
			"content-type":"application/json"},"path":"/attributes","extra":{"e":1},"fields":"a,b(c)"`},
		{"modify", "modify", "", `"headers":{"content-type":"text/plain"},"value":{ "unknown":1, "attributes":{"a":"{{ x:y }}","a":1.50}}`,
			`"headers":{"correlation-id":"c_1","response-required":true,"ditto-originator":"app","requested-acks":["my:ack"],"channel":"live","content-type":"application/json"},
			"path":"/","value":{"unknown":1,"attributes":{"a":1.50}},"extra":{"e":1}`},
		{"merge", "merge", "/attributes", `"headers":{"content-type":"Application/Merge-Patch+JSON"},"value":{"a":null}`,
			`"headers":{"correlation-id":"c_1","response-required":true,"ditto-originator":"app","requested-acks":["my:ack"],"channel":"live",
			"content-type":"application/merge-patch+json"},"path":"/attributes","value":{"a":null},"extra":{"e":1}`},
		{"delete", "delete", "/features/a~0b", `"value":5`,
			`"headers":{"correlation-id":"c_1","response-required":true,"ditto-originator":"app","requested-acks":["my:ack"],"channel":"live",
			"content-type":"application/json"},"path":"/features/a~0b","extra":{"e":1}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := NewCommand(decode(t, frame("commands/"+tc.action, tc.path, tc.rest)))
			if err != nil {
				t.Fatal(err)
			}
			c.Originator = "app"
			d := Delivery{CorrelationID: "c_1", ResponseRequired: true, RequestedAcks: []string{"my:ack"}, Extra: []byte(`{"e":1}`)}
			checkJSON(t, c.AppendSignal(nil, d), `{"topic":"ns/t/things/live/commands/`+tc.action+`",`+tc.want+`}`)
		})
	}
}

// TestCommandArrives says that a device which makes a command of what it is sent has the command that was sent.
func TestCommandArrives(t *testing.T) {
	for _, p := range parts {
		for _, action := range actions {
			if !p.exists(action) {
				continue
			}
			sent, err := NewCommand(decode(t, frame("commands/"+action, p.path, headersFor(action)+`,"fields":"a","value":`+p.good)))
			if err != nil {
				t.Fatal(err)
			}
			arrived, err := NewCommand(decode(t, string(sent.AppendSignal(nil, Delivery{ResponseRequired: true}))))
			if err != nil {
				t.Fatalf("%s %s: %v", action, p.path, err)
			}
			if string(arrived.Value) != string(sent.Value) || arrived.HasFields != sent.HasFields || arrived.Action != sent.Action {
				t.Errorf("%s %s: %+v arrived as %+v", action, p.path, sent, arrived)
			}
			if diff := cmp.Diff(sent.Path, arrived.Path); diff != "" {
				t.Errorf("%s %s (-sent +arrived):\n%s", action, p.path, diff)
			}
		}
	}
}

// TestServerHeadersAreTheServers says that headers which only the server sets are not passed on, wherever they came from.
func TestServerHeadersAreTheServers(t *testing.T) {
	env := decode(t, frame("commands/delete", "/", ""))
	env.Headers.SetString(protocol.HeaderETag, "fake")
	env.Headers.SetString(protocol.HeaderOriginator, "fake")
	c, err := NewCommand(env)
	if err != nil {
		t.Fatal(err)
	}
	checkJSON(t, c.AppendSignal(nil, Delivery{CorrelationID: "c"}), `{"topic":"ns/t/things/live/commands/delete",
		"headers":{"correlation-id":"c","response-required":false,"channel":"live","content-type":"application/json"},"path":"/"}`)
}

// TestUntold says who is not told of a refusal.
func TestUntold(t *testing.T) {
	illegal := protocol.ErrIllegalAdaptable(&protocol.Topic{}, "x")
	for _, tc := range []struct {
		headers string
		err     *protocol.Error
		want    bool
	}{
		{`{}`, illegal, false},
		{`{"response-required":true}`, illegal, false},
		{`{"response-required":false}`, illegal, true},
		{`{"response-required":false}`, protocol.ErrFieldMissing("revision"), false},
	} {
		if got := Untold(decode(t, frame("errors", "/", `"headers":`+tc.headers)), tc.err); got != tc.want {
			t.Errorf("%s %s: untold %t, want %t", tc.headers, tc.err.Code, got, tc.want)
		}
	}
}
