package pebble

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/store"
)

// night is the time that a sweeper lives in: it looks for work when it is told
// to, and rests take no time but that of the clock.
type night struct {
	mu    sync.Mutex
	now   time.Time
	tick  time.Duration // how far the clock goes with every look at it
	age   time.Duration
	rests []time.Duration
	steps []int // events deleted at once
	// rest is called instead of a rest, if it is set.
	rest func(ctx context.Context) error

	asleep, wake chan struct{}
}

func newNight(now time.Time, age time.Duration) *night {
	return &night{now: now, age: age, asleep: make(chan struct{}), wake: make(chan struct{})}
}

func (n *night) options() Options {
	return Options{
		Dir: "/d", FS: vfs.NewMem(), HistoryMaxRecords: keepAll, HistoryMaxAge: n.maxAge, Clock: n.clock, Sleep: n.sleep,
		OnSweep: func(events int) { n.steps = append(n.steps, events) },
	}
}

func (n *night) maxAge() time.Duration {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.age
}

func (n *night) clock() time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.now = n.now.Add(n.tick)
	return n.now
}

// sleep is that of Options.
func (n *night) sleep(ctx context.Context, d time.Duration) error {
	if d != sweepLook {
		n.mu.Lock()
		n.rests, n.now = append(n.rests, d), n.now.Add(d)
		n.mu.Unlock()
		if n.rest != nil {
			return n.rest(ctx)
		}
		return nil
	}
	select {
	case n.asleep <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-n.wake:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// later lets time pass, and the sweeper look and do what it finds. It returns
// the steps in which events were deleted.
func (n *night) later(d time.Duration) []int {
	n.mu.Lock()
	n.now = n.now.Add(d)
	n.mu.Unlock()
	n.steps, n.rests = nil, nil
	n.wake <- struct{}{}
	<-n.asleep
	return n.steps
}

// fill brings entities to revisions whose events have the times given.
func fill(t testing.TB, s *Store, key store.Key, times ...time.Time) {
	t.Helper()
	var batch []store.Append
	from := int64(0)
	if r, err := s.Load(key); err == nil {
		from = r.Revision
	}
	for i, at := range times {
		a := change(key, from+int64(i)+1, 10)
		a.Record.Modified, a.Event.Time = at, at
		batch = append(batch, a)
	}
	applyAll(t, s, batch...)
}

// times returns n times, the first at a time, each a minute after the one
// before.
func times(from time.Time, n int) []time.Time {
	var all []time.Time
	for i := range n {
		all = append(all, from.Add(time.Duration(i)*time.Minute))
	}
	return all
}

// What is swept of a history, 24 hours after benchTime with an age of 12 hours.
func TestSweep(t *testing.T) {
	const age = 12 * time.Hour
	now := benchTime.Add(24 * time.Hour)
	young := now.Add(-age).Add(time.Nanosecond)
	for name, test := range map[string]struct {
		times []time.Time
		want  []int64
	}{
		"nothing":                                 {nil, numbers(1, 0)},
		"young":                                   {times(young, 40), numbers(1, 40)},
		"a single old one":                        {times(benchTime, 1), numbers(1, 0)},
		"as old as can be":                        {[]time.Time{now.Add(-age)}, numbers(1, 0)},
		"not as old":                              {[]time.Time{young}, numbers(1, 1)},
		"a part of a run":                         {times(benchTime, 15), numbers(1, 0)},
		"a run":                                   {times(benchTime, 16), numbers(1, 0)},
		"runs and a part":                         {times(benchTime, 40), numbers(1, 0)},
		"the last of the run is young":            {append(times(benchTime, 15), young), numbers(1, 16)},
		"the first after the run is young":        {append(times(benchTime, 16), young), numbers(17, 17)},
		"the last run is young in part":           {append(times(benchTime, 40), young), numbers(33, 41)},
		"more than are deleted at once":           {append(times(benchTime, 700), young), numbers(689, 701)},
		"the clock was set back within a run":     {append(times(young, 1), times(benchTime, 30)...), numbers(1, 31)},
		"the clock was set back after a run":      {append(append(times(benchTime, 16), young), times(benchTime, 30)...), numbers(17, 47)},
		"the clock was set back at the end":       {append(append(times(benchTime, 16), young), benchTime), numbers(17, 18)},
		"before 1970":                             {times(time.Time{}, 20), numbers(1, 0)},
		"all times are in the future":             {times(now.Add(time.Hour), 20), numbers(1, 20)},
		"the first of the next run is young, too": {append(times(benchTime, 32), times(young, 16)...), numbers(33, 48)},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNight(now, age)
			s := mustOpen(t, n.options())
			defer s.Close()
			<-n.asleep
			// With neighbours that keep theirs.
			keys := []store.Key{{Kind: store.Thing, ID: "a:a"}, {Kind: store.Thing, ID: "a:b"}, {Kind: store.Thing, ID: "a:bc"}, {Kind: store.Policy, ID: "a:b"}}
			for _, key := range keys {
				fill(t, s, key, young)
			}
			key := store.Key{Kind: store.Thing, ID: "a:ab"}
			fill(t, s, key, test.times...)
			n.later(0)
			if diff := cmp.Diff(test.want, revisions(t, s, key)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, key := range keys {
				if diff := cmp.Diff(numbers(1, 1), revisions(t, s, key)); diff != "" {
					t.Errorf("neighbour %v: %s", key, diff)
				}
			}
			if got, want := s.Metrics().DroppedByAge, len(test.times)-len(test.want); got != uint64(want) {
				t.Errorf("%d events are counted as dropped, want %d", got, want)
			}
			// What is gone is only the past.
			if r, err := s.Load(key); len(test.times) > 0 && (err != nil || r.Revision != int64(len(test.times)) || r.Doc == nil) {
				t.Errorf("record at revision %d, error %v", r.Revision, err)
			}
			if len(n.later(time.Hour)) > 0 && test.want == nil {
				t.Error("a second pass finds more")
			}
		})
	}
}

// The end of a history stays as long as the event after it may build on it,
// also if events may not become that old.
func TestSweepKeepsWhatIsBuiltOn(t *testing.T) {
	const age = time.Minute
	n := newNight(benchTime.Add(time.Hour), age)
	s := mustOpen(t, n.options())
	defer s.Close()
	<-n.asleep
	key := thingKey(1)
	fill(t, s, key, slices.Repeat([]time.Time{benchTime.Add(time.Second)}, 20)...)
	n.later(0)
	if diff := cmp.Diff(numbers(17, 20), revisions(t, s, key)); diff != "" {
		t.Errorf("before the pause is long enough (-want +got):\n%s", diff)
	}
	n.later(time.Minute)
	if diff := cmp.Diff(numbers(1, 0), revisions(t, s, key)); diff != "" {
		t.Errorf("afterwards (-want +got):\n%s", diff)
	}
	// The history goes on, and its end is not where a run begins.
	fill(t, s, key, times(n.clock(), 3)...)
	n.later(time.Hour / 2)
	if diff := cmp.Diff(numbers(21, 23), revisions(t, s, key)); diff != "" {
		t.Errorf("what came then (-want +got):\n%s", diff)
	}
}

// The age is asked for all the time: nothing is swept without one, and a new
// one does not wait.
func TestSweepAge(t *testing.T) {
	n := newNight(benchTime, 0)
	s := mustOpen(t, n.options())
	defer s.Close()
	<-n.asleep
	for i := range 5 {
		fill(t, s, thingKey(i), benchTime.Add(time.Duration(i)*time.Hour))
	}
	for _, step := range []struct {
		later, age time.Duration
		want       []int
	}{
		{later: 100 * time.Hour, age: 0, want: nil},
		{later: 0, age: 97 * time.Hour, want: []int{4}}, // 0 to 3
		{later: time.Hour, age: 97 * time.Hour, want: []int{1}},
		{later: 0, age: 97 * time.Hour, want: nil},
		{later: 0, age: -1, want: nil},
	} {
		n.mu.Lock()
		n.age = step.age
		n.mu.Unlock()
		if diff := cmp.Diff(step.want, n.later(step.later)); diff != "" {
			t.Errorf("age %v (-want +got):\n%s", step.age, diff)
		}
	}
}

// When there is a pass.
func TestSweepDue(t *testing.T) {
	n := newNight(benchTime, 0)
	s := &Store{options: Options{HistoryMaxAge: n.maxAge, Clock: n.clock}}
	w := sweeper{store: s}
	for i, step := range []struct {
		later, age time.Duration
		want       bool
	}{
		{0, 0, false},
		{0, time.Hour, true},
		{0, time.Hour, false},
		{2 * time.Minute, time.Hour, false},
		{time.Minute, time.Hour, true}, // a 24th is over
		{time.Minute, 90 * 24 * time.Hour, true},
		{59 * time.Minute, 90 * 24 * time.Hour, false},
		{time.Minute, 90 * 24 * time.Hour, true}, // an hour at the most
		{0, 30 * 24 * time.Hour, true},
		{-24 * time.Hour, 30 * 24 * time.Hour, false},
		{24 * time.Hour, 0, false},
		{0, 30 * 24 * time.Hour, false},
		{time.Hour, 30 * 24 * time.Hour, true},
	} {
		n.now, n.age = n.now.Add(step.later), step.age
		if got := w.due(); got != step.want {
			t.Errorf("step %d: %v", i, got)
		}
	}
}

// A pass over many histories is one of small steps, with rests that are nine
// times as long, and takes no lock that writers need.
func TestSweepIsPaced(t *testing.T) {
	n := newNight(benchTime.Add(24*time.Hour), 12*time.Hour)
	s := mustOpen(t, n.options())
	defer s.Close()
	<-n.asleep
	const things = 3000
	for i := 0; i < things; i += 100 {
		var batch []store.Append
		for j := i; j < i+100; j++ {
			for r := range int64(5) {
				a := change(thingKey(j), r+1, 10)
				if j%2 == 0 {
					a.Event.Time = benchTime.Add(20 * time.Hour)
				}
				batch = append(batch, a)
			}
		}
		applyAll(t, s, batch...)
	}
	n.tick = time.Millisecond
	all := ^stripeSet(0)
	s.stripes.lock(all)
	steps := n.later(0)
	s.stripes.unlock(all)
	total := 0
	for _, events := range steps {
		total += events
		if events > sweepDeletes+store.HistoryRun {
			t.Errorf("%d events deleted at once", events)
		}
	}
	if total != things/2*5 {
		t.Errorf("%d events deleted, want %d", total, things/2*5)
	}
	if len(n.rests) < things/sweepSeeks {
		t.Errorf("%d rests", len(n.rests))
	}
	// The same if there is nothing to delete.
	if steps := n.later(time.Hour); steps != nil || len(n.rests) < things/2/sweepSeeks {
		t.Errorf("%d rests, deleted %v", len(n.rests), steps)
	}
	for _, d := range n.rests {
		if d != sweepRest*n.tick { // the clock is asked before and after a step
			t.Errorf("rest of %v", d)
		}
	}
}

// A pass ends when the store is closed, and when it fails.
func TestSweepEnds(t *testing.T) {
	resting := make(chan struct{})
	begin := func(t *testing.T) (*night, *Store) {
		n := newNight(benchTime.Add(24*time.Hour), time.Hour)
		n.rest = func(ctx context.Context) error {
			resting <- struct{}{}
			<-ctx.Done()
			return ctx.Err()
		}
		s := mustOpen(t, n.options())
		<-n.asleep
		fill(t, s, thingKey(1), benchTime)
		return n, s
	}
	t.Run("closed", func(t *testing.T) {
		n, s := begin(t)
		n.wake <- struct{}{}
		<-resting
		if err := s.Close(); err != nil { // waits for the sweeper
			t.Error(err)
		}
	})
	t.Run("failed", func(t *testing.T) {
		n, s := begin(t)
		s.failstop.stop(errDisk)
		if steps := n.later(0); steps != nil { // would rest otherwise
			t.Errorf("deleted %v", steps)
		}
		if err := s.Close(); !errors.Is(err, store.ErrFailed) {
			t.Errorf("Close: %v", err)
		}
	})
}

// Random histories, changed between passes, end where a simple rule says.
func TestSweepRandom(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	const age = 3 * time.Hour
	n := newNight(benchTime, age)
	o := n.options()
	o.CacheSize = 1
	s := mustOpen(t, o)
	defer s.Close()
	<-n.asleep
	kept := map[store.Key][]store.Event{}
	for range 60 {
		for range rng.IntN(30) {
			key := store.Key{Kind: store.Kind(1 + rng.IntN(2)), ID: fmt.Sprint("a:", rng.IntN(12))}
			at := n.clock().Add(-time.Duration(rng.IntN(20)) * time.Minute)
			if all := kept[key]; len(all) > 0 && at.Before(all[len(all)-1].Time) {
				at = all[len(all)-1].Time
			}
			all := slices.Repeat([]time.Time{at}, 1+rng.IntN(20))
			fill(t, s, key, all...)
			r, err := s.Load(key)
			if err != nil {
				t.Fatal(err)
			}
			for i := range all {
				kept[key] = append(kept[key], store.Event{Revision: r.Revision - int64(len(all)-1-i), Time: at})
			}
		}
		n.later(time.Duration(8+rng.IntN(120)) * time.Minute) // a pass each time
		for key, all := range kept {
			kept[key] = sweepModel(all, n.clock().Add(-age))
			if diff := cmp.Diff(len(kept[key]), len(revisions(t, s, key))); diff != "" {
				t.Fatalf("%v: kept events (-want +got):\n%s", key, diff)
			}
		}
	}
}

// sweepModel drops runs none of whose events is after a time, from the
// beginning.
func sweepModel(all []store.Event, old time.Time) []store.Event {
	for len(all) > 0 {
		end := 1
		for end < len(all) && runBegin(all[end].Revision) == runBegin(all[0].Revision) {
			end++
		}
		if all[end-1].Time.After(old) {
			break
		}
		all = all[end:]
	}
	return all
}

// fillHistories makes 10,000 things with 32 events each, a minute apart.
func fillHistories(b *testing.B, s *Store) {
	b.Helper()
	const things = 10_000
	for i := 0; i < things; i += 50 {
		var batch []store.Append
		for j := i; j < i+50; j++ {
			for r := range int64(32) {
				a := change(thingKey(j), r+1, 500)
				a.Event.Time = benchTime.Add(time.Duration(r) * time.Minute)
				batch = append(batch, a)
			}
		}
		applyAll(b, s, batch...)
	}
}

// BenchmarkSweep goes through the histories of 10,000 things of which nothing
// is old, or the oldest event is but not its run. One operation is one thing.
func BenchmarkSweep(b *testing.B) {
	s := mustOpen(b, Options{Dir: b.TempDir(), HistoryMaxRecords: keepAll})
	defer s.Close()
	fillHistories(b, s)
	for name, old := range map[string]time.Time{"young": benchTime.Add(-time.Hour), "first is old": benchTime.Add(time.Minute)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			next := []byte{tableHistory}
			for done := 0; done < b.N; done += sweepSeeks {
				var err error
				if next, _, err = s.sweep(b.Context(), next, old, old); err != nil {
					b.Fatal(err)
				}
				if next == nil {
					next = []byte{tableHistory}
				}
			}
		})
	}
}

