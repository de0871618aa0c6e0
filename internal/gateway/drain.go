package gateway

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/twinway/twinway/internal/snapshot"
)

const (
	closeGoingAway      = 1001
	closeServiceRestart = 1012
)

// farewell is how long the last sessions may take to answer their close frame
// once the budget of draining is spent.
const farewell = 2 * time.Second

// Drain takes the gateway out of service for good, in the steps that let
// clients and load balancers follow: it is no longer ready, but still accepts
// sessions for the minimum delay; then it refuses them with 503 and closes
// those there are, spread over half of the budget, with 1012, each when the
// commands it has sent are answered; what is left when the budget is spent is
// closed with 1001. Event streams are ended likewise. The delay is skipped when nobody routes traffic here by
// readiness. What TakeOut has begun or done is not done again. When ctx ends,
// the steps that are left are taken at once.
func (g *Gateway) Drain(ctx context.Context, skipDelay bool) {
	d := g.depart(true)
	if d == nil {
		return
	}
	if skipDelay {
		d.skipDelay()
	}
	select {
	case <-d.done:
	case <-ctx.Done():
		d.stop(context.Cause(ctx))
		<-d.done
	}
}

// TakeOut begins what Drain does and returns. The gateway stays, with nothing to
// do, until Resume or Close.
func (g *Gateway) TakeOut() { g.depart(false) }

// Resume puts a gateway that TakeOut has taken out of service back into it, from
// whichever step: sessions that were not yet told to end stay. It does nothing
// if the gateway is in service, or is ending.
func (g *Gateway) Resume() {
	if g.service.resume(func() {
		g.sessions.Accept()
		g.rest.Accept()
		g.connectivity.Accept()
		g.departed.Store(false)
		g.draining.Store(false)
	}) {
		g.log.Info("back in service", "sessions", g.sessions.Registry().Len())
		g.changed()
	}
}

// depart returns the departure under way or done, which it begins if there is
// none; nil when the gateway is closed.
func (g *Gateway) depart(forGood bool) *departure {
	d, begun := g.service.depart(forGood, g.begin)
	if begun {
		g.changed()
	}
	return d
}

// begin begins a departure.
func (g *Gateway) begin() *departure {
	drain := g.current.Load().Drain
	ctx, stop := context.WithCancelCause(g.ctx)
	delay, skipDelay := context.WithTimeout(ctx, drain.MinDelay)
	d := &departure{skipDelay: skipDelay, stop: stop, done: make(chan struct{})}
	g.draining.Store(true)
	g.log.Info("draining", "sessions", g.sessions.Registry().Len(), "delay", drain.MinDelay, "budget", drain.Budget)
	g.background.Go(func() {
		// Behind done, for which Resume waits: who is told may look at the service.
		defer g.changed()
		defer close(d.done)
		defer stop(nil)
		defer skipDelay()
		g.departed.Store(g.leave(ctx, delay, drain))
	})
	return d
}

// leave takes the steps of a departure. When ctx ends it takes those that are
// left at once, or none of them if that is because the gateway is to stay. It
// reports whether it has taken all.
func (g *Gateway) leave(ctx, delay context.Context, drain snapshot.Drain) bool {
	<-delay.Done()
	if stays(ctx) {
		return false
	}
	g.sessions.Refuse()
	g.rest.Refuse()
	budget, cancel := context.WithTimeout(ctx, drain.Budget)
	defer cancel()
	streams := make(chan int, 1)
	go func() { streams <- g.rest.Part(budget, drain.Budget/2) }()
	left := g.sessions.Registry().PartAll(budget, closeServiceRestart, "the gateway is restarting; connect again", drain.Budget/2)
	left += <-streams
	if stays(ctx) {
		return false
	}
	g.connectivity.Part(budget) // last, so that what the sessions have done goes out
	switch {
	case stays(ctx):
		return false
	case left == 0:
		g.log.Info("drained")
		return true
	}
	g.log.Warn("draining took too long", "left", left)
	last, cancel := context.WithTimeout(ctx, farewell)
	defer cancel()
	g.sessions.Registry().CloseAll(last, closeGoingAway, "the gateway is going away")
	g.rest.Part(last, 0)
	return !stays(ctx)
}

// drained says that the gateway is out of service and that nobody is left.
func (g *Gateway) drained() bool {
	return g.departed.Load() && g.sessions.Registry().Len() == 0 && g.rest.Streams() == 0
}

// errStays ends a departure because the gateway is back in service.
var errStays = errors.New("the gateway is back in service")

func stays(ctx context.Context) bool { return errors.Is(context.Cause(ctx), errStays) }

// departure is one way out of service. It has a goroutine of its own.
type departure struct {
	skipDelay context.CancelFunc
	stop      context.CancelCauseFunc
	done      chan struct{} // closed when the last step has been taken
}

// service is whether the gateway is in service.
type service struct {
	mu        sync.Mutex
	departure *departure // nil in service
	forGood   bool       // there is no way back
	closed    bool       // and no departure any more
}

// depart returns the departure there is, and otherwise what begin returns, nil
// once the service is closed.
func (s *service) depart(forGood bool, begin func() *departure) (d *departure, begun bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forGood = s.forGood || forGood
	if s.departure == nil && !s.closed {
		s.departure, begun = begin(), true
	}
	return s.departure, begun
}

// resume ends the departure there is, unless it is for good, and reports whether
// it did. The given function is called when it has ended.
func (s *service) resume(ended func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.departure == nil || s.forGood {
		return false
	}
	s.departure.stop(errStays)
	<-s.departure.done
	s.departure = nil
	ended()
	return true
}

// close lets no departure begin and none be turned back.
func (s *service) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forGood, s.closed = true, true
}
