package deadline_test

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/twinway/twinway/internal/gateway/deadline"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a wheel in a bubble of time, and what it called when.
type world struct {
	*deadline.Wheel
	began time.Time
	calls []call
}

type call struct {
	Name string
	At   time.Duration
}

// play has a test play in a world.
func play(t *testing.T, o deadline.Options, f func(*testing.T, *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{Wheel: deadline.New(o), began: time.Now()}
		defer w.Close()
		synctest.Wait()
		f(t, w)
	})
}

// in adds a timer that notes its name, for a time since the beginning.
func (w *world) in(timer *deadline.Timer, name string, d time.Duration) bool {
	return w.Add(timer, w.began.Add(d), func() { w.note(name) })
}

func (w *world) note(name string) { w.calls = append(w.calls, call{name, time.Since(w.began)}) }

// until lets time pass.
func (w *world) until(d time.Duration) {
	time.Sleep(time.Until(w.began.Add(d)))
	synctest.Wait()
}

func (w *world) want(t *testing.T, pending int, calls ...call) {
	t.Helper()
	if diff := cmp.Diff(calls, w.calls); diff != "" {
		t.Error(diff)
	}
	if got := w.Len(); got != pending {
		t.Errorf("%d are pending, want %d", got, pending)
	}
}

const ms = time.Millisecond

// A callback runs at the first tick that is not before its time, however far
// that is.
func TestWhen(t *testing.T) {
	for _, c := range []struct {
		name        string
		granularity time.Duration
		at, want    time.Duration
	}{
		{"at a tick", 10 * ms, 30 * ms, 30 * ms},
		{"just before a tick", 10 * ms, 30*ms - 1, 30 * ms},
		{"just after a tick", 10 * ms, 30*ms + 1, 40 * ms},
		{"the last tick of the first level", 10 * ms, 63 * 10 * ms, 63 * 10 * ms},
		{"the first tick of the second level", 10 * ms, 64 * 10 * ms, 64 * 10 * ms},
		{"after the first tick of the second level", 10 * ms, 64*10*ms + 1, 65 * 10 * ms},
		{"the last tick of the second level", 10 * ms, 4095 * 10 * ms, 4095 * 10 * ms},
		{"the first tick of the third level", 10 * ms, 4096 * 10 * ms, 4096 * 10 * ms},
		{"a day", 10 * ms, 24*time.Hour + 3*ms, 24*time.Hour + 10*ms},
		{"two hundred years", ms, 200*365*24*time.Hour + 1, 200*365*24*time.Hour + ms},
		{"another granularity", 7 * ms, 30 * ms, 35 * ms},
		{"the default", 0, 30*ms + 1, 40 * ms},
		{"too fine", 1, 30*ms + 1, 31 * ms},
		{"negative", -time.Hour, 30*ms + 1, 31 * ms},
		{"too coarse", time.Hour, 30 * ms, time.Second},
		{"the beginning", 10 * ms, 0, 10 * ms},
		{"the past", 10 * ms, -time.Hour, 10 * ms},
		{"the distant past", 10 * ms, math.MinInt64, 10 * ms},
	} {
		t.Run(c.name, func(t *testing.T) {
			play(t, deadline.Options{Granularity: c.granularity}, func(t *testing.T, w *world) {
				var timer deadline.Timer
				if !w.in(&timer, "a", c.at) {
					t.Error("it was not added")
				}
				w.until(c.want - 1)
				w.want(t, 1)
				w.until(c.want)
				w.want(t, 0, call{"a", c.want})
				w.until(c.want + time.Hour)
				w.want(t, 0, call{"a", c.want})
			})
		})
	}
}

// The zero time has passed.
func TestZeroTime(t *testing.T) {
	play(t, deadline.Options{}, func(t *testing.T, w *world) {
		var timer deadline.Timer
		w.Add(&timer, time.Time{}, func() { w.note("a") })
		w.until(10 * ms)
		w.want(t, 0, call{"a", 10 * ms})
	})
}

// What is later than what a duration can say is pending, and can be stopped.
func TestDistantFuture(t *testing.T) {
	play(t, deadline.Options{Granularity: ms}, func(t *testing.T, w *world) {
		var far, farther, near deadline.Timer
		w.in(&far, "far", math.MaxInt64)
		w.Add(&farther, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), func() { w.note("farther") })
		w.in(&near, "near", time.Second)
		w.until(250 * 365 * 24 * time.Hour)
		w.want(t, 2, call{"near", time.Second})
		if !far.Stop() || !farther.Stop() {
			t.Error("they were not pending")
		}
	})
}

// A goroutine that has nothing but that to wait for sleeps.
func TestOnlyDistantFuture(t *testing.T) {
	play(t, deadline.Options{Granularity: ms}, func(t *testing.T, w *world) {
		var far deadline.Timer
		w.in(&far, "far", math.MaxInt64)
		w.until(time.Hour)
		w.want(t, 1)
	})
}

