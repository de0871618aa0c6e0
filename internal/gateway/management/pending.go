package management

import (
	"net"
	"slices"
	"time"
)

// pending is a connection whose peer has yet to prove who it is.
type pending struct {
	conn    net.Conn
	begun   time.Time
	givenUp bool
}

// giveUp gives the connection up, which ends its handshake. The listener's lock is
// held.
func (p *pending) giveUp() {
	p.givenUp = true
	_ = p.conn.Close() // nobody reads what is left
}

// begin notes a connection whose handshake begins.
func (l *listener) begin(conn net.Conn) *pending {
	p := &pending{conn: conn, begun: time.Now()}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pending = append(l.pending, p)
	if l.isEnded() {
		p.giveUp()
	}
	return p
}

// finish notes that a handshake has ended, and reports whether it was not given
// up before.
func (l *listener) finish(p *pending) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if i := slices.Index(l.pending, p); i >= 0 {
		l.pending = slices.Delete(l.pending, i, i+1)
	}
	select {
	case l.left <- struct{}{}:
	default:
	}
	return !p.givenUp
}

// placed is the connection of somebody who was let in. It gives its place back when
// it is closed.
type placed struct {
	net.Conn
	leave func()
}

// Close implements net.Conn.
func (c *placed) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
