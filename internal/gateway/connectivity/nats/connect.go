package nats

import (
	"context"
	"net"
	"net/url"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/snapshot"
)

// maxPings is how many answers may be missing.
const maxPings = 2

// connect connects to the server.
func (c *client) connect(ctx context.Context) error {
	options, err := c.options()
	if err != nil {
		return err
	}
	dialer := &dialer{ctx: ctx}
	defer dialer.forget()
	options = append(options, nats.SetCustomDialer(dialer), nats.Timeout(within(ctx, c.times.answer)))
	c.conn, err = nats.Connect(c.config.Connection.URI, options...)
	switch {
	case err != nil && ctx.Err() != nil:
		return ctx.Err()
	case err != nil && dialer.failed() != nil:
		// The library does not say what has happened.
		return dialer.failed()
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

// within returns how long something may take: as long as ctx allows, but not longer than a bound.
func within(ctx context.Context, bound time.Duration) time.Duration {
	if deadline, ok := ctx.Deadline(); ok {
		return max(min(bound, time.Until(deadline)), time.Millisecond)
	}
	return bound
}

// options returns what the connection is made with.
func (c *client) options() ([]nats.Option, error) {
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
	now := c.config.Current()
	where, err := url.Parse(c.config.Connection.URI)
	if err != nil {
		return nil, refusal("the address cannot be used")
	}
	if where.Scheme == "tls" {
		how, err := link.TLS(now, where.Hostname())
		if err != nil {
			return nil, err
		}
		options = append(options, nats.Secure(how))
	}
	return append(options, login(now.Credentials)...), nil
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

// dialer dials as long as a context allows, and breaks off what follows when it ends.
type dialer struct {
	ctx context.Context //nolint:containedctx // the library has none

	mu   sync.Mutex
	err  error
	stop []func() bool
}

// Dial implements nats.CustomDialer.
func (d *dialer) Dial(network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(d.ctx, network, address)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err = err
	if err != nil {
		return nil, err
	}
	d.stop = append(d.stop, context.AfterFunc(d.ctx, func() { _ = conn.Close() }))
	return conn, nil
}

// failed returns why dialling has failed, nil if it has not.
func (d *dialer) failed() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.err
}

// forget leaves connections alone from now on.
func (d *dialer) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, stop := range d.stop {
		stop()
	}
}
