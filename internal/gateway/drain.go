package gateway

import (
	"context"
	"errors"
	"time"
)

const (
	closeGoingAway      = 1001
	closeServiceRestart = 1012
)

// farewell is how long the last sessions may take to answer their close frame
// once the budget of draining is spent.
const farewell = 2 * time.Second

// Drain takes the gateway out of service, in the steps that let clients and
// load balancers follow: it is no longer ready, but still accepts sessions for
// the minimum delay; then it refuses them with 503 and closes those there are,
// spread over half of the budget, with 1012, each when the commands it has sent
// are answered; what is left when the budget is spent is closed with 1001. The
// delay is skipped when nobody routes traffic here by readiness. It returns
// early when ctx ends.
func (g *Gateway) Drain(ctx context.Context, skipDelay bool) {
	if g.draining.Swap(true) {
		return
	}
	drain := g.current.Load().Drain
	delay := drain.MinDelay
	if skipDelay {
		delay = 0
	}
	g.log.Info("draining", "sessions", g.sessions.Registry().Len(), "delay", delay, "budget", drain.Budget)
	wait(ctx, delay)
	g.sessions.Refuse()
	budget, cancel := context.WithTimeout(ctx, drain.Budget)
	defer cancel()
	left := g.sessions.Registry().PartAll(budget, closeServiceRestart, "the gateway is restarting; connect again", drain.Budget/2)
	if left == 0 {
		g.log.Info("drained")
		return
	}
	g.log.Warn("draining took too long", "sessions", left)
	last, cancel := context.WithTimeout(ctx, farewell)
	defer cancel()
	g.sessions.Registry().CloseAll(last, closeGoingAway, "the gateway is going away")
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// Close ends the gateway: it aborts the sessions there still are, finishes the
// commands that were accepted, makes them durable and releases everything.
// Call Drain before it to be polite. A second Close does nothing.
func (g *Gateway) Close() (err error) {
	g.closing.Do(func() {
		g.draining.Store(true)
		g.sessions.Refuse()
		err = errors.Join(g.public.close(), g.release())
	})
	return err
}

// release ends what was started, outside in. It copes with a start that
// failed half-way.
func (g *Gateway) release() error {
	var errs []error
	if g.stop != nil {
		g.stop()
	}
	if g.sessions != nil {
		g.sessions.Close()
	}
	g.background.Wait()
	if g.engine != nil {
		g.engine.Close()
	}
	if g.authentication != nil {
		g.authentication.close()
	}
	if g.admin != nil {
		errs = append(errs, g.admin.close())
	}
	if g.store != nil {
		errs = append(errs, g.store.Close())
	}
	return errors.Join(errs...)
}
