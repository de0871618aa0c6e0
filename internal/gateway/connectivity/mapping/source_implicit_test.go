package mapping

import (
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/snapshot"
)

func creates(thing string) func(*snapshot.Source) {
	return func(s *snapshot.Source) {
		s.Payload, s.ImplicitThing = snapshot.SourceImplicitThing, &snapshot.ImplicitThing{Thing: thing}
	}
}

// A thing is created of what the message says, and nothing that it says is taken for anything but text.
func TestImplicitThings(t *testing.T) {
	const device = `{ "thingId": "ns:{{ header:device }}", "policyId": "ns:p", "attributes": { "from": "{{ source:address }}", "n": 1 } }`
	for _, c := range []struct{ thing, message, value string }{
		{device, "dev/1 | device: d | ignored", `{"thingId":"ns:d","policyId":"ns:p","attributes":{"from":"dev/1","n":1}}`},
		{`{"thingId":"ns:{{ source:address | fn:substring-after('/') }}"}`, "dev/1 | ", `{"thingId":"ns:1"}`},
		{`{"thingId":"ns:d","a":"{{ time:now }} {{ connection:id }} {{ request:subjectId }}"}`, "dev/1 | ", `{"thingId":"ns:d","a":"2026-07-01T12:00:00Z broker integration:broker"}`},
		{`{"thingId":"ns:d","{{ header:k }}":["\"{{ header:k | fn:default(\"q\") }}\u00e9\\"]}`, "dev/1 | k: x | ", `{"thingId":"ns:d","x":["\"xé\\"]}`},
		{`{"thingId":"ns:d","_policy":{"entries":{}},"_copyPolicyFrom":"{{ ref:things/ns:x/policyId }}"}`, "dev/1 | ",
			`{"thingId":"ns:d","_policy":{"entries":{}},"_copyPolicyFrom":"{{ ref:things/ns:x/policyId }}"}`},
		{`{"thingId":"ns:d","_copyPolicyFrom":"{{ header:gateway }}"}`, "dev/1 | gateway: ns:g | ", `{"thingId":"ns:d","_copyPolicyFrom":"ns:g"}`},
		{`{"thingId":"ns:d","a":"ref:{{ header:x }}"}`, "dev/1 | x: y | ", `{"thingId":"ns:d","a":"ref:y"}`},

		// Nothing can be injected.
		{device, `dev/1 | device: d","policyId":"ns:mine | `, `{"thingId":"ns:d\",\"policyId\":\"ns:mine","policyId":"ns:p","attributes":{"from":"dev/1","n":1}}`},
		{`{"thingId":"ns:d","a":"{{ header:x }}"}`, `dev/1 | x: ","policyId":"ns:mine","b":" | `, `{"thingId":"ns:d","a":"\",\"policyId\":\"ns:mine\",\"b\":\""}`},
		{`{"thingId":"ns:d","a":"{{ header:x }}"}`, "dev/1 | x: \\\n\u2028 | ", `{"thingId":"ns:d","a":"\\\n` + "\u2028" + `"}`},
		{`{"thingId":"ns:d","_copyPolicyFrom":"{{ header:x }}"}`, "dev/1 | x: {{ ref:things/ns:secret/policyId }} | ", "400 connectivity:message.mapping.failed"},
		{`{"thingId":"ns:d","_copyPolicyFrom":"{{ header:x }}"}`, "dev/1 | x: ${request.subjectId} | ", "400 connectivity:message.mapping.failed"},
		{`{"thingId":"ns:d","_copyPolicyFrom":"{{ header:x }}{{ header:y }}"}`, "dev/1 | x: { | y: { | ", "400 connectivity:message.mapping.failed"},

		{`{"thingId":"ns:d","{{ header:k }}":"ns:u"}`, "dev/1 | k: thingId | ", `{"thingId":"ns:u"}`}, // of several members the last counts

		{device, "dev/1 | ", "400 placeholder:unresolved"},
		{device, "dev/1 | device: a/b | ", "400 things:id.invalid"},
		{`{"thingId":"{{ header:device }}"}`, "dev/1 | device: d | ", "400 connectivity:message.mapping.failed"},
		{`{"thingId":"ns:d","a":"{{ header:x | fn:split(',') }}"}`, "dev/1 | x: 1,2 | ", "400 connectivity:message.mapping.failed"},
		{`{"thingId":"ns:d","a":"{{ header:x | fn:delete() }}"}`, "dev/1 | x: 1,2 | ", "400 placeholder:unresolved"},
	} {
		mapped, err := sourceOf(t, creates(c.thing)).Map(message(c.message), madeID, noon)
		got := ""
		if err == nil {
			env := mapped.Commands[0].Envelope
			got = string(env.Value)
			if id, _ := textAt(env.Value, "thingId"); id != env.Topic.EntityID() {
				t.Errorf("%s: is about %s", got, env.Topic.EntityID())
			}
			if canonical, invalid := document.Canonical([]byte(got)); invalid != nil || string(canonical) != got {
				t.Errorf("%s is not canonical: %v", got, invalid)
			}
		} else {
			got = became(mapped, err)
		}
		if got != c.value {
			t.Errorf("%s of %q:\n got %s\nwant %s", c.thing, c.message, got, c.value)
		}
	}
}

