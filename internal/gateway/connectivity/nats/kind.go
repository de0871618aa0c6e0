package nats

import (
	"context"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
)

// New returns the kind for one connection.
func New() link.Kind { return kind{usual} }

// kind dials for one connection.
type kind struct{ times times }

// times says how long things take.
type times struct {
	// answer is how long the server may take for an answer.
	answer time.Duration
	// ping is how often the server is asked for one: the connection has ended when two are missing.
	ping time.Duration
	// ack is how long the server waits for a settlement, or to be told that it is worked on.
	ack time.Duration
	// fetch is how long a request for messages lasts.
	fetch time.Duration
	// again is how long it takes until a message comes again for the first time. It doubles until longest.
	again, longest time.Duration
}

var usual = times{
	answer: 5 * time.Second, ping: 10 * time.Second, ack: 15 * time.Second, fetch: 30 * time.Second,
	again: 500 * time.Millisecond, longest: 10 * time.Second,
}

// Dial implements link.Kind.
func (k kind) Dial(ctx context.Context, config link.Config) (link.Client, error) {
	c := newClient(k.times, config)
	if err := c.connect(ctx); err != nil {
		c.end()
		return nil, failure(err)
	}
	if err := c.consume(ctx); err != nil {
		c.end()
		return nil, failure(err)
	}
	c.start()
	return c, nil
}
