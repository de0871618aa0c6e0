package wire

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/coder/websocket"
)

// Sizes of the library's buffers, in bytes, which each connection keeps.
const (
	// readBuffer holds the header of a frame (RFC 6455 section 5.2): behind it is
	// a buffer that only those have who have read something, or that of TLS.
	readBuffer = 16
	// plainBuffer does where there is neither of them.
	plainBuffer = 4 << 10
	// controlBuffer holds the largest control frame, so that the library hands
	// each to the socket in one piece; see the package comment.
	controlBuffer = 144
)

// Options of a connection.
type Options struct {
	// MaxMessage is the size of the largest message read, in bytes. A larger
	// one closes the connection with 1009.
	MaxMessage int64
	// MaxFrames and MaxBytes bound the signals that wait to be written.
	MaxFrames int
	MaxBytes  int
	// Replied is called after n replies were written, or given up because the
	// connection ended. It must not block and not call the connection.
	Replied func(n int)
	// Subprotocol is what the client is told that was selected of those it
	// offered, "" for none. It must be one of them.
	Subprotocol string
}

// Accept upgrades an HTTP request. On an error it has answered the request.
func Accept(w http.ResponseWriter, r *http.Request, o Options) (*Conn, error) {
	h, c := &hijacker{ResponseWriter: w}, &Conn{options: o}
	var subprotocols []string
	if o.Subprotocol != "" {
		subprotocols = []string{o.Subprotocol}
	}
	ws, err := websocket.Accept(h, r, &websocket.AcceptOptions{
		Subprotocols:    subprotocols,
		CompressionMode: websocket.CompressionDisabled,
		// The library would wait for its turn to write before it reads on.
		OnPingReceived: func(_ context.Context, payload []byte) bool {
			c.pong(payload)
			return false
		},
	})
	if err != nil {
		return nil, fmt.Errorf("websocket handshake: %w", err)
	}
	ws.SetReadLimit(o.MaxMessage)
	c.ws, c.socket, c.reader = ws, h.socket, h.reader
	// The library has put something between it and the socket that would bring
	// back what was buffered. Nothing was.
	c.reader.Reset(c.socket)
	return c, nil
}

// hijacker puts the socket wrapper and small buffers between the library and
// the connection.
type hijacker struct {
	http.ResponseWriter
	socket *socket
	reader *bufio.Reader
}

// Hijack implements http.Hijacker.
func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, brw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, fmt.Errorf("take over the connection: %w", err)
	}
	h.socket = &socket{Conn: conn}
	h.socket.lastRead.Store(time.Now().UnixNano())
	h.socket.in.from(conn)
	if err := h.socket.in.keep(brw.Reader); err != nil {
		_ = conn.Close()
		return nil, nil, err
	}
	h.reader = bufio.NewReaderSize(h.socket, h.socket.readerSize())
	return h.socket, bufio.NewReadWriter(h.reader, bufio.NewWriterSize(h.socket, controlBuffer)), nil
}

// readerSize returns the size of the buffer that the library reads through.
func (s *socket) readerSize() int {
	if _, ok := s.Conn.(*tls.Conn); ok || s.in.raw != nil {
		return readBuffer
	}
	return plainBuffer
}

// keep takes over what the HTTP server has read already: a client may send its
// first message right behind the handshake.
func (i *input) keep(server *bufio.Reader) error {
	n := server.Buffered()
	if n == 0 {
		return nil
	}
	i.rest = make([]byte, n)
	if _, err := io.ReadFull(server, i.rest); err != nil {
		return fmt.Errorf("read early data: %w", err)
	}
	return nil
}
