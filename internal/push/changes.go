package push

import (
	"context"
	"sync"

	"github.com/twinway/twinway/internal/snapshot"
)

// changes collects which Gateways have news. However often one is marked, it
// takes one place.
type changes struct {
	mu     sync.Mutex
	marked map[snapshot.Identity]struct{}
	signal chan struct{} // holds one; not empty if any is marked
}

func newChanges() *changes {
	return &changes{marked: map[snapshot.Identity]struct{}{}, signal: make(chan struct{}, 1)}
}

func (c *changes) mark(id snapshot.Identity) {
	c.mu.Lock()
	c.marked[id] = struct{}{}
	c.mu.Unlock()
	select {
	case c.signal <- struct{}{}:
	default:
	}
}

func (c *changes) take() map[snapshot.Identity]struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	taken := c.marked
	c.marked = map[snapshot.Identity]struct{}{}
	return taken
}

// run passes on what is marked until ctx ends.
func (c *changes) run(ctx context.Context, call func(snapshot.Identity)) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.signal:
		}
		for id := range c.take() {
			if ctx.Err() != nil {
				return
			}
			call(id)
		}
	}
}
