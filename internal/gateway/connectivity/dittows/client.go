package dittows

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
)

// client is one session at the other end. It implements link.Asker.
type client struct {
	*link.Ending

	settings *settings
	config   link.Config
	log      *slog.Logger
	clock    func() time.Time
	ws       *websocket.Conn
	socket   net.Conn

	// ctx ends when the client is lost or closed, and consuming when it is closed.
	ctx       context.Context //nolint:containedctx // The client's own lifetime.
	consuming context.Context //nolint:containedctx // As well.
	cancel    context.CancelFunc
	refuse    context.CancelFunc
	once      sync.Once
	closing   atomic.Bool
	all       sync.WaitGroup

	// Out.
	window   *link.Window // what has no outcome
	writing  *link.Window // what is to be written
	outgoing *queue[outgoing]
	awaited  *book
	receipts *queue[receipt]
	numbers  atomic.Uint64

	// In.
	room     *link.Window // what is to be consumed
	incoming *queue[incoming]
	asked    asked
	gate     *gate
	gap      *gap
	life     life
	tokens   *link.Tokens
	shown    atomic.Value // the last token, a snapshot.SecretContent
}

// newClient returns the client of a session that was opened, with all of its goroutines.
func newClient(k *kind, h *handshake) *client {
	s := &k.settings
	c := &client{
		Ending:   link.NewEnding(),
		settings: s, config: h.config, log: h.config.Logger, clock: h.config.Clock, ws: h.ws, socket: h.socket,
		tokens: h.tokens,
		window: link.NewWindow(s.messages, s.bytes), writing: link.NewWindow(s.frames, s.frameBytes), room: link.NewWindow(s.frames, s.frameBytes),
		outgoing: newQueue[outgoing](), incoming: newQueue[incoming](), receipts: newQueue[receipt](),
		awaited: newBook(),
	}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.consuming, c.refuse = context.WithCancel(context.Background())
	c.shown.Store(h.token)
	c.gate = newGate(s, k.memory, c.enqueueEvent)
	c.gap = &gap{client: c, memory: k.memory, gate: c.gate, remote: h.remote, began: make(chan struct{}, 1)}
	for _, run := range []func(){c.read, c.consume, c.write, c.confirm, c.watch, c.renew, c.gap.run} {
		c.all.Go(run)
	}
	return c
}

// lose ends the client, for whatever reason comes first. What has no outcome is told that it may be tried again.
func (c *client) lose(err error) {
	c.once.Do(func() {
		if c.closing.Load() {
			err = nil
		}
		c.Lose(err, c.cancel) // who sees the client lost sees its work ended
		c.window.Shut()
		c.writing.Shut()
		c.room.Shut()
		_ = c.socket.Close()
		_ = c.ws.CloseNow()
		for _, o := range c.outgoing.close() {
			o.tell(link.ErrLost)
		}
		c.awaited.close(link.ErrLost)
		for _, r := range c.receipts.close() {
			r.tell(link.ErrLost)
		}
	})
}

// goodbye is how long the other end may take to answer a close frame.
const goodbye = 2 * time.Second

// Close implements link.Client.
func (c *client) Close(ctx context.Context) {
	c.closing.Store(true)
	c.refuse()
	c.room.Shut()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(c.ctx, cancel)() //nolint:contextcheck // What is lost has nothing to wait for.
	if c.window.Drain(ctx) == 0 && c.writing.Drain(ctx) == 0 {
		c.part(ctx)
	}
	c.lose(nil)
	c.all.Wait()
	for _, in := range c.incoming.close() {
		in.forget()
	}
}

// part says goodbye, and waits for the answer.
func (c *client) part(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, goodbye)
	defer cancel()
	c.all.Go(func() { _ = c.ws.Close(websocket.StatusNormalClosure, "") })
	<-ctx.Done() // the answer ends the client
}
