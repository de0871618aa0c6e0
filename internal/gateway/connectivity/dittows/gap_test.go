package dittows_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway"
	"github.com/twinway/twinway/internal/gateway/connectivity/dittows"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/snapshot"
)

// disorder is by how much more than is missing is looked for.
const disorder = 10 * time.Second

// change is an event in short.
func (e envelope) change() string {
	parts := strings.Split(e.Topic, "/")
	return strings.TrimSpace(fmt.Sprintf("%d %s %s %s", e.Revision, parts[len(parts)-1], e.Path, e.Value))
}

func (e envelope) thing() string { return strings.Split(e.Topic, "/")[1] }

// witness sees all events at the other end.
type witness struct {
	t  testing.TB
	mu sync.Mutex
	by map[string][]string
	d  *device
}

func newWitness(t testing.TB, g *gateway.Gateway) *witness {
	t.Helper()
	w := &witness{t: t, by: map[string][]string{}, d: newDevice(t, g)}
	w.d.send("START-SEND-EVENTS")
	w.d.receive()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			_, text, err := w.d.ws.Read(context.Background())
			if err != nil {
				return
			}
			w.add(read(t, string(text)))
		}
	}()
	t.Cleanup(func() { _ = w.d.ws.CloseNow(); <-done })
	return w
}

func (w *witness) add(e envelope) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.by[e.thing()] = append(w.by[e.thing()], e.change())
}

func (w *witness) of(thing string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.by[thing]...)
}

func (w *witness) count() (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, events := range w.by {
		n += len(events)
	}
	return n
}

// changes returns what was consumed of a thing.
func (n *near) changes(thing string) (out []string) {
	for _, m := range n.all() {
		if e := read(n.t, string(m.Message.Payload)); e.thing() == thing {
			out = append(out, e.change())
		}
	}
	return out
}

// heard waits until the last event of a thing was consumed.
func (n *near) heard(thing, last string) {
	n.t.Helper()
	until(n.t, thing+" is told of "+last, func() bool {
		changes := n.changes(thing)
		return len(changes) > 0 && changes[len(changes)-1] == last
	})
}

// away returns a near end that knows a gateway's things, and is cut off from it.
func away(t *testing.T, g *gateway.Gateway, settings dittows.Settings, things []string, sub *snapshot.Subscription) (*near, *proxy, *device) {
	t.Helper()
	p := newProxy(t, g.Address())
	n, d := newNear(t, p.listener.Addr().String(), settings), newDevice(t, g)
	c := n.open()
	n.ask(c, sub)
	for _, thing := range things {
		d.do(thing, "create", "/", `{"attributes":{"n":0}}`)
	}
	n.await(len(things))
	p.cut()
	<-c.Lost()
	p.mend()
	return n, p, d
}

// logged reports whether the near end has logged so.
func (n *near) logged(text string) bool { return strings.Contains(n.log.String(), text) }

