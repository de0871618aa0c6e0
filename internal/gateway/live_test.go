package gateway_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway"
	"github.com/twinway/twinway/test/gatewaytest"
	"github.com/twinway/twinway/test/slowdisk"
)

// frame is what a test looks at of an envelope.
type frame struct {
	Topic, Path string
	Status      int
	Headers     map[string]any
	Value       json.RawMessage
	Extra       json.RawMessage
}

func (f frame) id() string {
	id, _ := f.Headers["correlation-id"].(string)
	return id
}

// String returns what most tests compare: topic behind the thing, path, status and value.
func (f frame) String() string {
	_, what, _ := strings.Cut(f.Topic, "/things/")
	text := what + " " + f.Path
	if f.Status != 0 {
		text += fmt.Sprint(" ", f.Status)
	}
	if f.Value != nil {
		text += " " + string(f.Value)
	}
	return text
}

func (c *client) frame() frame {
	c.t.Helper()
	var f frame
	mustUnmarshal(c.t, c.receive(), &f)
	return f
}

// expect receives a frame that must be this, see frame.String.
func (c *client) expect(want string) frame {
	c.t.Helper()
	f := c.frame()
	if got := f.String(); got != want {
		c.t.Errorf("received %s, want %s", got, want)
	}
	return f
}

// expectError receives an error, and returns what it says.
func (c *client) expectError(channel string, status int, code string) (description string) {
	c.t.Helper()
	f := c.frame()
	var e struct{ Error, Description string }
	mustUnmarshal(c.t, string(f.Value), &e)
	_, topic, _ := strings.Cut(f.Topic, "/things/")
	if topic != channel+"/errors" || f.Status != status || e.Error != code {
		c.t.Errorf("received %s, want %s/errors %d %s", f, channel, status, code)
	}
	return e.Description
}

// begin subscribes the session for what it must be acknowledged: SEND-MESSAGES, for example.
func (c *client) begin(what string) {
	c.t.Helper()
	control, _, _ := strings.Cut("START-"+what, "?")
	if got := c.ask("START-" + what); got != control+":ACK" {
		c.t.Fatalf("START-%s is answered %s", what, got)
	}
}

// live returns the text of an envelope of channel live for the thing test:lamp. Rest are further members, each with a comma.
func live(what, path, headers, rest string) string {
	return fmt.Sprintf(`{"topic":"test/lamp/things/live/%s","path":%q,"headers":{%s}%s}`, what, path, headers, rest)
}

// twins is live for channel twin.
func twins(what, path, headers, rest string) string {
	return strings.Replace(live(what, path, headers, rest), "/live/", "/twin/", 1)
}

// stage is a gateway with the thing test:lamp, and who talks about it: a device and an application of the user of the tests.
type stage struct {
	*gateway.Gateway
	device, app *client
}

func newStage(t *testing.T, thing string) *stage {
	t.Helper()
	g := start(t, withUser("guest"))
	s := &stage{g, dial(t, g, gatewaytest.User), dial(t, g, gatewaytest.User)}
	s.app.mustDo(command("lamp", "create", "/", thing), 201, "")
	for _, what := range []string{"SEND-MESSAGES", "SEND-LIVE-COMMANDS", "SEND-LIVE-EVENTS"} {
		s.device.begin(what)
	}
	return s
}

// grant says what the user guest may do, by resources.
func (s *stage) grant(resources string) {
	s.app.t.Helper()
	entry := `{"subjects":{"nginx:guest":{"type":"test"}},"resources":` + resources + `}`
	if status, code := s.app.do(policyCommand("lamp", "modify", "/entries/guest", entry)); status/100 != 2 {
		s.app.t.Fatal(status, code)
	}
}

