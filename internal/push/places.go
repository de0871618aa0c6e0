package push

import (
	"context"
	"sync"
	"time"
)

// hangs is after how long a handshake is taken to wait for a peer that does not
// answer. It then costs no more than a socket.
const hangs = 500 * time.Millisecond

// places bounds how many handshakes are in work. One that hangs loses its place,
// so that pods which do not answer keep nobody from those that do.
type places chan struct{}

// take waits for a place. The caller leaves it when done.
func (p places) take(ctx context.Context) (leave func(), err error) {
	select {
	case p <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	free := sync.OnceFunc(func() { <-p })
	timer := time.AfterFunc(hangs, free)
	return func() {
		timer.Stop()
		free()
	}, nil
}
