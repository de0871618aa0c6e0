package deadline

import "time"

// Alarms that are none.
const (
	awake tick = 0 // no timer is before it
	never tick = 1<<63 - 1
)

// stride is how many steps are made under the lock at a time. Moving a slot
// with a hundred thousand timers does not keep those who add and stop waiting.
const stride = 64

// run is the goroutine of the wheel.
func (w *Wheel) run() {
	defer close(w.ended)
	sleep := time.NewTimer(0)
	defer sleep.Stop()
	for {
		next := w.fire(w.tickNow())
		w.set(sleep, next)
		select {
		case <-w.closing:
			return
		case <-w.wake:
		case <-sleep.C:
		}
	}
}

// fire calls back whatever is due. It returns the tick for which the goroutine
// is to get up.
func (w *Wheel) fire(now tick) tick {
	w.begin(now)
	for {
		f, next := w.take()
		if next != awake {
			return next
		}
		if f != nil {
			f()
		}
	}
}

// begin notes what time it is for all that is done until the next sleep.
func (w *Wheel) begin(now tick) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = max(w.now, now)
	w.alarm = awake
}

// take makes some steps. It returns the callback of a timer that is due if one
// was found, and when to get up if nothing is left to be done.
func (w *Wheel) take() (f func(), next tick) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for range stride {
		t, done := w.levels.step(w.now)
		if t != nil {
			return w.release(t), awake
		}
		if done {
			w.alarm = w.levels.next()
			return nil, w.alarm
		}
	}
	return nil, awake
}

// rouse wakes the goroutine if it sleeps for longer than until a tick.
func (w *Wheel) rouse(due tick) {
	if due >= w.alarm {
		return
	}
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// set has a timer go off at a tick.
func (w *Wheel) set(sleep *time.Timer, next tick) {
	if next == never {
		sleep.Stop()
		return
	}
	sleep.Reset(time.Duration(next)*w.options.Granularity - w.elapsed(w.options.Clock()))
}
