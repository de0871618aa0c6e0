package connectivity

import (
	"cmp"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/metrics"
)

// inOrder has what was on its way when a client was lost go in order by the next, also that of different things.
func inOrder(a, b *parcel) int { return cmp.Compare(a.number, b.number) }

// again has a parcel be published again, and reports whether it will be. One whose client was lost waits for the next one, others a
// while.
func (o *outlet) again(p *parcel, out *link.Outcome) bool {
	if !o.retry(p, out) {
		return false
	}
	o.flow.Count(metrics.Retried, 1)
	o.note(p.signal, &p.arrival, Event{Kind: EventDelivered, Failure: true, Address: p.message.Address, Message: "to be tried again: " + reason(out)})
	return true
}

func (o *outlet) retry(p *parcel, out *link.Outcome) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return false
	}
	if errors.Is(out.Err, link.ErrLost) {
		o.prepare(p)
		return true
	}
	o.running.Add(1)
	o.resting[p] = time.AfterFunc(rest(p.tries, out.RetryAfter), func() {
		defer o.running.Done()
		o.rested(p)
	})
	p.tries++
	return true
}

// rested lets a parcel be published again.
func (o *outlet) rested(p *parcel) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, ok := o.resting[p]; ok {
		delete(o.resting, p)
		o.prepare(p)
	}
}

// prepare makes a parcel ready. The lock is held.
func (o *outlet) prepare(p *parcel) {
	o.ready = append(o.ready, p)
	o.changed.Signal()
}

// How long to wait before a parcel is published again.
const (
	firstRest = 100 * time.Millisecond
	longRest  = 10 * time.Second
	// mostRest bounds what the other end may ask for.
	mostRest = time.Minute
)

// rest returns how long to wait after some tries: twice as long each time, and a little more or less, so that not all come at once.
func rest(tries int, asked time.Duration) time.Duration {
	d := longRest
	if tries < 7 {
		d = min(d, firstRest<<tries)
	}
	d -= time.Duration(rand.Int64N(int64(d) / 4)) //nolint:gosec // No secret depends on it.
	return max(d, min(asked, mostRest))
}
