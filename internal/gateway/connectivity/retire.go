package connectivity

import (
	"context"
	"slices"
	"time"
)

// maxLeaving is how many flows of one Subscription may wait for a client, or for their turn, to bring out what they have taken. That of
// others is dropped.
const maxLeaving = 4

// retire lets a flow that is wanted no more bring out what it has taken, and ends it. The lock is held.
func (c *connection) retire(f *flow) {
	if f == nil {
		return
	}
	name := f.subscription.Name
	if f.outlet == nil {
		c.forget(name)
		return
	}
	f.outlet.hub.Unsubscribe(f.outlet)
	crowded := c.laden(name) >= maxLeaving
	c.leaving[name] = append(c.leaving[name], f)
	c.retired.Go(func() {
		if !crowded {
			c.bringOut(f)
		}
		f.outlet.close()
		c.depart(f)
	})
}

// laden returns how many of those of a name that leave have something to bring out. The lock is held.
func (c *connection) laden(name string) (n int) {
	for _, f := range c.leaving[name] {
		if f.outlet.laden() {
			n++
		}
	}
	return n
}

// bringOut waits until a flow has brought out what it has taken. It gives up when that takes too long.
func (c *connection) bringOut(f *flow) {
	for {
		ctx, cancel := context.WithTimeout(c.ctx, parting)
		left := f.outlet.drain(ctx)
		cancel()
		if left == 0 || c.ctx.Err() != nil || !c.patient(f) {
			return
		}
	}
}

// patient reports whether a flow that leaves is waited for: another has taken its place, and it had no time to bring out what it has,
// for want of a client, or because others are before it.
func (c *connection) patient(f *flow) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	name := f.subscription.Name
	switch {
	case !c.wanted.open() || c.outlets[name] == nil:
		return false
	case c.client == nil || c.first(name) != f:
		return true
	}
	return time.Since(c.since) < parting || time.Since(f.turn) < parting
}

// depart takes a flow that has ended out of its line.
func (c *connection) depart(f *flow) {
	c.mu.Lock()
	defer c.mu.Unlock()
	name := f.subscription.Name
	c.leaving[name] = slices.DeleteFunc(c.leaving[name], func(other *flow) bool { return other == f })
	if len(c.leaving[name]) == 0 {
		delete(c.leaving, name)
	}
	close(f.left)
	c.advance(name)
	c.forget(name)
}

// forget drops what is known of a Subscription, if none of its flows is left. The lock is held.
func (c *connection) forget(name string) {
	if c.outlets[name] == nil && len(c.leaving[name]) == 0 {
		c.peer.metrics.Out(name).Forget()
		c.peer.journal.forget(name)
	}
}
