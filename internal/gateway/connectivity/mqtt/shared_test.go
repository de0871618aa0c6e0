package mqtt

import (
	"context"
	"testing"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
)

// outcome returns what tells whether a message was delivered.
func outcome(to chan<- bool) func(link.Outcome) {
	return func(o link.Outcome) { to <- o.Delivered() }
}

// contextUntil returns a context that ends when something has happened.
func contextUntil(t *testing.T, event <-chan struct{}) (context.Context, context.CancelFunc) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		select {
		case <-event:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}
