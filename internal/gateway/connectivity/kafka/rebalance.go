package kafka

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"
)

// assigned is called when the group has given partitions to this member.
func (c *consumer) assigned(_ context.Context, _ *kgo.Client, given map[string][]int32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for topic, numbers := range given {
		for _, number := range numbers {
			c.forget(topic, number)
			c.partitions[place{topic, number}] = newPartition(topic, number, c.topics[topic])
		}
	}
	c.stir()
}

// revoked is called when the group takes partitions away. What is settled of them is committed while that is possible.
func (c *consumer) revoked(ctx context.Context, _ *kgo.Client, taken map[string][]int32) {
	if err := c.commit(ctx, taken); err != nil {
		c.config.Logger.Warn("committing has failed for partitions that others get: some messages come again", "cause", err)
	}
	c.lost(ctx, nil, taken)
}

// lost is called when the group has taken partitions away. Nothing can be committed for them: others may have them already.
func (c *consumer) lost(_ context.Context, _ *kgo.Client, taken map[string][]int32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for topic, numbers := range taken {
		for _, number := range numbers {
			c.forget(topic, number)
		}
	}
	c.stir()
}

// forget drops a partition. What of it was handed over can be settled, without consequence. The lock is held.
func (c *consumer) forget(topic string, number int32) {
	at := place{topic, number}
	if p := c.partitions[at]; p != nil {
		p.leave()
		delete(c.partitions, at)
	}
}
