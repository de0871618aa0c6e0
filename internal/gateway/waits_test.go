package gateway_test

import (
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/test/gatewaytest"
	"github.com/twinway/twinway/test/slowdisk"
)

// declaring opens a session that acknowledges with the label.
func declaring(t *testing.T, g *gateway.Gateway, label string) *client {
	t.Helper()
	return dialWith(t, g, "/ws/2?declared-acks="+label, authorization(gatewaytest.User, gatewaytest.Password))
}

// ask is a message to the thing test:lamp, for whose answer is waited for a minute; acks are the labels that are requested.
func ask(id, acks string) string {
	return live("messages/ask", "/inbox/messages/ask", `"correlation-id":"`+id+`","timeout":"60s","requested-acks":[`+acks+`]`, ``)
}

// responded is the response to it.
func responded(id string) string {
	return live("messages/ask", "/inbox/messages/ask", `"correlation-id":"`+id+`","content-type":"application/json"`, `,"value":1,"status":200`)
}

// acknowledged is an acknowledgement with the label of:device.
func acknowledged(id string) string {
	return live("acks/of:device", "/", `"correlation-id":"`+id+`"`, `,"status":204`)
}

// mustKeep waits until the books have that many waits and dues.
func mustKeep(t *testing.T, g *gateway.Gateway, waits, dues float64) {
	t.Helper()
	until(t, "the books are as they should be", func() bool { return metric(t, g, "waits") == waits && metric(t, g, "dues") == dues })
}

// mustCount compares metrics.
func mustCount(t *testing.T, g *gateway.Gateway, want map[string]float64) {
	t.Helper()
	got := samples(t, g)
	for name, value := range want {
		if v, ok := got["twinway_"+name]; !ok || v != value {
			t.Errorf("%s is %v (present: %t), want %v", name, v, ok, value)
		}
	}
}

// Everything that is told of the live channel and of acknowledgements shows in the metrics, and what waits is not forgotten.
func TestMetricsOfTheLiveChannel(t *testing.T) {
	s := newStage(t, `{}`)
	device := declaring(t, s.Gateway, "of:device")
	device.begin("SEND-MESSAGES")

	s.app.send(ask("1", `"of:device","live-response"`))
	s.device.frame()
	device.frame()
	mustKeep(t, s.Gateway, 1, 1)
	device.send(acknowledged("1"))
	device.send(acknowledged("1")) // repeated
	device.mustWork()
	s.device.send(responded("1"))
	s.app.frame()
	mustKeep(t, s.Gateway, 0, 0)
	device.send(acknowledged("1")) // unknown by now
	s.device.send(responded("of another life"))
	device.mustWork()

	// The device that declared the label does not receive commands.
	s.app.send(live("commands/modify", "/attributes/a", `"correlation-id":"2","requested-acks":["of:device"]`, `,"value":1`))
	s.device.frame()
	s.device.send(live("commands/retrieve", "/attributes/a", `"correlation-id":"2"`, `,"value":1,"status":200`)) // mismatched
	s.device.send(live("commands/modify", "/attributes/a", `"correlation-id":"2"`, `,"status":204`))
	s.app.frame()

	s.app.send(live("messages/claim", "/inbox/messages/claim", `"response-required":false`, ``))
	s.device.frame()
	s.app.send(live("events/modified", "/attributes/a", ``, `,"value":1,"revision":3`))
	s.device.frame()
	s.app.send(live("messages/ask", "/inbox/messages/ask", `"correlation-id":"3","timeout":"3s"`, ``))
	s.device.frame()
	s.app.expectError("live", 408, "command.timeout")
	s.app.send(ask("4", ``))
	until(t, "the last message is published", func() bool { return metric(t, s.Gateway, `live_signals_published_total{kind="message"}`) == 3 })
	_ = s.app.ws.CloseNow()
	mustKeep(t, s.Gateway, 0, 0)

	mustCount(t, s.Gateway, map[string]float64{
		`live_signals_published_total{kind="message"}`:    3,
		`live_signals_published_total{kind="claim"}`:      1,
		`live_signals_published_total{kind="command"}`:    1,
		`live_signals_published_total{kind="event"}`:      1,
		`messages_received_total{kind="message"}`:         4,
		`messages_received_total{kind="live-command"}`:    1,
		`messages_received_total{kind="live-event"}`:      1,
		`waits_ended_total{result="answered"}`:            2,
		`waits_ended_total{result="timed-out"}`:           1,
		`waits_ended_total{result="abandoned"}`:           1,
		`waits_ended_total{result="failed"}`:              0,
		`waits_ended_total{result="refused"}`:             0,
		`answers_lost_total{reason="repeated"}`:           1,
		`answers_lost_total{reason="unknown"}`:            2,
		`answers_lost_total{reason="mismatched"}`:         1,
		`messages_received_total{kind="response"}`:        4,
		`weak_acknowledgements_total`:                     1,
		`answers_unread_total`:                            0,
		`messages_received_total{kind="acknowledgement"}`: 3,
		`signals_published_total`:                         1, // the thing's creation
		`signals_dropped_total`:                           0,
	})
}

