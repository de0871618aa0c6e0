package auth

import (
	"context"
	"fmt"
	"sync/atomic"
)

// maxWaiting is how many verifications may wait for their turn; more are refused at once.
const maxWaiting = 1024

// turnstile lets a bounded number of verifications hash at a time.
type turnstile struct {
	slots   chan struct{}
	waiting atomic.Int64
}

// enter waits for a turn, which ends with leave. The error is ErrBusy: too many wait already, or ctx ended.
func (t *turnstile) enter(ctx context.Context) error {
	if t.waiting.Add(1) > maxWaiting {
		t.waiting.Add(-1)
		return ErrBusy
	}
	defer t.waiting.Add(-1)
	select {
	case t.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", ErrBusy, context.Cause(ctx))
	}
}

func (t *turnstile) leave() { <-t.slots }
