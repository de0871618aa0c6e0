package push

import (
	"math/rand/v2"
	"time"
)

// backoff says how long to pause after each failure of a row.
type backoff struct {
	least, most time.Duration
	longest     time.Duration // of the next pause; zero: least
}

// next returns a pause between half of the longest one and all of it, and
// doubles that.
func (b *backoff) next() time.Duration {
	longest := min(max(b.longest, b.least), b.most)
	b.longest = min(2*longest, b.most)
	return longest/2 + rand.N(longest/2+1) //nolint:gosec // Spreads, and hides nothing.
}

func (b *backoff) reset() { b.longest = 0 }
