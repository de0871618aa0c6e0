package kafka

import (
	"context"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
)

// Bounds of what is published and has no outcome yet.
const (
	maxUnderWay      = 512
	maxUnderWayBytes = 16 << 20
)

// client implements link.Client.
type client struct {
	*link.Ending

	config   link.Config
	times    times
	producer *kgo.Client
	consumer *consumer // nil without sources
	window   *link.Window
	nudge    chan struct{} // capacity 1: a connection has broken

	ctx    context.Context //nolint:containedctx // until it is closed
	cancel context.CancelFunc
	done   sync.WaitGroup
}

// newClient returns a client that has not connected yet.
func newClient(t times, config link.Config) (*client, error) {
	c := &client{
		Ending: link.NewEnding(), config: config, times: t, nudge: make(chan struct{}, 1),
		window: link.NewWindow(maxUnderWay, maxUnderWayBytes),
	}
	producer, err := kgo.NewClient(append(common(t, config), producing(t, c)...)...)
	if err != nil {
		return nil, refusal("the connection cannot be used: %w", err)
	}
	c.producer = producer
	c.ctx, c.cancel = context.WithCancel(context.Background())
	return c, nil
}

// start lets it consume, and watches over it.
func (c *client) start() {
	if c.consumer != nil {
		c.consumer.start()
	}
	c.done.Go(c.watch)
}

// lose says that the client is of no use any more, and why.
func (c *client) lose(cause error) { c.Lose(cause, c.window.Shut) }

// Close implements link.Client.
func (c *client) Close(ctx context.Context) {
	select {
	case <-c.Lost():
		// Nobody answers: there is nothing to wait for.
		gone, cancel := context.WithCancel(ctx)
		cancel()
		ctx = gone
	default:
		c.lose(nil)
	}
	c.cancel()
	c.done.Wait()
	if c.consumer != nil {
		c.consumer.stop()
	}
	c.window.Drain(ctx)
	if c.consumer != nil {
		c.consumer.close(ctx)
	}
	c.producer.Close()
	// The library tells in a goroutine of its own what became of what it had.
	c.window.Drain(context.WithoutCancel(ctx))
}
