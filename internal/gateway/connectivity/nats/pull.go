package nats

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/snapshot"
)

// Bounds of what is fetched and not handed over: in number, and in bytes for each request. A request has room for the largest message, and is
// made when there is less than maxFetchedBytes.
const (
	maxFetched      = 256
	maxFetchedBytes = 4 << 20
	maxEnvelope     = 64 << 10 // subject and the like
)

// pull consumes from a durable consumer.
type pull struct {
	client   *client
	source   *snapshot.Source
	consumer jetstream.Consumer
	// room has something in it for each message that may still be fetched.
	room chan struct{}
	// queue is what was fetched; it has room for all.
	queue chan *delivery
	// bytes is how much is in it, and lighter has something in it when that has become less.
	bytes   atomic.Int64
	lighter chan struct{}
}

func newPull(c *client, source *snapshot.Source, consumer jetstream.Consumer) *pull {
	p := &pull{
		client: c, source: source, consumer: consumer, room: make(chan struct{}, maxFetched), queue: make(chan *delivery, maxFetched),
		lighter: make(chan struct{}, 1),
	}
	for range maxFetched {
		p.room <- struct{}{}
	}
	return p
}

// fetch fetches what there is room for.
func (p *pull) fetch() {
	defer close(p.queue)
	for {
		n := p.reserve()
		if n == 0 {
			return
		}
		got, err := p.request(n)
		for range n - got {
			p.room <- struct{}{}
		}
		if err != nil && !p.goOn(err) {
			return
		}
	}
}

// reserve returns how many messages there is room for. It waits until there is room for one, and returns 0 if consuming is to stop.
func (p *pull) reserve() int {
	for p.bytes.Load() >= maxFetchedBytes {
		select {
		case <-p.lighter:
		case <-p.client.ctx.Done():
			return 0
		}
	}
	select {
	case <-p.room:
	case <-p.client.ctx.Done():
		return 0
	}
	for n := 1; ; n++ {
		select {
		case <-p.room:
		default:
			return n
		}
	}
}

// request fetches up to n messages, and returns how many have come.
func (p *pull) request(n int) (int, error) {
	c := p.client
	ctx, cancel := context.WithTimeout(c.ctx, c.times.fetch)
	defer cancel()
	size := max(maxFetchedBytes, int(c.conn.MaxPayload())+maxEnvelope)
	batch, err := p.consumer.Fetch(n, jetstream.FetchContext(ctx), jetstream.FetchMaxBytes(size),
		jetstream.FetchHeartbeat(c.times.fetch/6))
	if err != nil {
		return 0, err
	}
	got := 0
	for msg := range batch.Messages() {
		d := newDelivery(msg)
		c.unsettled.add(d)
		p.bytes.Add(d.size())
		p.queue <- d
		got++
	}
	return got, batch.Error()
}

// goOn says whether to fetch again after an error.
func (p *pull) goOn(err error) bool {
	c := p.client
	switch {
	case c.ctx.Err() != nil:
		return false
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, nats.ErrTimeout):
		return true
	case errors.Is(err, jetstream.ErrConsumerLeadershipChanged), errors.Is(err, jetstream.ErrServerShutdown):
		link.Pause(c.ctx, c.times.answer/10)
		return true
	}
	c.lose(failure(err))
	return false
}

// handOver hands over what was fetched, in order. What is not handed over is given back.
func (p *pull) handOver() {
	c := p.client
	for d := range p.queue {
		p.room <- struct{}{}
		p.lighten(d)
		if c.ctx.Err() != nil {
			c.unsettled.giveBack(d)
			continue
		}
		err := c.config.Consumer.Consume(c.ctx, link.Consumed{
			Source: p.source.Name, Message: d.message(), Redelivered: d.before,
			Settle: func(s link.Settlement) { c.settle(d, s) },
		})
		if err != nil { // it is to stop, or nothing is taken any more
			c.unsettled.giveBack(d)
			c.cancel()
		}
	}
}

// lighten makes room for what was taken from the queue.
func (p *pull) lighten(d *delivery) {
	p.bytes.Add(-d.size())
	select {
	case p.lighter <- struct{}{}:
	default:
	}
}

// settle tells the server what became of a message.
func (c *client) settle(d *delivery, s link.Settlement) {
	if !c.unsettled.remove(d) {
		return
	}
	var err error
	switch s {
	case link.Accept:
		err = d.msg.Ack()
	case link.Redeliver:
		err = d.msg.NakWithDelay(c.delay(d.before))
	default:
		err = d.msg.Term()
	}
	if err != nil {
		c.config.Logger.Debug("a message comes again, as the server cannot be told that it was settled", "cause", failure(err))
	}
}

// delay returns when a message is to come again, the longer the more often it has.
func (c *client) delay(before int) time.Duration {
	wait := c.times.longest
	if before < 16 {
		wait = min(wait, c.times.again<<before)
	}
	return wait/2 + rand.N(wait/2+1) //nolint:gosec // no secret
}

// keepOn tells the server, well before it has waited too long, what is still worked on: also while nothing is
// consumed any more, as long as the client is not closed.
func (c *client) keepOn() {
	ticker := time.NewTicker(c.times.ack / 3)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			c.unsettled.keep()
		case <-c.over.Done():
			return
		}
	}
}
