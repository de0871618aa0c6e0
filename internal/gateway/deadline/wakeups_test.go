package deadline_test

import (
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"
	"weak"

	"github.com/twinway/twinway/internal/gateway/deadline"
)

// many is how many timers wait in tests of what they cost.
const many = 100_000

// vigil is a wheel with many timers that counts how often its goroutine woke
// up: each time it looks at the clock, and nobody else does.
type vigil struct {
	*deadline.Wheel
	began  time.Time
	looks  atomic.Int64
	ran    atomic.Int64
	timers []deadline.Timer
}

// watch has a test watch a wheel with timers that are due at a time each.
func watch(t *testing.T, n int, at func(int) time.Duration, f func(*testing.T, *vigil)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		v := &vigil{began: time.Now(), timers: make([]deadline.Timer, n)}
		v.Wheel = deadline.New(deadline.Options{Clock: func() time.Time { v.looks.Add(1); return time.Now() }})
		defer v.Close()
		for i := range v.timers {
			v.Add(&v.timers[i], v.began.Add(at(i)), func() { v.ran.Add(1) })
		}
		synctest.Wait()
		f(t, v)
	})
}

// wakeUps returns how often the goroutine has woken up for a while from now on.
// It looks at the clock twice: when it wakes up, and before it sleeps.
func (v *vigil) wakeUps(d time.Duration) int {
	before := v.looks.Load()
	time.Sleep(d)
	synctest.Wait()
	return int(v.looks.Load()-before+1) / 2
}

// Nothing happens while nothing is due, however many are pending and however
// far away they are.
func TestSleepsWhileNothingIsDue(t *testing.T) {
	for name, at := range map[string]func(int) time.Duration{
		"in a minute":                      func(int) time.Duration { return time.Minute },
		"in a minute and later":            func(i int) time.Duration { return time.Minute + time.Duration(i)*ms },
		"in a minute and up to many years": func(i int) time.Duration { return time.Minute + time.Duration(i)*24*time.Hour },
	} {
		t.Run(name, func(t *testing.T) {
			watch(t, many, at, func(t *testing.T, v *vigil) {
				if n := v.wakeUps(time.Minute - 1); n != 0 {
					t.Errorf("it woke up %d times for nothing", n)
				}
				if v.Len() != many || v.ran.Load() != 0 {
					t.Errorf("%d are pending, %d ran", v.Len(), v.ran.Load())
				}
			})
		})
	}
}

// All that are due at a tick cost one time to wake up.
func TestWakesOnceForMany(t *testing.T) {
	watch(t, many, func(i int) time.Duration { return time.Minute - time.Duration(i) }, func(t *testing.T, v *vigil) {
		if n := v.wakeUps(2 * time.Hour); n != 1 {
			t.Errorf("it woke up %d times", n)
		}
		if v.Len() != 0 || v.ran.Load() != many {
			t.Errorf("%d are pending, %d ran", v.Len(), v.ran.Load())
		}
	})
}

// The levels cost no time to wake up: there is one for each tick at which
// something is due.
func TestWakesOnceForEachTick(t *testing.T) {
	const n = 1000
	for _, every := range []time.Duration{10 * ms, time.Second, 17 * time.Minute, 30 * 24 * time.Hour} {
		watch(t, n, func(i int) time.Duration { return time.Duration(i+1) * every }, func(t *testing.T, v *vigil) {
			if got := v.wakeUps(n * every); got != n {
				t.Errorf("every %v: it woke up %d times, want %d", every, got, n)
			}
			if v.ran.Load() != n {
				t.Errorf("every %v: %d ran", every, v.ran.Load())
			}
		})
	}
}

// Timers that were stopped cost at most one time to wake up together, and those
// that go on none.
func TestStoppedCostNothing(t *testing.T) {
	watch(t, many, func(i int) time.Duration { return time.Minute + time.Duration(i)*ms }, func(t *testing.T, v *vigil) {
		for i := range v.timers {
			v.timers[i].Stop()
		}
		if n := v.wakeUps(time.Hour); n > 1 {
			t.Errorf("it woke up %d times", n)
		}
		if n := v.wakeUps(24 * time.Hour); n != 0 {
			t.Errorf("it woke up %d times with no timer", n)
		}
	})
}

