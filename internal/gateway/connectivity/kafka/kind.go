package kafka

import (
	"context"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
)

// New returns the kind for one connection.
func New() link.Kind { return &kind{times: usual, strikes: newStrikes()} }

// kind dials for one connection. It remembers how often messages were to come again.
type kind struct {
	times   times
	strikes *strikes
}

// times says how long things take.
type times struct {
	// answer is how long a broker may take for an answer.
	answer time.Duration
	// check is how often a broker is asked for one, and patience how long none may have given one.
	check, patience time.Duration
	// commit is how long commits are collected.
	commit time.Duration
	// again is how long it takes until a message comes again for the first time. It doubles until longest.
	again, longest time.Duration
	// session is how long the group waits for a member that does not say anything: others, and the next client, get what it had then.
	session time.Duration
	// deliver is how long a message may take to be delivered.
	deliver time.Duration
}

var usual = times{
	answer: 5 * time.Second, check: 10 * time.Second, patience: 15 * time.Second, commit: 100 * time.Millisecond,
	again: 500 * time.Millisecond, longest: 10 * time.Second,
	session: 10 * time.Second, deliver: 15 * time.Second,
}

// Dial implements link.Kind.
func (k *kind) Dial(ctx context.Context, config link.Config) (link.Client, error) {
	topics, err := topicsOf(config.Connection.Sources)
	if err != nil {
		return nil, err
	}
	c, err := newClient(k.times, config)
	if err != nil {
		return nil, err
	}
	if err := c.producer.Ping(ctx); err != nil {
		c.producer.Close()
		return nil, unwelcome(config, err)
	}
	if len(topics) > 0 {
		err = k.consume(ctx, c, topics)
	}
	if err != nil {
		c.producer.Close()
		return nil, failure(err)
	}
	c.start()
	return c, nil
}

// consume gives the client a consumer.
func (k *kind) consume(ctx context.Context, c *client, topics topics) error {
	start := beginning{cluster: c.producer, group: c.config.Connection.Kafka.GroupID}
	if err := start.settle(ctx, topics.names()); err != nil {
		return err
	}
	consumer, err := newConsumer(c, topics, k.strikes)
	c.consumer = consumer
	return err
}
