package bench

import (
	"bufio"
	"encoding/base64"
	"encoding/binary"
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
	in *bufio.Reader
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
	c := &client{conn, bufio.NewReaderSize(conn, 64<<10)}
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
	head, err := c.in.Peek(2)
	if err != nil {
		return nil, err
	}
	skip, n := 2, int(head[1])
	if n == 126 {
		if head, err = c.in.Peek(4); err != nil {
			return nil, err
		}
		skip, n = 4, int(binary.BigEndian.Uint16(head[2:]))
	}
	if n == 127 {
		return nil, fmt.Errorf("a frame larger than benchmarks expect")
	}
	if _, err := c.in.Discard(skip); err != nil {
		return nil, err
	}
	payload, err := c.in.Peek(n)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	_, _ = c.in.Discard(n)
	return payload, err
}
