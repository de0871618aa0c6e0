package nats

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
)

// dialer dials as long as a context allows, and breaks off what follows when it ends. It does the handshake of TLS itself, so that what
// the server says can be looked at before the library does.
type dialer struct {
	ctx    context.Context //nolint:containedctx // the library has none
	within time.Duration
	config link.Config

	mu      sync.Mutex
	err     error
	secured bool
	stop    []func() bool
}

// Dial implements nats.CustomDialer.
func (d *dialer) Dial(network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(d.ctx, network, address)
	if err == nil {
		d.watch(conn)
		conn, err = d.begin(conn)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err = err
	return conn, err
}

// watch breaks a connection off when the context ends.
func (d *dialer) watch(conn net.Conn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stop = append(d.stop, context.AfterFunc(d.ctx, func() { _ = conn.Close() }))
}

// begin reads how the server introduces itself, and goes on with TLS if that is wanted.
func (d *dialer) begin(conn net.Conn) (net.Conn, error) {
	secured, said, err := d.greet(conn)
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return &guard{Conn: secured, ahead: said}, nil
}

func (d *dialer) greet(conn net.Conn) (net.Conn, []byte, error) {
	if err := conn.SetDeadline(time.Now().Add(d.within)); err != nil {
		return nil, nil, err
	}
	said, rest, err := introduction(conn)
	if err != nil {
		return nil, nil, err
	}
	where, err := url.Parse(d.config.Connection.URI)
	if err != nil {
		return nil, nil, refusal("the address cannot be used")
	}
	if !speaksTLS(said, where.Scheme == "tls") {
		return conn, append(said, rest...), nil
	}
	if len(rest) > 0 { // nobody vouches for it
		return nil, nil, errMalformed
	}
	conn, err = d.secure(conn, where.Hostname())
	return conn, said, err
}

// introduction returns the first line, and what was read beyond it.
func introduction(conn net.Conn) (line, rest []byte, err error) {
	r := bufio.NewReader(conn)
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		if err == nil {
			break
		}
		if err != bufio.ErrBufferFull { //nolint:errorlint // as it is documented
			return nil, nil, err
		}
		if len(line) > maxLine {
			return nil, nil, errMalformed
		}
	}
	rest, err = r.Peek(r.Buffered())
	return line, rest, err
}

// speaksTLS reports whether TLS follows a server's introduction. The library sees to what one cannot that should.
func speaksTLS(introduction []byte, wanted bool) bool {
	var info struct {
		Required  bool `json:"tls_required"`
		Available bool `json:"tls_available"`
	}
	_, text, _ := bytes.Cut(introduction, []byte(" "))
	if json.Unmarshal(text, &info) != nil {
		return false
	}
	return info.Required || wanted && info.Available
}

// secure does the handshake of TLS, with whom to trust and what to show as it is now.
func (d *dialer) secure(conn net.Conn, host string) (net.Conn, error) {
	how, err := link.TLS(d.config.Current(), host)
	if err != nil {
		return nil, err
	}
	secured := tls.Client(conn, how)
	if err := secured.HandshakeContext(d.ctx); err != nil {
		return nil, fmt.Errorf("%w: %w", nats.ErrTLS, err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.secured = true
	return secured, nil
}

// SkipTLSHandshake tells the library that there is nothing left to do for it.
func (d *dialer) SkipTLSHandshake() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.secured
}

// failed returns why dialling has failed, nil if it has not.
func (d *dialer) failed() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.err
}

// forget leaves connections alone from now on.
func (d *dialer) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, stop := range d.stop {
		stop()
	}
}