// Timers run in the order of their ticks, whatever the order and the level in
// which they were added.
func TestOrder(t *testing.T) {
	play(t, deadline.Options{}, func(t *testing.T, w *world) {
		var a, b, c, d, e deadline.Timer
		w.in(&d, "d", time.Minute)
		w.in(&b, "b", 650*ms)
		w.in(&e, "e", time.Hour)
		w.in(&c, "c", 660*ms)
		w.in(&a, "a", 20*ms)
		w.until(2 * time.Hour)
		w.want(t, 0, call{"a", 20 * ms}, call{"b", 650 * ms}, call{"c", 660 * ms}, call{"d", time.Minute}, call{"e", time.Hour})
	})
}

// A sooner timer wakes a goroutine that sleeps for a later one, and one that
// sleeps for none.
func TestSooner(t *testing.T) {
	play(t, deadline.Options{}, func(t *testing.T, w *world) {
		var a, b, c deadline.Timer
		w.until(time.Hour)
		w.in(&c, "c", 2*time.Hour)
		synctest.Wait()
		w.in(&b, "b", time.Hour+time.Minute)
		synctest.Wait()
		w.in(&a, "a", time.Hour+15*ms)
		w.until(3 * time.Hour)
		w.want(t, 0, call{"a", time.Hour + 20*ms}, call{"b", time.Hour + time.Minute}, call{"c", 2 * time.Hour})
	})
}

func TestStop(t *testing.T) {
	play(t, deadline.Options{}, func(t *testing.T, w *world) {
		var never, stopped, ran, again deadline.Timer
		if never.Stop() {
			t.Error("what was never added was stopped")
		}
		w.in(&stopped, "stopped", time.Second)
		if !stopped.Stop() {
			t.Error("what is pending was not stopped")
		}
		if stopped.Stop() {
			t.Error("it was stopped twice")
		}
		w.in(&ran, "ran", time.Second)
		w.in(&again, "again", time.Second)
		again.Stop()
		w.in(&again, "again", 2*time.Second)
		w.until(time.Second)
		if ran.Stop() {
			t.Error("what ran was stopped")
		}
		w.until(time.Minute)
		w.want(t, 0, call{"ran", time.Second}, call{"again", 2 * time.Second})
	})
}

// A timer that is pending is moved by a further Add, with what is called.
func TestMove(t *testing.T) {
	for _, c := range []struct {
		name     string
		from, to time.Duration
	}{
		{"later", time.Second, time.Minute},
		{"sooner", time.Minute, time.Second},
		{"nowhere", time.Second, time.Second},
		{"to the next tick", time.Hour, 10 * ms},
	} {
		t.Run(c.name, func(t *testing.T) {
			play(t, deadline.Options{Capacity: 1}, func(t *testing.T, w *world) {
				var timer deadline.Timer
				w.in(&timer, "old", c.from)
				synctest.Wait()
				if !w.in(&timer, "new", c.to) {
					t.Error("it was not moved")
				}
				w.want(t, 1)
				w.until(2 * time.Hour)
				w.want(t, 0, call{"new", c.to})
			})
		})
	}
}

// As many timers are pending as there may be, and not one more.
func TestCapacity(t *testing.T) {
	play(t, deadline.Options{Capacity: 2}, func(t *testing.T, w *world) {
		var a, b, c deadline.Timer
		if !w.in(&a, "a", time.Second) || !w.in(&b, "b", 2*time.Second) {
			t.Error("there was no room")
		}
		if w.in(&c, "c", time.Second) {
			t.Error("there was room for one more")
		}
		w.want(t, 2)
		if c.Stop() {
			t.Error("what was not added is pending")
		}
		w.until(time.Second)
		if !w.in(&c, "c", 3*time.Second) || w.in(&a, "a", 3*time.Second) {
			t.Error("what has run does not make room for one")
		}
		if !b.Stop() || !w.in(&a, "a", 3*time.Second) {
			t.Error("what was stopped makes no room")
		}
		w.until(time.Minute)
		w.want(t, 0, call{"a", time.Second}, call{"c", 3 * time.Second}, call{"a", 3 * time.Second})
	})
}

// What cannot be added changes nothing.
func TestRefused(t *testing.T) {
	play(t, deadline.Options{}, func(t *testing.T, w *world) {
		other := deadline.New(deadline.Options{})
		var timer deadline.Timer
		w.in(&timer, "a", time.Second)
		if w.Add(&timer, w.began.Add(time.Minute), nil) {
			t.Error("nothing to call was added")
		}
		if other.Add(&timer, w.began.Add(time.Minute), func() { w.note("other") }) {
			t.Error("a timer of another wheel was added")
		}
		if n := other.Close(); n != 0 {
			t.Errorf("%d were pending at the other wheel", n)
		}
		w.until(time.Hour)
		w.want(t, 0, call{"a", time.Second})
	})
}

