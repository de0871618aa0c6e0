package twin_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"go.uber.org/goleak"

	"github.com/twinway/twinway/internal/gateway/authority"
	"github.com/twinway/twinway/internal/gateway/broker"
	"github.com/twinway/twinway/internal/gateway/engine"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/history"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/policy"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/store/pebble"
	"github.com/twinway/twinway/internal/gateway/thing"
	"github.com/twinway/twinway/internal/gateway/twin"
	"github.com/twinway/twinway/internal/gateway/wire"
	"github.com/twinway/twinway/test/slowdisk"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// caller is a requester that hands on what it is told.
type caller struct {
	audience pubsub.Audience
	closed   string        // a namespace that it may not address
	party    *broker.Party // nil for somebody who neither waits for anything nor acknowledges
	replies  chan string   // the text of a reply, "" for none
	answers  chan string   // the text of an answer that comes later
	events   chan string   // the text of an event
}

// newCaller returns somebody with the subjects, nginx:ditto if there are none.
func newCaller(subjects ...string) *caller {
	if len(subjects) == 0 {
		subjects = []string{"nginx:ditto"}
	}
	return &caller{
		audience: pubsub.Audience{Subjects: subjects},
		replies:  make(chan string, 1000), answers: make(chan string, 10), events: make(chan string, 1000),
	}
}

func (c *caller) Audience() *pubsub.Audience                        { return &c.audience }
func (c *caller) MayAccess(_ protocol.Group, namespace string) bool { return namespace != c.closed }
func (c *caller) NoReply()                                          { c.replies <- "" }
func (c *caller) Reply(answer exchange.Envelope, _ int)             { c.replies <- string(answer.Append(nil)) }
func (c *caller) Party() *broker.Party                              { return c.party }
func (c *caller) Answer(answer exchange.Envelope)                   { c.answers <- string(answer.Append(nil)) }
func (c *caller) Deliver(b wire.Burst) {
	for i := range b.Len() {
		c.events <- payload(b.Frame(i))
	}
}

// payload returns the text in a frame, which is JSON behind a header in which there may be a brace.
func payload(frame []byte) string {
	_, text, _ := bytes.Cut(frame, []byte(`{"`))
	return `{"` + string(text)
}

// stand is a service on a real engine and store.
type stand struct {
	*twin.Service
	hub       *pubsub.Hub
	engine    *engine.Engine
	store     *pebble.Store
	authority *authority.Authority
	broker    *broker.Broker
	metrics   *metrics.Metrics
	// declared are the labels that those have declared who are connected.
	declared sync.Map
	// published are the signals that were published last.
	published atomic.Pointer[[]*pubsub.Signal]
	// onDurable, if set, is called with changes that are durable and not told yet.
	onDurable func([]store.Append)
}

func (*stand) GroupDecided(int, int) {}
func (*stand) StoreRefused(error)    {}

// Durable implements engine.Hooks.
func (s *stand) Durable(changes []store.Append) {
	for i := range changes {
		if changes[i].Key.Kind == store.Policy {
			s.authority.Policies.Changed(changes[i].Key.ID)
		}
	}
	if s.onDurable != nil {
		s.onDurable(changes)
	}
}

func policySettings() policy.Settings {
	return policy.Settings{MaxSize: policy.DefaultMaxSize, MaxImports: policy.DefaultMaxImports, LockoutPrevention: true}
}

// serve returns a service with one shard, so that what is sent together is decided together.
func serve(t testing.TB, fs vfs.FS, dir string, settings twin.Settings) *stand {
	t.Helper()
	return serveShards(t, fs, dir, settings, 1)
}

// serveShards returns a service with a number of shards, 0 for the usual one.
func serveShards(t testing.TB, fs vfs.FS, dir string, settings twin.Settings, shards int) *stand {
	t.Helper()
	return serveOn(t, pebble.Options{Dir: dir, FS: fs}, settings, shards)
}

// serveOn returns a service on a store with these options.
func serveOn(t testing.TB, o pebble.Options, settings twin.Settings, shards int) *stand {
	t.Helper()
	s := &stand{hub: pubsub.NewHub()}
	var err error
	o.CacheSize, o.Logger = 64<<20, slog.New(slog.DiscardHandler)
	if s.store, err = pebble.Open(o); err != nil {
		t.Fatal(err)
	}
	s.authority = authority.NewAuthority(s.store, 16<<20, authority.Settings{Creation: authority.AnyoneCreates(), Policies: policySettings()})
	s.engine = engine.New(engine.Options{Store: s.store, Publisher: s, Hooks: s, Clock: time.Now, Shards: shards})
	t.Cleanup(func() {
		s.engine.Close()
		if err := s.store.Close(); err != nil {
			t.Error(err)
		}
	})
	s.metrics = metrics.New()
	s.broker = broker.New(broker.Options{Declared: s.isDeclared})
	t.Cleanup(s.broker.Close)
	s.Service = twin.NewService(s.options(history.New(s.store), settings))
	return s
}

func (s *stand) isDeclared(label string) bool {
	_, declared := s.declared.Load(label)
	return declared
}

