package mqtt

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
)

// Bounds of what waits to be written, in bytes.
const (
	// roomy is up to how much there is room for messages.
	roomy = 1 << 20
	// overfull is from how many answers on the other end is taken for one that reads nothing of what it has asked for.
	overfull = 2*maxPacket + roomy
	// writeTimeout is how long the other end may take no byte.
	writeTimeout = 30 * time.Second
)

// outbox is what waits to be written. One goroutine writes all that there is at once, so that nobody else waits for the network.
type outbox struct {
	conn net.Conn
	// last is when something was written, in nanoseconds since 1970.
	last atomic.Int64
	wake chan struct{} // capacity 1

	mu      sync.Mutex
	pending []byte
	answers int             // how much of it is answers
	written []func(ok bool) // to be called when what is pending was written, or never will be
	room    chan struct{}   // closed when what is pending is being written; nil unless somebody waits
	over    bool
}

func newOutbox(conn net.Conn) *outbox {
	o := &outbox{conn: conn, wake: make(chan struct{}, 1)}
	o.last.Store(time.Now().UnixNano())
	return o
}

// answer appends what the other end causes, which is not to become more than it reads. It reports false if there is too much of it, or
// nothing is written any more.
func (o *outbox) answer(b []byte) bool {
	o.mu.Lock()
	over := o.answers > overfull
	o.mu.Unlock()
	return !over && o.add(func(to []byte) []byte {
		o.answers += len(b)
		return append(to, b...)
	}, nil)
}

// add appends what write writes. When it is written, or never will be, then is called, unless it is nil. It reports false if nothing is
// written any more; then neither is called.
func (o *outbox) add(write func(b []byte) []byte, then func(ok bool)) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.over {
		return false
	}
	o.pending = write(o.pending)
	if then != nil {
		o.written = append(o.written, then)
	}
	select {
	case o.wake <- struct{}{}:
	default:
	}
	return true
}

// await returns when there is room for a message.
//
// Errors: that of ctx, link.ErrLost.
func (o *outbox) await(ctx context.Context, over <-chan struct{}) error {
	for {
		room := o.full()
		if room == nil {
			return nil
		}
		select {
		case <-room:
		case <-ctx.Done():
			return ctx.Err()
		case <-over:
			return link.ErrLost
		}
	}
}

// full returns nil if there is room for a message, else what tells when there may be.
func (o *outbox) full() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.pending) < roomy {
		return nil
	}
	if o.room == nil {
		o.room = make(chan struct{})
	}
	return o.room
}

// take returns what is pending, for which there is spare from now on.
func (o *outbox) take(spare []byte) ([]byte, []func(bool)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	pending, written := o.pending, o.written
	o.pending, o.answers, o.written = spare[:0], 0, nil
	if o.room != nil {
		close(o.room)
		o.room = nil
	}
	return pending, written
}

// run writes what is added until ctx ends or it cannot, which it reports.
func (o *outbox) run(ctx context.Context, fail func(error)) {
	defer o.stop()
	var spare []byte
	for {
		select {
		case <-o.wake:
		case <-ctx.Done():
			return
		}
		pending, written := o.take(spare)
		err := o.write(pending)
		for _, then := range written {
			then(err == nil)
		}
		if err != nil {
			fail(err)
			return
		}
		// What was needed for once is not kept for ever.
		if spare = pending; cap(spare) > 2*roomy {
			spare = nil
		}
	}
}

func (o *outbox) write(b []byte) error {
	if err := o.conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	_, err := o.conn.Write(b)
	o.last.Store(time.Now().UnixNano())
	return err
}

// stop has nothing written any more.
func (o *outbox) stop() {
	o.mu.Lock()
	o.over = true
	o.mu.Unlock()
	_, written := o.take(nil)
	for _, then := range written {
		then(false)
	}
}
