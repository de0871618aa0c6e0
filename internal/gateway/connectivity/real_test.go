package connectivity

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/twinway/twinway/internal/gateway/authority"
	"github.com/twinway/twinway/internal/gateway/broker"
	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/engine"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/history"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/relay"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/store/pebble"
	"github.com/twinway/twinway/internal/gateway/thing"
	"github.com/twinway/twinway/internal/gateway/twin"
	"github.com/twinway/twinway/internal/gateway/wire"
	"github.com/twinway/twinway/internal/snapshot"
)

// realm is a land with real twins and a real live channel behind the handler, on a store in memory. There is a thing ns:a, with which
// test:in, test:out and test:app may do everything.
type realm struct {
	*land
	twins     *twin.Service
	relay     *relay.Service
	authority *authority.Authority
}

// Handle implements Handler.
func (r *realm) Handle(ctx context.Context, from exchange.Requester, env *protocol.Envelope) {
	if env.Topic.Channel == protocol.Live || env.Topic.Criterion == protocol.Acks {
		r.relay.Handle(ctx, from, env)
		return
	}
	r.twins.Handle(ctx, from, env)
}

// Publish implements engine.Publisher.
func (r *realm) Publish(signals []*pubsub.Signal) {
	for _, s := range signals {
		hub := s.Hub
		if hub == nil {
			hub = r.peer.hubs[snapshot.SignalTwinEvents]
		}
		hub.Publish([]*pubsub.Signal{s})
	}
}

// Durable implements engine.Hooks.
func (r *realm) Durable(changes []store.Append) {
	for i := range changes {
		r.authority.Policies.Changed(changes[i].Key.ID)
	}
}

func (*realm) GroupDecided(int, int) {}
func (*realm) StoreRefused(error)    {}

const everybody = `{"policyId":"ns:p","entries":{"all":{"subjects":{"test:in":{"type":"t"},"test:out":{"type":"t"},"test:app":{"type":"t"}},` +
	`"resources":{"thing:/":{"grant":["READ","WRITE"],"revoke":[]},"policy:/":{"grant":["READ","WRITE"],"revoke":[]},"message:/":{"grant":["READ","WRITE"],"revoke":[]}}}}}`

