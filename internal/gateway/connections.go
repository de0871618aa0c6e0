package gateway

import (
	"net"
	"sync"
)

// limitedListener accepts a connection only when fewer than its limit are open.
// The others wait in the system's queue.
type limitedListener struct {
	net.Listener
	places chan struct{}
	end    sync.Once
	ended  chan struct{}
}

func limitConnections(l net.Listener, limit int) *limitedListener {
	return &limitedListener{Listener: l, places: make(chan struct{}, limit), ended: make(chan struct{})}
}

// Accept implements net.Listener.
func (l *limitedListener) Accept() (net.Conn, error) {
	select {
	case l.places <- struct{}{}:
	case <-l.ended:
		return nil, net.ErrClosed
	}
	conn, err := l.Listener.Accept()
	if err != nil {
		<-l.places
		return nil, err
	}
	return &limitedConn{Conn: conn, leave: sync.OnceFunc(func() { <-l.places })}, nil
}

// Close implements net.Listener.
func (l *limitedListener) Close() error {
	l.end.Do(func() { close(l.ended) })
	return l.Listener.Close()
}

// limitedConn gives its place back when it is closed.
type limitedConn struct {
	net.Conn
	leave func()
}

// Close implements net.Conn.
func (c *limitedConn) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