// The command creates the thing unless it exists. What the message asks for itself comes after it, and is what its sender is told of.
func TestImplicitThingsComeFirst(t *testing.T) {
	const thing = `{"thingId":"ns:{{ header:device }}","policyId":"ns:p"}`
	const create = `ns/d/things/twin/commands/create / {content-type="application/json" if-none-match="*" allow-policy-lockout=true`
	const value = ` {"thingId":"ns:d","policyId":"ns:p"} implicit`
	const modify = `dev/1 | device: d | {"topic":"ns/d/things/twin/commands/modify","path":"/attributes/a","headers":{"correlation-id":"c"},"value":1}`
	alone := creates(thing)
	before := func(s *snapshot.Source) {
		alone(s)
		s.Payload = snapshot.SourceDittoProtocol
	}
	for _, c := range []struct {
		change        func(*snapshot.Source)
		message, want string
	}{
		{alone, modify, create + ` correlation-id="made"}` + value},
		{before, modify, create + ` correlation-id="c"}` + value + " silent\n" + `ns/d/things/twin/commands/modify /attributes/a {correlation-id="c"} 1`},
		{before, "dev/1 | device: d | content-type: application/vnd.eclipse-hono-empty-notification | ", create + ` correlation-id="made"}` + value},
		{before, "dev/1 | device: d | x", "400 json.invalid"},
		{before, `dev/1 | {"topic":"ns/d/things/twin/commands/delete","path":"/"}`, "400 placeholder:unresolved"},
		{func(s *snapshot.Source) {
			alone(s)
			s.Headers = headersOf("x={{ thing:id }};if-none-match=y;allow-policy-lockout=false")
		}, modify, create + ` x="ns:d" correlation-id="made"}` + value},
	} {
		if got := became(sourceOf(t, c.change).Map(message(c.message), madeID, noon)); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.message, got, c.want)
		}
	}
}

// What a thing is made of is bounded.
func TestImplicitThingsAreBounded(t *testing.T) {
	s := sourceOf(t, creates(`{"thingId":"ns:d","a":["{{ header:x }}","{{ header:x }}","{{ header:x }}","{{ header:x }}"]}`))
	m := message("dev/1 | ")
	for size, want := range map[int]string{60 << 10: "", 70 << 10: "400 connectivity:message.mapping.failed"} {
		m.Headers["x"] = strings.Repeat("x", size)
		if mapped, err := s.Map(m, madeID, noon); (err != nil || want != "") && became(mapped, err) != want {
			t.Errorf("%d: %s, want %s", size, became(mapped, err), want)
		}
	}
}
