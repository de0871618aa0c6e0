package wire

import (
	"bufio"
	"context"
	"io"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// closeWait is how long the peer may take to answer a close frame.
const closeWait = 5 * time.Second

// Conn is a WebSocket connection of a client.
type Conn struct {
	ws      *websocket.Conn
	socket  *socket
	reader  *bufio.Reader // what the library reads the socket through
	options Options
	out     outbox
}

// buffers holds what messages are read into, so that an idle connection holds
// none.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 4<<10); return &b }}

// largeBuffer is the size from which on a buffer is not kept.
const largeBuffer = 256 << 10

// ReadText waits for the next text message and returns a copy of it. Binary
// messages are read and ignored, and so is what comes after a close frame was
// queued. An error ends the connection's input; the
// peer's close frame is one.
func (c *Conn) ReadText() ([]byte, error) {
	for {
		if err := c.await(); err != nil {
			return nil, err
		}
		// No context: a deadline for each read would cost more than reading.
		// Close and Abort end the read through the socket.
		kind, r, err := c.ws.Reader(context.Background())
		if err != nil {
			return nil, err
		}
		text, err := readAll(r)
		if err != nil {
			return nil, err
		}
		if kind == websocket.MessageText && !c.Closing() {
			return text, nil
		}
	}
}

// await waits until something has arrived of the next frame, pongs aside: all
// that they tell is in LastRead.
func (c *Conn) await() error {
	if c.reader.Buffered() > 0 {
		return nil
	}
	for {
		if err := c.socket.await(); err != nil || !c.socket.in.skipPongs() {
			return err
		}
	}
}

// readAll reads to the end through a pooled buffer.
func readAll(r io.Reader) ([]byte, error) {
	pooled := buffers.Get().(*[]byte)
	buf := (*pooled)[:0]
	defer func() {
		if cap(buf) <= largeBuffer {
			*pooled = buf[:0]
			buffers.Put(pooled)
		}
	}()
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if err == io.EOF {
			return append(make([]byte, 0, len(buf)), buf...), nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// Close writes what waits, then a close frame with the code and reason, and
// ends the connection when the peer has answered or does not in time. Only
// the first Close counts.
func (c *Conn) Close(code int, reason string) { c.close(code, reason, false) }

// Shed is Close for a peer that cannot take what it is sent: signals that wait
// are given up, replies and answers are not.
func (c *Conn) Shed(code int, reason string) { c.close(code, reason, true) }

func (c *Conn) close(code int, reason string, shed bool) {
	if c.push(item{data: closeFrame(code, reason), closes: true}, shed) {
		_ = c.socket.SetDeadline(time.Now().Add(closeWait))
	}
}

// Abort ends the connection at once.
func (c *Conn) Abort() {
	_ = c.ws.CloseNow()
	c.abandon()
}

// Closing reports whether a close frame was queued or the connection ended. It does when the peer's own is answered: who
// has read the answer finds the connection closing.
func (c *Conn) Closing() bool {
	if c.socket.closeSent.Load() {
		return true
	}
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	return c.out.closed
}

// LastRead returns when bytes last arrived from the peer.
func (c *Conn) LastRead() time.Time { return time.Unix(0, c.socket.lastRead.Load()) }

// WritingSince returns when the write under way began, the zero time if none is.
func (c *Conn) WritingSince() time.Time {
	if n := c.socket.writingSince.Load(); n != 0 {
		return time.Unix(0, n)
	}
	return time.Time{}
}

// Ping sends a ping frame (RFC 6455 section 5.5.2). The pong shows in LastRead.
func (c *Conn) Ping() { c.push(item{data: []byte{finPing, 0}}, false) }

// ErrTooBig is in the error of ReadText when a message was over the limit.
var ErrTooBig = websocket.ErrMessageTooBig

// CloseCode returns the status code of the peer's close frame in an error of
// ReadText, -1 if it is not one.
func CloseCode(err error) int { return int(websocket.CloseStatus(err)) }
