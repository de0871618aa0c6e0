package bench

import (
	"bufio"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/twinway/twinway/test/gatewaytest"
)

// client is a WebSocket client that costs next to nothing, so that what is
// measured is the gateway: it masks with zeros and looks at frames only to
// count them.
type client struct {
	net.Conn
	in    *bufio.Reader
	large []byte // the last frame that did not fit into what is buffered
	ping  bool   // the frame of which the head was read is one
}

// dial opens a session of the user of the tests.
func dial(b *testing.B, address string) *client {
	b.Helper()
	return dialWith(b, address, authorization())
}

// authorization returns the header of the user of the tests.
func authorization() string {
	return "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(gatewaytest.User+":"+gatewaytest.Password))
}

// dialFor opens a session of a subject that a proxy has authenticated.
func dialFor(b *testing.B, address, subject string) *client {
	b.Helper()
	return dialWith(b, address, "x-ditto-pre-authenticated: "+subject)
}

func dialWith(b *testing.B, address, header string) *client {
	b.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close() })
	fmt.Fprintf(conn, "GET /ws/2 HTTP/1.1\r\nHost: bench\r\n%s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n", header)
	c := &client{Conn: conn, in: bufio.NewReaderSize(conn, 64<<10)}
	response, err := http.ReadResponse(c.in, nil) //nolint:bodyclose // a response with status 101 has no body
	if err != nil || response.StatusCode != http.StatusSwitchingProtocols {
		b.Fatal("handshake:", response, err)
	}
	return c
}

// frame returns a masked text frame (RFC 6455 section 5.2).
func frame(text string) []byte {
	f := []byte{0x81}
	if len(text) < 126 {
		f = append(f, 0x80|byte(len(text)))
	} else {
		f = binary.BigEndian.AppendUint16(append(f, 0x80|126), uint16(len(text)))
	}
	return append(append(f, 0, 0, 0, 0), text...)
}

func (c *client) send(text string) error {
	_, err := c.Write(frame(text))
	return err
}

// next reads a frame and returns its payload, valid until the next call.
func (c *client) next() ([]byte, error) {
	n, err := c.size()
	for err == nil && c.ping {
		if _, err = c.in.Discard(n); err == nil {
			_, err = c.Write([]byte{0x8A, 0x80, 0, 0, 0, 0}) // pings of the gateway have no payload to be sent back
		}
		if err == nil {
			n, err = c.size()
		}
	}
	if err != nil {
		return nil, err
	}
	if n > c.in.Size() {
		return c.nextLarge(n)
	}
	payload, err := c.in.Peek(n)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	_, _ = c.in.Discard(n)
	return payload, err
}

// size reads the head of a frame and returns the length of its payload.
func (c *client) size() (int, error) {
	head, err := c.in.Peek(2)
	if err != nil {
		return 0, err
	}
	c.ping = head[0]&0xF == 9
	skip, n := 2, int(head[1])
	switch n {
	case 126:
		if head, err = c.in.Peek(4); err != nil {
			return 0, err
		}
		skip, n = 4, int(binary.BigEndian.Uint16(head[2:]))
	case 127:
		if head, err = c.in.Peek(10); err != nil {
			return 0, err
		}
		skip, n = 10, int(binary.BigEndian.Uint64(head[2:]))
	}
	_, err = c.in.Discard(skip)
	return n, err
}

// maxFrame is more than any frame that benchmarks expect.
const maxFrame = 4 << 20

func (c *client) nextLarge(n int) ([]byte, error) {
	if n > maxFrame {
		return nil, fmt.Errorf("a frame of %d bytes", n)
	}
	if cap(c.large) < n {
		c.large = make([]byte, n)
	}
	c.large = c.large[:n]
	_, err := io.ReadFull(c.in, c.large)
	return c.large, err
}
