package management

import (
	"net"
	"time"
)

// Listener is what Certificates.Listen returns.
type Listener = listener

// ListenWithin is Listen with other limits of handshakes.
func (c *Certificates) ListenWithin(l net.Listener, handshakes int, timeout, grace time.Duration) *Listener {
	return listen(l, c.Config(), c.log, limits{handshakes, timeout, grace})
}

// Handshakes returns how many are under way.
func (l *Listener) Handshakes() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.pending)
}

// Admitted returns how many connections were let in and are open.
func (l *Listener) Admitted() int { return len(l.admitted) }

// Full makes room as at another time, and says whether there is still none.
func (l *Listener) Full(now time.Time) bool {
	full, _ := l.full(now)
	return full
}
