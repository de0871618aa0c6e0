package bench

import (
	"fmt"
	"strings"
	"time"
)

// Progress is how far a run is.
type Progress struct {
	// Elapsed is since it began, warm-up included, and Of how long that will be; it is very long if the run ends with its operations.
	Elapsed, Of time.Duration
	// Warm says that operations count.
	Warm bool
	// Done and Failed are operations so far, Operations how many there will be, 0 if that is not known, and Recent how many of them
	// succeeded since the last time, in a second.
	Done, Failed, Operations int64
	Recent                   float64
}

// String returns the progress in a few words.
func (p Progress) String() string {
	var b strings.Builder
	if p.Operations > 0 {
		fmt.Fprintf(&b, "%s of %s", thousands(float64(p.Done)), thousands(float64(p.Operations)))
	} else {
		fmt.Fprintf(&b, "%v of %v", p.Elapsed.Truncate(time.Second), p.Of)
	}
	switch {
	case !p.Warm:
		b.WriteString(", warming up")
	case p.Done > 0:
		fmt.Fprintf(&b, ", %s/s", perSecondText(p.Recent))
	}
	if left := p.left(); left > 0 {
		fmt.Fprintf(&b, ", %v left", left)
	}
	if p.Failed > 0 {
		fmt.Fprintf(&b, ", %s failed", thousands(float64(p.Failed)))
	}
	return b.String()
}

// left returns how long all operations will take at the pace of those that are done, 0 if there is no telling.
func (p Progress) left() time.Duration {
	if p.Operations == 0 || p.Done == 0 {
		return 0
	}
	return time.Duration(float64(p.Elapsed) * float64(p.Operations-p.Done) / float64(p.Done)).Truncate(time.Second)
}

// tell tells of the progress every second until stop is called.
func (r *run) tell(progress func(Progress)) (stop func()) {
	if progress == nil {
		return func() {}
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		var before int64
		last := r.start
		for {
			select {
			case <-done:
				return
			case now := <-ticker.C:
				p := r.progress(now)
				p.Recent = float64(p.Done-before) / now.Sub(last).Seconds()
				before, last = p.Done, now
				progress(p)
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}

func (r *run) progress(now time.Time) Progress {
	p := Progress{Elapsed: now.Sub(r.start), Of: r.deadline.Sub(r.start), Warm: now.After(r.from), Operations: int64(r.load.Operations)}
	for _, rec := range r.recorders {
		rec.mu.Lock()
		p.Done += rec.took.TotalCount()
		for _, n := range rec.failures {
			p.Failed += n
		}
		rec.mu.Unlock()
	}
	return p
}
