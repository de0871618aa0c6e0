package bench

import (
	"context"
	"time"
)

// meter reads what the server uses when operations begin to count, and when the last of them is over: neither what comes before, such as
// opening connections and warming up, nor what follows is charged to them. A nil one reads nothing.
type meter struct {
	read          func(context.Context) *Usage
	before, after *Usage // nil: not known
}

// meter returns what reads what the server uses, nil if nothing tells.
func (b *Bench) meter() *meter {
	if b.Server == nil {
		return nil
	}
	return &meter{read: b.usage}
}

// watch reads after the warm-up, which begins now, and once more when end is called.
func (m *meter) watch(ctx context.Context, warmup time.Duration) (end func()) {
	if m == nil {
		return func() {}
	}
	ctx, stop := context.WithCancel(ctx)
	last := func() { m.after = m.read(context.WithoutCancel(ctx)) }
	if warmup == 0 {
		m.before = m.read(ctx) // before the first operation is due
		return func() { stop(); last() }
	}
	begun := make(chan struct{})
	go func() {
		defer close(begun)
		if pause(ctx, warmup) {
			m.before = m.read(ctx)
		}
	}()
	return func() {
		stop()
		<-begun
		last()
	}
}

// pause waits, and reports whether the context did not end before.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
