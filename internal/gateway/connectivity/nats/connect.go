package nats

import (
	"context"
	"errors"
	"fmt"
	"io"
	"syscall"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/twinway/twinway/internal/snapshot"
)

// maxPings is how many answers may be missing.
const maxPings = 2

// connect connects to the server.
func (c *client) connect(ctx context.Context) error {
	var err error
	options := c.options()
	within := within(ctx, c.times.answer)
	dialer := &dialer{ctx: ctx, within: within, config: c.config}
	defer dialer.forget()
	options = append(options, nats.SetCustomDialer(dialer), nats.Timeout(within))
	c.conn, err = nats.Connect(c.config.Connection.URI, options...)
	switch {
	case err != nil && ctx.Err() != nil:
		return ctx.Err()
	case err != nil && dialer.failed() != nil:
		// The library does not say what has happened.
		return dialer.failed()
	case err != nil && dialer.SkipTLSHandshake() && ended(err):
		return fmt.Errorf("%w: %w", nats.ErrTLS, err)
	case err != nil:
		return err
	}
	c.stream, err = jetstream.New(c.conn,
		jetstream.WithPublishAsyncTimeout(c.times.answer),
		jetstream.WithPublishAsyncAckHandler(c.stored),
		jetstream.WithPublishAsyncErrHandler(c.notStored),
		jetstream.WithDefaultTimeout(c.times.answer),
	)
	return err
}

// ended says that the server has ended the connection without a word.
func ended(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)
}

// within returns how long something may take: as long as ctx allows, but not longer than a bound.
func within(ctx context.Context, bound time.Duration) time.Duration {
	if deadline, ok := ctx.Deadline(); ok {
		return max(min(bound, time.Until(deadline)), time.Millisecond)
	}
	return bound
}

// options returns what the connection is made with.
func (c *client) options() []nats.Option {
	options := []nats.Option{
		nats.Name("twinway-" + c.config.Connection.Name),
		nats.NoReconnect(),
		nats.IgnoreDiscoveredServers(),
		nats.SkipHostLookup(), // the dialer does
		nats.PingInterval(c.times.ping),
		nats.MaxPingsOutstanding(maxPings),
		nats.FlusherTimeout(2 * c.times.answer),
		nats.ErrorHandler(c.disturbed),
		nats.ClosedHandler(c.closed),
	}
	return append(options, login(c.config.Current().Credentials)...)
}

// login returns how to log in.
func login(c *snapshot.Credentials) []nats.Option {
	switch {
	case c == nil:
		return nil
	case c.Basic != nil:
		return []nats.Option{nats.UserInfo(string(c.Basic.Username), string(c.Basic.Password))}
	case c.Bearer != "":
		return []nats.Option{nats.Token(string(c.Bearer))}
	}
	return nil
}