// What has happened while the connection was lost is told afterwards: everything, once, in order, and before what happens then.
func TestGapIsClosed(t *testing.T) {
	g := remote(t)
	d := newDevice(t, g)
	d.do("old", "create", "/", `{"attributes":{"n":0}}`)
	d.do("old-idle", "create", "/", `{"attributes":{"n":0}}`)
	w := newWitness(t, g)
	n, _, d := away(t, g, dittows.Settings{}, []string{"same", "changed", "gone", "reborn"}, inbound(snapshot.SignalTwinEvents))
	dittows.Age(n.kind, disorder) // what is older has been told
	for i := range 40 {
		d.do("changed", "modify", "/attributes/n", fmt.Sprint(i))
	}
	d.do("changed", "merge", "/attributes", `{"m":{"k":null,"l":"\"x\" ü"}}`)
	d.do("changed", "delete", "/attributes/n", "")
	d.do("gone", "modify", "/attributes/n", "1")
	d.do("gone", "delete", "/", "")
	d.do("reborn", "modify", "/attributes/n", "1")
	d.do("reborn", "delete", "/", "")
	d.do("reborn", "create", "/", `{"policyId":"test:reborn","attributes":{"n":2}}`)
	d.do("reborn", "modify", "/attributes/n", "3")
	d.do("born", "create", "/", `{"attributes":{"n":1}}`)
	d.do("born", "modify", "/attributes/n", "2")
	d.do("old", "modify", "/attributes/n", "1")
	whole := d.do("old", "retrieve", "/", "")

	c := n.open()
	n.ask(c, inbound(snapshot.SignalTwinEvents))
	until(t, "the gap is closed", func() bool { return n.logged("what was missing") })
	for _, thing := range []string{"same", "changed", "reborn", "born", "old"} {
		d.do(thing, "modify", "/attributes/last", "true")
		n.heard(thing, last(t, w, thing))
	}
	for _, thing := range []string{"same", "changed", "born"} {
		if diff := cmp.Diff(w.of(thing), n.changes(thing)); diff != "" {
			t.Errorf("%s: %s", thing, diff)
		}
	}
	all := w.of("gone")
	if diff := cmp.Diff([]string{all[0], "2 deleted /"}, n.changes("gone")); diff != "" {
		t.Errorf("gone: %s", diff)
	}
	all = w.of("reborn")
	if diff := cmp.Diff(append(all[:1:1], all[2:]...), n.changes("reborn")); diff != "" {
		t.Errorf("reborn: %s", diff)
	}
	if diff := cmp.Diff([]string{"2 modified / " + string(whole.Value), last(t, w, "old")}, n.changes("old")); diff != "" {
		t.Errorf("old: %s", diff)
	}
	if got := n.changes("old-idle"); got != nil {
		t.Errorf("what has not changed is told: %q", got)
	}
	if !n.logged("things=5 events=46 whole=1 deleted=2 missing=0") {
		t.Error(n.log)
	}
}

// last returns the last event of a thing, which there must be.
func last(t testing.TB, w *witness, thing string) string {
	t.Helper()
	var all []string
	until(t, "the witness sees "+thing, func() bool {
		all = w.of(thing)
		return len(all) > 0 && strings.Contains(all[len(all)-1], "/attributes/last")
	})
	return all[len(all)-1]
}

// While things change all the time and the connection is lost again and again, each event of each thing comes once and in order.
func TestNoEventIsMissing(t *testing.T) {
	for name, settings := range map[string]dittows.Settings{
		"as usual":               {},
		"nothing can be held":    {Held: 1},
		"hardly a place to wait": {Frames: 1, Held: 3},
	} {
		t.Run(name, func(t *testing.T) {
			g := remote(t)
			p := newProxy(t, g.Address())
			n, w := newNear(t, p.listener.Addr().String(), settings), newWitness(t, g)
			c := n.open()
			n.ask(c, inbound(snapshot.SignalTwinEvents))
			var writers sync.WaitGroup
			const things, steps = 12, 150
			for writer := range 3 {
				d, random := newDevice(t, g), rand.New(rand.NewPCG(1, uint64(writer)))
				writers.Go(func() {
					born := map[string]bool{}
					for i := range steps {
						thing := fmt.Sprintf("t%d-%d", writer, random.IntN(things))
						if !born[thing] {
							born[thing] = true
							d.do(thing, "create", "/", `{"attributes":{"n":0}}`)
							continue
						}
						d.do(thing, "modify", "/attributes/n", fmt.Sprint(i))
					}
				})
			}
			stop := make(chan struct{})
			go func() { writers.Wait(); close(stop) }()
			random, cuts := rand.New(rand.NewPCG(2, 3)), 0
			for running := true; running; {
				select {
				case <-stop:
					running = false
				case <-time.After(time.Duration(random.IntN(40)) * time.Millisecond):
				}
				p.cut()
				<-c.Lost()
				shut(c)
				p.mend()
				cuts++
				var err error
				if c, err = n.dial(); err != nil {
					t.Fatal(err)
				}
				n.ask(c, inbound(snapshot.SignalTwinEvents))
			}
			defer shut(c)
			until(t, "all is seen", func() bool { return w.count() == 3*steps && len(n.all()) >= 3*steps })
			for writer := range 3 {
				for i := range things {
					thing := fmt.Sprintf("t%d-%d", writer, i)
					if diff := cmp.Diff(w.of(thing), n.changes(thing)); diff != "" {
						t.Errorf("%s after %d cuts: %s", thing, cuts, diff)
					}
				}
			}
			if n.logged("missing=1") || n.logged("level=WARN") {
				t.Error(n.log)
			}
		})
	}
}