// options are those of a service on the stand.
func (s *stand) options(h *history.Reader, settings twin.Settings) twin.Options {
	return twin.Options{
		Engine: s.engine, Authority: s.authority, Broker: s.broker, History: h, Metrics: s.metrics, Clock: time.Now, Settings: settings,
	}
}

func settings() twin.Settings {
	return twin.Settings{DefaultNamespace: "org.example", Timeout: time.Minute, Limits: thing.Limits{MaxSize: 100 << 10}}
}

// ask sends a command. Headers are JSON members.
func ask(t testing.TB, s *stand, c *caller, topic, headers, rest string) {
	t.Helper()
	var env protocol.Envelope
	text := fmt.Sprintf(`{"topic":%q,"headers":{"correlation-id":"c"%s},%s}`, topic, headers, rest)
	if err := protocol.Decode([]byte(text), &env); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	s.Handle(t.Context(), c, &env)
}

// status returns the status of a reply, and its error code if it is one.
func status(t testing.TB, reply string) string {
	t.Helper()
	var e struct {
		Status int
		Value  json.RawMessage
	}
	if err := json.Unmarshal([]byte(reply), &e); err != nil {
		t.Fatalf("%q: %v", reply, err)
	}
	var value struct{ Error string }
	_ = json.Unmarshal(e.Value, &value) // other values have no error
	return strings.TrimSpace(strconv.Itoa(e.Status) + " " + value.Error)
}

const create = `"path":"/","value":{}`

func TestTimeout(t *testing.T) {
	disk := slowdisk.New()
	s := serve(t, disk, "db", settings())
	c, watcher := newCaller(), newCaller()
	s.hub.Subscribe(watcher, nil)
	release := disk.HoldSyncs()
	defer release()

	ask(t, s, c, "ns/t/things/twin/commands/create", `,"timeout":"40ms"`, create)
	if got := status(t, <-c.replies); got != "408 command.timeout" {
		t.Errorf("replied %s", got)
	}
	if len(watcher.events) > 0 {
		t.Error("an event precedes its durability")
	}
	release()
	<-watcher.events // it took effect in the end
	ask(t, s, c, "ns/t/things/twin/commands/retrieve", "", `"path":"/"`)
	if got := status(t, <-c.replies); got != "200" {
		t.Errorf("replied %s", got)
	}
}

func TestTimeoutIsBoundedByTheGateways(t *testing.T) {
	disk := slowdisk.New()
	short := settings()
	short.Timeout = 40 * time.Millisecond
	s := serve(t, disk, "db", short)
	c := newCaller()
	release := disk.HoldSyncs()
	defer release()
	ask(t, s, c, "ns/t/things/twin/commands/create", `,"timeout":"1y"`, create)
	if got := status(t, <-c.replies); got != "408 command.timeout" {
		t.Errorf("replied %s", got)
	}
}

func TestWhoWantsNoResponseGetsNone(t *testing.T) {
	s := serve(t, vfs.NewMem(), "db", settings())
	for _, c := range []struct{ name, headers, rest string }{
		{"success", `,"response-required":false`, create},
		{"failure", `,"response-required":false`, create}, // exists now
		{"timeout zero", `,"timeout":0`, create},
	} {
		caller := newCaller()
		ask(t, s, caller, "ns/t/things/twin/commands/create", c.headers, c.rest)
		if got := <-caller.replies; got != "" {
			t.Errorf("%s: replied %s", c.name, got)
		}
	}
}

func TestEmptyNamespaceIsTheDefault(t *testing.T) {
	s := serve(t, vfs.NewMem(), "db", settings())
	c, watcher := newCaller(), newCaller()
	s.hub.Subscribe(watcher, &pubsub.Want{Namespaces: []string{"org.example"}})
	ask(t, s, c, "/t/things/twin/commands/create", "", create)
	if reply := <-c.replies; !strings.HasPrefix(reply, `{"topic":"org.example/t/things/twin/commands/create"`) {
		t.Errorf("replied %s", reply)
	}
	<-watcher.events
}

// BenchmarkCommand is a durable modification end to end in process: from the
// text of the envelope to the frame of the response, on a real disk.
func BenchmarkCommand(b *testing.B) {
	s := serveShards(b, vfs.Default, b.TempDir(), settings(), 0)
	const things = 1000
	c := newCaller()
	for i := range things {
		ask(b, s, c, fmt.Sprintf("ns/t%d/things/twin/commands/create", i), "", create)
		<-c.replies
	}
	texts := make([][]byte, things)
	for i := range texts {
		texts[i] = fmt.Appendf(nil, `{"topic":"ns/t%d/things/twin/commands/modify","headers":{"correlation-id":"c"},"path":"/attributes/n","value":%d}`, i, i)
	}
	b.ReportAllocs()
	b.SetParallelism(400)
	b.RunParallel(func(pb *testing.PB) {
		own := newCaller()
		for i := 0; pb.Next(); i++ {
			var env protocol.Envelope
			if err := protocol.Decode(texts[i%things], &env); err != nil {
				b.Error(err)
				return
			}
			s.Handle(b.Context(), own, &env)
			<-own.replies
		}
	})
}