// Callbacks may do what they like with timers, their own among them.
func TestCallbacks(t *testing.T) {
	play(t, deadline.Options{}, func(t *testing.T, w *world) {
		var a, b, c, d deadline.Timer
		w.in(&c, "c", 2*time.Second)
		w.in(&d, "d", 2*time.Second)
		w.Add(&a, w.began.Add(time.Second), func() {
			if a.Stop() {
				t.Error("what runs was stopped")
			}
			if !c.Stop() || w.Len() != 1 {
				t.Error("another was not stopped")
			}
			w.in(&d, "d", 3*time.Second)
			w.in(&b, "b", time.Second)
			w.in(&a, "a", 4*time.Second)
		})
		w.until(time.Minute)
		w.want(t, 0, call{"b", time.Second + 10*ms}, call{"d", 3 * time.Second}, call{"a", 4 * time.Second})
	})
}

// A callback that always wants to run at once runs once a tick.
func TestAgainAndAgain(t *testing.T) {
	play(t, deadline.Options{}, func(t *testing.T, w *world) {
		var restless, other deadline.Timer
		n := 0
		var again func()
		again = func() {
			n++
			w.Add(&restless, w.began, again)
		}
		again()
		w.in(&other, "other", time.Second)
		w.until(time.Second)
		restless.Stop()
		w.want(t, 0, call{"other", time.Second})
		if n != 101 {
			t.Errorf("it ran %d times in 100 ticks", n-1)
		}
	})
}

// A callback that takes its time makes others late, and loses none.
func TestSlowCallback(t *testing.T) {
	play(t, deadline.Options{}, func(t *testing.T, w *world) {
		var a, b, c deadline.Timer
		w.Add(&a, w.began.Add(time.Second), func() { time.Sleep(time.Minute) })
		w.in(&b, "b", 2*time.Second)
		w.in(&c, "c", 2*time.Minute)
		w.until(time.Hour)
		w.want(t, 0, call{"b", 61 * time.Second}, call{"c", 2 * time.Minute})
	})
}

// A wheel whose clock lags behind is late, and not early by that clock.
func TestClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		slow := func() time.Time { return began.Add(time.Since(began) / 2) }
		w := &world{Wheel: deadline.New(deadline.Options{Clock: slow}), began: began}
		defer w.Close()
		var a deadline.Timer
		w.in(&a, "a", time.Second)
		w.until(2*time.Second - 1)
		w.want(t, 1)
		w.until(2*time.Second + 20*ms)
		w.want(t, 0, call{"a", w.calls[0].At})
		if at := slow().Sub(began); at < time.Second {
			t.Errorf("it ran at %v", at)
		}
	})
}

// While a clock that was set back is before what it has been, nothing runs.
func TestClockSetBack(t *testing.T) {
	var back time.Duration
	clock := func() time.Time { return time.Now().Add(-back) }
	play(t, deadline.Options{Clock: clock}, func(t *testing.T, w *world) {
		var a, b, c deadline.Timer
		w.in(&a, "a", time.Minute)
		w.until(time.Minute)
		back = 30 * time.Second
		w.in(&b, "b", 31*time.Second)
		w.until(time.Minute + 500*ms) // its goroutine has seen the clock
		b.Stop()
		w.in(&c, "c", 32*time.Second)
		w.until(time.Hour)
		w.want(t, 0, call{"a", time.Minute}, call{"c", 90*time.Second + 10*ms})
	})
}

// Close drops what is pending and says how many, and nothing runs any more.
func TestClose(t *testing.T) {
	play(t, deadline.Options{}, func(t *testing.T, w *world) {
		var a, b, c, d deadline.Timer
		w.in(&a, "a", time.Second)
		w.in(&b, "b", 2*time.Second)
		w.in(&c, "c", time.Hour)
		w.until(time.Second)
		if n := w.Close(); n != 2 {
			t.Errorf("%d were pending", n)
		}
		if b.Stop() || c.Stop() {
			t.Error("what was dropped is pending")
		}
		if w.in(&b, "b", time.Minute) || w.in(&d, "d", time.Minute) {
			t.Error("a closed wheel takes timers")
		}
		if n := w.Close(); n != 0 {
			t.Errorf("%d were pending after Close", n)
		}
		w.until(2 * time.Hour)
		w.want(t, 0, call{"a", time.Second})
	})
}

// Close waits for the callback that runs, and what is due after it is dropped.
func TestCloseWaits(t *testing.T) {
	play(t, deadline.Options{}, func(t *testing.T, w *world) {
		var a, b deadline.Timer
		slow := func() { time.Sleep(time.Minute); w.note("slow") }
		w.Add(&a, w.began.Add(time.Second), slow)
		w.Add(&b, w.began.Add(time.Second), slow)
		w.until(2 * time.Second)
		if n := w.Close(); n != 1 {
			t.Errorf("%d were pending", n)
		}
		w.want(t, 0, call{"slow", 61 * time.Second})
	})
}