func TestMessageAndResponse(t *testing.T) {
	s := newStage(t, `{}`)
	s.app.send(live("messages/ask", "/inbox/messages/ask", `"correlation-id":"c","content-type":"text/plain"`, `,"value":"?"`))
	asked := s.device.expect(`live/messages/ask /inbox/messages/ask "?"`)
	s.device.send(live("messages/ask", "/outbox/messages/ask", `"correlation-id":"`+asked.id()+`","content-type":"text/plain"`, `,"value":"!","status":202`))
	answer := s.app.expect(`live/messages/ask /outbox/messages/ask 202 "!"`)
	if answer.id() != "c" || answer.Headers["ditto-message-direction"] != "FROM" {
		t.Errorf("the answer has the headers %v", answer.Headers)
	}
	s.device.send(live("messages/ask", "/inbox/messages/ask", `"correlation-id":"c"`, `,"value":"x","status":200`)) // too late
	s.app.mustWork()
}

// TestResponseFromElsewhere has somebody respond who was not asked, and who may not do anything with the thing.
func TestResponseFromElsewhere(t *testing.T) {
	s := newStage(t, `{}`)
	guest := dial(t, s.Gateway, "guest")
	s.app.send(live("messages/ask", "/inbox/messages/ask", `"correlation-id":"c"`, ``))
	s.device.expect(`live/messages/ask /inbox/messages/ask`)
	guest.send(live("messages/ask", "/inbox/messages/ask", `"correlation-id":"c","content-type":"application/json"`, `,"value":1,"status":200`))
	if answer := s.app.expect(`live/messages/ask /inbox/messages/ask 200 1`); answer.Headers["ditto-originator"] != "nginx:guest" {
		t.Errorf("the answer has the headers %v", answer.Headers)
	}
}

// TestErrorInPlaceOfTheResponse passes on what a device says of a message or a command that it refuses.
func TestErrorInPlaceOfTheResponse(t *testing.T) {
	s := newStage(t, `{}`)
	for _, request := range []string{
		live("messages/ask", "/inbox/messages/ask", `"correlation-id":"c"`, ``),
		live("commands/modify", "/attributes/a", `"correlation-id":"c"`, `,"value":1`),
	} {
		s.app.send(request)
		s.device.frame()
		s.device.send(live("errors", "/", `"correlation-id":"c"`, `,"value":{"status":418,"error":"device:teapot","message":"no"},"status":418`))
		s.app.expectError("live", 418, "device:teapot")
	}
}

func TestLiveCommands(t *testing.T) {
	s := newStage(t, `{"attributes":{"a":1}}`)
	for _, tc := range []struct{ action, path, headers, value, response, want string }{
		{"retrieve", "/attributes/a", "", "", `,"status":200,"value":2`, `200 2`},
		{"modify", "/attributes/a", "", `,"value":3`, `,"status":204`, `204`},
		{"modify", "/attributes/b", "", `,"value":3`, `,"status":201,"value":3`, `201 3`},
		{"merge", "/attributes", `,"content-type":"application/merge-patch+json"`, `,"value":{"a":null}`, `,"status":204`, `204`},
		{"delete", "/features/f", "", "", `,"status":204`, `204`},
		{"create", "/", "", `,"value":{}`, `,"status":201,"value":{"attributes":{}}`, `201 {"attributes":{}}`},
	} {
		s.app.send(live("commands/"+tc.action, tc.path, `"correlation-id":"c"`+tc.headers, tc.value))
		value := strings.TrimPrefix(tc.value, `,"value":`)
		if value != "" {
			value = " " + value
		}
		s.device.expect("live/commands/" + tc.action + " " + tc.path + value)
		s.device.send(live("commands/"+tc.action, tc.path, `"correlation-id":"c"`, tc.response))
		s.app.expect("live/commands/" + tc.action + " " + tc.path + " " + tc.want)
	}
	s.app.send(command("lamp", "retrieve", "/attributes", "")) // nothing has happened to the twin
	s.app.expect(`twin/commands/retrieve /attributes 200 {"a":1}`)
}

