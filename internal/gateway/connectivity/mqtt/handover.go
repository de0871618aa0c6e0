package mqtt

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/snapshot"
)

// handOver hands over what comes until nothing is consumed any more.
func (c *client) handOver() {
	defer close(c.handedOver)
	var sources []*snapshot.Source
	for {
		a, ok := c.intake.next(c.consuming)
		if !ok {
			return
		}
		sources = c.routes.match(sources[:0], a.publish)
		if !c.hand(a, sources) {
			return
		}
	}
}

// hand hands a message to sources, and reports false if nothing is consumed any more.
func (c *client) hand(a arrival, sources []*snapshot.Source) bool {
	v := &verdict{client: c, arrival: a}
	v.left.Store(int32(len(sources)))
	redelivered := c.redelivered(a)
	for i, source := range sources {
		consumed := link.Consumed{Source: source.Name, Message: incoming(a.publish, source, c.version), Redelivered: redelivered}
		if i > 0 {
			consumed.Message.Payload = slices.Clone(consumed.Message.Payload)
		}
		if a.receipt != nil && source.Delivery == snapshot.AtLeastOnce {
			consumed.Settle = v.settle
		}
		if err := c.config.Consumer.Consume(c.consuming, consumed); err != nil {
			return false
		}
		if consumed.Settle == nil {
			v.settle(link.Accept)
		}
	}
	if len(sources) == 0 {
		v.settle(link.Accept)
	}
	return true
}

// redelivered returns how often a message has come before, as far as is known.
func (c *client) redelivered(a arrival) int {
	if a.receipt == nil {
		return 0
	}
	times := c.kind.memory.times(a.publish)
	if times == 0 && a.publish.Dup {
		return 1
	}
	return times
}

// verdict is what becomes of a message, which all decide that it was handed to.
type verdict struct {
	client  *client
	arrival arrival
	left    atomic.Int32
	again   atomic.Bool
}

// settle takes the decision of one of them.
func (v *verdict) settle(s link.Settlement) {
	if s == link.Redeliver {
		v.again.Store(true)
	}
	if v.left.Add(-1) > 0 || v.arrival.receipt == nil {
		return
	}
	v.client.settled(v.arrival, v.again.Load())
}

// settled acknowledges a message, or has it delivered again.
func (c *client) settled(a arrival, again bool) {
	if !again {
		c.kind.memory.calm(a.publish)
		c.receipts.settle(a.receipt, true)
		return
	}
	if !keeps(c.config.Connection.MQTT) {
		// A broker that keeps no session delivers nothing again, and what is not acknowledged would only use up what it may send.
		c.config.Logger.Warn("message not delivered again: the broker keeps no session", "topic", a.publish.Topic)
		c.receipts.settle(a.receipt, true)
		return
	}
	c.kind.memory.trouble(a.publish)
	c.receipts.settle(a.receipt, false)
	c.returnLater()
}

// Times of ending.
const (
	// farewell is how long a goodbye may take when the time is over.
	farewell = time.Second
	// respite is how long outcomes may take when the client connects again on its own account.
	respite = 5 * time.Second
)

const errRedelivery = errText("connecting again, so that the broker delivers again what could not be dealt with")

// returnLater ends the client after a while: protocol rule, a broker delivers again when a client connects again, and at no other time.
func (c *client) returnLater() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over || c.parting || !c.again.CompareAndSwap(false, true) {
		return
	}
	c.goroutines.Go(func() {
		if !link.Pause(c.ctx, c.kind.redelivery) {
			return
		}
		ctx, cancel := context.WithTimeout(c.ctx, respite)
		defer cancel()
		c.part(ctx)
		c.fail(errRedelivery)
	})
}
