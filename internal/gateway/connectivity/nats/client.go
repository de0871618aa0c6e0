package nats

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
)

// Bounds of what was published at least once and has no outcome yet.
const (
	maxUnderWay      = 512
	maxUnderWayBytes = 16 << 20
)

// client implements link.Client.
type client struct {
	*link.Ending

	config link.Config
	times  times
	conn   *nats.Conn
	stream jetstream.JetStream
	window *link.Window

	ctx       context.Context //nolint:containedctx // as long as it consumes
	cancel    context.CancelFunc
	consuming sync.WaitGroup
	listeners []*listener
	pulls     []*pull
	unsettled unsettled

	over      context.Context //nolint:containedctx // until it is closed
	finally   context.CancelFunc
	clearing  sync.WaitGroup
	mu        sync.Mutex
	published map[*nats.Msg]*publication // without outcome
	doubtful  chan *nats.Msg             // those of which nobody knows whether there is a stream for them; has room for all

	ended chan struct{} // closed when the library has called for the last time
}

func newClient(t times, config link.Config) *client {
	c := &client{
		Ending: link.NewEnding(), config: config, times: t, window: link.NewWindow(maxUnderWay, maxUnderWayBytes),
		ended:     make(chan struct{}),
		published: map[*nats.Msg]*publication{}, doubtful: make(chan *nats.Msg, maxUnderWay+1),
	}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.over, c.finally = context.WithCancel(context.Background())
	return c
}

// consume subscribes to what the connection has as sources.
func (c *client) consume(ctx context.Context) error {
	for i := range c.config.Connection.Sources {
		if err := c.subscribe(ctx, &c.config.Connection.Sources[i]); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, c.times.answer)
	defer cancel()
	if err := c.conn.FlushWithContext(ctx); err != nil {
		return err
	}
	// The server says so before it answers.
	if err := c.conn.LastError(); errors.Is(err, nats.ErrPermissionViolation) {
		return err
	}
	return nil
}

// start lets it consume.
func (c *client) start() {
	for _, l := range c.listeners {
		c.consuming.Go(l.run)
	}
	for _, p := range c.pulls {
		c.consuming.Go(p.fetch)
		c.consuming.Go(p.handOver)
	}
	if len(c.pulls) > 0 {
		c.clearing.Go(c.keepOn)
	}
	c.clearing.Go(c.clarify)
}

// disturbed is called by the library with what is wrong.
func (c *client) disturbed(_ *nats.Conn, sub *nats.Subscription, err error) {
	if subject := notAllowedTo(err); subject != "" {
		c.forbidden(subject)
	}
	if sub != nil && errors.Is(err, nats.ErrSlowConsumer) {
		return // the listener counts
	}
	c.config.Logger.Warn("the server has something to object", "cause", failure(err))
}

// closed is called by the library when the connection has ended.
func (c *client) closed(conn *nats.Conn) {
	defer close(c.ended)
	err := conn.LastError()
	if err == nil || errors.Is(err, io.EOF) {
		err = errors.New("the server has closed the connection")
	}
	c.lose(failure(err))
}

// lose says that the client is of no use any more, and why.
func (c *client) lose(cause error) { c.Lose(cause, c.window.Shut) }

// Close implements link.Client.
func (c *client) Close(ctx context.Context) {
	c.lose(nil)
	if c.conn.IsClosed() {
		gone, cancel := context.WithCancel(ctx)
		cancel()
		ctx = gone
	}
	c.cancel()
	c.consuming.Wait()
	c.window.Drain(ctx)
	c.flush(ctx)
	c.end()
	c.abandon()
}

// flush sees to it that the server has what was told to it, acknowledgements above all.
func (c *client) flush(ctx context.Context) {
	if ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, c.times.answer)
	defer cancel()
	if err := c.conn.FlushWithContext(ctx); err != nil {
		c.config.Logger.Warn("the server may not know of the last acknowledgements", "cause", failure(err))
	}
}

// end releases the connection, and returns when it has ended.
func (c *client) end() {
	c.cancel()
	c.finally()
	c.clearing.Wait()
	c.lose(nil)
	if c.conn == nil {
		return
	}
	c.conn.Close()
	<-c.ended
}