// TestResponseThatDoesNotFit goes through what a response must agree on. What does not is told, once the time is over.
func TestResponseThatDoesNotFit(t *testing.T) {
	s := newStage(t, `{"attributes":{"a":1}}`)
	s.app.mustDo(command("other", "create", "/", `{}`), 201, "")
	const ask, retrieve = `messages/ask /inbox/messages/ask`, `commands/retrieve /attributes/a`
	for _, tc := range []struct{ request, response, path, rest, reason string }{
		{retrieve, "commands/retrieve", "/attributes/b", `,"status":200,"value":1`, `It is about the path "/attributes/b".`},
		{retrieve, "commands/modify", "/attributes/a", `,"status":204`, "It answers modify instead of retrieve."},
		{retrieve, "messages/ask", "/inbox/messages/ask", `,"status":200`, "It answers a message, not a command."},
		{ask, "commands/retrieve", "/attributes/a", `,"status":200,"value":1`, "It answers a command, not a message."},
		{ask, "messages/other", "/inbox/messages/other", `,"status":200`, `It has the subject "other".`},
		{ask, "errors of another", "/", `,"status":404,"value":{"error":"x"}`, `It is about the thing "test:other".`},
		{retrieve, "errors of another", "/", `,"status":404,"value":{"error":"x"}`, `It is about the thing "test:other".`},
	} {
		what, path, _ := strings.Cut(tc.request, " ")
		s.app.send(live(what, path, `"correlation-id":"c","timeout":"150ms"`, ``))
		s.device.frame()
		response, ofAnother := strings.CutSuffix(tc.response, " of another")
		text := live(response, tc.path, `"correlation-id":"c"`, tc.rest)
		if ofAnother {
			text = strings.Replace(text, "/lamp/", "/other/", 1)
		}
		s.device.send(text)
		if why := s.app.expectError("live", 408, "command.timeout"); !strings.Contains(why, tc.reason) {
			t.Errorf("%s answered by %s: told %q, want %q", tc.request, tc.response, why, tc.reason)
		}
	}
}

// TestResponseOfTheWrongShape is told to who has sent it, unless it does not want to know.
func TestResponseOfTheWrongShape(t *testing.T) {
	s := newStage(t, `{}`)
	s.app.send(live("commands/retrieve", "/attributes", `"correlation-id":"c"`, ``))
	s.device.expect("live/commands/retrieve /attributes")
	s.device.send(live("commands/retrieve", "/attributes", `"correlation-id":"c"`, `,"status":200,"value":5`))
	s.device.expectError("live", 422, "protocoladapter:illegal.adaptable")
	s.device.send(live("commands/retrieve", "/attributes", `"correlation-id":"c","response-required":false`, `,"status":204`))
	s.device.send(live("errors", "/", `"correlation-id":"c","response-required":false`, `,"status":400`))
	s.device.send(live("commands/retrieve", "/attributes", `"correlation-id":"c"`, `,"status":200,"value":{"a":1}`))
	s.app.expect(`live/commands/retrieve /attributes 200 {"a":1}`)
	s.device.mustWork()
}

// TestRetrievedByWhoMayReadPart shows of what a device says no more than the requester may read when it says it.
func TestRetrievedByWhoMayReadPart(t *testing.T) {
	s := newStage(t, `{"attributes":{"a":1,"b":1}}`)
	guest := dial(t, s.Gateway, "guest")
	const read, not = `{"grant":["READ"],"revoke":[]}`, `{"grant":[],"revoke":["READ"]}`
	const all = `{"thing:/":` + read + `}`
	for _, tc := range []struct{ path, value, meanwhile, want string }{
		{"/attributes", `{"a":1,"b":2}`, all, `live/commands/retrieve /attributes 200 {"a":1,"b":2}`},
		{"/attributes", `{"a":1,"b":2}`, `{"thing:/":` + read + `,"thing:/attributes/b":` + not + `}`, `live/commands/retrieve /attributes 200 {"a":1}`},
		{"/", `{"attributes":{"b":2}}`, `{"thing:/attributes/b":` + read + `}`, `live/commands/retrieve / 200 {"attributes":{"b":2}}`},
		{"/attributes/a", `1`, `{"thing:/attributes/b":` + read + `}`, "404 things:attribute.notfound"},
		{"/", `{"attributes":{"a":1}}`, `{"policy:/":` + read + `}`, "404 things:thing.notfound"},
	} {
		s.grant(all)
		guest.send(live("commands/retrieve", tc.path, `"correlation-id":"c"`, ``))
		s.device.expect("live/commands/retrieve " + tc.path)
		s.grant(tc.meanwhile)
		s.device.send(live("commands/retrieve", tc.path, `"correlation-id":"c"`, `,"status":200,"value":`+tc.value))
		if code, failed := strings.CutPrefix(tc.want, "404 "); failed {
			guest.expectError("live", 404, code)
			continue
		}
		guest.expect(tc.want)
	}
}

