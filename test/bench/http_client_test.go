package bench

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"strconv"
	"testing"
)

// httpClient is an HTTP client on one connection that costs next to nothing: it looks at answers only to find their end.
type httpClient struct {
	net.Conn
	in     *bufio.Reader
	answer []byte // the last one
}

// dialHTTP opens a connection of the user of the tests.
func dialHTTP(b *testing.B, address string) *httpClient {
	b.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close() })
	return &httpClient{Conn: conn, in: bufio.NewReaderSize(conn, 64<<10)}
}

// request sends a request, and returns its answer from the status on, without the headers: "200 " and the body. It is valid until
// the next call.
func (c *httpClient) request(text string) ([]byte, error) {
	if _, err := c.Write([]byte(text)); err != nil {
		return nil, err
	}
	head, err := c.in.ReadSlice('\n')
	if err != nil {
		return nil, err
	}
	if len(head) < len("HTTP/1.1 200 ") {
		return nil, fmt.Errorf("answered %q", head)
	}
	c.answer = append(c.answer[:0], head[len("HTTP/1.1 "):len("HTTP/1.1 200 ")]...)
	size, err := c.skipHeaders()
	if err != nil {
		return nil, err
	}
	body, err := c.in.Peek(size)
	c.answer = append(c.answer, body...)
	_, _ = c.in.Discard(size)
	return c.answer, err
}

// skipHeaders passes over headers, and returns how long the body behind them is.
func (c *httpClient) skipHeaders() (size int, err error) {
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			return size, nil
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if size, err = strconv.Atoi(string(value)); err != nil {
				return 0, err
			}
		}
		if bytes.HasPrefix(line, []byte("Transfer-Encoding")) {
			return 0, fmt.Errorf("an answer without its length: %q", line)
		}
	}
}
