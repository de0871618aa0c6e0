package bench

import (
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Bounds of what is measured.
const (
	shortest = int64(time.Microsecond)
	longest  = int64(10 * time.Minute)
	figures  = 3
)

// recorder notes the outcomes of some lanes.
type recorder struct {
	mu       sync.Mutex
	took     *hdrhistogram.Histogram // nanoseconds
	failures map[string]int64
	last     time.Time // when the last success came
}

func newRecorder() *recorder {
	return &recorder{took: newHistogram(), failures: map[string]int64{}}
}

// newHistogram returns an empty histogram of times, in nanoseconds, with three digits from a microsecond to ten minutes.
func newHistogram() *hdrhistogram.Histogram { return hdrhistogram.New(shortest, longest, figures) }

// lost is how what was under way failed when nothing came any more.
const lost = "lost"

// unasked is what is told of an answer that belongs to no operation under way.
const unasked = "an answer that nothing was asked for"

// How operations failed that were due and not sent: there was no place in the window until the end, or no lane any more.
const (
	notInTime = "not sent in time"
	notSent   = "not sent: the connection has ended"
)

func (r *recorder) succeed(took time.Duration, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	_ = r.took.RecordValue(min(max(int64(took), shortest), longest)) // within the bounds it cannot fail
	if now.After(r.last) {
		r.last = now
	}
}

// manyFailures is how many different ones are told apart.
const manyFailures = 32

func (r *recorder) fail(why string, n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.failures[why]; !known && len(r.failures) >= manyFailures {
		why = "others"
	}
	r.failures[why] += n
}

// Measured is what came of a load.
type Measured struct {
	// Took are the times of what succeeded, in nanoseconds.
	Took *hdrhistogram.Histogram
	// Failures are counted by what they say.
	Failures map[string]int64
	// Elapsed is from when operations counted until time was over or, if that came later, the last one was answered.
	Elapsed time.Duration
	// Broken are errors that ended lanes before time was over.
	Broken []error
	// Cut says that the run was stopped before its time.
	Cut bool
}

// Failed returns how many operations failed.
func (m *Measured) Failed() (n int64) {
	for _, count := range m.Failures {
		n += count
	}
	return n
}

// Throughput returns how many operations succeeded in a second.
func (m *Measured) Throughput() float64 {
	if m.Elapsed <= 0 {
		return 0
	}
	return float64(m.Took.TotalCount()) / m.Elapsed.Seconds()
}

// measured puts together what the drivers have seen. They have ended.
func (r *run) measured() *Measured {
	m := measured(r.recorders, r.from, r.end)
	m.Cut = r.cut
	for _, d := range r.drivers {
		if d.broken != nil {
			m.Broken = append(m.Broken, d.broken)
		}
	}
	return m
}

// measured puts together what was recorded of a time.
func measured(recorders []*recorder, from, end time.Time) *Measured {
	m := &Measured{Took: newHistogram(), Failures: map[string]int64{}}
	for _, rec := range recorders {
		m.Took.Merge(rec.took)
		for why, n := range rec.failures {
			m.Failures[why] += n
		}
		if rec.last.After(end) {
			end = rec.last
		}
	}
	m.Elapsed = max(end.Sub(from), 0)
	return m
}