func TestLiveEvents(t *testing.T) {
	s := newStage(t, `{"attributes":{"a":1}}`)
	s.app.send(live("events/modified", "/attributes/a", `"correlation-id":"c"`, `,"value":2,"revision":7`))
	e := s.device.expect("live/events/modified /attributes/a 2")
	if e.Headers["response-required"] != false || e.Headers["entity-revision"] != 7. || fmt.Sprint(e.Headers["requested-acks"]) != "[]" {
		t.Errorf("the event has the headers %v", e.Headers)
	}
	s.app.send(live("events/modified", "/attributes/a", `"correlation-id":"c"`, `,"value":2`))
	s.app.send(live("events/modified", "/attributes/a", `"correlation-id":"c","response-required":false`, `,"value":2`))
	for range 2 { // there is something wrong with the message itself
		f := s.app.frame()
		if f.Status != 400 || !strings.Contains(string(f.Value), "json.field.missing") {
			t.Errorf("received %s", f)
		}
	}
	guest := dial(t, s.Gateway, "guest")
	guest.send(live("events/modified", "/attributes/a", `"correlation-id":"c","response-required":false`, `,"value":2,"revision":7`))
	guest.send(live("events/modified", "/attributes/a", `"correlation-id":"d"`, `,"value":2,"revision":7`))
	guest.expectError("live", 403, "things:event.notallowed")
	guest.send(live("events/modified", "/attributes/a", `"correlation-id":"e"`, `,"value":{"x":"\u0000"},"revision":7`))
	guest.frame()
	s.device.mustWork()
}

// TestEventsShowWhatReceiversMayRead reduces live events like those of twins.
func TestEventsShowWhatReceiversMayRead(t *testing.T) {
	s := newStage(t, `{"attributes":{"a":1,"b":1}}`)
	s.grant(`{"thing:/attributes/a":{"grant":["READ"],"revoke":[]}}`)
	guest := dial(t, s.Gateway, "guest")
	guest.begin("SEND-LIVE-EVENTS?extraFields=attributes")
	s.app.send(live("events/modified", "/attributes", ``, `,"value":{"b":3},"revision":7`))
	s.app.send(live("events/modified", "/attributes", ``, `,"value":{"a":2,"b":3},"revision":7`))
	if e := guest.expect(`live/events/modified /attributes {"a":2}`); string(e.Extra) != `{"attributes":{"a":1}}` {
		t.Errorf("with the extra fields %s", e.Extra)
	}
}

// TestFilteredMessages looks at the extra fields of the thing, of which a message says nothing itself.
func TestFilteredMessages(t *testing.T) {
	s := newStage(t, `{"attributes":{"a":1}}`)
	picky := dial(t, s.Gateway, gatewaytest.User)
	picky.begin("SEND-MESSAGES?extraFields=attributes&filter=and(eq(attributes/a,1),eq(topic:subject,\"go\"))")
	for _, subject := range []string{"stay", "go"} {
		s.app.send(live("messages/"+subject, "/inbox/messages/"+subject, `"response-required":false`, ``))
	}
	if m := picky.expect("live/messages/go /inbox/messages/go"); string(m.Extra) != `{"attributes":{"a":1}}` {
		t.Errorf("with the extra fields %s", m.Extra)
	}
}

