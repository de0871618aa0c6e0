package connectivity

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/management"
	"github.com/twinway/twinway/internal/snapshot"
)

// keepOpen dials, and dials again, until something else is wanted that asks for another client, or ctx ends.
func (c *connection) keepOpen(ctx context.Context, d *desire) {
	in, err := newInlet(c.peer, d.connection.Sources)
	if err != nil {
		c.broken(err)
		c.awaitChange(ctx, d)
		return
	}
	defer c.leave(in)
	c.become(status{state: management.LinkConnecting, message: connecting})
	var wait backoff
	for c.serves(d) && ctx.Err() == nil {
		tried := c.desired()
		client, err := c.dial(ctx, d, in)
		if err != nil && c.over(ctx, d) {
			return
		}
		c.peer.metrics.Dialled(err == nil)
		if err != nil {
			c.peer.journal.note(Event{Kind: EventOpened, Failure: true, Message: err.Error()})
			c.become(down("cannot connect", err))
			c.pause(ctx, d, tried, wait.next(c.desired().reconnect()))
			continue
		}
		opened := time.Now()
		cause := c.serve(ctx, d, client, in)
		wait.lasted(time.Since(opened), c.desired().reconnect())
		if cause != nil {
			c.pause(ctx, d, c.desired(), wait.next(c.desired().reconnect()))
		}
	}
}

// leave ends an inlet, and forgets those of its sources and inbound Subscriptions that are no more.
func (c *connection) leave(in *inlet) {
	in.close()
	left := map[string]bool{}
	if d := c.desired(); !d.gone {
		for i := range d.connection.Sources {
			left[d.connection.Sources[i].Name] = true
		}
		for _, sub := range d.inbound {
			left[sub.Name] = true
		}
	}
	for name, s := range in.streams() {
		if !left[name] {
			s.forget(c.peer)
		}
	}
}

// reconnect returns how a lost connection is made again.
func (d *desire) reconnect() snapshot.Reconnect {
	if d.gone {
		return snapshot.Reconnect{}
	}
	return d.connection.Reconnect
}

// serves reports whether a client that was dialled for d is what is wanted now.
func (c *connection) serves(d *desire) bool { return c.desired().serves(d) }

// over reports whether what has failed was broken off, as nobody wants it any more.
func (c *connection) over(ctx context.Context, d *desire) bool {
	return ctx.Err() != nil || !c.serves(d)
}

// awaitChange returns when another client is wanted, or ctx ends.
func (c *connection) awaitChange(ctx context.Context, d *desire) {
	for c.serves(d) {
		select {
		case <-c.wake:
		case <-ctx.Done():
			return
		}
	}
}

// pause waits for as long as is told, but no longer when something else is wanted, or other credentials than those that were tried
// may help.
func (c *connection) pause(ctx context.Context, d, tried *desire, delay time.Duration) {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	for c.serves(d) {
		select {
		case <-timer.C:
			return
		case <-ctx.Done():
			return
		case <-c.wake:
			if now := c.desired(); now.open() && !sameSecrets(now.connection, tried.connection) {
				return
			}
		}
	}
}

// dial makes one attempt.
func (c *connection) dial(ctx context.Context, d *desire, in *inlet) (link.Client, error) {
	ctx, done := c.attempted(ctx, d, dialTimeout)
	defer done()
	client, err := c.kind.Dial(ctx, link.Config{
		Connection: d.connection, Current: c.leased(d).now.Load, Consumer: in, Logger: c.peer.log, Clock: c.peer.clock,
	})
	if errors.Is(err, context.DeadlineExceeded) && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return nil, fmt.Errorf("the other end has not answered within %v", dialTimeout)
	}
	return client, err
}

