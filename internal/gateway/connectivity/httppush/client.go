package httppush

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/snapshot"
)

// client makes requests to one host. It implements link.Client.
type client struct {
	base     *url.URL
	options  *snapshot.HTTPPush
	current  func() *snapshot.Connection
	clock    func() time.Time
	omitBody map[string]bool

	tokens     *link.Tokens
	transports *transports
	room       *room
	lanes      *lanes

	// running ends with the client: requests do not last longer.
	running context.Context
	stop    context.CancelFunc
	lost    chan struct{}
	closing sync.Once
}

func newClient(base *url.URL, c link.Config) *client {
	client := &client{
		base:     base,
		options:  c.Connection.HTTPPush,
		current:  c.Current,
		clock:    c.Clock,
		omitBody: map[string]bool{},
		tokens:   link.NewTokens(c.Current, c.Clock),
		lost:     make(chan struct{}),
		room:     newRoom(maxQueued, maxQueuedBytes),
	}
	for _, method := range client.options.OmitBody {
		client.omitBody[method] = true
	}
	client.lanes = newLanes(client.options.Parallelism, client.do)
	client.running, client.stop = context.WithCancel(context.Background())
	client.transports = &transports{base: base, connections: client.options.Parallelism, running: client.running}
	return client
}

// check says what would be wrong with every request.
func (c *client) check(ctx context.Context) error {
	now := c.current()
	if c.base.Scheme == "https" {
		if _, err := link.TLS(now, c.base.Hostname()); err != nil {
			return err
		}
	}
	token, err := c.tokens.Token(ctx)
	if err != nil {
		return err
	}
	request := (&http.Request{Method: http.MethodGet, URL: c.base, Host: hostOf(c.base), Header: http.Header{}}).WithContext(ctx)
	return c.authorize(request, nil, now.Credentials, token)
}

// Publish implements link.Client.
func (c *client) Publish(ctx context.Context, m *external.Message, _ snapshot.DeliveryGuarantee, done func(link.Outcome)) error {
	size := sizeOf(m)
	if err := c.room.take(ctx, size); err != nil {
		return err
	}
	c.lanes.put(&job{message: m, done: func(o link.Outcome) {
		c.room.give(size)
		done(o)
	}})
	return nil
}

// Lost implements link.Client.
func (c *client) Lost() <-chan struct{} { return c.lost }

// Err implements link.Client: a client is only ever closed.
func (c *client) Err() error { return nil }

// Close implements link.Client.
func (c *client) Close(ctx context.Context) {
	c.closing.Do(func() {
		close(c.lost)
		c.room.shut()
	})
	c.room.empty(ctx.Done())
	// What is under way ends, and what waits has its outcome without being tried.
	c.stop()
	c.room.empty(nil)
	c.lanes.wait()
	c.transports.close()
}