func newRealm(t *testing.T, kind snapshot.ConnectionType) *realm {
	t.Helper()
	r := &realm{land: newLand(t, kind)}
	db, err := pebble.Open(pebble.Options{Dir: "data", FS: vfs.NewMem(), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	r.authority = authority.NewAuthority(db, 1<<20, authority.Settings{Creation: authority.AnyoneCreates()})
	e := engine.New(engine.Options{Store: db, Publisher: r, Hooks: r, Clock: time.Now, Shards: 1})
	t.Cleanup(func() {
		e.Close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	limits := thing.Limits{MaxSize: 100 << 10}
	hubs := r.peer.hubs
	r.twins = twin.NewService(twin.Options{
		Engine: e, Authority: r.authority, Broker: r.peer.broker, History: history.New(db), Metrics: r.metrics, Clock: time.Now,
		Settings: twin.Settings{DefaultNamespace: "ns", Timeout: time.Minute, Limits: limits},
	})
	r.relay = relay.NewService(relay.Options{
		Engine: e, Authority: r.authority, Broker: r.peer.broker, Metrics: r.metrics, Clock: time.Now,
		Hubs:     relay.Hubs{Messages: hubs[snapshot.SignalMessages], Commands: hubs[snapshot.SignalLiveCommands], Events: hubs[snapshot.SignalLiveEvents]},
		Settings: relay.Settings{DefaultNamespace: "ns", Timeout: time.Minute, Limits: limits},
	})
	r.peer.handler = r
	p := &policyPut{done: make(chan error, 1)}
	p.task.Command = p
	if err := e.Submit(t.Context(), &p.task); err != nil {
		t.Fatal(err)
	}
	if err := <-p.done; err != nil {
		t.Fatal(err)
	}
	app := r.app()
	app.send(`{"topic":"ns/a/things/twin/commands/create","headers":{"correlation-id":"create"},"path":"/","value":{"thingId":"ns:a","policyId":"ns:p"}}`)
	app.hears(`"status":201`)
	return r
}

// policyPut puts the policy there.
type policyPut struct {
	task engine.Task
	done chan error
}

func (*policyPut) Key() store.Key { return store.Key{Kind: store.Policy, ID: "ns:p"} }

func (*policyPut) Decide(_ *store.Record, _ *engine.Siblings, now time.Time) engine.Effect {
	return engine.Effect{Record: &store.Record{Revision: 1, Created: now, Modified: now, Doc: []byte(everybody)}}
}

func (p *policyPut) Complete(err error) { p.done <- err }

// app is an application that is connected in another way.
type app struct {
	*realm
	party  *broker.Party
	frames chan string
}

func (r *realm) app() *app {
	return &app{realm: r, party: r.peer.broker.NewParty(), frames: make(chan string, 100)}
}

func (a *app) Audience() *pubsub.Audience            { return &pubsub.Audience{Subjects: []string{"test:app"}} }
func (a *app) MayAccess(protocol.Group, string) bool { return true }
func (a *app) Party() *broker.Party                  { return a.party }
func (a *app) NoReply()                              {}
func (a *app) Reply(e exchange.Envelope, _ int)      { a.frames <- string(e.Append(nil)) }
func (a *app) Answer(e exchange.Envelope)            { a.frames <- string(e.Append(nil)) }

func (a *app) Deliver(b wire.Burst) {
	for i := range b.Len() {
		a.frames <- string(b.Text(i))
	}
}

func (a *app) send(text string) {
	a.Helper()
	env := &protocol.Envelope{}
	if err := protocol.Decode([]byte(text), env); err != nil {
		a.Fatal(err)
	}
	a.Handle(a.Context(), a, env)
}

// hears waits for the next frame, which has all these parts.
func (a *app) hears(parts ...string) {
	a.Helper()
	select {
	case frame := <-a.frames:
		for _, part := range parts {
			if !strings.Contains(frame, part) {
				a.Errorf("%s is not in %s", part, frame)
			}
		}
	case <-time.After(10 * time.Second):
		a.Fatalf("nothing is heard of %q", parts)
	}
}

const question = `{"topic":"ns/a/things/live/messages/ask","headers":{"correlation-id":"q","content-type":"text/plain"},"path":"/inbox/messages/ask","value":"hi"}`

// A web service answers messages: with text, with an envelope, and not at all.
func TestMessagesAreAnsweredByRequests(t *testing.T) {
	r := newRealm(t, snapshot.ConnectionHTTPPush)
	o, f := r.outlet(func(s *snapshot.Subscription) {
		s.Signal, s.Target.IssuedAck, s.Target.Delivery = snapshot.SignalMessages, protocol.LabelLiveResponse, snapshot.AtMostOnce
	}), newFar()
	o.use(f)
	app := r.app()
	for _, c := range []struct {
		out  link.Outcome
		want []string
	}{
		{answering(200, "text/plain", "hello"), []string{`"value":"hello","status":200`, `things/live/messages/ask`, `"correlation-id":"q"`, `"ditto-originator":"test:out"`}},
		{answering(404, "text/plain", "nobody"), []string{`"value":"nobody","status":404`}},
		{answering(200, dittoJSON, strings.Replace(question, `"value":"hi"`, `"value":"ho","status":201`, 1)), []string{`"value":"ho","status":201`}},
		{link.Outcome{Status: 503, Err: link.ErrLost, Again: true}, []string{`"status":503`, "connectivity:message.sending.failed", "things/live/errors"}},
	} {
		f.tell(always(c.out))
		app.send(question)
		app.hears(c.want...)
	}
	o.close()
	app.send(strings.Replace(question, `"q"`, `"r","timeout":"1s"`, 1)) // nobody is left to answer
	app.hears(`"status":408`)
}

// A change is answered when the outside system has it.
func TestChangesAreAcknowledgedByDelivery(t *testing.T) {
	r := newRealm(t, snapshot.ConnectionKafka)
	o, f := r.outlet(func(s *snapshot.Subscription) { s.Target.IssuedAck = "link:sent" }), newFar()
	o.use(f)
	app := r.app()
	change := func(id string) string {
		return fmt.Sprintf(`{"topic":"ns/a/things/twin/commands/modify","headers":{"correlation-id":%q,"requested-acks":["twin-persisted","link:sent"]},"path":"/attributes/n","value":1}`, id)
	}
	app.send(change("1"))
	app.hears(`"link:sent":{"status":200`, `"twin-persisted":{"status":20`, `"status":200}`)
	f.tell(always(link.Outcome{Status: 400, Err: link.ErrLost}))
	app.send(change("2"))
	app.hears(`"link:sent":{"status":400`, `"status":424}`)
	o.close()
	app.send(change("3")) // it has declared the label, and does not receive any more
	app.hears(`"link:sent":{"status":200`, `"ditto-weak-ack":true`)
}

// What comes in is done and stored before it is accepted, is told to applications, and does not go out where it came from.
func TestMessagesBecomeChanges(t *testing.T) {
	r := newRealm(t, snapshot.ConnectionMQTT)
	o, f := r.outlet(nil), newFar()
	o.use(f)
	in := r.inlet(func(s *snapshot.Source) {
		s.RequestedAcks = []string{protocol.LabelTwinPersisted}
		s.ImplicitThing = &snapshot.ImplicitThing{Thing: `{"thingId":"ns:b","policyId":"ns:p"}`}
	})
	in.use(f)
	app := r.app()
	r.peer.hubs[snapshot.SignalTwinEvents].Subscribe(app, nil)
	told := make(chan link.Settlement, 1)
	text := strings.Replace(modify(""), "ns/a", "ns/b", 1)
	consume := func(text string) link.Settlement {
		err := in.Consume(t.Context(), link.Consumed{
			Source: "in", Settle: func(s link.Settlement) { told <- s },
			Message: external.Message{Address: "from/b", Payload: []byte(text), Headers: external.Headers{"reply-to": "back"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		return <-told
	}
	for _, events := range [][]string{{"events/created", "events/created"}, {"events/modified"}} { // of the thing only the first time
		if as := consume(text); as != link.Accept {
			t.Errorf("it is %s", as)
		}
		for _, event := range events {
			app.hears("ns/b/things/twin/"+event, `"ditto-originator":"test:in"`)
		}
	}
	if as := consume(strings.Replace(text, `"/attributes/n"`, `"/nowhere"`, 1)); as != link.Reject {
		t.Errorf("what is wrong is %s", as)
	}
	if left := in.drain(t.Context()); left != 0 {
		t.Errorf("%d are left", left)
	}
	for i, got := range f.got() {
		if want := []string{`"status":201`, `"status":204`, `"status":400`}[i]; !strings.HasPrefix(got, "back ") || !strings.Contains(got, want) {
			t.Errorf("reply %d: %s", i, got)
		}
	}
	app.send(`{"topic":"ns/b/things/twin/commands/delete","headers":{"correlation-id":"d","response-required":false},"path":"/"}`)
	deadline := time.After(10 * time.Second)
	for got := f.got(); len(got) != 1 || !strings.Contains(got[0], "events/deleted"); got = f.got() {
		if len(got) > 0 {
			t.Errorf("goes out: %q", got)
		}
		select {
		case <-deadline:
			t.Fatal("what an application does does not go out")
		case <-time.After(time.Millisecond):
		}
	}
}

// A device answers over its broker what an application has asked, and the other way round.
func TestMessagesGoBothWays(t *testing.T) {
	r := newRealm(t, snapshot.ConnectionMQTT)
	o, f := r.outlet(func(s *snapshot.Subscription) { s.Signal = snapshot.SignalMessages }), newFar()
	in := r.inlet(nil)
	told := make(chan link.Settlement, 1)
	consume := func(text string) {
		_ = in.Consume(t.Context(), link.Consumed{
			Source: "in", Settle: func(s link.Settlement) { told <- s },
			Message: external.Message{Address: "from/a", Payload: []byte(text), Headers: external.Headers{"reply-to": "back"}},
		})
	}
	f.tell(func(*external.Message) (link.Outcome, bool) {
		go consume(strings.Replace(question, `"value":"hi"`, `"value":"yes","status":200`, 1))
		return deliveredAs, true
	})
	o.use(f)
	in.use(f)
	app := r.app()
	app.send(question)
	app.hears(`"value":"yes","status":200`, `"ditto-originator":"test:in"`)
	if as := <-told; as != link.Accept {
		t.Errorf("the answer is %s", as)
	}
	f.got()
	f.tell(nil)

	r.peer.hubs[snapshot.SignalMessages].Subscribe(app, nil)
	consume(strings.Replace(question, `"content-type"`, `"requested-acks":["live-response"],"content-type"`, 1))
	app.hears(`"correlation-id":"q"`, `"value":"hi"`)
	select {
	case as := <-told:
		t.Errorf("the question is %s before it is answered", as)
	default:
	}
	app.send(strings.Replace(question, `"value":"hi"`, `"value":"sure","status":200`, 1))
	if as := <-told; as != link.Accept {
		t.Errorf("the question is %s", as)
	}
	in.drain(t.Context())
	if got := f.got(); len(got) != 1 || !strings.HasPrefix(got[0], "back ") || !strings.Contains(got[0], `"value":"sure"`) {
		t.Errorf("the answer: %q", got)
	}
}
