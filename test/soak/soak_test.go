package soak

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway"
	"github.com/twinway/twinway/test/gatewaytest"
)

// What is asked for, and how much of it.
var (
	duration     = flag.Duration("soak.for", 10*time.Second, "for how long requests are sent")
	seed         = flag.Uint64("soak.seed", 0, "what the choices are made from; 0: another seed each time")
	devices      = flag.Int("soak.devices", 1000, "number of devices")
	applications = flag.Int("soak.applications", 50, "number of applications")
	rate         = flag.Float64("soak.rate", 1200, "requests per second of all applications")
)

// guard is how long what must come about may take. It ends what would hang and measures nothing.
var guard = flag.Duration("soak.guard", 2*time.Minute, "how long anything may take before it counts as never to happen")

// rounds is how often everybody comes and leaves. What is kept after the first one is kept once, such as caches; what more is
// kept after the second grows.
const rounds = 2

// profileRate is how many bytes are allocated for each allocation that the profile of memory sees.
const profileRate = 8 << 10

func init() { runtime.MemProfileRate = profileRate }

// world is what devices and applications share.
type world struct {
	t            *testing.T
	gateway      *gateway.Gateway
	client       *http.Client
	seed         uint64
	devices      []*device
	applications []*application
	seekers      []*seeker
	shared       sync.Map // requests by id whose correlation id is not theirs alone
	suspects     suspects
	tally        tally
	faults       atomic.Int64
}

func TestSoak(t *testing.T) {
	w := newWorld(t)
	w.furnish()
	var kept memory
	for round := range rounds {
		before := w.count()
		w.round(*duration / rounds)
		if t.Failed() {
			t.Fatalf("failed in round %d with seed %d", round+1, w.seed)
		}
		w.mustBeEmpty(before)
		now := measure()
		if round > 0 {
			now.mustNotGrow(t, kept, w.tally.sum()-kept.requests)
		}
		kept, kept.requests = now, w.tally.sum()
	}
	w.tally.mustBeComplete(t)
	t.Logf("seed %d, %s", w.seed, &w.tally)
}

func newWorld(t *testing.T) *world {
	snap := gatewaytest.Snapshot(t, "../../config/samples")
	snap.Authentication.Basic.Users[guest] = snap.Authentication.Basic.Users[gatewaytest.User]
	w := &world{t: t, gateway: gatewaytest.StartOn(t, snap, t.TempDir()), client: newClient(), seed: *seed}
	if w.seed == 0 {
		w.seed = rand.Uint64()
	}
	for i := range *devices {
		w.devices = append(w.devices, &device{world: w, index: i, random: w.random(i)})
	}
	for i := range *applications {
		w.applications = append(w.applications, &application{world: w, index: i, random: w.random(*devices + i)})
	}
	for i := range seekers {
		w.seekers = append(w.seekers, &seeker{world: w, index: i, random: w.random(*devices + *applications + i)})
	}
	return w
}

func (w *world) random(actor int) *rand.Rand { return rand.New(rand.NewPCG(w.seed, uint64(actor))) }

// furnish makes the things, and uses everything once that stays when it was used.
func (w *world) furnish() {
	s, err := w.dial(w.t.Context(), "")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, d := range w.devices {
		err := s.send(&envelope{
			Topic: d.topic("twin/commands/create"), Headers: headers{CorrelationID: d.namespace()}, Path: "/",
			Value: []byte(`{"attributes":{"last":{"id":"none"}}}`),
		})
		if err != nil {
			w.t.Fatal(err)
		}
		if e, err := s.receive(w.t.Context()); err != nil || e.Status != http.StatusCreated {
			w.t.Fatalf("create a thing: %+v %v", e, err)
		}
	}
	w.furnishSeekers(s)
	s.leave(politely)
}

// round lets everybody come, use the gateway for a while, and leave.
func (w *world) round(length time.Duration) {
	ctx, over := context.WithCancel(w.t.Context())
	defer over()
	var present, arrived sync.WaitGroup
	arrived.Add(len(w.devices))
	for _, d := range w.devices {
		present.Go(func() { d.run(ctx, arrived.Done) })
	}
	arrived.Wait()
	sending, stop := context.WithTimeout(ctx, length)
	defer stop()
	var settled, asking, seeking sync.WaitGroup
	for _, k := range w.seekers {
		seeking.Go(func() { k.run(sending) })
	}
	settled.Add(len(w.applications))
	for _, a := range w.applications {
		asking.Go(func() { a.run(sending, ctx, &settled) })
	}
	seeking.Wait()
	settled.Wait()
	w.mustBeSettled()
	over()
	asking.Wait()
	present.Wait()
}

// maxFaults is how many faults are told; where one is, there are often thousands.
const maxFaults = 30

// fault fails the test.
func (w *world) fault(format string, args ...any) {
	if w.faults.Add(1) <= maxFaults {
		w.t.Errorf(format, args...)
		return
	}
	w.t.Fail()
}

// await waits until something holds, and fails if it never does.
func (w *world) await(what string, holds func() error) {
	w.t.Helper()
	w.awaitFor(*guard, what, holds)
}

func (w *world) awaitFor(guard time.Duration, what string, holds func() error) {
	w.t.Helper()
	end := time.Now().Add(guard)
	err := holds()
	for err != nil && time.Now().Before(end) {
		time.Sleep(20 * time.Millisecond)
		err = holds()
	}
	if err != nil {
		w.t.Errorf("never: %s: %v", what, err)
	}
}

// tally counts what has become of requests.
type tally struct {
	mu       sync.Mutex
	outcomes map[string]map[string]int // by kind and outcome
	lives    map[string]int            // sessions that ended, by how
}

func (t *tally) add(kind, outcome string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.outcomes == nil {
		t.outcomes = map[string]map[string]int{}
	}
	if t.outcomes[kind] == nil {
		t.outcomes[kind] = map[string]int{}
	}
	t.outcomes[kind][outcome]++
}

func (t *tally) ended(how string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lives == nil {
		t.lives = map[string]int{}
	}
	t.lives[how]++
}

// sum returns how many requests there were.
func (t *tally) sum() (n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, outcomes := range t.outcomes {
		for _, count := range outcomes {
			n += count
		}
	}
	return n
}

// mustBeComplete holds the test to having tested something.
func (t *tally) mustBeComplete(tt *testing.T) {
	tt.Helper()
	for _, act := range acts {
		if t.outcomes[act.name][answered] == 0 {
			tt.Errorf("nobody did %q: the test tested nothing of it", act.name)
		}
	}
	for _, k := range kinds {
		for _, outcome := range k.expected() {
			if t.outcomes[k.name][outcome] == 0 {
				tt.Errorf("no request %q was ever %s: the test tested nothing of it", k.name, outcome)
			}
		}
	}
}

// String implements fmt.Stringer.
func (t *tally) String() string {
	text := fmt.Sprintf("%d requests; sessions ended: %v", t.sum(), t.lives)
	for _, kind := range slices.Sorted(maps.Keys(t.outcomes)) {
		text += fmt.Sprintf("\n%-45s %v", kind, t.outcomes[kind])
	}
	return text
}
