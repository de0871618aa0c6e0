package connectivity

import (
	"reflect"
	"slices"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/snapshot"
)

// flow is an outbound Subscription of a connection.
//
// Those of one name stand in a line: the ones that are wanted no more, oldest first, and behind them the one that is. The first of them
// publishes.
type flow struct {
	subscription *snapshot.Subscription
	declared     []string // with which it has subscribed
	outlet       *outlet  // nil if it is broken
	broken       error
	turn         time.Time     // since when it is the first, zero if it is not
	left         chan struct{} // closed when it has left the line
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
		c.outlets[name] = c.newFlow(sub)
		c.retire(f)
		c.advance(name)
	}
}

// newFlow returns the flow of a Subscription, which takes signals from now on and waits for its turn. The lock is held.
func (c *connection) newFlow(sub *snapshot.Subscription) *flow {
	f := &flow{subscription: sub, declared: c.peer.declared(), left: make(chan struct{})}
	if f.outlet, f.broken = newOutlet(c.peer, sub); f.broken != nil {
		f.outlet = nil
		return f
	}
	f.outlet.hold()
	f.outlet.open()
	return f
}

// first returns the first flow of a name, nil if there is none. The lock is held.
func (c *connection) first(name string) *flow {
	if line := c.leaving[name]; len(line) > 0 {
		return line[0]
	}
	if f := c.outlets[name]; f != nil && f.outlet != nil {
		return f
	}
	return nil
}

// advance lets the first flow of a name publish, if it does not yet. The lock is held.
func (c *connection) advance(name string) {
	if f := c.first(name); f != nil && f.turn.IsZero() {
		f.turn = time.Now()
		f.outlet.use(c.client)
	}
}

// publishWith says which client outlets publish with, nil when there is none.
func (c *connection) publishWith(client link.Client) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.client, c.since = client, time.Now()
	for name, f := range c.outlets {
		if len(c.leaving[name]) == 0 && f.outlet != nil {
			f.outlet.use(client)
		}
	}
	for name := range c.leaving {
		c.first(name).outlet.use(client)
	}
}
