package finder

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twinway/twinway/internal/gateway/authority"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/stream"
)

// everywhere is a filter for which every thing is looked at, and which holds for none.
const everywhere = `not(like(thingId,"*"))`

// lateID is at what no search looks that goes through all things, in the order of their ids, before it has its turn.
var lateID = fmt.Sprintf("n:t%04d", stepsUnasked)

// However many search at a time, only so many of them read things, but for the first few.
func TestFewSearchesWorkAtATime(t *testing.T) {
	for _, most := range []int32{1, 3} {
		s := newStand(t)
		s.service.turns = newTurns(int(most))
		s.things(t, "n", stepsPerPause)
		var busy, worst atomic.Int32
		s.loading = func(id string) {
			if id < lateID {
				return
			}
			now := busy.Add(1)
			for w := worst.Load(); now > w && !worst.CompareAndSwap(w, now); w = worst.Load() {
			}
			runtime.Gosched()
			busy.Add(-1)
		}
		var all sync.WaitGroup
		for i := range 12 {
			c := s.begin(t, user(fmt.Sprint("s:", i%3)), about(t, everywhere))
			all.Go(func() { c.page(t, 25) })
		}
		all.Wait()
		if worst.Load() > most {
			t.Errorf("%d read at a time, want %d at most", worst.Load(), most)
		}
		if got := s.counted(t, "search_things_looked_at_total", ""); got != 12*stepsPerPause {
			t.Errorf("they have looked at %v things", got)
		}
	}
}

// Who asks for little is not kept waiting by who asks for much, and who asks for more than that not for long: in between are a few
// steps of work each time.
func TestLittleIsFoundWhileMuchIsSearched(t *testing.T) {
	s := newStand(t)
	s.things(t, "n", 8*stepsPerPause)
	s.begin(t, user("s:a"), about(t, "")) // things are counted
	s.service.turns = newTurns(1)
	var read atomic.Int32
	began, ended := make(chan struct{}), make(chan struct{})
	var once sync.Once
	s.loading = func(id string) {
		if read.Add(1); id >= lateID {
			once.Do(func() {
				close(began)
				<-ended
			})
		}
	}
	var all sync.WaitGroup
	for range 5 {
		c := s.begin(t, user("s:b"), about(t, everywhere))
		all.Go(func() { c.page(t, 25) })
	}
	<-began
	if ids := s.begin(t, user("s:b"), about(t, `eq(thingId,"n:t0001")`)).page(t, 1); len(ids) != 1 {
		t.Errorf("while another one has the turn found %v", ids)
	}
	more := s.begin(t, user("s:a"), about(t, `not(like(thingId,"n:t00*"))`))
	all.Go(func() {
		if ids := more.page(t, 1); len(ids) != 1 {
			t.Errorf("found %v", ids)
		}
		if n := read.Load(); n > 4*stepsPerPause {
			t.Errorf("%d things were read before one was found", n)
		}
	})
	for s.service.turns.length() < 5 {
		runtime.Gosched()
	}
	close(ended)
	all.Wait()
	if n := read.Load(); n < 5*8*stepsPerPause {
		t.Errorf("%d things were read at all", n)
	}
}

// length returns how many wait.
func (t *turns) length() (n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, of := range t.waiting {
		for i := range of.lines {
			n += len(of.lines[i])
		}
	}
	return n
}

// A search holds nothing up that changes things: they are stored between two things that it reads.
func TestThingsChangeWhileSomebodySearches(t *testing.T) {
	s := newStand(t)
	s.things(t, "n", stepsPerPause/2)
	written := 0
	s.loading = func(id string) {
		s.set(t, strings.Replace(id, "n:", "m:", 1), `{"policyId":"n:p"}`, created)
		written++
	}
	if ids := s.begin(t, user("s:a"), about(t, everywhere)).page(t, 25); len(ids) > 0 || written != stepsPerPause/2 {
		t.Errorf("found %v while %d things were written", ids, written)
	}
	s.loading = nil
	if n, err := s.service.Count(t.Context(), user("s:a"), about(t, "")); n != stepsPerPause || err != nil {
		t.Errorf("then there are %d (%v)", n, err)
	}
}

