package mqtt

import (
	"context"
	"fmt"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/mqtt/packet"
)

// subscribe asks for what the sources consume and returns when the broker has agreed.
//
// Errors: *link.Refusal for a filter that the broker does not take, that of ctx, why the client was lost.
func (c *client) subscribe(ctx context.Context) error {
	answers := map[*filter]chan byte{}
	for _, f := range c.routes.filters {
		if f.covered {
			continue
		}
		answer := make(chan byte, 1)
		answers[f] = answer
		id, _ := c.flights.open(&flight{granted: answer})
		c.send(packet.AppendSubscribe(nil, c.version, c.subscription(id, f)))
	}
	for _, f := range c.routes.filters {
		if f.covered {
			continue
		}
		select {
		case code := <-answers[f]:
			if err := c.granting(f, code); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		case <-c.lost:
			return c.Err()
		}
	}
	return nil
}

func (c *client) subscription(id uint16, f *filter) *packet.Subscribe {
	s := &packet.Subscribe{ID: id, Filter: f.text, QoS: f.qos}
	if c.routes.identified {
		s.SubscriptionID = f.id
	}
	// What is retained was delivered, or is kept in the session, if it is acknowledged.
	s.OnlyNew = f.qos > 0 && !f.shared
	return s
}

// granting returns why what a broker grants is not enough, nil if it is.
func (c *client) granting(f *filter, code byte) error {
	if code >= 0x80 {
		return unsubscribable(c.version, f.text, code)
	}
	if code == 0 && f.least {
		return &link.Refusal{Cause: fmt.Errorf("the broker grants only QoS 0 for %q, which is not at least once", f.text)}
	}
	return nil
}

// subscribed takes a broker's answer to a subscription.
func (c *client) subscribed(a packet.Suback) {
	one := c.flights.land(a.ID, func(one *flight) bool { return one.granted != nil })
	if one != nil {
		one.granted <- a.Code
	}
}
