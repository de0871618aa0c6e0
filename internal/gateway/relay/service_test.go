package relay_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"go.uber.org/goleak"

	"github.com/twinway/twinway/internal/gateway/authority"
	"github.com/twinway/twinway/internal/gateway/broker"
	"github.com/twinway/twinway/internal/gateway/engine"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/relay"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/store/pebble"
	"github.com/twinway/twinway/internal/gateway/thing"
	"github.com/twinway/twinway/internal/gateway/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// peer is somebody who sends and receives. It hands on what it is told.
type peer struct {
	audience pubsub.Audience
	party    *broker.Party
	frames   chan string // replies, answers and signals; "" for no reply
}

func (p *peer) Audience() *pubsub.Audience            { return &p.audience }
func (p *peer) MayAccess(protocol.Group, string) bool { return true }
func (p *peer) Party() *broker.Party                  { return p.party }
func (p *peer) NoReply()                              { p.frames <- "" }
func (p *peer) Reply(answer exchange.Envelope, _ int) { p.frames <- string(answer.Append(nil)) }
func (p *peer) Answer(answer exchange.Envelope)       { p.frames <- string(answer.Append(nil)) }
func (p *peer) Deliver(b wire.Burst) {
	for i := range b.Len() {
		p.frames <- textOf(b.Frame(i))
	}
}

// textOf returns the text in a frame, which is JSON behind a header in which there may be a brace.
func textOf(frame []byte) string {
	_, text, _ := bytes.Cut(frame, []byte(`{"`))
	return `{"` + string(text)
}

// stand is a service on a real engine and store, with the thing ns:t and its policy ns:p.
type stand struct {
	*relay.Service
	engine    *engine.Engine
	store     *pebble.Store
	authority *authority.Authority
	broker    *broker.Broker
	hubs      relay.Hubs
	// unreadable says that policies cannot be read.
	unreadable atomic.Bool
}

var errUnreadable = errors.New("the disk is broken")

// Load implements authority.Reader.
func (s *stand) Load(key store.Key) (store.Record, error) {
	if s.unreadable.Load() && key.Kind == store.Policy {
		return store.Record{}, errUnreadable
	}
	return s.store.Load(key)
}

// Publish implements engine.Publisher.
func (s *stand) Publish(signals []*pubsub.Signal) {
	for _, signal := range signals {
		signal.Hub.Publish([]*pubsub.Signal{signal})
	}
}

// Durable implements engine.Hooks.
func (s *stand) Durable(changes []store.Append) {
	for i := range changes {
		s.authority.Policies.Changed(changes[i].Key.ID)
	}
}

func (*stand) GroupDecided(int, int) {}
func (*stand) StoreRefused(error)    {}

const policy = `{"policyId":"ns:p","entries":{"all":{"subjects":{"pre:app":{"type":"t"},"pre:device":{"type":"t"}},` +
	`"resources":{"thing:/":{"grant":["READ","WRITE"],"revoke":[]},"message:/":{"grant":["READ","WRITE"],"revoke":[]}}}}}`

const lamp = `{"thingId":"ns:t","policyId":"ns:p"}`

func newStand(t *testing.T) *stand {
	t.Helper()
	s := &stand{hubs: relay.Hubs{Messages: pubsub.NewHub(), Commands: pubsub.NewHub(), Events: pubsub.NewHub()}}
	var err error
	if s.store, err = pebble.Open(pebble.Options{Dir: "data", FS: vfs.NewMem(), Logger: slog.New(slog.DiscardHandler)}); err != nil {
		t.Fatal(err)
	}
	s.authority = authority.NewAuthority(s, 1<<20, authority.Settings{})
	s.engine = engine.New(engine.Options{Store: s.store, Publisher: s, Hooks: s, Clock: time.Now, Shards: 1})
	s.broker = broker.New(broker.Options{Declared: func(string) bool { return false }})
	t.Cleanup(func() {
		s.broker.Close()
		s.engine.Close()
		if err := s.store.Close(); err != nil {
			t.Error(err)
		}
	})
	s.Service = relay.NewService(relay.Options{
		Engine: s.engine, Authority: s.authority, Broker: s.broker, Hubs: s.hubs, Metrics: metrics.New(), Clock: time.Now,
		Settings: relay.Settings{DefaultNamespace: "ns", Timeout: time.Minute, Limits: thing.Limits{MaxSize: 100 << 10}},
	})
	s.put(t, store.Key{Kind: store.Policy, ID: "ns:p"}, policy).wait(t)
	s.put(t, store.Key{Kind: store.Thing, ID: "ns:t"}, lamp).wait(t)
	return s
}

func (s *stand) newPeer(subject string) *peer {
	return &peer{audience: pubsub.Audience{Subjects: []string{subject}}, party: s.broker.NewParty(), frames: make(chan string, 10)}
}

// send sends something about the thing. Headers are JSON members, each behind a comma.
func (s *stand) send(t *testing.T, from *peer, topic, headers, rest string) {
	t.Helper()
	var env protocol.Envelope
	text := fmt.Sprintf(`{"topic":"ns/t/things/%s","headers":{"correlation-id":"c"%s},%s}`, topic, headers, rest)
	if err := protocol.Decode([]byte(text), &env); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	s.Handle(t.Context(), from, &env)
}

// put replaces an entity, or deletes it if there is no doc.
type put struct {
	task engine.Task
	key  store.Key
	doc  string
	// entered and block are set to hold up the engine.
	entered, block chan struct{}
	done           chan error
}

