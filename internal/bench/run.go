package bench

import (
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
	r.stopped.Store(true)
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
