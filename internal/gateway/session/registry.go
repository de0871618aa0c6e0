package session

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/twinway/twinway/internal/gateway/wire"
)

// sweepInterval is how often sessions are looked at: whether they have expired,
// whether a ping is due, and whether the peer is still there. It is by how much
// a session may outlive its token.
const sweepInterval = time.Second

// Registry knows the live sessions.
type Registry struct {
	mu       sync.Mutex
	sessions map[*Session]struct{}
	labels   map[string]*Session // who declared them; sessions and handshakes under way
	reserved int                 // places taken by handshakes under way
	empty    chan struct{}       // closed while there is no session
}

func newRegistry() *Registry {
	r := &Registry{sessions: map[*Session]struct{}{}, labels: map[string]*Session{}, empty: make(chan struct{})}
	close(r.empty)
	return r
}

// reserve takes a place for a session, unless limit are taken.
func (r *Registry) reserve(limit int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.sessions)+r.reserved >= limit {
		return false
	}
	r.reserved++
	return true
}

// release gives a reserved place back. What the session of its handshake has
// declared is to be withdrawn before.
func (r *Registry) release() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reserved--
}

// add puts a session in its reserved place, now that it has a connection.
func (r *Registry) add(s *Session, conn *wire.Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.conn = conn
	r.reserved--
	if len(r.sessions) == 0 {
		r.empty = make(chan struct{})
	}
	r.sessions[s] = struct{}{}
}

func (r *Registry) remove(s *Session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.sessions[s]; !ok {
		return
	}
	delete(r.sessions, s)
	r.withdrawLocked(s)
	if len(r.sessions) == 0 {
		close(r.empty)
	}
}

// declare gives the session its labels until it ends or they are withdrawn, or
// none if another session has one of them, which is returned. A session that is
// being closed has none any more: its client may have come back already.
func (r *Registry) declare(s *Session) (taken string, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, label := range s.audience.Acks {
		if r.labels[label].holds() {
			return label, false
		}
	}
	for _, label := range s.audience.Acks {
		r.labels[label] = s
	}
	return "", true
}

// withdraw takes back what a session has declared whose handshake failed.
func (r *Registry) withdraw(s *Session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.withdrawLocked(s)
}

func (r *Registry) withdrawLocked(s *Session) {
	for _, label := range s.audience.Acks {
		if r.labels[label] == s {
			delete(r.labels, label)
		}
	}
}

// holds reports whether a session keeps what it has declared: it is being opened
// or open, and not being closed. The registry is locked.
func (s *Session) holds() bool {
	return s != nil && (s.conn == nil || !s.conn.Closing())
}

// Declared reports whether a session has declared the label and is not being
// closed.
func (r *Registry) Declared(label string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.labels[label].holds()
}

// Len returns how many sessions there are.
func (r *Registry) Len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.sessions)
}

// Waiting returns how many signals wait in all sessions' queues.
func (r *Registry) Waiting() int {
	total := 0
	for _, s := range r.all() {
		total += s.conn.Waiting()
	}
	return total
}

func (r *Registry) all() []*Session {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]*Session, 0, len(r.sessions))
	for s := range r.sessions {
		all = append(all, s)
	}
	return all
}

// Sweep ends sessions that have expired, pings idle ones and ends those whose
// peer is gone, until ctx ends.
// One goroutine does it for all sessions, so that none needs a timer.
func (r *Registry) Sweep(ctx context.Context) {
	ticker := time.NewTicker(sweepInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			for _, s := range r.all() {
				s.sweep(now)
			}
		}
	}
}

// PartAll lets every session finish what it has taken and closes it with the
// code and reason, in random order and at an even rate, at which all are
// closed within the given time: clients reconnect after a fixed delay, so it is
// the server that must keep them from all coming back at once. It returns when
// the last is gone or ctx ends, and with how many are left.
func (r *Registry) PartAll(ctx context.Context, code int, reason string, over time.Duration) int {
	all := r.all()
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] }) //nolint:gosec // No secret depends on the order.
	for batch := range slices.Chunk(all, pace(len(all), over)) {
		for _, s := range batch {
			s.part(code, reason)
		}
		if !sleep(ctx, closeTick) {
			break
		}
	}
	return r.wait(ctx)
}

// CloseAll closes every session with the code and reason, whatever is in
// flight. It returns when the last is gone or ctx ends, and with how many are
// left.
func (r *Registry) CloseAll(ctx context.Context, code int, reason string) int {
	for _, s := range r.all() {
		s.close(code, reason)
	}
	return r.wait(ctx)
}

// wait returns when there is no session or ctx ends, and with how many are left.
func (r *Registry) wait(ctx context.Context) int {
	r.mu.Lock()
	empty := r.empty
	r.mu.Unlock()
	select {
	case <-empty:
	case <-ctx.Done():
	}
	return r.Len()
}

// abortAll ends every session at once.
func (r *Registry) abortAll() {
	for _, s := range r.all() {
		s.conn.Abort()
	}
}

// closeTick is how often PartAll closes some sessions.
const closeTick = 20 * time.Millisecond

// pace returns how many of n sessions to close with each tick.
func pace(n int, over time.Duration) int {
	ticks := max(1, int(over/closeTick))
	return max(1, (n+ticks-1)/ticks)
}

func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
