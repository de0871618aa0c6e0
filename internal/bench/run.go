package bench

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// run is a load that is being applied.
type run struct {
	load        Load
	drivers     []*driver
	recorders   []*recorder
	start, from time.Time      // from when on operations count
	end         time.Time      // when it ends, or has ended
	deadline    time.Time      // when it should end
	receiving   sync.WaitGroup // what ends only with the lanes
	stopped     atomic.Bool    // nothing new is begun
	over        atomic.Bool    // lanes are being closed
	cut         bool           // it was stopped before its time
	broken      atomic.Int64   // lanes that have ended
	abandon     context.CancelCauseFunc
}

// shards is among how many recorders lanes are spread: one for each would take much memory, one for all be waited for.
const shards = 16

func newRun(lanes []Lane, l Load) *run {
	r := &run{load: l, start: time.Now()}
	r.from = r.start.Add(l.Warmup)
	r.end = r.from.Add(l.Duration)
	if l.Operations > 0 && l.Duration == 0 {
		r.end = r.from.Add(endless)
	}
	r.deadline = r.end
	for range min(shards, len(lanes)) {
		r.recorders = append(r.recorders, newRecorder())
	}
	for i, lane := range lanes {
		r.drivers = append(r.drivers, newDriver(r, lane, i))
	}
	return r
}

// stop begins nothing new. The cause is nil when everything was done.
func (r *run) stop(cause error) {
	r.cut = cause != nil && cause != errOver //nolint:errorlint // it is the cause itself
	r.end = time.Now()
	if cause == nil && r.load.Operations == 0 {
		r.end = r.deadline // nothing else was due until then
	}
	r.stopped.Store(true)
}

// wait waits until the run ends, and returns why; nil: everything was done.
func (r *run) wait(ctx context.Context, ended <-chan struct{}) error {
	ticker := time.NewTicker(standstill)
	defer ticker.Stop()
	for before := int64(-1); ; {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ended:
			return context.Cause(ctx) // what has ended the last lane, too
		case now := <-ticker.C:
			outcomes := r.outcomes()
			if outcomes == before && r.waits(now) {
				return errStill
			}
			before = outcomes
		}
	}
}

// outcomes returns how many operations that count are over.
func (r *run) outcomes() int64 {
	p := r.progress(time.Time{})
	return p.Done + p.Failed
}

// waits reports whether the run ends with its operations, and one of them has been under way for long.
func (r *run) waits(now time.Time) bool {
	return r.load.Operations > 0 && r.load.Duration == 0 &&
		slices.ContainsFunc(r.drivers, func(d *driver) bool { return d.oldest().Before(now.Add(-standstill)) })
}

// lose notes that a lane has ended before its time. When none is left, the run ends.
func (r *run) lose() {
	if r.broken.Add(1) == int64(len(r.drivers)) {
		r.abandon(errAlone)
	}
}

// settle waits until all that was sent has its outcome, but not for ever.
func (r *run) settle(ended <-chan struct{}) {
	patience := time.NewTimer(lateness)
	defer patience.Stop()
	select {
	case <-ended:
	case <-patience.C:
	}
}
