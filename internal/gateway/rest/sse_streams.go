package rest

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/twinway/twinway/internal/gateway/auth"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// streams are those that are open.
type streams struct {
	// place takes one among all that lasts, see Options.
	place func() (release func(), ok bool)

	mu       sync.Mutex // lets no stream begin unnoticed by those who end them
	open     map[*eventStream]struct{}
	none     chan struct{} // closed while there is none
	refusing bool
	closed   bool
	admits   func(auth.Identity) bool // nil: everybody
}

func newStreams(place func() (func(), bool)) *streams {
	if place == nil {
		place = func() (func(), bool) { return func() {}, true }
	}
	s := &streams{place: place, open: map[*eventStream]struct{}{}, none: make(chan struct{})}
	close(s.none)
	return s
}

// enter enters a stream into the book. Leave is called when it has ended.
//
// Errors: 503 when there is no place for it, or nothing is served any more; 401 for who is no longer admitted.
func (b *streams) enter(s *eventStream) (leave func(), err *protocol.Error) {
	release, ok := b.place()
	if !ok {
		return nil, protocol.ErrServiceUnavailable(retryAfter)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.refusing:
		err = protocol.ErrServiceUnavailable(retryAfter)
	case b.admits != nil && !b.admits(s.request.who):
		err = protocol.ErrAuthenticationFailed("The credentials are no longer accepted.")
	}
	if err != nil {
		release()
		return nil, err
	}
	if len(b.open) == 0 {
		b.none = make(chan struct{})
	}
	b.open[s] = struct{}{}
	return func() { b.leave(s); release() }, nil
}

func (b *streams) leave(s *eventStream) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.open, s)
	if len(b.open) == 0 {
		close(b.none)
	}
}

func (b *streams) refuse(refusing bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refusing = refusing || b.closed
}

func (b *streams) all() []*eventStream {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := make([]*eventStream, 0, len(b.open))
	for s := range b.open {
		all = append(all, s)
	}
	return all
}

// len returns how many there are.
func (b *streams) len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.open)
}

// wait returns when there is none or ctx ends, and with how many are left.
func (b *streams) wait(ctx context.Context) int {
	b.mu.Lock()
	none := b.none
	b.mu.Unlock()
	select {
	case <-none:
	case <-ctx.Done():
	}
	return b.len()
}

// Streams returns how many streams of server-sent events are open.
func (s *Server) Streams() int { return s.streams.len() }

// Admit ends the streams of those whom the predicate does not admit, and lets none of them open one any more whose request is under
// way. It does not replace authentication. How many have been ended is returned.
func (s *Server) Admit(admits func(auth.Identity) bool) int {
	s.streams.mu.Lock()
	s.streams.admits = admits
	s.streams.mu.Unlock()
	expelled := 0
	for _, open := range s.streams.all() {
		if !admits(open.request.who) {
			open.end(ending(metrics.StreamExpelled))
			expelled++
		}
	}
	return expelled
}

// partTick is how far apart the ends of streams are at most that Part ends.
const partTick = 20 * time.Millisecond

// Part ends all streams, in random order and at an even rate within the given time, so that not all clients come back at once. It
// returns when the last is gone or ctx ends, and with how many are left. Refuse comes before it.
func (s *Server) Part(ctx context.Context, over time.Duration) int {
	all := s.streams.all()
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] }) //nolint:gosec // No secret depends on the order.
	began, pace := time.Now(), min(partTick, over/time.Duration(max(len(all), 1)))
	for i, open := range all {
		if !sleepUntil(ctx, began.Add(pace*time.Duration(i))) {
			break
		}
		open.end(ending(metrics.StreamParted))
	}
	return s.streams.wait(ctx)
}

func sleepUntil(ctx context.Context, t time.Time) bool {
	timer := time.NewTimer(time.Until(t))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// Close refuses requests for good, and has all streams end at once.
func (s *Server) Close() {
	s.Refuse()
	s.streams.mu.Lock()
	s.streams.closed, s.streams.refusing = true, true
	s.streams.mu.Unlock()
	for _, open := range s.streams.all() {
		open.end(ending(metrics.StreamParted))
	}
}

// Wait returns when all requests have been served, streams included, behind Close, and behind whatever ends their connections: what
// they read of is closed next.
func (s *Server) Wait() {
	s.streams.wait(context.Background())
	s.underWay.Lock()
	defer s.underWay.Unlock()
}
