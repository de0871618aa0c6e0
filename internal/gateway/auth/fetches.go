package auth

import (
	"context"
	"sync"
)

// fetches owns the goroutines that fetch keys.
type fetches struct {
	ctx    context.Context
	cancel context.CancelFunc
	done   sync.WaitGroup

	mu     sync.Mutex
	closed bool
}

func newFetches() *fetches {
	ctx, cancel := context.WithCancel(context.Background())
	return &fetches{ctx: ctx, cancel: cancel}
}

// start runs fetch, with a context that ends with close, in a goroutine. After close it does nothing and reports false.
func (f *fetches) start(fetch func(ctx context.Context)) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return false
	}
	f.done.Go(func() { fetch(f.ctx) })
	return true
}

// close ends what runs, and waits for it.
func (f *fetches) close() {
	f.mu.Lock()
	f.closed = true
	f.mu.Unlock()
	f.cancel()
	f.done.Wait()
}
