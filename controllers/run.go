package controllers

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"syscall"
	"time"

	"k8s.io/client-go/rest"
)

// The pauses between one start and the next double from minPause to maxPause. After
// an operator that has worked they begin anew.
const (
	minPause = time.Second
	maxPause = 30 * time.Second
)

// Run runs the operator until the context ends, and serves its probes. It waits for
// an API server that does not answer, or that does not know the definitions (one
// that has just started learns of them a while after it answers, and an installation
// brings them at the same time as the operator), and starts over when a lease is
// lost, instead of ending: a process that ends is started later each time by its
// node, until minutes go by in which nobody acts. Meanwhile it is alive and not
// ready.
//
// Errors: those of options, of addresses that cannot be listened at, and of an API
// server that answers otherwise than it should.
func Run(ctx context.Context, c *rest.Config, o ManagerOptions) error {
	var err error
	if o.Options, err = o.withDefaults(); err != nil {
		return err
	}
	p, err := serveProbes(ctx, o.ProbeAddress)
	if err != nil {
		return err
	}
	defer p.close()
	started := false
	for pause := minPause; ; pause = min(2*pause, maxPause) {
		worked, err := runOnce(ctx, c, o, p)
		if ctx.Err() != nil || err == nil {
			return err
		}
		if !passes(err, worked, started) {
			return err
		}
		if worked {
			started, pause = true, minPause
		}
		o.Logger.Warn("the operator starts over", "after", pause, "error", err)
		if !sleep(ctx, pause) {
			return nil
		}
	}
}

// passes says whether what ended an operator, or prevented its start, is likely to
// pass by itself: a lost lease, no answer from the API server, definitions that it
// does not know yet, or an address that the operator that was started before has
// not yet left.
func passes(err error, worked, started bool) bool {
	if failed, ok := errors.AsType[*net.OpError](err); ok && failed.Op == "listen" {
		return started && errors.Is(err, syscall.EADDRINUSE)
	}
	return worked || errors.Is(err, ErrDefinitionsMissing) || isUnreachable(err)
}

// runOnce runs one operator until it ends, and says whether it has worked, which is
// that it became the leader.
func runOnce(ctx context.Context, c *rest.Config, o ManagerOptions, p *probes) (worked bool, err error) {
	if err := reach(ctx, c); ctx.Err() != nil {
		return false, nil
	} else if err != nil {
		return false, fmt.Errorf("start the operator: %w", err)
	}
	mgr, err := NewManager(ctx, c, o)
	if ctx.Err() != nil {
		return false, nil
	} else if err != nil {
		return false, fmt.Errorf("start the operator: %w", err)
	}
	p.ask(mgr.GetCache().WaitForCacheSync)
	defer p.ask(nil)
	if err := mgr.Start(ctx); err != nil {
		return isClosed(mgr.Elected()), fmt.Errorf("run the operator: %w", err)
	}
	return true, nil
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// sleep waits for about that long. It says whether the context is still alive.
func sleep(ctx context.Context, pause time.Duration) bool {
	pause = pause/2 + rand.N(pause/2+1) //nolint:gosec // spreads load, guards nothing
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
