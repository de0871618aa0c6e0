package connectivity

import (
	"context"
	"sync"
)

// What an inlet has under way.
const (
	// maxUnderway and maxUnderwayBytes bound the messages that are being handled.
	maxUnderway      = 256
	maxUnderwayBytes = 16 << 20
	// maxWaiting bounds those that were handed over and wait for somebody else, such as a device. Their payloads are not kept. They take
	// no place of others: what they wait for may well be among those. Together with those under way they are fewer than an outlet holds: a
	// source whose messages wait until they were delivered elsewhere waits itself when that is slow, and nothing of it is dropped.
	maxWaiting = 700
)

// room bounds the messages of an inlet.
type room struct {
	mu       sync.Mutex
	underway int
	bytes    int // of those under way
	waiting  int
	closed   bool
	free     chan struct{} // closed when there is more room than there was; nil if nobody waits for that
	empty    chan struct{} // closed when nobody is in; nil if nobody waits for that
}

// enter takes a message of some bytes in. It waits while there is no room, as long as ctx allows, and returns its error. One that is
// larger than all the room there is has it to itself. Nobody enters once the room is closed.
func (r *room) enter(ctx context.Context, size int) error {
	for {
		free := r.try(size)
		if free == nil {
			return nil
		}
		select {
		case <-free:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// try takes a message in, or returns what is closed when it should be tried again.
func (r *room) try(size int) <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	full := r.underway >= maxUnderway || r.waiting >= maxWaiting || r.underway > 0 && r.bytes+size > maxUnderwayBytes
	if !full && !r.closed {
		r.underway++
		r.bytes += size
		return nil
	}
	if r.free == nil {
		r.free = make(chan struct{})
	}
	return r.free
}

// handedOver lets a message wait for others.
func (r *room) handedOver(size int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.underway--
	r.bytes -= size
	r.waiting++
	r.changed()
}

// leave lets a message go that was under way.
func (r *room) leave(size int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.underway--
	r.bytes -= size
	r.changed()
}

// answered lets a message go that has waited for others, whatever its size was.
func (r *room) answered(int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting--
	r.changed()
}

func (r *room) changed() {
	if r.free != nil && !r.closed {
		close(r.free)
		r.free = nil
	}
	if r.empty != nil && r.underway+r.waiting == 0 {
		close(r.empty)
		r.empty = nil
	}
}

// close lets nobody in any more.
func (r *room) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
}

// drain waits until nobody is in, as long as ctx allows, and returns how many are.
func (r *room) drain(ctx context.Context) int {
	select {
	case <-r.emptied():
	case <-ctx.Done():
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.underway + r.waiting
}

func (r *room) emptied() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	empty := r.empty
	if empty == nil {
		empty = make(chan struct{})
		r.empty = empty
		r.changed()
	}
	return empty
}
