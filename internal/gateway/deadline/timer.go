package deadline

import "sync/atomic"

// Timer is one wait. It is to be embedded in what waits, its zero value is ready
// for use, and it must not be copied. It is of the first wheel that it is given
// to, for good. Several goroutines may add and stop the same one.
type Timer struct {
	wheel atomic.Pointer[Wheel]

	// What follows is guarded by the lock of the wheel.

	next, prev *Timer // of the same slot, in a ring; nil unless pending
	callback   func() // nil unless pending
	due        tick
	place      place
}

// Stop takes the timer off its wheel. If it returns true, the timer was pending
// and its callback does not run for that Add. If it returns false, nothing has
// changed: the callback has run, is running or about to run, or the timer was
// never added, was stopped before, or its wheel was closed.
//
// Stop does not wait for a callback that runs.
func (t *Timer) Stop() bool {
	w := t.wheel.Load()
	return w != nil && w.stop(t)
}

// join makes the timer one of a wheel, and reports whether it is.
func (t *Timer) join(w *Wheel) bool {
	return t.wheel.CompareAndSwap(nil, w) || t.wheel.Load() == w
}

func (t *Timer) pending() bool { return t.place != nowhere }
