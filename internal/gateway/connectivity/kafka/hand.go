package kafka

import (
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/snapshot"
)

// handOver hands messages over in order. It reports whether to go on: not when it is to stop, or nothing is taken any more.
func (c *consumer) handOver(batch []piece) bool {
	for i := range batch {
		for len(batch[i].records) > 0 {
			if !c.hand(batch[i].partition, batch[i].records[0]) {
				c.takeBack(batch[i:])
				return false
			}
			batch[i].records = batch[i].records[1:]
		}
	}
	return true
}

// takeBack has not committed what was committed ahead and was not handed over.
func (c *consumer) takeBack(rest []piece) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, piece := range rest {
		if p := piece.partition; p.source.Delivery == snapshot.AtMostOnce && len(piece.records) > 0 {
			p.passBy(min(p.done, piece.records[0].Offset))
		}
	}
}

// hand hands a message over, unless its partition was taken away or is going to be read again. It reports whether to go on.
func (c *consumer) hand(p *partition, record *kgo.Record) bool {
	if p.source.Delivery == snapshot.AtMostOnce {
		return c.handOnce(p, record)
	}
	t, ok := c.take(p, record.Offset)
	if t == nil {
		return ok
	}
	if expired(record, c.config.Clock()) {
		c.dropped(p, record)
		c.settle(p, t, link.Accept)
		return true
	}
	err := c.config.Consumer.Consume(c.ctx, link.Consumed{
		Source: p.source.Name, Message: inbound(record), Settle: c.settlement(p, t),
		Redelivered: c.strikes.of(position{p.topic, p.number, record.Offset}),
	})
	if err == nil {
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	p.giveBack()
	return false
}

// handOnce hands over what was committed ahead. If it was it is nobody else's, even if the partition was taken away since.
func (c *consumer) handOnce(p *partition, record *kgo.Record) bool {
	c.mu.Lock()
	mine := record.Offset < p.committed
	c.mu.Unlock()
	if !mine {
		return true
	}
	if expired(record, c.config.Clock()) {
		c.dropped(p, record)
		return true
	}
	return c.config.Consumer.Consume(c.ctx, link.Consumed{Source: p.source.Name, Message: inbound(record)}) == nil
}

func (c *consumer) dropped(p *partition, record *kgo.Record) {
	c.config.Logger.Debug("dropped a message that has expired", "source", p.source.Name, "topic", p.topic,
		"partition", p.number, "offset", record.Offset)
}

// take notes that a message is going to be handed over, and waits until that may be. It returns nil for one that is not to be, and
// whether to go on.
func (c *consumer) take(p *partition, offset int64) (*taken, bool) {
	for c.ctx.Err() == nil {
		c.mu.Lock()
		if !p.takes() {
			c.mu.Unlock()
			return nil, true
		}
		if !p.full() {
			defer c.mu.Unlock()
			return p.take(offset), true
		}
		c.mu.Unlock()
		select {
		case <-p.room:
		case <-c.ctx.Done():
		}
	}
	return nil, false
}