// BenchmarkApplySweeping writes to a store whose sweeper goes through the
// histories of 10,000 things all the time, deletes half of them, and rests
// as it does otherwise; and to one whose sweeper sleeps.
func BenchmarkApplySweeping(b *testing.B) {
	for _, age := range []time.Duration{0, time.Hour} {
		b.Run(fmt.Sprint("sweeping=", age > 0), func(b *testing.B) {
			began, looks := time.Now(), time.Duration(0)
			s := mustOpen(b, Options{
				Dir: b.TempDir(), HistoryMaxRecords: keepAll,
				HistoryMaxAge: func() time.Duration { looks++; return age + min(age, looks) }, // a changed one does not wait
				Clock:         func() time.Time { return benchTime.Add(age + 20*time.Minute + time.Since(began)) },
				Sleep:         func(ctx context.Context, d time.Duration) error { return sleep(ctx, min(d, 100*time.Millisecond)) },
			})
			defer s.Close()
			fillHistories(b, s)
			writers(b, 16, func(w int, next func() bool) {
				key := store.Key{Kind: store.Thing, ID: fmt.Sprint("writer:", w)}
				for r := int64(1); next(); r++ {
					commit, err := s.Apply([]store.Append{change(key, r, 500)})
					if err == nil {
						err = commit.Wait()
					}
					if err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(float64(s.Metrics().DroppedByAge), "swept")
		})
	}
}
