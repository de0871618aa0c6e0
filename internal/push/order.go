package push

import (
	"context"
	"time"
)

// order is what all pods of a Gateway are to be. It never changes; another one
// supersedes it.
type order struct {
	hash  string
	load  func(context.Context) ([]byte, error)
	drain bool
	copy  *sharedCopy

	superseded context.Context // ends when there is a newer one
	supersede  context.CancelFunc
}

func newOrder(desired Desired) *order {
	o := &order{hash: desired.Hash, load: desired.Load, drain: desired.Drain, copy: newSharedCopy()}
	o.superseded, o.supersede = context.WithCancel(context.Background())
	return o
}

func (o *order) is(desired Desired) bool {
	return o.hash == desired.Hash && o.drain == desired.Drain
}

// while returns a context that ends with ctx, after a time, and when there is a
// newer order.
func (o *order) while(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, d)
	stop := context.AfterFunc(o.superseded, cancel)
	return ctx, func() {
		stop()
		cancel()
	}
}

// pause waits for a time, or until there is a newer order or ctx ends.
func (o *order) pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	ctx, cancel := o.while(ctx, d)
	defer cancel()
	<-ctx.Done()
}
