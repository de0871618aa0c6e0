package deadline_test

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/deadline"
)

// ticket is one Add, and what came of it.
type ticket struct {
	ran   atomic.Int32
	early atomic.Bool
	// stopped and gone are what Stop said, if it was asked.
	stopped, gone bool
	// moved is whether the timer was added again, pending or not.
	moved bool
}

func (c *ticket) add(w *deadline.Wheel, timer *deadline.Timer, in time.Duration) bool {
	at := time.Now().Add(in)
	return w.Add(timer, at, func() {
		c.ran.Add(1)
		if time.Now().Before(at) {
			c.early.Store(true)
		}
	})
}

// owner adds, moves and stops timers that are its own, so that it knows what to
// expect.
func owner(w *deadline.Wheel, seed uint64) (tickets []*ticket) {
	random := rand.New(rand.NewPCG(seed, 2))
	timers := make([]deadline.Timer, 16)
	last := make([]*ticket, len(timers))
	for step := range 3000 {
		if step%100 == 0 {
			time.Sleep(ms) // some are to run
		}
		i := random.IntN(len(timers))
		c := last[i]
		if c != nil && random.IntN(2) == 0 {
			stopped := timers[i].Stop()
			c.stopped = c.stopped || stopped
			c.gone = c.gone || !stopped
			last[i] = nil
			continue
		}
		if c != nil {
			c.moved = true
		}
		last[i] = &ticket{}
		if last[i].add(w, &timers[i], time.Duration(random.IntN(20)-2)*ms) {
			tickets = append(tickets, last[i])
		}
	}
	return tickets
}

// Many goroutines use a wheel at once. Each Add has one outcome: its callback
// ran once, it was stopped, moved, or dropped by Close.
func TestManyOwners(t *testing.T) {
	w := deadline.New(deadline.Options{Granularity: ms})
	var wait sync.WaitGroup
	all := make([][]*ticket, 16)
	for i := range all {
		wait.Go(func() { all[i] = owner(w, uint64(i)) })
	}
	wait.Wait()
	dropped := w.Close()
	open, ran := 0, 0
	for _, tickets := range all {
		for _, c := range tickets {
			n := c.ran.Load()
			ran += int(n)
			switch {
			case n > 1 || c.early.Load():
				t.Errorf("it ran %d times, early: %v", n, c.early.Load())
			case c.stopped && n != 0:
				t.Error("it was stopped and ran")
			case c.gone && n != 1:
				t.Error("it could not be stopped and did not run")
			case n == 0 && !c.stopped && !c.moved:
				open++
			}
		}
	}
	if open != dropped {
		t.Errorf("%d have no outcome, %d were dropped", open, dropped)
	}
	t.Logf("%d ran, %d were dropped", ran, dropped)
}

// Several goroutines use the same timers, callbacks do too, and the wheel is
// closed meanwhile. No callback runs twice, too early, or after Close.
func TestSharedTimers(t *testing.T) {
	w := deadline.New(deadline.Options{Granularity: ms, Capacity: 24})
	timers := make([]deadline.Timer, 32)
	var added, stopped, ran atomic.Int64
	var closed atomic.Bool
	var wait sync.WaitGroup
	var use func(*rand.Rand)
	use = func(random *rand.Rand) {
		timer := &timers[random.IntN(len(timers))]
		if random.IntN(3) == 0 {
			if timer.Stop() {
				stopped.Add(1)
			}
			return
		}
		at, next, once := time.Now().Add(time.Duration(random.IntN(5)-1)*ms), random.Uint64(), atomic.Bool{}
		if w.Add(timer, at, func() {
			ran.Add(1)
			if once.Swap(true) || closed.Load() || time.Now().Before(at) {
				t.Error("a callback ran twice, after Close, or too early")
			}
			if next%4 == 0 {
				use(rand.New(rand.NewPCG(next, 3)))
			}
		}) {
			added.Add(1)
		}
	}
	for i := range 16 {
		wait.Go(func() {
			random := rand.New(rand.NewPCG(uint64(i), 4))
			for range 5000 {
				use(random)
			}
		})
	}
	wait.Go(func() {
		for ran.Load() < 200 {
			if n := w.Len(); n > 24 {
				t.Errorf("%d are pending, more than there may be", n)
			}
			time.Sleep(100 * time.Microsecond)
			for i := range timers {
				if w.Add(&timers[i], time.Now(), func() { ran.Add(1) }) {
					added.Add(1)
				}
			}
		}
	})
	wait.Wait()
	dropped := w.Close()
	closed.Store(true)
	if outcomes := stopped.Load() + ran.Load() + int64(dropped); outcomes > added.Load() {
		t.Errorf("%d outcomes of %d timers", outcomes, added.Load())
	}
	if n := w.Len(); n != 0 {
		t.Errorf("%d are pending", n)
	}
}