func TestSmartRetrieve(t *testing.T) {
	s := newStage(t, `{"attributes":{"a":1}}`)
	const retrieve, a = "commands/retrieve", "/attributes/a"
	says := func(f frame, channel string, matched any) {
		t.Helper()
		if f.Headers["channel"] != channel || f.Headers["live-channel-condition-matched"] != matched {
			t.Errorf("%s has the headers %v", f, f.Headers)
		}
	}
	const holds, fails = `"live-channel-condition":"eq(attributes/a,1)"`, `"live-channel-condition":"eq(attributes/a,2)"`
	const useTwin = `"live-channel-timeout-strategy":"use-twin"`

	s.app.send(twins(retrieve, a, `"correlation-id":"c",`+fails, ``))
	says(s.app.expect("twin/commands/retrieve /attributes/a 200 1"), "twin", false)

	for _, request := range []string{
		twins(retrieve, a, `"correlation-id":"c",`+holds, ``),
		live(retrieve, a, `"correlation-id":"c",`+useTwin, ``),
	} {
		s.app.send(request)
		if asked := s.device.expect("live/commands/retrieve /attributes/a"); asked.Headers["live-channel-condition"] != nil {
			t.Errorf("the device sees the headers %v", asked.Headers)
		}
		s.device.send(live(retrieve, a, `"correlation-id":"c"`, `,"status":200,"value":2`))
		says(s.app.expect("live/commands/retrieve /attributes/a 200 2"), "live", true)
	}

	for _, request := range []string{
		twins(retrieve, a, `"correlation-id":"c","timeout":"50ms",`+holds+","+useTwin, ``),
		live(retrieve, a, `"correlation-id":"c","timeout":"50ms",`+useTwin, ``),
	} {
		s.app.send(request)
		s.device.expect("live/commands/retrieve /attributes/a")
		says(s.app.expect("twin/commands/retrieve /attributes/a 200 1"), "twin", true)
	}

	// What is for the twin alone does not keep the device from being asked.
	s.app.send(live(retrieve, a, `"correlation-id":"c","at-historical-revision":99,"live-channel-condition":"x(",`+useTwin, ``))
	s.device.expect("live/commands/retrieve /attributes/a")
	s.device.send(live(retrieve, a, `"correlation-id":"c"`, `,"status":200,"value":2`))
	says(s.app.expect("live/commands/retrieve /attributes/a 200 2"), "live", true)

	s.app.send(twins(retrieve, a, `"correlation-id":"c","timeout":"50ms",`+holds, ``))
	s.device.expect("live/commands/retrieve /attributes/a")
	s.app.expectError("live", 408, "command.timeout")

	s.app.send(twins(retrieve, "/attributes/x", `"correlation-id":"c",`+holds, ``))
	s.app.expectError("twin", 404, "things:attribute.notfound")
	s.app.send(live(retrieve, "/attributes/x", `"correlation-id":"c",`+useTwin, ``))
	s.app.expectError("live", 404, "things:attribute.notfound")
	s.app.send(twins("commands/delete", a, `"correlation-id":"c",`+holds, ``))
	s.app.expectError("twin", 405, "things:live.channelcondition.notallowed")
	s.app.send(twins(retrieve, a, `"correlation-id":"c","at-historical-revision":1,`+holds, ``))
	s.app.expect("twin/commands/retrieve /attributes/a 200 1")
}

// TestSignalsKeepTheirPlace has messages between modifications of one thing, whose events must come in the same order.
func TestSignalsKeepTheirPlace(t *testing.T) {
	s := newStage(t, `{"attributes":{"a":0}}`)
	s.device.begin("SEND-EVENTS")
	const n = 300
	go func() {
		for i := range n {
			if i%3 == 0 {
				s.app.send(live("messages/m", "/inbox/messages/m", `"response-required":false,"content-type":"application/json"`, fmt.Sprintf(`,"value":%d`, i)))
				continue
			}
			s.app.send(twins("commands/modify", "/attributes/a", `"response-required":false`, fmt.Sprintf(`,"value":%d`, i)))
		}
	}()
	for i := range n {
		if f := s.device.frame(); string(f.Value) != fmt.Sprint(i) {
			t.Fatalf("received %s, want %d", f, i)
		}
	}
}

