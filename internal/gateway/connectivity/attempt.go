package connectivity

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/twinway/twinway/internal/snapshot"
)

// attempt is a wait for the other end, for what was wanted when it began. It ends when something else is.
type attempt struct {
	desire *desire
	stop   context.CancelFunc
}

// attempted returns a context for a wait, which is over when done is called.
func (c *connection) attempted(ctx context.Context, d *desire, within time.Duration) (_ context.Context, done func()) {
	ctx, cancel := context.WithTimeout(ctx, within)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.attempt = &attempt{d, cancel}
	c.attempt.follow(c.wanted)
	return ctx, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.attempt = nil
		cancel()
	}
}

// follow says what is wanted now.
func (a *attempt) follow(now *desire) {
	if a != nil && !now.serves(a.desire) {
		a.stop()
	}
}

// lease is a Connection as its client knows it. Credentials may change, but not to those for another end.
type lease struct {
	to  *snapshot.Connection
	now atomic.Pointer[snapshot.Connection]
}

// leased returns the lease for a new client.
func (c *connection) leased(d *desire) *lease {
	l := &lease{to: d.connection}
	l.now.Store(d.connection)
	c.mu.Lock()
	defer c.mu.Unlock()
	l.follow(c.wanted)
	c.lease = l
	return l
}

// follow says what is wanted now.
func (l *lease) follow(now *desire) {
	if l != nil && !now.gone && sameClient(now.connection, l.to) {
		l.now.Store(now.connection)
	}
}