// serve lets signals flow through a client until it is lost or another is wanted, and closes it. It returns why it was lost, nil if
// it was not.
func (c *connection) serve(ctx context.Context, d *desire, client link.Client, in *inlet) error {
	select {
	case <-c.wake: // what is wanted now is asked for, and looked at again
	default:
	}
	refused, err := c.ask(ctx, d, client, in)
	if err != nil {
		c.part(ctx, client, in, 0)
		if c.over(ctx, d) {
			return nil
		}
		c.peer.journal.note(Event{Kind: EventOpened, Failure: true, Message: err.Error()})
		c.become(down("cannot connect", err))
		return err
	}
	in.use(client)
	c.publishWith(client)
	c.peer.journal.note(Event{Kind: EventOpened})
	c.become(status{state: management.LinkOpen, refused: refused})
	cause := c.watch(ctx, d, client, in)
	if cause != nil {
		c.peer.journal.note(Event{Kind: EventLost, Failure: true, Message: cause.Error()})
		c.become(down("reconnecting", cause))
		c.publishWith(nil)
		c.part(ctx, client, in, 0)
		return cause
	}
	c.part(ctx, client, in, parting)
	c.peer.journal.note(Event{Kind: EventClosed})
	return nil
}

// watch returns when the client is lost, with the cause, or when another is wanted or ctx ends, with nil.
func (c *connection) watch(ctx context.Context, d *desire, client link.Client, in *inlet) error {
	for c.serves(d) {
		select {
		case <-client.Lost():
			return lostBy(client)
		case <-ctx.Done():
			return nil
		case <-c.wake:
			if !c.serves(d) {
				return nil
			}
			refused, err := c.ask(ctx, d, client, in)
			if err != nil && c.over(ctx, d) {
				return nil
			}
			if err != nil {
				return err
			}
			c.become(status{state: management.LinkOpen, refused: refused})
		}
	}
	return nil
}

func lostBy(client link.Client) error {
	if err := client.Err(); err != nil {
		return err
	}
	return link.ErrLost
}

// ask tells the other end what the inbound Subscriptions want, if it can be told. It returns those that it refuses.
func (c *connection) ask(ctx context.Context, d *desire, client link.Client, in *inlet) (refused map[string]string, err error) {
	asker, ok := client.(link.Asker)
	if !ok {
		return nil, nil
	}
	ctx, done := c.attempted(ctx, d, askTimeout)
	defer done()
	inbound := c.desired().inbound
	in.ask(inbound)
	err = asker.Ask(ctx, inbound)
	refused = refusals(err)
	if len(refused) > 0 {
		for name, why := range refused {
			c.peer.journal.note(Event{Kind: EventOpened, Name: name, Failure: true, Message: why})
		}
		return refused, nil
	}
	return nil, err
}

// refusals returns the Subscriptions that an error is about, and why.
func refusals(err error) map[string]string {
	all := map[string]string{}
	var collect func(error)
	collect = func(err error) {
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			for _, e := range joined.Unwrap() {
				collect(e)
			}
			return
		}
		if r, ok := errors.AsType[*link.RefusedSubscription](err); ok {
			all[r.Name] = r.Cause.Error()
		}
	}
	collect(err)
	return all
}

// part closes a client: what came in is settled and what is on its way has its outcome, as long as that takes no longer than is told.
// When the gateway ends it takes no longer than a farewell.
func (c *connection) part(ctx context.Context, client link.Client, in *inlet, within time.Duration) {
	if ctx.Err() != nil {
		within = min(within, farewell)
	}
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), within)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(farewell, cancel) })
	defer stop()
	if within > 0 {
		if !c.desired().open() {
			c.brought(patience)
		}
		in.drain(patience)
	}
	c.publishWith(nil)
	in.use(nil)
	client.Close(patience)
}

// brought returns when the outlets that have ended have brought out what they had, or ctx ends.
func (c *connection) brought(ctx context.Context) {
	c.mu.Lock()
	var all []chan struct{}
	for _, line := range c.leaving {
		for _, f := range line {
			all = append(all, f.left)
		}
	}
	c.mu.Unlock()
	for _, done := range all {
		select {
		case <-done:
		case <-ctx.Done():
			return
		}
	}
}
