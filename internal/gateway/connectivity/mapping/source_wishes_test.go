package mapping

import (
	"fmt"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/snapshot"
)

// What a command waits for is what the message and the source ask for, and what it is done with follows from that.
func TestRequestedAcknowledgements(t *testing.T) {
	const (
		modify  = `"topic":"ns/t/things/twin/commands/modify","path":"/attributes/a","value":1`
		message = `"topic":"ns/t/things/live/messages/s","path":"/inbox/messages/s"`
		liveMod = `"topic":"ns/t/things/live/commands/modify","path":"/attributes/a","value":1`
		liveGet = `"topic":"ns/t/things/live/commands/retrieve","path":"/"`
		get     = `"topic":"ns/t/things/twin/commands/retrieve","path":"/"`
		policy  = `"topic":"ns/t/policies/commands/delete","path":"/"`
		allowed = `"topic":"_/_/policies/commands/checkPermissions","path":"/","value":{}`
		event   = `"topic":"ns/t/things/live/events/modified","path":"/attributes/a","value":1,"revision":1`
		given   = `"topic":"ns/t/things/twin/acks/my:ack","path":"/","status":200`
		answer  = `"topic":"ns/t/things/live/messages/s","path":"/inbox/messages/s","status":200`
		search  = `"topic":"_/_/things/twin/search/subscribe","path":"/"`
	)
	const none, persisted, custom, live = "", "twin-persisted", "my:ack,twin-persisted", "live-response,twin-persisted"
	for _, c := range []struct{ name, envelope, headers, source, want string }{
		// Changes of twins: the answer says that they are stored.
		{"nobody asks", modify, ``, none, `response, not handed`},
		{"usual", modify, ``, persisted, `response [twin-persisted], not handed`},
		{"nothing live of a twin", modify, ``, live, `response [twin-persisted], not handed`},
		{"an application acknowledges", modify, ``, custom, `aggregate [my:ack twin-persisted], not handed`},
		{"the message asks itself", modify, `"requested-acks":["its:ack","my:ack"]`, custom, `aggregate [its:ack my:ack twin-persisted], not handed`},
		{"the message asks for nothing", modify, `"requested-acks":[]`, persisted, `response [twin-persisted], not handed`},

		// Without a response they are stored when they were handled.
		{"no response", modify, `"response-required":false`, none, `silent, silent, handed`},
		{"no response, usual", modify, `"response-required":false`, persisted, `silent, silent, handed`},
		{"no time", modify, `"timeout":"0"`, persisted, `silent, silent, handed`},
		{"no response, an application", modify, `"response-required":false`, custom, `aggregate [twin-persisted my:ack], silent, not handed`},
		{"no time, an application", modify, `"timeout":"0"`, custom, `aggregate [twin-persisted my:ack], silent, not handed`},
		{"a contradiction of its own", modify, `"response-required":false,"requested-acks":["my:ack"]`, custom, `header.invalid, silent, not handed`},
		{"another", modify, `"response-required":true,"timeout":"0"`, custom, `header.invalid, not handed`},

		// What a device does is waited for if somebody asks for that, and not because it may answer.
		{"a message", message, ``, none, `response [live-response], handed`},
		{"a message, usual", message, ``, persisted, `response [live-response], handed`},
		{"a message whose response matters", message, ``, live, `response [live-response], not handed`},
		{"a message that says so itself", message, `"requested-acks":["live-response"]`, persisted, `response [live-response], not handed`},
		{"a message that asks for what no device gives", message, `"requested-acks":["twin-persisted"]`, persisted, `response, handed`},
		{"a message that asks for nothing", message, `"requested-acks":[]`, persisted, `response, handed`},
		{"a message to be acknowledged", message, ``, custom, `aggregate [my:ack live-response], not handed`},
		{"a message without response", message, `"response-required":false`, persisted, `silent, silent, handed`},
		{"a message without response whose response would matter", message, `"response-required":false`, live, `silent, silent, handed`},
		{"a message without response to be acknowledged", message, `"response-required":false`, custom, `aggregate [my:ack], silent, not handed`},
		{"a command", liveMod, ``, persisted, `response [live-response], handed`},
		{"a command to be acknowledged", liveMod, `"response-required":false`, custom, `aggregate [my:ack], silent, not handed`},
		{"a question", liveGet, ``, persisted, `response [live-response], handed`},

		// Queries, and commands on policies, have a response and nothing else.
		{"retrieve", get, ``, custom, `response, not handed`},
		{"retrieve by condition", get, `"live-channel-condition":"eq(attributes/a,1)"`, custom, `response [live-response], not handed`},
		{"retrieve without response", get, `"response-required":false`, custom, `command.headers.invalid, silent, not handed`},
		{"policy", policy, ``, custom, `response, not handed`},
		{"policy without response", policy, `"response-required":false`, custom, `silent, silent, handed`},
		{"permissions", allowed, ``, custom, `response, not handed`},

		// What has no answer is done when it was handled.
		{"event", event, ``, custom, `nothing, handed`},
		{"event without errors", event, `"response-required":false`, custom, `nothing, silent, handed`},
		{"acknowledgement", given, ``, custom, `nothing, handed`},
		{"response", answer, ``, custom, `nothing, handed`},
		{"search", search, ``, custom, `nothing, handed`},
	} {
		s := sourceOf(t, func(s *snapshot.Source) {
			s.Delivery = snapshot.AtLeastOnce
			if c.source != "" {
				s.RequestedAcks = strings.Split(c.source, ",")
			}
		})
		mapped, err := s.Map(messageOf(`{"headers":{`+c.headers+`},`+c.envelope+`}`), madeID, noon)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got := waits(mapped.Commands[0]); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// What is asked for twice is asked for once.
func TestRequestedAcknowledgementsAreUnited(t *testing.T) {
	s := sourceOf(t, func(s *snapshot.Source) { s.RequestedAcks = []string{"my:ack", "twin-persisted"} })
	for given, want := range map[string]string{
		``: `["my:ack","twin-persisted"]`, `"requested-acks":[]`: `["my:ack","twin-persisted"]`,
		`"requested-acks":["twin-persisted","its:ack"]`: `["twin-persisted","its:ack","my:ack"]`,
	} {
		mapped, err := s.Map(messageOf(`{"topic":"ns/t/things/twin/commands/delete","path":"/","headers":{`+given+`}}`), madeID, noon)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := mapped.Commands[0].Envelope.Headers.Get(protocol.HeaderRequestedAcks); string(got) != want {
			t.Errorf("%s: %s, want %s", given, got, want)
		}
	}
}

// waits says what the handler of a command waits for, and what is said of that.
func waits(c Command) string {
	words := []string{"nothing"}
	if kind, answered := answeredAs(c.Envelope); answered {
		words[0] = planned(kind, &c.Envelope.Headers)
	}
	if c.Silent {
		words = append(words, "silent")
	}
	if c.Handed {
		return strings.Join(append(words, "handed"), ", ")
	}
	if words[0] == "nothing" {
		return "nothing, never done"
	}
	return strings.Join(append(words, "not handed"), ", ")
}

func planned(kind ack.Kind, h *protocol.Headers) string {
	plan, err := ack.ReadPlan(kind, h, 0)
	if err != nil {
		return err.Code
	}
	name := [...]string{ack.Silent: "silent", ack.Response: "response", ack.Aggregate: "aggregate"}[plan.Reply]
	if len(plan.Labels) > 0 && kind != ack.TwinModification || h.Has(protocol.HeaderRequestedAcks) && len(plan.Labels) > 0 {
		name += fmt.Sprint(" ", plan.Labels)
	}
	return name
}

// messageOf returns a message with a payload.
func messageOf(payload string) *external.Message { return &external.Message{Payload: []byte(payload)} }