// A page is looked for no longer than the context allows, also while others are to be waited for.
func TestSearchEndsWithItsContext(t *testing.T) {
	s := newStand(t)
	s.things(t, "n", 4*stepsPerPause)
	for name, n := range map[string]int{"a page": 25, "whether there is more": 0} {
		ctx, cancel := context.WithCancel(t.Context())
		c := s.begin(t, user("s:a"), about(t, everywhere))
		read := 0
		s.loading = func(string) {
			read++
			cancel()
		}
		if _, step, err := c.Next(ctx, n); step != stream.Again || err != nil {
			t.Fatalf("%s: %v, %v", name, step, err)
		}
		if _, _, err := c.Next(ctx, n); err == nil || err.Status != 408 {
			t.Errorf("%s: got %v", name, err)
		}
		if read > stepsPerPause {
			t.Errorf("%s: %d things were read", name, read)
		}
	}
	s.loading = nil
	s.service.turns = newTurns(0)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	c := s.begin(t, user("s:a"), about(t, everywhere))
	step, err := stream.Again, (*protocol.Error)(nil)
	for step == stream.Again && err == nil {
		_, step, err = c.Next(ctx, 1)
	}
	if err == nil || err.Code != "thing-search:query.time.exceeded" {
		t.Errorf("without a turn got %v", err)
	}
	s.service.population = population{}
	if c, err := s.service.Find(ctx, user("s:a"), about(t, everywhere)); err == nil || err.Code != "thing-search:query.time.exceeded" {
		t.Errorf("without a turn to count things got %v, %v", c, err)
	}
}

// Views are bounded, for all and for each user, and are given back however a search ends.
func TestViewsAreBounded(t *testing.T) {
	s := newStand(t)
	s.things(t, "n", 3)
	var open []*cursor
	for i := range MaxViews {
		open = append(open, s.begin(t, user(fmt.Sprint("s:", i%(MaxViews/MaxViewsOfUser))), about(t, "")))
	}
	for name, who := range map[string]string{"for a user": "s:0", "for all": "s:somebody"} {
		if _, err := s.service.Find(t.Context(), user(who), about(t, "")); err == nil || err.Status != 429 {
			t.Errorf("%s: got %v", name, err)
		}
	}
	s.pass(time.Second)
	open[0].Close()
	if n, oldest := s.service.Open(); n != MaxViews-1 || !oldest.Equal(created) {
		t.Errorf("%d views, the oldest since %v", n, oldest)
	}
	again := s.begin(t, user("s:0"), about(t, ""))
	for _, c := range open[1:] {
		c.Close()
	}
	if n, oldest := s.service.Open(); n != 1 || !oldest.Equal(created.Add(time.Second)) {
		t.Errorf("%d views, the oldest since %v", n, oldest)
	}
	again.page(t, 25)
	again.Close()
	if n, oldest := s.service.Open(); n != 0 || !oldest.IsZero() || len(s.service.views.of) != 0 {
		t.Errorf("%d views, the oldest since %v", n, oldest)
	}
}

// A view is closed when it is too old, whether or not its client asks for pages, and the search then fails.
func TestViewsDoNotGetOld(t *testing.T) {
	for name, every := range map[string]time.Duration{"a page now and then": 59 * time.Second, "no page": 2 * MaxAge} {
		synctest.Test(t, func(t *testing.T) {
			v := &ageing{shelf: newShelf()}
			v.put(t, "n:t", `{"policyId":"n:p"}`, "", 0)
			s := NewService(Options{
				Store: v, Authority: authority.NewAuthority(v, 1<<20, authority.Settings{}), Clock: time.Now, Metrics: metrics.New(),
				Logger: slog.New(slog.DiscardHandler), Within: func() time.Duration { return time.Minute },
			})
			cursor, refused := s.Find(t.Context(), user("s:a"), about(t, ""))
			if refused != nil {
				t.Fatal(refused.Message)
			}
			began, pages := time.Now(), 0
			for {
				time.Sleep(every)
				_, _, err := cursor.Next(t.Context(), 0)
				if err == nil {
					pages++
					continue
				}
				if err.Status != 408 || err.Code != "thing-search:query.time.exceeded" {
					t.Errorf("%s: got %v", name, err)
				}
				break
			}
			if v.closed.Sub(began) != MaxAge || pages != int(MaxAge/every) {
				t.Errorf("%s: after %d pages closed at the age of %v", name, pages, v.closed.Sub(began))
			}
			closed := v.closed
			cursor.Close()
			if n, _ := s.Open(); n != 0 || v.closed != closed {
				t.Errorf("%s: %d views are open", name, n)
			}
		})
	}
}

// ageing is a store with one view, which knows when it was closed.
type ageing struct {
	store.Store
	*shelf
	closed time.Time
}

// Snapshot implements store.Store.
func (a *ageing) Snapshot() (store.View, error) { return a, nil }

// Load implements store.View: policies say that everything may be read.
func (a *ageing) Load(key store.Key) (store.Record, error) {
	if key.Kind == store.Policy {
		return store.Record{Revision: 1, Doc: []byte(`{"policyId":"n:p","entries":{"e":{"subjects":{"s:a":{"type":"t"}},` +
			`"resources":{"thing:/":{"grant":["READ"],"revoke":[]}},"importable":"implicit"}}}`)}, nil
	}
	return a.shelf.Load(key.ID)
}

// Keys implements store.View.
func (a *ageing) Keys(lower, upper []byte) (store.Keys, error) { return a.shelf.Keys(lower, upper) }

// Close implements store.View.
func (a *ageing) Close() error {
	a.closed = time.Now()
	return nil
}
