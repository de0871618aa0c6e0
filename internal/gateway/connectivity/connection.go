package connectivity

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/management"
	"github.com/twinway/twinway/internal/snapshot"
)

// Times of a connection.
const (
	// dialTimeout is how long one attempt to open it may take.
	dialTimeout = 30 * time.Second
	// askTimeout is how long the other end may take to agree to what it is asked for.
	askTimeout = 30 * time.Second
	// parting is how long what is under way may take when it is closed or changed.
	parting = 15 * time.Second
	// farewell is how long it may take when the gateway ends.
	farewell = 2 * time.Second
)

// connection keeps one Connection. Its goroutine does all that waits for the other end.
type connection struct {
	peer    *peer
	kind    link.Kind
	changed func()                   // the status
	labels  atomic.Pointer[[]string] // declared
	ctx     context.Context          //nolint:containedctx // until nothing can go out any more
	stop    context.CancelFunc
	wake    chan struct{} // capacity 1: what is wanted has changed

	mu      sync.Mutex
	wanted  *desire
	state   status
	resting chan struct{} // closed while there is no client, nor anything on its way to one
	attempt *attempt      // nil unless the other end is waited for
	lease   *lease        // of the last client
	outlets map[string]*flow
	leaving map[string][]*flow // those that are wanted no more and may still have something to bring out, oldest first
	client  link.Client        // nil without
	since   time.Time          // there is a client
	retired sync.WaitGroup     // for those that leave
}

// newConnection returns a connection that is wanted nothing of yet. The service's lock is held.
func (s *Service) newConnection(name string, first *snapshot.Connection) *connection {
	o := &s.options
	c := &connection{
		kind: o.kindOf(first.Type), changed: o.Changed, wake: make(chan struct{}, 1), wanted: &desire{gone: true},
		resting: make(chan struct{}), outlets: map[string]*flow{},
		leaving: map[string][]*flow{},
	}
	c.ctx, c.stop = context.WithCancel(s.ctx)
	close(c.resting)
	c.labels.Store(&[]string{})
	c.peer = &peer{
		name: name, kind: first.Type, party: o.Broker.NewParty(), handler: o.Handler, broker: o.Broker, hubs: o.Hubs,
		metrics: o.Metrics.Connection(name), journal: newJournal(o.Clock), log: o.Logger.With("connection", name), clock: o.Clock,
		declared: func() []string { return *c.labels.Load() },
	}
	return c
}

// desired returns what the connection is to be.
func (c *connection) desired() *desire {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.wanted
}

// want says what the connection is to be. Its outlets follow at once, and the rest soon.
func (c *connection) want(d *desire) {
	c.mu.Lock()
	c.wanted = d
	if d.open() && c.outlets != nil {
		c.resting = renewed(c.resting)
	}
	c.attempt.follow(d)
	c.lease.follow(d)
	c.mu.Unlock()
	if !d.gone {
		labels := d.declared()
		c.labels.Store(&labels)
	}
	c.arrange(d)
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// renewed returns the channel, or another one if it is closed.
func renewed(c chan struct{}) chan struct{} {
	select {
	case <-c:
		return make(chan struct{})
	default:
		return c
	}
}

// settled returns when the connection rests, or ctx ends.
func (c *connection) settled(ctx context.Context) {
	c.mu.Lock()
	resting := c.resting
	c.mu.Unlock()
	select {
	case <-resting:
	case <-ctx.Done():
	}
}

// run keeps the connection as it is wanted until it is gone or ctx ends.
func (c *connection) run(ctx context.Context) {
	defer c.end()
	for ctx.Err() == nil {
		d := c.desired()
		if d.gone {
			return
		}
		if d.open() {
			c.keepOpen(ctx, d)
			continue
		}
		c.rest()
		select {
		case <-c.wake:
		case <-ctx.Done():
		}
	}
}

// rest says that the connection is closed, as it is to be.
func (c *connection) rest() {
	c.become(status{state: management.LinkClosed})
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.wanted.open() {
		return
	}
	select {
	case <-c.resting:
	default:
		close(c.resting)
	}
}

// end releases what the connection has.
func (c *connection) end() {
	c.mu.Lock()
	all := c.outlets
	c.outlets = nil
	c.mu.Unlock()
	c.stop() // there will be no client
	for f := range maps.Values(all) {
		f.close()
	}
	c.retired.Wait()
	c.peer.party.End()
	c.peer.metrics.Forget()
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.resting:
	default:
		close(c.resting)
	}
}

func (c *connection) status() status {
	c.mu.Lock()
	defer c.mu.Unlock()
	st := c.state
	for name, f := range c.outlets {
		if f.broken == nil {
			continue
		}
		st.refused = maps.Clone(st.refused)
		if st.refused == nil {
			st.refused = map[string]string{}
		}
		st.refused[name] = f.broken.Error()
	}
	return st
}

// become takes over a state, and tells if it is another one.
func (c *connection) become(st status) {
	c.mu.Lock()
	was := c.state
	c.state = st
	c.mu.Unlock()
	if was.state == st.state && was.message == st.message && maps.Equal(was.refused, st.refused) {
		return
	}
	c.peer.metrics.State(string(st.state), linkStates...)
	c.tell(st)
	c.changed()
}

// tell tells the log of a state. It is the same as long as its cause is.
func (c *connection) tell(st status) {
	switch {
	case st.state == management.LinkOpen:
		c.peer.log.Info("connection open")
	case st.state == management.LinkClosed:
		c.peer.log.Info("connection closed")
	case st.message != connecting:
		c.peer.log.Warn("connection not open", "state", st.state, "cause", st.message)
	}
	for name, why := range st.refused {
		c.peer.log.Warn("subscription refused by the other end", "subscription", name, "cause", why)
	}
}

// broken says that the connection cannot serve, because of what the snapshot says of it.
func (c *connection) broken(cause error) {
	c.become(status{state: management.LinkFailed, message: cut(fmt.Sprint(cause))})
}

// kindOf returns a kind of connection.
func (o *Options) kindOf(t snapshot.ConnectionType) link.Kind {
	if kind := o.Kinds[t]; kind != nil {
		return kind()
	}
	return unknown(t)
}

// unknown is a kind that this version does not know.
type unknown snapshot.ConnectionType

// Dial implements link.Kind.
func (u unknown) Dial(context.Context, link.Config) (link.Client, error) {
	return nil, &link.Refusal{Cause: fmt.Errorf("this version of the gateway knows no connections of type %q", string(u))}
}
