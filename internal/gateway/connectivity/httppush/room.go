package httppush

import (
	"context"
	"sync"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
)

const (
	// maxQueued is how many messages may have no outcome.
	maxQueued = 1000
	// maxQueuedBytes is how large they may be together, unless it is one alone.
	maxQueuedBytes = 16 << 20
)

// room is what messages find that have no outcome yet.
type room struct {
	mu        sync.Mutex
	number    int           // of messages
	bytes     int           // of all of them
	freed     chan struct{} // closed when something leaves or the room is shut; nil unless somebody waits for that
	forbidden bool

	maxNumber, maxBytes int
}

func newRoom(number, bytes int) *room { return &room{maxNumber: number, maxBytes: bytes} }

// take waits for room. Errors: that of ctx, link.ErrLost when the room is shut.
func (r *room) take(ctx context.Context, size int) error {
	for {
		wait, err := r.try(size)
		if wait == nil {
			return err
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// empty waits until nothing is there any more, or the time for that is over.
func (r *room) empty(over <-chan struct{}) {
	for {
		r.mu.Lock()
		number, wait := r.number, r.next()
		r.mu.Unlock()
		if number == 0 {
			return
		}
		select {
		case <-wait:
		case <-over:
			return
		}
	}
}

// try takes room if there is some, and otherwise returns what to wait for.
func (r *room) try(size int) (wait <-chan struct{}, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.forbidden {
		return nil, link.ErrLost
	}
	if r.number > 0 && (r.number >= r.maxNumber || size > r.maxBytes-r.bytes) {
		return r.next(), nil
	}
	r.number++
	r.bytes += size
	return nil, nil
}

// next returns what is closed when something leaves.
func (r *room) next() <-chan struct{} {
	if r.freed == nil {
		r.freed = make(chan struct{})
	}
	return r.freed
}

// give makes room again.
func (r *room) give(size int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.number--
	r.bytes -= size
	r.wake()
}

// shut lets nobody in any more.
func (r *room) shut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forbidden = true
	r.wake()
}

func (r *room) wake() {
	if r.freed != nil {
		close(r.freed)
		r.freed = nil
	}
}

// sizeOf returns what a message takes, about.
func sizeOf(m *external.Message) int {
	size := 512 + len(m.Address) + len(m.Payload) + len(m.Key)
	for name, value := range m.Headers {
		size += len(name) + len(value)
	}
	return size
}
