package wire

import (
	"net"
	"slices"
	"sync"
)

// item is something that waits to be written: whole frames.
type item struct {
	data    []byte
	signals int  // how many signals it holds
	reply   bool // it answers a command
	answer  bool // it answers a command later
	sent    bool // it is none of these, but of Send
	closes  bool // it is the close frame
}

// outbox holds what waits for a connection's writer. A writer goroutine exists
// while there is something in it.
type outbox struct {
	mu      sync.Mutex
	items   []item
	spare   []item
	pong    []byte     // the answer to the last ping, which need not wait its turn
	signals int        // waiting or being written
	bytes   int        // of signals, waiting or being written
	replies int        // bytes of replies, waiting or being written
	answers int        // bytes of answers, waiting or being written
	sent    int        // bytes of Send, waiting or being written
	room    *sync.Cond // replies, answers or sent has become less, or the connection ended
	writing bool
	closed  bool // a close frame is in or has been, or the connection ended
}

// coalesce is up to what size of all that waits one buffer is filled and
// written; beyond, the parts are handed to the system as they are.
const coalesce = 32 << 10

var writeBuffers = sync.Pool{New: func() any { b := make([]byte, 0, coalesce); return &b }}

// Reply queues one frame, made by AppendText, that answers a command. Replies
// are never dropped while the connection lives; how many can wait is bounded
// by how many commands the session takes before they are replied to.
func (c *Conn) Reply(frame []byte) {
	if !c.push(item{data: frame, reply: true}, false) {
		c.options.Replied(1)
	}
}

// Deliver queues signals and returns how many of them found room. Once the
// connection is closing it takes all and writes none.
func (c *Conn) Deliver(b Burst) (taken int) {
	o := &c.out
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return b.Len()
	}
	part := b.First(min(b.Len(), c.options.MaxFrames-o.signals))
	for part.Len() > 0 && o.signals > 0 && o.bytes+len(part.data) > c.options.MaxBytes {
		part = part.First(part.Len() / 2)
	}
	if part.Len() == 0 {
		return 0
	}
	o.signals += part.Len()
	o.bytes += len(part.data)
	o.items = append(o.items, item{data: part.data, signals: part.Len()})
	c.startWriter()
	return part.Len()
}

// push queues an item unless the connection is closing and reports whether it
// did. With shed, signals that wait are dropped first.
func (c *Conn) push(it item, shed bool) bool {
	o := &c.out
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return false
	}
	if shed {
		o.items = slices.DeleteFunc(o.items, func(i item) bool {
			o.signals -= i.signals
			if i.signals > 0 {
				o.bytes -= len(i.data)
			}
			return i.signals > 0
		})
	}
	o.closed = it.closes
	if it.reply {
		o.replies += len(it.data)
	}
	o.items = append(o.items, it)
	if o.closed {
		o.signalRoom()
	}
	c.startWriter()
	return true
}

// startWriter is called with the lock held.
func (c *Conn) startWriter() {
	if !c.out.writing {
		c.out.writing = true
		go c.write()
	}
}

// write writes what waits until nothing does. It ends with the connection:
// a write fails then.
func (c *Conn) write() {
	o := &c.out
	for {
		o.mu.Lock()
		if o.pong != nil && !o.closed {
			o.items = slices.Insert(o.items, 0, item{data: o.pong})
		}
		o.pong = nil
		if len(o.items) == 0 {
			o.writing = false
			o.mu.Unlock()
			return
		}
		items := o.take()
		o.mu.Unlock()

		err := c.writeItems(items)
		c.written(items)
		if err != nil {
			c.Abort()
		}
	}
}

// maxTaken is up to what size the writer takes what waits, in bytes: what it
// has taken can no longer be shed.
const maxTaken = 1 << 20

// take takes the first of what waits, at least one item, from items that are
// not empty. It is called with the lock held.
func (o *outbox) take() []item {
	size, n := len(o.items[0].data), 1
	for n < len(o.items) && size+len(o.items[n].data) <= maxTaken {
		size += len(o.items[n].data)
		n++
	}
	taken := o.items[:n:n]
	o.items, o.spare = append(o.spare[:0], o.items[n:]...), nil
	return taken
}

// writeItems writes with one call what one buffer can hold, else with one
// vectored write.
func (c *Conn) writeItems(items []item) error {
	closing := items[len(items)-1].closes
	if len(items) == 1 {
		return c.socket.writeFrames(net.Buffers{items[0].data}, closing)
	}
	size := 0
	for _, it := range items {
		size += len(it.data)
	}
	if size > coalesce {
		frames := make(net.Buffers, 0, len(items))
		for _, it := range items {
			frames = append(frames, it.data)
		}
		return c.socket.writeFrames(frames, closing)
	}
	pooled := writeBuffers.Get().(*[]byte)
	defer writeBuffers.Put(pooled)
	buf := (*pooled)[:0]
	for _, it := range items {
		buf = append(buf, it.data...)
	}
	return c.socket.writeFrames(net.Buffers{buf}, closing)
}

// written gives back the room of what was written.
func (c *Conn) written(items []item) {
	signals, bytes, replies, replyBytes, answers, sent := 0, 0, 0, 0, 0, 0
	for _, it := range items {
		if it.signals > 0 {
			signals += it.signals
			bytes += len(it.data)
		}
		if it.reply {
			replies++
			replyBytes += len(it.data)
		}
		if it.answer {
			answers += len(it.data)
		}
		if it.sent {
			sent += len(it.data)
		}
	}
	clear(items)
	o := &c.out
	o.mu.Lock()
	o.signals -= signals
	o.bytes -= bytes
	o.replies -= replyBytes
	o.answers -= answers
	o.sent -= sent
	o.spare = items[:0]
	o.signalRoom()
	o.mu.Unlock()
	if replies > 0 {
		c.options.Replied(replies)
	}
}

// abandon gives up what waits because the connection has ended.
func (c *Conn) abandon() {
	o := &c.out
	o.mu.Lock()
	o.closed = true
	items := o.items
	o.items = nil
	o.signalRoom()
	o.mu.Unlock()
	if len(items) > 0 {
		c.written(items)
	}
}

// AwaitReplies waits until replies and answers of at most the given sizes wait
// to be written, or the connection is closing.
func (c *Conn) AwaitReplies(replies, answers int) {
	o := &c.out
	o.mu.Lock()
	defer o.mu.Unlock()
	for (o.replies > replies || o.answers > answers) && !o.closed {
		o.awaitRoom()
	}
}

// signalRoom is called with the lock held.
func (o *outbox) signalRoom() {
	if o.room != nil {
		o.room.Broadcast()
	}
}

// pong answers a ping as soon as what is being written has been. Of several
// pings the last is answered (RFC 6455 section 5.5.3). It does not wait, since
// that would keep the connection from being read.
func (c *Conn) pong(payload []byte) {
	o := &c.out
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return
	}
	o.pong = append(appendHeader(nil, finPong, len(payload)), payload...)
	c.startWriter()
}

// Waiting returns how many signals wait to be written.
func (c *Conn) Waiting() int {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	return c.out.signals
}
