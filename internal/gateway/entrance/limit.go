package entrance

import (
	"context"
	"sync"
	"time"
)

// limited is a context that ends after a time, at the expense of a timer only if somebody waits for that: most credentials are known,
// and nobody does.
type limited struct {
	parent context.Context
	until  time.Time

	mu     sync.Mutex
	own    context.Context // nil until somebody needs it
	cancel context.CancelFunc
}

// limit returns a context that ends with the parent, with end, or when the time is over.
func limit(parent context.Context, within time.Duration) *limited {
	return &limited{parent: parent, until: time.Now().Add(within)}
}

// end ends the context.
func (l *limited) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.own == nil {
		l.own = over
		return
	}
	if l.cancel != nil {
		l.cancel()
	}
}

// over is a context that has ended.
var over = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// context returns what the context is to those who look at it closely.
func (l *limited) context() context.Context {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.own == nil {
		l.own, l.cancel = context.WithDeadline(l.parent, l.until)
	}
	return l.own
}

// Deadline implements context.Context.
func (l *limited) Deadline() (time.Time, bool) { return l.context().Deadline() }

// Done implements context.Context.
func (l *limited) Done() <-chan struct{} { return l.context().Done() }

// Err implements context.Context.
func (l *limited) Err() error { return l.context().Err() }

// Value implements context.Context.
func (l *limited) Value(key any) any { return l.context().Value(key) }
