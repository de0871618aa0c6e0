package wire

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/coder/websocket"
)

// readBuffer is the size of a connection's read buffer: it lets one system
// call take several small messages, and is most of what an idle connection
// costs.
const readBuffer = 4 << 10

// controlBuffer holds the largest control frame, so that the library hands
// each to the socket in one piece; see the package comment.
const controlBuffer = 256

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
	c.ws, c.socket = ws, h.socket
	return c, nil
}

// hijacker puts the socket wrapper and small buffers between the library and
// the connection.
type hijacker struct {
	http.ResponseWriter
	socket *socket
}

// Hijack implements http.Hijacker.
func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, brw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, fmt.Errorf("take over the connection: %w", err)
	}
	h.socket = &socket{Conn: conn}
	h.socket.lastRead.Store(time.Now().UnixNano())
	reader, err := takeOver(h.socket, brw.Reader)
	if err != nil {
		_ = conn.Close()
		return nil, nil, err
	}
	return h.socket, bufio.NewReadWriter(reader, bufio.NewWriterSize(h.socket, controlBuffer)), nil
}

// takeOver returns a reader of the socket that begins with what the HTTP
// server has read already: a client may send its first message right behind
// the handshake.
func takeOver(s *socket, server *bufio.Reader) (*bufio.Reader, error) {
	n := server.Buffered()
	if n == 0 {
		return bufio.NewReaderSize(s, readBuffer), nil
	}
	early := make([]byte, n)
	if _, err := server.Read(early); err != nil {
		return nil, fmt.Errorf("read early data: %w", err)
	}
	s.early = early
	reader := bufio.NewReaderSize(s, max(readBuffer, n))
	if _, err := reader.Peek(n); err != nil {
		return nil, fmt.Errorf("keep early data: %w", err)
	}
	return reader, nil
}