func (p *put) Key() store.Key { return p.key }

func (p *put) Decide(current *store.Record, _ *engine.Siblings, now time.Time) engine.Effect {
	if p.block != nil {
		close(p.entered)
		<-p.block
		return engine.Effect{}
	}
	next := &store.Record{Revision: 1, Created: now, Modified: now, Deleted: p.doc == "", Doc: []byte(p.doc)}
	if current != nil {
		next.Revision = current.Revision + 1
	}
	return engine.Effect{Record: next}
}

func (p *put) Complete(err error) { p.done <- err }

func (p *put) wait(t *testing.T) {
	t.Helper()
	if err := <-p.done; err != nil {
		t.Fatal(err)
	}
}

func (s *stand) submit(t *testing.T, p *put) *put {
	t.Helper()
	p.done = make(chan error, 1)
	p.task.Command = p
	if err := s.engine.Submit(t.Context(), &p.task); err != nil {
		t.Fatal(err)
	}
	return p
}

func (s *stand) put(t *testing.T, key store.Key, doc string) *put {
	t.Helper()
	return s.submit(t, &put{key: key, doc: doc})
}

// hold keeps the engine from deciding until the returned function is called. What is sent meanwhile is decided, and durable,
// together.
func (s *stand) hold(t *testing.T) (release func()) {
	t.Helper()
	p := s.submit(t, &put{key: store.Key{Kind: store.Thing, ID: "ns:hold"}, entered: make(chan struct{}), block: make(chan struct{})})
	<-p.entered
	return func() { close(p.block) }
}

// next returns topic, status and error code of the next frame that is one.
func (p *peer) next(t *testing.T) string {
	t.Helper()
	for text := range p.frames {
		if text == "" {
			continue
		}
		var f struct {
			Topic  string
			Status int
			Value  struct{ Error string }
		}
		if err := json.Unmarshal([]byte(text), &f); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return fmt.Sprint(f.Topic, " ", f.Status, " ", f.Value.Error)
	}
	return ""
}

// signals are one of each kind.
var signals = map[string]struct{ topic, headers, rest, channel string }{
	"message":                         {"live/messages/ask", "", `"path":"/inbox/messages/ask"`, "live"},
	"live modify":                     {"live/commands/modify", "", `"path":"/attributes/a","value":{}`, "live"},
	"live retrieve":                   {"live/commands/retrieve", "", `"path":"/"`, "live"},
	"live retrieve, or else the twin": {"live/commands/retrieve", `,"live-channel-timeout-strategy":"use-twin"`, `"path":"/"`, "live"},
	"retrieve with a condition":       {"twin/commands/retrieve", `,"live-channel-condition":"exists(thingId)"`, `"path":"/"`, "twin"},
	"live event":                      {"live/events/deleted", "", `"path":"/attributes","revision":1`, "live"},
}

// TestPolicyThatCannotBeRead refuses what nobody can say of whether it is permitted, and says that it may be later.
func TestPolicyThatCannotBeRead(t *testing.T) {
	for name, signal := range signals {
		s := newStand(t)
		app, device := s.newPeer("pre:app"), s.newPeer("pre:device")
		for _, hub := range []*pubsub.Hub{s.hubs.Messages, s.hubs.Commands, s.hubs.Events} {
			hub.Subscribe(device, nil)
		}
		s.unreadable.Store(true)
		s.send(t, app, signal.topic, signal.headers, signal.rest)
		if got, want := app.next(t), "ns/t/things/"+signal.channel+"/errors 503 things:thing.unavailable"; got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
		if s.broker.Waits() != 0 || len(device.frames) != 0 {
			t.Errorf("%s: is waited for, or was sent", name)
		}
	}
}

// TestPolicyIsDeletedBehindTheSignal delivers what was permitted when it was decided. It waits for what comes before it, and so is
// told when the policy is gone.
func TestPolicyIsDeletedBehindTheSignal(t *testing.T) {
	s := newStand(t)
	app, device, stranger := s.newPeer("pre:app"), s.newPeer("pre:device"), s.newPeer("pre:stranger")
	s.hubs.Messages.Subscribe(device, nil)
	s.hubs.Messages.Subscribe(stranger, nil)
	release := s.hold(t)
	s.put(t, store.Key{Kind: store.Thing, ID: "ns:t"}, lamp)
	s.send(t, app, "live/messages/ask", "", `"path":"/inbox/messages/ask"`)
	deleted := s.put(t, store.Key{Kind: store.Policy, ID: "ns:p"}, "")
	release()
	deleted.wait(t)
	<-app.frames // there is no reply: what was sent has been told
	if len(device.frames) != 1 || len(stranger.frames) != 0 {
		t.Errorf("the device is told %d times, a stranger %d times", len(device.frames), len(stranger.frames))
	}
}

// TestRefusalComesBeforeNoReply lets those who wait for no answer take NoReply for a signal that was sent.
func TestRefusalComesBeforeNoReply(t *testing.T) {
	for _, name := range []string{"message", "live modify", "live retrieve"} {
		s := newStand(t)
		stranger := s.newPeer("pre:stranger")
		s.send(t, stranger, signals[name].topic, signals[name].headers, signals[name].rest)
		if first, second := <-stranger.frames, <-stranger.frames; first == "" || second != "" {
			t.Errorf("%s: told %q, and then %q", name, first, second)
		}
	}
}
