package httppush

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/snapshot"
)

const (
	idleTimeout      = time.Minute
	dialTimeout      = 10 * time.Second
	handshakeTimeout = 10 * time.Second
	maxAnswerHeaders = 64 << 10 // bytes
)

// transports are the connections to the host: those of the present proof, and those of former ones on which something is under way.
type transports struct {
	base        *url.URL
	connections int             // at most, but for HTTP/2, which needs fewer
	running     context.Context // no connection lasts longer

	mu      sync.Mutex
	present *transport
}

// transport are the connections of one proof.
type transport struct {
	*http.Transport
	proof   link.Proof
	users   int
	retired bool
}

// use returns the connections for one request, and what to call when its answer has been read.
func (t *transports) use(c *snapshot.Connection) (*http.Transport, func(), error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if proof := link.ProofOf(c); t.present == nil || t.present.proof != proof {
		made, err := t.make(c)
		if err != nil {
			return nil, nil, err
		}
		t.retire()
		t.present = &transport{Transport: made, proof: proof}
	}
	used := t.present
	used.users++
	return used.Transport, func() { t.leave(used) }, nil
}

func (t *transports) leave(used *transport) {
	t.mu.Lock()
	defer t.mu.Unlock()
	used.users--
	if used.retired && used.users == 0 {
		used.CloseIdleConnections()
	}
}

func (t *transports) retire() {
	if t.present == nil {
		return
	}
	t.present.retired = true
	t.present.CloseIdleConnections()
	t.present = nil
}

func (t *transports) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.retire()
}

// make returns connections as a connection has them now.
func (t *transports) make(c *snapshot.Connection) (*http.Transport, error) {
	made := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            t.dial,
		TLSHandshakeTimeout:    handshakeTimeout,
		IdleConnTimeout:        idleTimeout,
		MaxIdleConnsPerHost:    t.connections,
		MaxConnsPerHost:        t.connections,
		MaxResponseHeaderBytes: maxAnswerHeaders,
		// What is compressed small may be large.
		DisableCompression: true,
		ForceAttemptHTTP2:  true,
		// A connection that is dead is noticed, as many requests use it.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 30 * time.Second, PingTimeout: handshakeTimeout},
	}
	if t.base.Scheme != "https" {
		return made, nil
	}
	config, err := link.TLS(c, t.base.Hostname())
	made.TLSClientConfig = config
	return made, err
}

// dial opens a connection. The library goes on dialling for later requests when the one it was for has given up.
func (t *transports) dial(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(t.running, cancel)() //nolint:contextcheck // It ends with the client, too.
	inner, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	c := &conn{Conn: inner}
	c.forget = context.AfterFunc(t.running, func() { _ = inner.Close() }) //nolint:contextcheck // It lasts beyond the request.
	return c, nil
}

// conn is a connection that is closed when the client has ended, whatever it is used for then.
type conn struct {
	net.Conn
	forget func() bool
}

// Close implements net.Conn.
func (c *conn) Close() error {
	c.forget()
	return c.Conn.Close()
}
