package connectivity

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/snapshot"
)

// from is a frame of another endpoint, by a Subscription.
func from(subscription, text string) link.Consumed {
	return link.Consumed{Source: subscription, Message: external.Message{Payload: []byte(text)}}
}

// inbound returns inlets with an inbound Subscription "mirror".
func (l *land) inbound() *inlet {
	in, err := newInlet(l.peer, nil)
	if err != nil {
		l.Fatal(err)
	}
	l.Cleanup(in.close)
	in.ask([]*snapshot.Subscription{{Name: "mirror", Direction: snapshot.Inbound, AuthorizationSubjects: []string{"test:mirror"}}})
	return in
}

// What another endpoint sends is done here.
func TestInletRepeats(t *testing.T) {
	for _, c := range []struct {
		name, text, want string
	}{
		{
			"a change", `{"topic":"ns/a/things/twin/events/modified","headers":{"correlation-id":"id","response-required":true,"ditto-originator":"far:you"},"path":"/attributes/n","value":1,"revision":9}`,
			`ns/a/things/twin/commands/modify /attributes/n #id-mirror 1`,
		},
		{
			"the end of a thing", `{"topic":"ns/a/things/twin/events/deleted","headers":{"correlation-id":"id"},"path":"/","revision":9}`,
			`ns/a/things/twin/commands/delete / #id-mirror`,
		},
		{
			"a message", `{"topic":"ns/a/things/live/messages/ask","headers":{"correlation-id":"id","response-required":true},"path":"/inbox/messages/ask","value":"hi"}`,
			`ns/a/things/live/messages/ask /inbox/messages/ask #id "hi"`,
		},
		{"what is not repeated", `{"topic":"_/_/things/twin/commands/retrieve","headers":{},"path":"/","value":{"thingIds":[]}}`, ""},
		{"what is no envelope", `{`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			inLand(t, snapshot.ConnectionDittoWebSocket, func(l *land) {
				in := l.inbound()
				l.do = func(from exchange.Requester, env *protocol.Envelope) {
					same(l, "audience", *from.Audience(), pubsub.Audience{Subjects: []string{"test:mirror"}})
					if required, given := env.Headers.Bool(protocol.HeaderResponseRequired); env.Topic.Channel == protocol.Twin && (required || !given) {
						l.Error("a response is required")
					}
					from.NoReply()
				}
				_ = in.Consume(l.Context(), from("mirror", c.text))
				same(l, "handled", strings.Join(l.told(), " "), c.want)
				same(l, "left", in.drain(l.Context()), 0)
			})
		})
	}
}

// The answer to what somebody at the other end waits for goes back there, and no other.
func TestInletAnswersRepeated(t *testing.T) {
	const ask = `{"topic":"ns/a/things/live/messages/ask","headers":{"correlation-id":"id"},"path":"/inbox/messages/ask","value":"hi"}`
	for _, c := range []struct {
		name, text string
		do         func(exchange.Requester, *protocol.Envelope)
		want       int
	}{
		{"a message", ask, answersLater(success(200)), 1},
		{"a message that is refused", ask, repliesWith(failed(404)), 1},
		{"a message without a response", strings.Replace(ask, `{"c`, `{"response-required":false,"c`, 1), repliesWith(failed(404)), 0},
		{"a change", `{"topic":"ns/a/things/twin/events/modified","headers":{"correlation-id":"id"},"path":"/attributes/n","value":1}`, repliesWith(failed(404)), 0},
		{"a live event", `{"topic":"ns/a/things/live/events/modified","headers":{"correlation-id":"id"},"path":"/attributes/n","value":1}`, repliesWith(failed(404)), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			inLand(t, snapshot.ConnectionDittoWebSocket, func(l *land) {
				in, f := l.inbound(), newFar()
				in.use(f)
				l.do = c.do
				_ = in.Consume(l.Context(), from("mirror", c.text))
				in.drain(l.Context())
				got := f.got()
				if len(got) != c.want || len(got) == 1 && !strings.HasPrefix(got[0], ` {"topic":`) {
					l.Errorf("answered: %q", got)
				}
			})
		})
	}
}