// TestNamespaceAccessOfLiveSignals says that who may not address a thing neither sends it anything nor answers for it.
func TestNamespaceAccessOfLiveSignals(t *testing.T) {
	g := start(t, withAccess(onlyFor(opening("test"), "{{ header:x-tenant | fn:filter('eq','acme') }}")))
	device, app, outside := ofTenant(t, g, "acme"), ofTenant(t, g, "acme"), ofTenant(t, g, "other")
	app.mustDo(command("lamp", "create", "/", `{}`), 201, "")
	device.begin("SEND-MESSAGES")
	const ask = "messages/ask"
	for _, text := range []string{
		live(ask, "/inbox/"+ask, `"correlation-id":"x"`, ``),
		live("messages/claim", "/inbox/messages/claim", `"correlation-id":"x"`, ``),
		live("commands/retrieve", "/", `"correlation-id":"x"`, ``),
		live("commands/retrieve", "/", `"correlation-id":"x","live-channel-timeout-strategy":"use-twin"`, ``),
		live("events/deleted", "/", `"correlation-id":"x"`, `,"revision":1`),
	} {
		outside.send(text)
		outside.expectError("live", 403, notAccessible)
	}
	outside.send(twins("commands/retrieve", "/", `"correlation-id":"x","live-channel-condition":"exists(thingId)"`, ``))
	outside.expectError("twin", 403, notAccessible)
	outside.send(live(ask, "/inbox/"+ask, `"response-required":false`, ``))
	outside.send(live("events/deleted", "/", `"response-required":false`, `,"revision":1`))

	app.send(live(ask, "/inbox/"+ask, `"correlation-id":"c"`, ``))
	device.expect("live/messages/ask /inbox/messages/ask")
	outside.send(live(ask, "/inbox/"+ask, `"correlation-id":"c"`, `,"status":299`))
	outside.do(message("other/t/things/twin/commands/retrieve", "/", "")) // is answered behind that
	device.send(live(ask, "/inbox/"+ask, `"correlation-id":"c"`, `,"status":200`))
	app.expect("live/messages/ask /inbox/messages/ask 200")
}

// TestNamespaceAccessOfAcknowledgements has somebody acknowledge what they may receive, and not address.
func TestNamespaceAccessOfAcknowledgements(t *testing.T) {
	g := start(t, withAccess(onlyFor(opening("test"), "{{ header:x-tenant | fn:filter('eq','acme') }}")))
	app := ofTenant(t, g, "acme")
	app.mustDo(command("lamp", "create", "/", `{}`), 201, "")
	outside := declaring(t, g, "of:device")
	outside.begin("SEND-MESSAGES")
	app.send(live("messages/ask", "/inbox/messages/ask", `"correlation-id":"c","timeout":"200ms","requested-acks":["twin-persisted","of:device"]`, ``))
	outside.expect("live/messages/ask /inbox/messages/ask")
	outside.send(acknowledged("c"))
	outside.send(live("acks/of:nobody", "/", `"correlation-id":"c"`, `,"status":204`)) // has no effect either, and is not told
	outside.mustDo(retrieve("test"), 403, notAccessible)
	if f := app.frame(); f.Topic != "test/lamp/things/live/acks" || f.Status != 408 {
		t.Errorf("received %s", f)
	}
}

