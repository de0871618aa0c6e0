package deadline

import (
	"sync"
	"time"
)

// Wheel calls back when times have passed. See the package for how precisely.
type Wheel struct {
	options Options
	origin  time.Time
	wake    chan struct{} // capacity 1: there is a timer before the alarm
	closing chan struct{}
	ended   chan struct{}

	mu      sync.Mutex
	closed  bool
	pending int
	now     tick // the last that the goroutine has seen
	alarm   tick // when the goroutine gets up; awake while it is not asleep
	levels  levels
}

// New returns a wheel whose goroutine runs until Close.
func New(o Options) *Wheel {
	o = o.withDefaults()
	w := &Wheel{
		options: o, origin: o.Clock(), wake: make(chan struct{}, 1),
		closing: make(chan struct{}), ended: make(chan struct{}),
	}
	go w.run()
	return w
}

// Add has f called once when a time has passed, unless the timer is stopped
// first. A timer that is pending is moved: it is called at the new time, with
// the new f, and not for the old. One whose callback is about to run is not
// pending: that runs, and then the new one. Times more than 292 years after the beginning
// of the wheel count as that.
//
// The callback must not block and must be short, for all others wait for it. It
// may use the wheel, but not close it. If f is made for the call, as a method
// value is, that is an allocation that the caller can avoid by keeping it.
//
// It returns false and changes nothing if f is nil, the wheel is closed, the
// timer is of another wheel, or as many timers are pending as there may be and
// this is not one of them.
func (w *Wheel) Add(t *Timer, at time.Time, f func()) bool {
	if f == nil || !t.join(w) {
		return false
	}
	due := w.tickOf(at)
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.admit(t) {
		return false
	}
	t.callback = f
	t.due = max(due, w.now+1)
	w.levels.put(t)
	w.rouse(t.due)
	return true
}

// Len returns how many timers are pending.
func (w *Wheel) Len() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.pending
}

// Close drops all timers, and ends the goroutine. It returns how many were
// pending, 0 if the wheel was closed before. Afterwards no callback runs or is
// running. It waits for the one that runs: it must not be called by a callback,
// or under a lock that a callback takes.
func (w *Wheel) Close() int {
	dropped := w.drop()
	<-w.ended
	return dropped
}

func (w *Wheel) drop() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return 0
	}
	w.closed = true
	close(w.closing)
	dropped := w.pending
	w.pending = 0
	w.levels.clear()
	return dropped
}

// admit makes room for a timer that is to be put, and reports whether there is
// any.
func (w *Wheel) admit(t *Timer) bool {
	switch {
	case w.closed:
		return false
	case t.pending():
		w.levels.remove(t)
	case w.pending >= w.options.Capacity:
		return false
	default:
		w.pending++
	}
	return true
}

func (w *Wheel) stop(t *Timer) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !t.pending() {
		return false
	}
	w.levels.remove(t)
	w.release(t)
	return true
}

// release has a timer that is on no level pending no more. It returns its
// callback.
func (w *Wheel) release(t *Timer) func() {
	f := t.callback
	t.callback = nil
	w.pending--
	return f
}
