package connectivity

import (
	"math/rand/v2"
	"time"

	"github.com/twinway/twinway/internal/snapshot"
)

// backoff is how long to wait before a connection is tried again: twice as long each time, with a random part, so that gateways that
// have lost the same broker do not all come back at once.
type backoff struct{ tries int }

// stable is how long a connection must have lasted, at most, to be taken for one that works.
const stable = time.Minute

// next returns how long to wait.
func (b *backoff) next(r snapshot.Reconnect) time.Duration {
	delay := r.MaxDelay
	if doubled := r.InitialDelay << min(b.tries, 40); doubled>>min(b.tries, 40) == r.InitialDelay && doubled < delay {
		delay = doubled
	}
	b.tries++
	return delay/2 + rand.N(delay/2+1) //nolint:gosec // No secret depends on when.
}

// lasted says how long a connection was open.
func (b *backoff) lasted(d time.Duration, r snapshot.Reconnect) {
	if d >= min(stable, r.MaxDelay) {
		b.tries = 0
	}
}
