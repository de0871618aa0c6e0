package bench

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// storm opens sessions, several at a time, and keeps all of them until the last one is open.
func storm(ctx context.Context, b *Bench, _ string) (*Result, error) {
	n := b.Parameters.Connections
	var mu sync.Mutex
	var stormers []*stormer
	l := Load{Lanes: min(b.Parameters.Sessions, n), Window: 1, Rate: b.Parameters.Rate, Operations: n}
	r, err := b.apply(ctx, "storm", WebSocket, l, func(ctx context.Context, _ int) (Lane, error) {
		s := &stormer{ctx: ctx, endpoint: b.Endpoint, outcomes: make(chan Outcome, 1), closing: make(chan struct{})}
		mu.Lock()
		defer mu.Unlock()
		stormers = append(stormers, s)
		return s, nil
	})
	if err != nil {
		return nil, err
	}
	r.Unit = openings
	for _, s := range stormers {
		s.watching.Wait()
		r.Broken = append(r.Broken, s.lost...)
	}
	return r, nil
}

// stormer is a lane whose operations are sessions that it opens, one at a time.
type stormer struct {
	ctx      context.Context //nolint:containedctx // lanes live as long as their run
	endpoint *Endpoint
	outcomes chan Outcome
	closing  chan struct{}

	watching sync.WaitGroup

	mu     sync.Mutex
	opened []*session
	lost   []error // why sessions have ended before the lane was closed
	closed bool
}

// Send implements Lane: it opens a session.
func (s *stormer) Send(op Op) error {
	opened, err := s.endpoint.session(s.ctx, waiting)
	o := Outcome{Op: op.Number}
	switch {
	case err == nil:
		s.keep(opened)
	case s.ctx.Err() != nil:
		o.Failure = "cut short"
	default:
		o.Failure = whyRefused(err)
	}
	s.outcomes <- o
	return nil
}

// keep keeps a session until the lane is closed.
func (s *stormer) keep(opened *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		_ = opened.Close() // it came too late
		return
	}
	s.opened = append(s.opened, opened)
	s.watching.Go(func() { s.watch(opened) })
}

// watch reads what a session receives, as pings want to be answered, and notes why it ends before its time: one that is closed as soon as
// it is open is none.
func (s *stormer) watch(opened *session) {
	for {
		_, err := opened.next()
		if err == nil {
			continue
		}
		s.lose(err)
		_ = opened.Close() // it is of no use
		return
	}
}

// lose notes why a session has ended, unless the lane was closed.
func (s *stormer) lose(why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.lost = append(s.lost, why)
	}
}

// whyRefused says in a few words why a session was not opened.
func whyRefused(err error) string {
	if r, answered := errors.AsType[*refused](err); answered {
		return fmt.Sprintf("refused with %d", r.status)
	}
	return "not connected"
}

// Receive implements Lane.
func (s *stormer) Receive() (Outcome, error) {
	select {
	case o := <-s.outcomes:
		return o, nil
	case <-s.closing:
		return Outcome{}, errors.New("closed")
	}
}

// Close implements Lane.
func (s *stormer) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	close(s.closing)
	for _, opened := range s.opened {
		_ = opened.Close() // nothing is lost by it
	}
	return nil
}