// What filters keep from receivers is counted whatever its kind.
func TestMetricsOfFilteredMessages(t *testing.T) {
	s := newStage(t, `{}`)
	picky := dial(t, s.Gateway, gatewaytest.User)
	picky.begin(`SEND-MESSAGES?filter=eq(topic:subject,"other")`)
	s.app.send(live("messages/ask", "/inbox/messages/ask", `"response-required":false`, ``))
	s.device.frame()
	until(t, "one message is kept from one receiver", func() bool { return metric(t, s.Gateway, "signals_filtered_total") == 1 })
}

// Who owes an answer may leave: another session may respond, and what only the one could say is waited for until the time is
// over. Who asked may leave, and nothing is kept for it.
func TestSessionsEndInTheMiddleOfIt(t *testing.T) {
	s := newStage(t, `{}`)
	device := declaring(t, s.Gateway, "of:device")
	device.begin("SEND-MESSAGES")
	s.app.send(ask("plain", ``))
	device.frame()
	s.app.send(ask("acknowledged", `"of:device"`))
	device.frame()
	mustKeep(t, s.Gateway, 2, 1)
	_ = device.ws.CloseNow()
	mustKeep(t, s.Gateway, 2, 0)

	device = declaring(t, s.Gateway, "of:device")
	device.send(acknowledged("acknowledged")) // that was not asked of this session
	device.send(responded("plain"))
	if answer := s.app.frame(); answer.id() != "plain" || answer.Status != 200 {
		t.Errorf("received %s", answer)
	}
	mustKeep(t, s.Gateway, 1, 0)
	_ = s.app.ws.CloseNow()
	mustKeep(t, s.Gateway, 0, 0)
	device.send(responded("acknowledged"))
	device.mustWork()
	mustCount(t, s.Gateway, map[string]float64{`waits_ended_total{result="abandoned"}`: 1, `answers_lost_total{reason="unknown"}`: 2})
}

// A session that only waits for others is closed like any other, and does not learn what has become of what it asked. What the
// gateway itself is to answer is answered before.
func TestDrainDoesNotWaitForDevices(t *testing.T) {
	disk := slowdisk.New()
	g := startOn(t, disk, draining(time.Hour, time.Minute))
	defer g.Close()
	app, device := dial(t, g, gatewaytest.User), declaring(t, g, "of:device")
	app.mustDo(command("lamp", "create", "/", `{}`), 201, "")
	device.begin("SEND-MESSAGES")
	app.send(ask("1", `"of:device"`))
	device.frame()
	mustKeep(t, g, 1, 1)
	release := disk.HoldSyncs()
	app.send(command("kept", "create", "/", "{}"))
	until(t, "the command is accepted", func() bool { return metric(t, g, `messages_received_total{kind="command"}`) == 2 })
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		g.Drain(t.Context(), true)
	}()
	device.mustClose(1012)
	release()
	if status, code := statusOf(t, app.receive()); status != 201 {
		t.Errorf("what was accepted before is answered %d %s", status, code)
	}
	app.mustClose(1012)
	<-drained
	mustCount(t, g, map[string]float64{
		"waits": 0, "dues": 0, `waits_ended_total{result="abandoned"}`: 1, `sessions_closed_total{code="1012"}`: 2,
	})
}

// A gateway that is closed at once leaves nothing behind, whoever waits, and tells nobody of it.
func TestCloseWithOpenBooks(t *testing.T) {
	s := newStage(t, `{}`)
	device := declaring(t, s.Gateway, "of:device")
	device.begin("SEND-MESSAGES")
	for _, id := range []string{"1", "1", "2"} {
		s.app.send(ask(id, `"of:device"`))
		device.frame()
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if code, reason := s.app.closed(); code != -1 {
		t.Errorf("closed with %d %s", code, reason)
	}
}

// What is configured of the live channel holds for what arrives from then on.
func TestApplyChangesTheLiveChannel(t *testing.T) {
	s := newStage(t, `{}`)
	mustApply(t, s.Gateway, configuration(t, withUser("guest"), func(snap *snapshot.Snapshot) {
		snap.Session.CommandTimeout, snap.DefaultNamespace = 50*time.Millisecond, "test"
	}), "defaultNamespace", "session.commandTimeout")
	s.app.send(`{"topic":"/lamp/things/live/messages/ask","path":"/inbox/messages/ask","headers":{"correlation-id":"c"}}`)
	if asked := s.device.frame(); asked.Topic != "test/lamp/things/live/messages/ask" {
		t.Errorf("the device received %s", asked.Topic)
	}
	s.app.expectError("live", 408, "command.timeout") // the sample says a minute
}
