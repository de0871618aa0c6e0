package connectivity

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/snapshot"
)

// answering returns an outcome with an answer.
func answering(status int, media, body string) link.Outcome {
	return link.Outcome{Status: status, Answer: &external.Message{Payload: []byte(body), Headers: external.Headers{"content-type": media}}}
}

// What requesters are told who wait for the label that an outlet issues.
func TestOutletAcknowledges(t *testing.T) {
	long := strings.Repeat("ä\n", maxAckPayload)
	for _, c := range []struct {
		name string
		out  link.Outcome
		want string
	}{
		{"delivered", link.Outcome{Status: 204}, "204 "},
		{"a broker that confirms", link.Outcome{Status: 200}, "200 "},
		{"JSON", answering(200, "application/json; charset=utf-8", `{"a":1}`), `200 {"a":1} application/json; charset=utf-8`},
		{"JSON of a kind", answering(201, "application/problem+json", `[1]`), `201 [1] application/problem+json`},
		{"what is no JSON", answering(200, "application/json", `{`), `200 "{" application/json`},
		{"text", answering(200, "text/plain", "hi\n"), `200 "hi\n" text/plain`},
		{"text of no type", link.Outcome{Status: 200, Answer: &external.Message{Payload: []byte("hi")}}, `200 "hi"`},
		{"bytes", answering(200, "image/png", "\x89\xff"), `200 "if8=" image/png`},
		{"nothing said", answering(202, "text/plain", ""), "202 "},
		{"JSON that is too long", answering(200, "application/json", `"`+strings.Repeat("x", maxAckPayload)+`"`), "200 "},
		{"bytes that are too long", answering(200, "image/png", "\xff"+long), "200 "},
		{"refused with a reason", answering(404, "text/plain", "no"), `404 "no" text/plain`},
		{"not delivered", link.Outcome{Status: 408, Err: errors.New("late")}, `408 {"status":408,"error":"connectivity:message.sending.failed"`},
		{"not delivered, without a status", link.Outcome{Err: errors.New("late")}, `503 {"status":503,"error":"connectivity:message.sending.failed"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			inLand(t, snapshot.ConnectionHTTPPush, func(l *land) {
				o, f := l.outlet(func(s *snapshot.Subscription) { s.Target.IssuedAck = "link:sent" }), newFar()
				f.tell(always(c.out))
				o.use(f)
				var asker asker
				l.ask(&asker, snapshot.SignalTwinEvents, "a", event("a", 0), "id", "link:sent")
				synctest.Wait()
				same(l, "told", asker.got(), []string{"link:sent=" + c.want})
			})
		})
	}
}

// Of a text that is too long the beginning is told.
func TestBeginning(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("x", 2*maxAckPayload), strings.Repeat("ä", maxAckPayload), strings.Repeat("\n", maxAckPayload), strings.Repeat("<\u2028\x00", maxAckPayload),
	} {
		payload := payloadOf(&external.Message{Payload: []byte(text)})
		if len(payload) > maxAckPayload || len(payload) < maxAckPayload/8 || payload[len(payload)-1] != '"' {
			t.Errorf("%.4q: %d bytes", text, len(payload))
		}
	}
	if got := beginning("short"); got != "short" {
		t.Errorf("a short text becomes %q", got)
	}
}

// Who does not ask an outlet to acknowledge is told nothing, and what is not sent is acknowledged as what it is.
func TestOutletAcknowledgesWhatIsNotSent(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(s *snapshot.Subscription)
		want   string
	}{
		{
			"what has no form is acknowledged weakly", func(s *snapshot.Subscription) { s.Target.Payload = snapshot.TargetNormalizedThing }, "200",
		},
		{"what has no address", func(s *snapshot.Subscription) { s.Target.Address = "{{ header:nowhere }}" }, "400"},
		{"what a filter leaves out", func(s *snapshot.Subscription) { s.Namespaces = []string{"other"} }, "200"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inLand(t, snapshot.ConnectionHTTPPush, func(l *land) {
				o, f := l.outlet(func(s *snapshot.Subscription) {
					s.Signal, s.Target.IssuedAck = snapshot.SignalMessages, "link:sent"
					c.change(s)
				}), newFar()
				o.use(f)
				var asker asker
				l.ask(&asker, snapshot.SignalMessages, "a", aMessage("a"), "id", "link:sent")
				synctest.Wait()
				got := asker.got()
				if len(got) != 1 || !strings.HasPrefix(got[0], "link:sent="+c.want) || strings.HasSuffix(got[0], " weak") != (c.want == "200") {
					l.Errorf("told: %q", got)
				}
				same(l, "published", f.got(), []string(nil))
			})
		})
	}
}

func TestOutletCountsWhatIsNotSent(t *testing.T) {
	inLand(t, snapshot.ConnectionHTTPPush, func(l *land) {
		unresolved := l.outlet(func(s *snapshot.Subscription) { s.Name, s.Target.Address = "unresolved", "{{ header:nowhere }}" })
		formless := l.outlet(func(s *snapshot.Subscription) {
			s.Name, s.Signal, s.Target.Payload = "formless", snapshot.SignalMessages, snapshot.TargetNormalizedThing
		})
		filtering := l.outlet(func(s *snapshot.Subscription) { s.Name, s.Filter = "filtering", `eq(attributes/n,1)` })
		for _, o := range []*outlet{unresolved, formless, filtering} {
			o.use(newFar())
		}
		l.publish(snapshot.SignalTwinEvents, event("a", 0))
		l.publish(snapshot.SignalMessages, aMessage("a"))
		filtering.want.Filtered(3) // as the hub does
		synctest.Wait()
		same(l, "unresolved", l.counts("unresolved"), "consumed:1 dropped:1")
		same(l, "formless", l.counts("formless"), "consumed:1 filtered:1")
		same(l, "filtering", l.counts("filtering"), "consumed:1 delivered:1 filtered:3 mapped:1")
		same(l, "noted", l.noted("unresolved"), []string{"dropped! ns:a the address {{ header:nowhere }} has no value for this signal"})
	})
}

// Acknowledgements of announcements are for who keeps policies.
func TestOutletAcknowledgesAnnouncements(t *testing.T) {
	inLand(t, snapshot.ConnectionHTTPPush, func(l *land) {
		o, f := l.outlet(func(s *snapshot.Subscription) {
			s.Signal, s.Target.IssuedAck, s.Target.Address = snapshot.SignalPolicyAnnouncements, "link:sent", "to"
		}), newFar()
		o.use(f)
		l.publish(snapshot.SignalPolicyAnnouncements, `{"topic":"ns/p/policies/announcements/subjectDeletion","headers":{"correlation-id":"%s","requested-acks":["link:sent"],"x":%s},"path":"/","value":{}}`)
		synctest.Wait()
		same(l, "handled", l.told(), []string{"ns/p/policies/acks/link:sent / #id0 200"})
	})
}

const dittoMessage = `{"topic":"ns/a/things/live/messages/ask","headers":{"correlation-id":"id0"},"path":"/features/lamp/outbox/messages/ask","value":1,"status":200}`

// What becomes the response of a device, where an outlet issues those: rules (a) to (c) of responses to requests.
func TestOutletResponds(t *testing.T) {
	const refused = `things/live/errors / #id0 503 {"status":503,"error":"connectivity:message.sending.failed","message":"The signal was not delivered to the outside system.","description":"gone"}`
	response := func(replace ...string) string { return strings.NewReplacer(replace...).Replace(dittoMessage) }
	for _, c := range []struct {
		name   string
		label  string
		signal snapshot.Signal
		text   string
		out    link.Outcome
		want   []string
	}{
		{
			"text answers a message", "live-response", snapshot.SignalMessages, aMessage("a"), answering(200, "text/plain", "hello"),
			[]string{"ns/a/things/live/messages/ask /features/lamp/inbox/messages/ask #id0 200 raw(hello)"},
		},
		{
			"so does what is refused with an answer", "live-response", snapshot.SignalMessages, aMessage("a"), answering(404, "text/plain", "no"),
			[]string{"ns/a/things/live/messages/ask /features/lamp/inbox/messages/ask #id0 404 raw(no)"},
		},
		{
			"an envelope answers a message", "live-response", snapshot.SignalMessages, aMessage("a"), answering(200, dittoJSON, dittoMessage),
			[]string{"ns/a/things/live/messages/ask /features/lamp/outbox/messages/ask #id0 200 1"},
		},
		{"not with another correlation id", "live-response", snapshot.SignalMessages, aMessage("a"), answering(200, dittoJSON, response("id0", "id1")), nil},
		{"nor of another thing", "live-response", snapshot.SignalMessages, aMessage("a"), answering(200, dittoJSON, response("ns/a", "ns/b")), nil},
		{"nor of another feature", "live-response", snapshot.SignalMessages, aMessage("a"), answering(200, dittoJSON, response("lamp", "door")), nil},
		{"nor without a status", "live-response", snapshot.SignalMessages, aMessage("a"), answering(200, dittoJSON, response(`,"status":200`, "")), nil},
		{
			"a failure is an error", "live-response", snapshot.SignalMessages, aMessage("a"), link.Outcome{Status: 503, Err: errors.New("gone")},
			[]string{"ns/a/" + refused},
		},
		{"text does not answer a command", "live-response", snapshot.SignalLiveCommands, aCommand("a"), answering(200, "application/json", `{}`), nil},
		{
			"an envelope answers a command", "live-response", snapshot.SignalLiveCommands, aCommand("a"),
			answering(200, dittoJSON, `{"topic":"ns/a/things/live/commands/retrieve","headers":{"correlation-id":"id0"},"path":"/attributes","value":{},"status":200}`),
			[]string{"ns/a/things/live/commands/retrieve /attributes #id0 200 {}"},
		},
		{
			"a failure answers a command", "live-response", snapshot.SignalLiveCommands, aCommand("a"), link.Outcome{Status: 503, Err: errors.New("gone")},
			[]string{"ns/a/" + refused},
		},
		{
			"who wants no response is given none", "live-response", snapshot.SignalMessages, strings.Replace(aMessage("a"), "true", "false", 1),
			answering(200, "text/plain", "hello"), nil,
		},
		{"an event has none", "live-response", snapshot.SignalTwinEvents, event("a", 0), answering(200, "text/plain", "hello"), nil},
		{
			"without a label, a response is passed on", "", snapshot.SignalMessages, aMessage("a"), answering(200, dittoJSON+"; x=y", dittoMessage),
			[]string{"ns/a/things/live/messages/ask /features/lamp/outbox/messages/ask #id0 200 1"},
		},
		{
			"and so is an acknowledgement", "", snapshot.SignalTwinEvents, event("a", 0),
			answering(200, dittoJSON, `{"topic":"ns/a/things/twin/acks/x:y","headers":{"correlation-id":"id0"},"path":"/","status":204}`),
			[]string{"ns/a/things/twin/acks/x:y / #id0 204"},
		},
		{
			"but no command", "", snapshot.SignalTwinEvents, event("a", 0),
			answering(200, dittoJSON, `{"topic":"ns/a/things/twin/commands/delete","headers":{},"path":"/"}`), nil,
		},
		{"nor anything of another type", "", snapshot.SignalMessages, aMessage("a"), answering(200, "application/json", dittoMessage), nil},
		{"with another label it is nothing", "link:sent", snapshot.SignalMessages, aMessage("a"), answering(200, dittoJSON, dittoMessage), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			inLand(t, snapshot.ConnectionHTTPPush, func(l *land) {
				o, f := l.outlet(func(s *snapshot.Subscription) { s.Signal, s.Target.IssuedAck = c.signal, c.label }), newFar()
				f.tell(always(c.out))
				o.use(f)
				l.publish(c.signal, c.text)
				synctest.Wait()
				same(l, "handled", l.told(), c.want)
			})
		})
	}
}

// Headers of an answer are passed on as far as they are nobody else's.
func TestHeadersOfAnswers(t *testing.T) {
	h := headersOf(external.Headers{
		"content-type": "text/plain", "x-device": "7", "ditto-originator": "me", "ditto-other": "me", "correlation-id": "mine", "set-cookie": "secret", "timeout": "5s", "requested-acks": "a:b",
	})
	env := protocol.Envelope{Headers: h}
	if got := string(env.Append(nil)); !strings.Contains(got, `"headers":{"x-device":"7","content-type":"text/plain"}`) &&
		!strings.Contains(got, `"headers":{"content-type":"text/plain","x-device":"7"}`) {
		t.Errorf("headers: %s", got)
	}
	h = headersOf(external.Headers{"content-type": "text/plain", "if-equal": "no such"})
	if media, _ := h.String(protocol.HeaderContentType); media != "text/plain" || h.Len() != 1 {
		t.Errorf("with one that is wrong: %d, %s", h.Len(), media)
	}
}

// A live response for which there is no room is refused at once.
func TestOutletRefusesResponses(t *testing.T) {
	inLand(t, snapshot.ConnectionHTTPPush, func(l *land) {
		l.outlet(func(s *snapshot.Subscription) {
			s.Signal, s.Target.IssuedAck = snapshot.SignalMessages, protocol.LabelLiveResponse
		})
		for range maxQueued + 2 {
			l.publish(snapshot.SignalMessages, aMessage("a"))
		}
		synctest.Wait()
		told := l.told()
		if len(told) != 2 || !strings.HasPrefix(told[0], "ns/a/things/live/errors / #id0 503") {
			l.Errorf("handled: %q", told)
		}
	})
}
