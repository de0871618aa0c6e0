package connectivity

import (
	"context"
	"reflect"
	"slices"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/snapshot"
)

// flow is an outbound Subscription of a connection.
type flow struct {
	subscription *snapshot.Subscription
	declared     []string // with which it has subscribed
	outlet       *outlet  // nil if it is broken
	broken       error
	// replaces is drained before the outlet publishes anything, nil for none.
	replaces chan struct{}
}

func (f *flow) close() {
	if f.outlet != nil {
		f.outlet.close()
	}
}

// sameAs reports whether the flow serves a Subscription.
func (f *flow) sameAs(sub *snapshot.Subscription, declared []string) bool {
	return f.broken == nil && reflect.DeepEqual(f.subscription, sub) && slices.Equal(f.declared, declared)
}

// arrange lets the outbound Subscriptions be those that are wanted. Of one that has changed nothing is missed: the new outlet subscribes
// before the old one stops, and publishes when that is through.
func (c *connection) arrange(d *desire) {
	wanted := map[string]*snapshot.Subscription{}
	if d.open() {
		for _, sub := range d.outbound {
			wanted[sub.Name] = sub
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.outlets == nil {
		return // it has ended
	}
	for name, f := range c.outlets {
		if wanted[name] == nil {
			delete(c.outlets, name)
			c.retire(f)
		}
	}
	for name, sub := range wanted {
		f := c.outlets[name]
		if f != nil && f.sameAs(sub, c.peer.declared()) {
			continue
		}
		c.outlets[name] = c.newFlow(sub, f)
	}
}

// newFlow returns the flow of a Subscription that takes the place of another, if that is not nil. The lock is held.
func (c *connection) newFlow(sub *snapshot.Subscription, old *flow) *flow {
	f := &flow{subscription: sub, declared: c.peer.declared()}
	f.outlet, f.broken = newOutlet(c.peer, sub)
	if f.broken != nil {
		f.outlet = nil
		c.retire(old)
		return f
	}
	f.outlet.open()
	if old == nil || old.outlet == nil {
		f.outlet.use(c.client)
		return f
	}
	f.replaces = c.retire(old)
	c.retired.Go(func() {
		<-f.replaces
		c.mu.Lock()
		defer c.mu.Unlock()
		f.replaces = nil
		f.outlet.use(c.client)
	})
	return f
}

// retire lets a flow bring out what it has taken, and ends it. The channel is closed then. The lock is held.
func (c *connection) retire(f *flow) chan struct{} {
	done := make(chan struct{})
	if f == nil || f.outlet == nil {
		close(done)
		return done
	}
	c.leaving[f] = done
	c.retired.Go(func() {
		defer close(done)
		ctx, cancel := context.WithTimeout(c.ctx, parting)
		defer cancel()
		f.outlet.drain(ctx)
		f.outlet.close()
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.leaving, f)
		if c.outlets[f.subscription.Name] == nil { // none has taken its place
			f.outlet.flow.Forget()
			c.peer.journal.forget(f.subscription.Name)
		}
	})
	return done
}

// publishWith says which client outlets publish with, nil when there is none.
func (c *connection) publishWith(client link.Client) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.client = client
	for _, f := range c.outlets {
		if f.outlet != nil && f.replaces == nil {
			f.outlet.use(client)
		}
	}
	for f := range c.leaving {
		f.outlet.use(client)
	}
}
