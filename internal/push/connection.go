package push

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// readBuffer is the size of the buffer that a connection reads through, in bytes.
// The status of a gateway without links has less.
const readBuffer = 1 << 10

// connection is an HTTP/1.1 connection to a pod, for one goroutine and one
// exchange at a time. http.Transport has two goroutines for each connection and
// dials when it thinks fit, which for thousands of pods is too many and too
// little under control.
type connection struct {
	socket  *tls.Conn
	address string
	budget  io.LimitedReader // what may still be read for the current answer
	reader  *bufio.Reader    // reads from budget
	until   time.Time        // when it is to be given up
	closing bool             // nothing more can be asked on it
}

func newConnection(socket *tls.Conn, address string, life time.Duration) *connection {
	c := &connection{socket: socket, address: address, until: time.Now().Add(life)}
	c.budget.R = socket
	c.reader = bufio.NewReaderSize(&c.budget, readBuffer)
	return c
}

// spent says whether another connection is to be used from now on.
func (c *connection) spent() bool {
	return c.closing || time.Now().After(c.until)
}

// close does not wait for a pod to take notice.
func (c *connection) close() { _ = c.socket.NetConn().Close() }

// exchange makes a request and returns the answer, all before ctx ends. After an
// error the connection must be closed.
func (c *connection) exchange(ctx context.Context, method, target string, body []byte) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, method, "https://"+c.address+target, bytes.NewReader(body))
	if err != nil {
		return answer{}, errors.New("the address is not one")
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "twinway-operator")
	interrupted, err := c.within(ctx)
	if err != nil {
		return answer{}, plain(err)
	}
	got, err := c.roundTrip(request)
	if interrupted() {
		return answer{}, plain(ctx.Err())
	}
	return got, err
}

// within makes reading and writing end with ctx. What it returns has to be
// called afterwards and says whether that has happened.
func (c *connection) within(ctx context.Context) (interrupted func() bool, err error) {
	deadline, _ := ctx.Deadline()
	if err := c.socket.SetDeadline(deadline); err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = c.socket.SetDeadline(time.Unix(1, 0)) })
	return func() bool { return !stop() }, nil
}

func (c *connection) roundTrip(request *http.Request) (answer, error) {
	if err := request.Write(c.socket); err != nil {
		return answer{}, plain(err)
	}
	c.budget.N = maxAnswer
	response, err := http.ReadResponse(c.reader, request)
	if err != nil {
		return answer{}, c.unread(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, c.unread(err)
	}
	// What is there before it was asked for answers nothing.
	c.closing = response.Close || c.reader.Buffered() > 0
	return answer{code: response.StatusCode, body: body}, nil
}

func (c *connection) unread(err error) error {
	if c.budget.N <= 0 {
		return fmt.Errorf("the answer is longer than %d bytes", maxAnswer)
	}
	return plain(err)
}
