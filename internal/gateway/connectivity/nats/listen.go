package nats

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/snapshot"
)

// Bounds of what a subscription may have waiting.
const (
	maxWaiting      = 2048
	maxWaitingBytes = 16 << 20
)

// listener consumes a subject at most once.
type listener struct {
	client  *client
	source  *snapshot.Source
	sub     *nats.Subscription
	dropped int       // as far as it was logged
	logged  time.Time // when
}

// subscribe consumes a source.
func (c *client) subscribe(ctx context.Context, source *snapshot.Source) error {
	if source.Delivery == snapshot.AtLeastOnce {
		return c.pullFrom(ctx, source)
	}
	for _, subject := range source.Addresses {
		if err := c.listen(source, subject); err != nil {
			return err
		}
	}
	return nil
}

// listen subscribes to a subject.
func (c *client) listen(source *snapshot.Source, subject string) error {
	var sub *nats.Subscription
	var err error
	if group := c.config.Connection.NATS.QueueGroup; group != "" {
		sub, err = c.conn.QueueSubscribeSync(subject, group)
	} else {
		sub, err = c.conn.SubscribeSync(subject)
	}
	if err != nil {
		return err
	}
	c.listeners = append(c.listeners, &listener{client: c, source: source, sub: sub})
	return sub.SetPendingLimits(maxWaiting, maxWaitingBytes)
}

// run hands over what comes in.
func (l *listener) run() {
	c := l.client
	for c.ctx.Err() == nil {
		msg, err := l.sub.NextMsgWithContext(c.ctx)
		switch {
		case errors.Is(err, nats.ErrSlowConsumer):
			l.count()
			continue
		case err != nil:
			return // the connection has ended, or is about to
		}
		if c.config.Consumer.Consume(c.ctx, link.Consumed{Source: l.source.Name, Message: inbound(msg)}) != nil {
			return
		}
	}
}

// count tells how much is lost because it is not taken fast enough, once in a while.
func (l *listener) count() {
	c := l.client
	dropped, err := l.sub.Dropped()
	now := c.config.Clock()
	if err != nil || dropped == l.dropped || now.Sub(l.logged) < time.Second {
		return
	}
	c.config.Logger.Warn("messages are lost because they come faster than they can be handled", "source", l.source.Name,
		"subject", l.sub.Subject, "messages", dropped-l.dropped)
	l.dropped, l.logged = dropped, now
}
