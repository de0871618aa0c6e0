package deadline

import (
	"math"
	"time"
)

// tick is a time: how many granularities after the beginning of the wheel.
type tick int64

// tickNow returns the last tick that has been reached.
func (w *Wheel) tickNow() tick {
	return tick(w.elapsed(w.options.Clock()) / w.options.Granularity)
}

// tickOf returns the first tick that is not before a time.
func (w *Wheel) tickOf(at time.Time) tick {
	elapsed, g := w.elapsed(at), w.options.Granularity
	due := tick(elapsed / g)
	if elapsed%g > 0 {
		due++
	}
	return due
}

// elapsed returns how long after the beginning of the wheel a time is, 0 if it
// is before, and no more than what is still a duration when it is rounded up.
func (w *Wheel) elapsed(at time.Time) time.Duration {
	return max(min(at.Sub(w.origin), math.MaxInt64-w.options.Granularity), 0)
}
