package lazily

import (
	"context"
	"sync"
	"time"
)

// Context is a context that is to be ended. It is safe for concurrent use.
type Context struct {
	parent context.Context //nolint:containedctx // It is one itself.
	until  time.Time       // zero: without a limit of its own

	mu     sync.Mutex
	own    context.Context //nolint:containedctx // Nil until somebody needs it.
	cancel context.CancelFunc
}

// WithCancel returns a context that ends with its parent, or with End.
func WithCancel(parent context.Context) *Context { return &Context{parent: parent} }

// WithTimeout returns a context that ends with its parent, with End, or when the time is over.
func WithTimeout(parent context.Context, timeout time.Duration) *Context {
	return &Context{parent: parent, until: time.Now().Add(timeout)}
}

// End ends the context, unless it has ended. It is to be called when what was to be done is done.
func (c *Context) End() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.own == nil && !c.hasEnded() {
		c.own = over
		return
	}
	if c.made(); c.cancel != nil {
		c.cancel()
	}
}

// over is a context that has ended.
var over = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// Err implements context.Context. It makes nothing as long as the context has not ended.
func (c *Context) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.own == nil && !c.hasEnded() {
		return nil
	}
	return c.made().Err()
}

// hasEnded reports whether a context that nothing was made for has ended on its own.
func (c *Context) hasEnded() bool {
	return c.parent.Err() != nil || !c.until.IsZero() && !time.Now().Before(c.until)
}

// made returns what the context is to those who look at it closely. It is called with the lock held.
func (c *Context) made() context.Context {
	switch {
	case c.own != nil:
	case c.until.IsZero():
		c.own, c.cancel = context.WithCancel(c.parent)
	default:
		c.own, c.cancel = context.WithDeadline(c.parent, c.until)
	}
	return c.own
}

func (c *Context) context() context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.made()
}

// Deadline implements context.Context.
func (c *Context) Deadline() (time.Time, bool) {
	until, limited := c.parent.Deadline()
	if c.until.IsZero() || limited && until.Before(c.until) {
		return until, limited
	}
	return c.until, true
}

// Done implements context.Context.
func (c *Context) Done() <-chan struct{} { return c.context().Done() }

// Value implements context.Context. Package context asks for values of its own, by which it knows how the context has ended.
func (c *Context) Value(key any) any {
	if value := c.context().Value(key); value != nil {
		return value
	}
	return c.parent.Value(key) // one that ended before anybody needed it has none
}
