package management

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"sync"
	"time"
)

// Limits of the port's connections. Who has yet to prove to be the operator and
// who has share no places, so that strangers keep nobody out.
const (
	// MaxConnections bounds the connections of those who are let in.
	MaxConnections = 64
	// MaxHandshakes bounds those who have yet to prove who they are.
	MaxHandshakes = 256
	// handshakeTimeout is how long that may take.
	handshakeTimeout = 2 * time.Second
	// handshakeGrace is how long it may take whoever else wants to get in. Further
	// connections wait in the system's queue meanwhile.
	handshakeGrace = 200 * time.Millisecond
)

// listener gives out connections whose peer is the operator. When the places of
// handshakes are taken, the oldest is given up for one more.
type listener struct {
	inner     net.Listener
	config    *tls.Config
	log       *slog.Logger
	handshake limits

	accepted chan accepted
	admitted chan struct{} // holds one for each connection that was let in

	mu      sync.Mutex
	pending []*pending    // the oldest first
	left    chan struct{} // holds one when a handshake has ended lately

	end     sync.Once
	ended   chan struct{}
	running sync.WaitGroup // run and the handshakes, which end with Close
}

// limits are those of handshakes.
type limits struct {
	max            int
	timeout, grace time.Duration
}

// accepted is what Accept returns.
type accepted struct {
	conn net.Conn
	err  error
}

// Listen lets in whom the certificates do, among those who connect to l. It must
// be closed.
func (c *Certificates) Listen(l net.Listener) net.Listener {
	return listen(l, c.Config(), c.log, limits{MaxHandshakes, handshakeTimeout, handshakeGrace})
}

func listen(inner net.Listener, config *tls.Config, log *slog.Logger, handshake limits) *listener {
	l := &listener{
		inner: inner, config: config, log: log, handshake: handshake, accepted: make(chan accepted),
		admitted: make(chan struct{}, MaxConnections), left: make(chan struct{}, 1), ended: make(chan struct{}),
	}
	l.running.Go(l.run)
	return l
}

// Addr implements net.Listener.
func (l *listener) Addr() net.Addr { return l.inner.Addr() }

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case a := <-l.accepted:
		return a.conn, a.err
	case <-l.ended:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener. It ends the handshakes under way; connections
// that Accept has returned stay.
func (l *listener) Close() (err error) {
	l.end.Do(func() {
		close(l.ended)
		err = l.inner.Close()
		l.mu.Lock()
		for _, p := range l.pending {
			p.giveUp()
		}
		l.mu.Unlock()
		l.running.Wait()
	})
	return err
}

// run takes connections from the system and begins their handshakes.
func (l *listener) run() {
	for l.room() {
		conn, err := l.inner.Accept()
		if err != nil {
			if !l.deliver(accepted{err: err}) {
				return
			}
			continue
		}
		p := l.begin(conn)
		l.running.Go(func() { l.prove(p) })
	}
}

// room returns when there is a place for one more handshake, and whether the
// listener is open.
func (l *listener) room() bool {
	for {
		full, wait := l.full(time.Now())
		if !full {
			return !l.isEnded()
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-l.left:
		case <-l.ended:
			timer.Stop()
			return false
		}
		timer.Stop()
	}
}

// full says whether there is no place. If so it gives up the oldest handshake,
// unless that has just begun: then it is to be asked again after the wait.
func (l *listener) full(now time.Time) (full bool, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.pending) < l.handshake.max {
		return false, 0
	}
	oldest := l.pending[0]
	if wait = oldest.begun.Add(l.handshake.grace).Sub(now); wait > 0 {
		return true, wait
	}
	oldest.giveUp()
	l.pending = l.pending[1:]
	return false, 0
}

func (l *listener) isEnded() bool {
	select {
	case <-l.ended:
		return true
	default:
		return false
	}
}

// deliver hands over to Accept, unless the listener is closed.
func (l *listener) deliver(a accepted) bool {
	select {
	case l.accepted <- a:
		return true
	case <-l.ended:
		return false
	}
}

// prove lets a peer in who proves to be the operator, if there is a place.
func (l *listener) prove(p *pending) {
	ctx, cancel := context.WithTimeout(context.Background(), l.handshake.timeout)
	defer cancel()
	place := &placed{Conn: p.conn, leave: func() {}}
	conn := tls.Server(place, l.config)
	err := conn.HandshakeContext(ctx)
	if !l.finish(p) || err != nil {
		l.log.Debug("a handshake of the management port has failed", "peer", p.conn.RemoteAddr(), "error", err)
		_ = p.conn.Close() // whoever it is
		return
	}
	select {
	case l.admitted <- struct{}{}:
		place.leave = sync.OnceFunc(func() { <-l.admitted })
	default:
		_ = p.conn.Close()
		return
	}
	if !l.deliver(accepted{conn: conn}) {
		_ = place.Close()
	}
}
