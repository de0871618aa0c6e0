package kafka

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/snapshot"
)

// commitAll commits what is settled, a while after it is.
func (c *consumer) commitAll() {
	for {
		select {
		case <-c.dirty:
		case <-c.ctx.Done():
			return
		}
		link.Pause(c.ctx, c.times.commit)
		err := c.commit(c.ctx, nil)
		switch {
		case err == nil, c.ctx.Err() != nil:
		case fatal(err):
			c.lose(failure(err))
			return
		default:
			c.config.Logger.Warn("committing has failed", "cause", err)
			link.Pause(c.ctx, 10*c.times.commit)
			c.soil()
		}
	}
}

// commit commits what is settled: of all partitions, or of those that are asked for.
func (c *consumer) commit(ctx context.Context, only map[string][]int32) error {
	c.committing.Lock()
	defer c.committing.Unlock()
	c.mu.Lock()
	ready := c.ready(only)
	c.mu.Unlock()
	if len(ready) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 2*c.times.answer)
	defer cancel()
	at := map[string]map[int32]kgo.EpochOffset{}
	for p, offset := range ready {
		if at[p.topic] == nil {
			at[p.topic] = map[int32]kgo.EpochOffset{}
		}
		at[p.topic][p.number] = kgo.EpochOffset{Epoch: -1, Offset: offset}
	}
	var failed error
	c.library.CommitOffsetsSync(ctx, at,
		func(_ *kgo.Client, _ *kmsg.OffsetCommitRequest, response *kmsg.OffsetCommitResponse, err error) {
			failed = commitError(response, err)
		})
	if failed != nil {
		return failed
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for p, offset := range ready {
		p.committed = offset
	}
	return nil
}

// ready returns what can be committed. The lock is held.
func (c *consumer) ready(only map[string][]int32) map[*partition]int64 {
	found := map[*partition]int64{}
	add := func(p *partition) {
		if p != nil && !p.gone && p.done != p.committed && !c.deaf {
			found[p] = p.done
		}
	}
	if only == nil {
		for _, p := range c.partitions {
			add(p)
		}
		return found
	}
	for topic, numbers := range only {
		for _, number := range numbers {
			add(c.partitions[place{topic, number}])
		}
	}
	return found
}

// commitAhead commits what is consumed at most once before it is handed over. What cannot be committed is read again.
func (c *consumer) commitAhead(batch []piece) {
	once := map[string][]int32{}
	c.mu.Lock()
	for _, piece := range batch {
		if p := piece.partition; p.source.Delivery == snapshot.AtMostOnce && p.takes() {
			p.passBy(piece.records[len(piece.records)-1].Offset + 1)
			once[p.topic] = append(once[p.topic], p.number)
		}
	}
	c.mu.Unlock()
	if len(once) == 0 {
		return
	}
	err := c.commit(c.ctx, once)
	if err == nil {
		return
	}
	if fatal(err) {
		c.lose(failure(err))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, piece := range batch {
		if p := piece.partition; p.source.Delivery == snapshot.AtMostOnce && p.takes() {
			p.recall(piece.records[0].Offset)
			c.delay(p, 1)
		}
	}
}
