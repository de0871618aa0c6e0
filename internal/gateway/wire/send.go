package wire

import (
	"context"
	"net"
	"sync"
)

// maxSent bounds the frames of Send that wait to be written, in bytes, beyond
// the one that is queued last.
const maxSent = 32 << 10

// Send queues one frame, made by AppendText, that is neither a reply nor a
// signal, when there is room: when not much of what was sent before waits to be
// written. So whoever has much to tell is held up by the peer, and its frames
// take turns with all others.
//
// Errors: the context's cause; net.ErrClosed when the connection is closing.
func (c *Conn) Send(ctx context.Context, frame []byte) error {
	o := &c.out
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.sent > maxSent {
		defer context.AfterFunc(ctx, o.lookAgain)()
	}
	for o.sent > maxSent && !o.closed && ctx.Err() == nil {
		o.awaitRoom()
	}
	switch {
	case o.closed:
		return net.ErrClosed
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	o.sent += len(frame)
	o.items = append(o.items, item{data: frame, sent: true})
	c.startWriter()
	return nil
}

// lookAgain has those who wait for room look at their contexts.
func (o *outbox) lookAgain() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.signalRoom()
}

// awaitRoom waits until there may be room. It is called with the lock held.
func (o *outbox) awaitRoom() {
	if o.room == nil {
		o.room = sync.NewCond(&o.mu)
	}
	o.room.Wait()
}