// Answers in time: each wait is added, and stopped before it is due. The
// goroutine gets up once in a while, and not for each of them.
func TestAnsweredInTime(t *testing.T) {
	watch(t, 1000, func(int) time.Duration { return 10 * time.Second }, func(t *testing.T, v *vigil) {
		wakeUps := 0
		for i := range many {
			timer := &v.timers[i%len(v.timers)]
			timer.Stop()
			v.Add(timer, time.Now().Add(10*time.Second), func() { v.ran.Add(1) })
			wakeUps += v.wakeUps(ms)
		}
		if wakeUps > 100 || v.ran.Load() != 0 {
			t.Errorf("it woke up %d times in 100 s, %d ran", wakeUps, v.ran.Load())
		}
		t.Logf("%d wake-ups in 100 s", wakeUps)
	})
}

// What a pending wait costs is the size of its timer, and none is allocated.
func TestMemory(t *testing.T) {
	if size := unsafe.Sizeof(deadline.Timer{}); size > 48 {
		t.Errorf("a timer has %d bytes", size)
	}
	w := deadline.New(deadline.Options{})
	defer w.Close()
	timers, i := make([]deadline.Timer, 1002), 0
	at, f := time.Now().Add(time.Hour), func() {}
	allocs := testing.AllocsPerRun(1000, func() {
		w.Add(&timers[i], at, f)
		w.Add(&timers[i], at.Add(time.Duration(i)*time.Second), f)
		if i%2 == 0 {
			timers[i].Stop()
		}
		i++
	})
	if allocs != 0 {
		t.Errorf("%v allocations for each timer", allocs)
	}
}

// A callback that adds a timer does not wake the goroutine that it is on.
func TestCallbackWakesNobody(t *testing.T) {
	watch(t, 1, func(int) time.Duration { return time.Hour }, func(t *testing.T, v *vigil) {
		v.wakeUps(time.Second)
		var first, second deadline.Timer
		v.Add(&first, v.began, func() {
			v.Add(&second, v.began.Add(time.Minute), func() { v.ran.Add(1) })
		})
		if n := v.wakeUps(time.Second); n != 1 {
			t.Errorf("it woke up %d times for the first", n)
		}
		if n := v.wakeUps(time.Minute); n != 1 || v.ran.Load() != 1 {
			t.Errorf("it woke up %d times for the second, which ran %d times", n, v.ran.Load())
		}
	})
}

// held adds a timer whose callback keeps something alive, and returns a weak
// pointer to that.
//
//go:noinline
func held(w *deadline.Wheel, timer *deadline.Timer, at time.Time) weak.Pointer[[64]byte] {
	something := &[64]byte{}
	w.Add(timer, at, func() { something[0]++ })
	return weak.Make(something)
}

// A timer keeps what its callback refers to for as long as it is pending.
func TestKeepsOnlyWhatIsPending(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(*deadline.Wheel, *deadline.Timer)
		kept bool
	}{
		{"pending", func(*deadline.Wheel, *deadline.Timer) {}, true},
		{"stopped", func(_ *deadline.Wheel, timer *deadline.Timer) { timer.Stop() }, false},
		{"moved", func(w *deadline.Wheel, timer *deadline.Timer) { w.Add(timer, time.Now(), nothing) }, false},
		{"ran", func(*deadline.Wheel, *deadline.Timer) { time.Sleep(2 * time.Hour) }, false},
		{"dropped", func(w *deadline.Wheel, _ *deadline.Timer) { w.Close() }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := deadline.New(deadline.Options{})
				defer w.Close()
				timer := &deadline.Timer{}
				something := held(w, timer, time.Now().Add(time.Hour))
				c.end(w, timer)
				synctest.Wait()
				runtime.GC()
				if kept := something.Value() != nil; kept != c.kept {
					t.Errorf("kept: %v", kept)
				}
				runtime.KeepAlive(timer)
			})
		})
	}
}