// TestResponseToWhatWasNotSent has somebody respond who has guessed a correlation id. Nobody was asked yet, and so nobody can
// answer.
func TestResponseToWhatWasNotSent(t *testing.T) {
	disk := slowdisk.New()
	g := startOn(t, disk, withUser("guest"))
	defer func() { _ = g.Close() }()
	device, app, guest := dial(t, g, gatewaytest.User), dial(t, g, gatewaytest.User), dial(t, g, "guest")
	app.mustDo(command("lamp", "create", "/", `{}`), 201, "")
	device.begin("SEND-MESSAGES")
	release := disk.HoldSyncs()
	defer release()
	app.send(twins("commands/modify", "/attributes/a", `"correlation-id":"m"`, `,"value":1`))
	app.send(live("messages/ask", "/inbox/messages/ask", `"correlation-id":"guessed"`, ``)) // waits for what comes before it
	until(t, "both wait", func() bool { return metric(t, g, "waits") == 1 })
	guest.send(live("messages/ask", "/inbox/messages/ask", `"correlation-id":"guessed"`, `,"status":200`))
	guest.mustWork()
	release()
	app.expect("twin/commands/modify /attributes/a 201 1")
	device.expect("live/messages/ask /inbox/messages/ask")
	device.send(live("messages/ask", "/outbox/messages/ask", `"correlation-id":"guessed"`, `,"status":201`))
	app.expect("live/messages/ask /outbox/messages/ask 201")
}

// TestTimeoutWhileTheDiskHangs answers in time what was not sent in time.
func TestTimeoutWhileTheDiskHangs(t *testing.T) {
	disk := slowdisk.New()
	g := startOn(t, disk)
	defer func() { _ = g.Close() }()
	device, app := dial(t, g, gatewaytest.User), dial(t, g, gatewaytest.User)
	app.mustDo(command("lamp", "create", "/", `{}`), 201, "")
	for _, what := range []string{"SEND-MESSAGES", "SEND-LIVE-COMMANDS", "SEND-LIVE-EVENTS"} {
		device.begin(what)
	}
	release := disk.HoldSyncs()
	defer release()
	app.send(twins("commands/modify", "/attributes/a", `"correlation-id":"m"`, `,"value":1`))
	for _, text := range []string{
		live("messages/ask", "/inbox/messages/ask", `"correlation-id":"c","timeout":"50ms"`, ``),
		live("commands/retrieve", "/", `"correlation-id":"c","timeout":"50ms"`, ``),
		live("commands/retrieve", "/", `"correlation-id":"c","timeout":"50ms","live-channel-timeout-strategy":"use-twin"`, ``),
	} {
		app.send(text)
		app.expectError("live", 408, "command.timeout")
	}
	release()
	app.expect("twin/commands/modify /attributes/a 201 1")
	app.mustWork()
}

// TestSignalsOnADiskThatFails has nothing sent that follows what is lost.
func TestSignalsOnADiskThatFails(t *testing.T) {
	disk := slowdisk.New()
	g := startOn(t, disk)
	defer func() { _ = g.Close() }()
	device, app := dial(t, g, gatewaytest.User), dial(t, g, gatewaytest.User)
	app.mustDo(command("lamp", "create", "/", `{}`), 201, "")
	device.begin("SEND-MESSAGES")
	disk.FailSyncs()
	app.mustDo(command("lamp", "modify", "/attributes/a", "1"), 503, "things:thing.unavailable")
	app.send(live("messages/ask", "/inbox/messages/ask", `"correlation-id":"c"`, ``))
	app.expectError("live", 503, "things:thing.unavailable")
	app.send(live("messages/ask", "/inbox/messages/ask", `"correlation-id":"c","response-required":false`, ``))
	app.send(live("events/deleted", "/", `"correlation-id":"d"`, `,"revision":1`))
	app.expectError("live", 503, "things:thing.unavailable")
}

// TestRequesterLeaves forgets who waits when they leave. What they have sent is sent.
func TestRequesterLeaves(t *testing.T) {
	s := newStage(t, `{}`)
	for range 10 {
		other := dial(t, s.Gateway, gatewaytest.User)
		other.send(live("messages/ask", "/inbox/messages/ask", `"correlation-id":"c"`, ``))
		asked := s.device.expect("live/messages/ask /inbox/messages/ask")
		_ = other.ws.CloseNow()
		until(t, "nobody waits", func() bool { return metric(t, s.Gateway, "waits") == 0 })
		s.device.send(live("messages/ask", "/inbox/messages/ask", `"correlation-id":"`+asked.id()+`"`, `,"status":200`))
	}
	s.device.mustWork()
}