func TestInletCountsWhatItRepeats(t *testing.T) {
	inLand(t, snapshot.ConnectionDittoWebSocket, func(l *land) {
		in := l.inbound()
		l.do = repliesWith(failed(404))
		_ = in.Consume(l.Context(), from("mirror", `{"topic":"ns/a/things/twin/events/modified","headers":{},"path":"/attributes/n","value":1}`))
		_ = in.Consume(l.Context(), from("mirror", `{`))
		_ = in.Consume(l.Context(), from("other", `{}`))
		same(l, "counted", l.counts("mirror"), "consumed:2 failed:2 mapped:1 rejected:2")
		in.ask(nil)
		same(l, "counted when it is gone", l.counts("mirror"), "")
	})
}

// What the other end says to what it was sent goes to who waits for that, even when there is no room for anything else.
func TestInletHears(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{
			"a response", `{"topic":"ns/a/things/live/messages/ask","headers":{"correlation-id":"id"},"path":"/outbox/messages/ask","value":"hi","status":200}`,
			[]string{`ns/a/things/live/messages/ask /outbox/messages/ask #id 200 "hi"`},
		},
		{
			"an error", `{"topic":"ns/a/things/live/errors","headers":{"correlation-id":"id"},"path":"/","value":{"error":"x"},"status":404}`,
			[]string{`ns/a/things/live/errors / #id 404 {"error":"x"}`},
		},
		{
			"an acknowledgement", `{"topic":"ns/a/things/live/acks/link:done","headers":{"correlation-id":"id"},"path":"/","status":200}`,
			[]string{`ns/a/things/live/acks/link:done / #id 200`},
		},
		{
			"several", `{"topic":"ns/a/things/live/acks","headers":{"correlation-id":"id"},"path":"/","value":{"link:done":{"status":200,"payload":{"a":1},"headers":{}},"link:other":{"status":408},"live-response":{"status":200},"x":1},"status":424}`,
			[]string{`ns/a/things/live/acks/link:done / #id 200 {"a":1}`, `ns/a/things/live/acks/link:other / #id 408`},
		},
		{"an error about nothing", `{"topic":"unknown/unknown/things/twin/errors","headers":{},"path":"/","value":{"error":"x"},"status":400}`, nil},
		{"what answers nothing", `{"topic":"ns/a/things/twin/commands/delete","headers":{},"path":"/"}`, nil},
		{"what is no envelope", `hello`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			inLand(t, snapshot.ConnectionDittoWebSocket, func(l *land) {
				l.labels = []string{"link:done"}
				in := l.inbound()
				in.room.close()
				l.do = func(from exchange.Requester, _ *protocol.Envelope) {
					if from.Party() != l.peer.party || len(from.Audience().Acks) != 1 || len(from.Audience().Subjects) == 0 {
						l.Error("it is somebody else who answers")
					}
					from.NoReply()
				}
				if err := in.Consume(l.Context(), from("", c.text)); err != nil {
					l.Error(err)
				}
				same(l, "handled", l.told(), c.want)
			})
		})
	}
}

// A label that the other end acknowledges with comes from there to who asked for it here.
func TestAcknowledgementsComeBack(t *testing.T) {
	inLand(t, snapshot.ConnectionDittoWebSocket, func(l *land) {
		l.labels = []string{"link:done"}
		in, f := l.inbound(), newFar()
		o := l.outlet(func(s *snapshot.Subscription) { s.Signal, s.Target.Address = snapshot.SignalMessages, "" })
		o.use(f)
		l.do = func(from exchange.Requester, env *protocol.Envelope) {
			if err := l.peer.broker.Acknowledge(from, env); err != nil {
				l.Error(err)
			}
			from.NoReply()
		}
		var asker asker
		l.ask(&asker, snapshot.SignalMessages, "a", aMessage("a"), "id", "link:done")
		synctest.Wait()
		if got := f.got(); len(got) != 1 || !strings.Contains(got[0], `"requested-acks":["link:done"]`) {
			l.Errorf("published: %q", got)
		}
		_ = in.Consume(l.Context(), from("", `{"topic":"ns/a/things/live/acks","headers":{"correlation-id":"id"},"path":"/","value":{"link:done":{"status":204}},"status":204}`))
		same(l, "told", asker.got(), []string{"link:done=204 "})
	})
}