// Whatever happens at the other end while the connection comes and goes, another gateway that does what is told ends up with the same.
func TestMirrorEndsUpEqual(t *testing.T) {
	g, local := remote(t), remote(t)
	p := newProxy(t, g.Address())
	n, here := newNear(t, p.listener.Addr().String(), dittows.Settings{}), newNear(t, local.Address(), dittows.Settings{})
	out := here.open()
	n.first(func(_ context.Context, m link.Consumed) error {
		if o := here.publish(out, string(m.Message.Payload), snapshot.AtLeastOnce); !o.Delivered() { //nolint:contextcheck // That of the test.
			t.Errorf("%s comes to %+v", m.Message.Payload, o)
		}
		return nil
	})
	d, random := newDevice(t, g), rand.New(rand.NewPCG(4, 5))
	exists := map[string]bool{}
	step := func(i int) {
		thing := fmt.Sprintf("t%d", random.IntN(6))
		switch kind := random.IntN(10); {
		case !exists[thing]:
			d.do(thing, "modify", "/", fmt.Sprintf(`{"policyId":"test:p","attributes":{"n":%d},"features":{"f":{"properties":{"p":[%d]}}}}`, i, i))
			exists[thing] = true
		case kind == 0:
			d.do(thing, "delete", "/", "")
			exists[thing] = false
		case kind < 4:
			d.do(thing, "merge", "/attributes", fmt.Sprintf(`{"m":{"k%d":%d,"k%d":null}}`, i%5, i, (i+1)%5))
		case kind < 6:
			d.do(thing, "modify", fmt.Sprintf("/features/f/properties/q%d", i%3), fmt.Sprint(i))
		default:
			d.do(thing, "modify", "/attributes/n", fmt.Sprint(i))
		}
	}
	for _, end := range []*device{d, newDevice(t, local)} {
		end.send(`{"topic":"test/p/policies/commands/create","headers":{"correlation-id":"p"},"path":"/","value":` + announcing() + `}`)
		end.receive()
	}
	for round := range 8 {
		c, err := n.dial()
		if err != nil {
			t.Fatal(err)
		}
		n.ask(c, inbound(snapshot.SignalTwinEvents))
		for i := range 60 {
			step(100*round + i)
		}
		if round == 7 {
			compareEnds(t, g, local)
			shut(c)
			return
		}
		p.cut()
		<-c.Lost()
		shut(c)
		p.mend()
		for i := range 40 { // nobody listens
			step(100*round + 60 + i)
		}
	}
}

// compareEnds waits until the things of both gateways are the same.
func compareEnds(t *testing.T, g, local *gateway.Gateway) {
	t.Helper()
	state := func(d *device) string {
		text := `"test:t0","test:t1","test:t2","test:t3","test:t4","test:t5"`
		d.send(`{"topic":"_/_/things/twin/commands/retrieve","headers":{"correlation-id":"r"},"path":"/","value":{"thingIds":[` + text + `]}}`)
		return string(read(t, d.receive()).Value)
	}
	there, here := newDevice(t, g), newDevice(t, local)
	want := state(there)
	for guard := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		got := state(here)
		if sameThings(t, got, want) {
			return
		}
		if time.Now().After(guard) {
			t.Fatalf("here:  %s\nthere: %s", got, want)
		}
	}
}

func sameThings(t *testing.T, a, b string) bool {
	t.Helper()
	var left, right any
	mustUnmarshal(t, a, &left)
	mustUnmarshal(t, b, &right)
	return cmp.Equal(left, right)
}

// A restart of the other end that has lost nothing there has nothing missing here: all that was told to its clients arrives, with counts.
func TestRemoteRestarts(t *testing.T) {
	dir := t.TempDir()
	run := func() *gateway.Gateway {
		g, err := gateway.Start(configuration(t), gateway.Options{
			DataDir: dir, Listen: "127.0.0.1:0", Admin: "127.0.0.1:0", Logger: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	g := run()
	p := newProxy(t, g.Address())
	n := newNear(t, p.listener.Addr().String(), dittows.Settings{})
	c := n.open()
	n.ask(c, inbound(snapshot.SignalTwinEvents))
	d := newDevice(t, g)
	d.do("a", "create", "/", `{}`)
	changes := func(count int) {
		for i := range count {
			d.do("a", "modify", fmt.Sprintf("/attributes/k%d", i), "1")
		}
	}
	changes(20)
	for range 3 {
		p.down.Store(true)
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
		<-c.Lost()
		if c.Err() == nil {
			t.Fatal("the client was not lost")
		}
		g = run()
		p.target.Store(g.Address())
		p.mend()
		d = newDevice(t, g)
		changes(20)
		c = n.open()
		n.ask(c, inbound(snapshot.SignalTwinEvents))
		changes(20)
	}
	defer func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	}()
	defer shut(c)
	const count = 1 + 20 + 3*40
	for i, m := range n.await(count) {
		if e := read(t, string(m.Message.Payload)); e.Revision != int64(i+1) {
			t.Fatalf("message %d is %s", i, e.change())
		}
	}
	if got := len(n.all()); got != count {
		t.Errorf("%d were consumed, want %d", got, count)
	}
}

// Where the history is not there any more the thing as a whole is told.
func TestGapBeyondHistory(t *testing.T) {
	g := remote(t, func(s *snapshot.Snapshot) { s.Storage.History.MaxRecords = 1 })
	n, _, d := away(t, g, dittows.Settings{}, []string{"a"}, inbound(snapshot.SignalTwinEvents))
	for i := range 200 {
		d.do("a", "modify", "/attributes/n", fmt.Sprint(i))
	}
	whole := d.do("a", "retrieve", "/", "")
	c := n.open()
	n.ask(c, inbound(snapshot.SignalTwinEvents))
	until(t, "the gap is closed", func() bool { return n.logged("whole=1 deleted=0 missing=0") })
	d.do("a", "modify", "/attributes/n", "1000")
	want := "202 modified /attributes/n 1000"
	n.heard("a", want)
	got := n.changes("a")
	if diff := cmp.Diff([]string{got[0], "201 modified / " + string(whole.Value), want}, got); diff != "" {
		t.Error(diff)
	}
}

// Only what a Subscription asks for is replayed.
func TestGapOfWhatIsAskedFor(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*snapshot.Subscription)
		want   []string
	}{
		"everything":   {func(*snapshot.Subscription) {}, []string{"2 modified /attributes/n 1", "3 modified /attributes/n 7", "4 modified /attributes/n 2"}},
		"a filter":     {func(s *snapshot.Subscription) { s.Filter = "gt(attributes/n,5)" }, []string{"3 modified /attributes/n 7"}},
		"extra fields": {func(s *snapshot.Subscription) { s.ExtraFields = "attributes/n" }, []string{"2 modified /attributes/n 1", "3 modified /attributes/n 7", "4 modified /attributes/n 2"}},
	} {
		t.Run(name, func(t *testing.T) {
			g := remote(t)
			sub := inbound(snapshot.SignalTwinEvents)
			n, _, d := away(t, g, dittows.Settings{}, []string{"a"}, sub)
			asked := *sub
			tc.change(&asked)
			for _, value := range []string{"1", "7", "2"} {
				d.do("a", "modify", "/attributes/n", value)
			}
			n.ask(n.open(), &asked)
			until(t, "the gap is closed", func() bool { return n.logged("missing=0") })
			d.do("a", "modify", "/attributes/n", "9")
			n.heard("a", "5 modified /attributes/n 9")
			got := n.changes("a")
			if diff := cmp.Diff(append(tc.want, "5 modified /attributes/n 9"), got[1:]); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Other namespaces are none of the gap's business.
func TestGapOfNamespaces(t *testing.T) {
	g := remote(t)
	n, _, d := away(t, g, dittows.Settings{}, []string{"a"}, inbound(snapshot.SignalTwinEvents))
	d.do("a", "modify", "/attributes/n", "1")
	d.do("b", "create", "/", "{}")
	c := n.open()
	n.ask(c, inbound(snapshot.SignalTwinEvents, func(s *snapshot.Subscription) { s.Namespaces = []string{"org.other"} }))
	until(t, "the gap is closed", func() bool { return n.logged("things=0 events=0 whole=0 deleted=0 missing=0") })
	if got := len(n.all()); got != 1 {
		t.Errorf("%d were consumed", got)
	}
}

// What was not done here comes again, with what came after it, and says how often it was there before.
func TestRedelivery(t *testing.T) {
	g := remote(t)
	d := newDevice(t, g)
	n := newNear(t, g.Address(), dittows.Settings{Redelivery: time.Millisecond})
	n.ask(n.open(), inbound(snapshot.SignalTwinEvents))
	n.first(func(_ context.Context, m link.Consumed) error {
		if e := read(t, string(m.Message.Payload)); e.Revision == 2 && m.Redelivered < 3 {
			m.Settle(link.Redeliver)
			return nil
		}
		m.Settle(link.Accept)
		return nil
	})
	d.do("a", "create", "/", "{}")
	for i := range 3 {
		d.do("a", "modify", "/attributes/n", fmt.Sprint(i))
	}
	times := func() (most, behind int) {
		for _, m := range n.all() {
			if e := read(t, string(m.Message.Payload)); e.Revision == 2 {
				most, behind = max(most, m.Redelivered), 0
			} else if e.Revision > 2 {
				behind++
			}
		}
		return most, behind
	}
	until(t, "it has come four times, and then the rest", func() bool {
		most, behind := times()
		return most == 3 && behind >= 2
	})
}

// What was read and not consumed when the client was closed comes again.
func TestNotConsumedComesAgain(t *testing.T) {
	g := remote(t)
	d, n := newDevice(t, g), newNear(t, g.Address(), dittows.Settings{})
	c := n.open()
	n.ask(c, inbound(snapshot.SignalTwinEvents))
	n.first(func(ctx context.Context, m link.Consumed) error {
		if e := read(t, string(m.Message.Payload)); e.Revision < 3 {
			return nil
		}
		<-ctx.Done()
		return ctx.Err()
	})
	d.do("a", "create", "/", "{}")
	for i := range 10 {
		d.do("a", "modify", "/attributes/n", fmt.Sprint(i))
	}
	n.await(2)
	shut(c)
	n.first(nil)
	c = n.open()
	n.ask(c, inbound(snapshot.SignalTwinEvents))
	for i, m := range n.await(11) {
		if e := read(t, string(m.Message.Payload)); e.Revision != int64(i+1) {
			t.Fatalf("message %d is %s", i, e.change())
		}
	}
}

// Another end, or another user there, has things of its own: none are missing.
func TestAnotherEnd(t *testing.T) {
	g := remote(t)
	n, _, _ := away(t, g, dittows.Settings{}, []string{"a"}, inbound(snapshot.SignalTwinEvents))
	another := remote(t)
	n.connection.URI = "ws://" + another.Address()
	n.ask(n.open(), inbound(snapshot.SignalTwinEvents))
	newDevice(t, another).do("b", "create", "/", "{}")
	n.await(2)
	if got := n.changes("a"); len(got) != 1 {
		t.Errorf("told are %q", got)
	}
}
