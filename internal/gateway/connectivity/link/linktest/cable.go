package linktest

import (
	"context"
	"net"
	"sync"
	"testing"
)

// Cable is the network between a client and a server. It ends with the test.
type Cable struct {
	// Address is where the client finds it.
	Address string

	listener net.Listener
	to       string
	running  sync.WaitGroup

	mu    sync.Mutex
	conns []net.Conn
	open  chan struct{} // closed while something goes through
	ended bool
}

// NewCable returns a network that leads to an address.
func NewCable(t testing.TB, to string) *Cable {
	t.Helper()
	l := listen(t)
	c := &Cable{Address: l.Addr().String(), listener: l, to: to, open: make(chan struct{})}
	close(c.open)
	c.running.Go(c.serve)
	t.Cleanup(c.end)
	return c
}

func (c *Cable) serve() {
	for {
		near, err := c.listener.Accept()
		if err != nil {
			return
		}
		far, err := new(net.Dialer).DialContext(context.Background(), "tcp", c.to)
		if err != nil {
			_ = near.Close()
			continue
		}
		c.keep(near, far)
		c.running.Go(func() { c.carry(near, far) })
		c.running.Go(func() { c.carry(far, near) })
	}
}

// keep has connections be cut with the others.
func (c *Cable) keep(conns ...net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conns = append(c.conns, conns...)
	if c.ended {
		c.sever()
	}
}

// carry carries what one end says to the other. If one ends the conversation it ends for both, once the cable is not frozen.
func (c *Cable) carry(from, to net.Conn) {
	defer func() { _, _ = from.Close(), to.Close() }()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		<-c.passable()
		if err != nil {
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// passable returns what is closed when something goes through.
func (c *Cable) passable() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.open
}

// Freeze lets nothing through from now on, and tells nobody.
func (c *Cable) Freeze() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open = make(chan struct{})
}

// Thaw lets everything through again, that which was held back first.
func (c *Cable) Thaw() {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.open:
	default:
		close(c.open)
	}
}

// Cut ends all connections as a broken network does, without a goodbye: what is still on its way is gone. New ones can be made.
func (c *Cable) Cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sever()
}

// sever does what Cut does. The lock is held.
func (c *Cable) sever() {
	for _, conn := range c.conns {
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
	}
	c.conns = nil
}

func (c *Cable) end() {
	_ = c.listener.Close()
	c.mu.Lock()
	c.ended = true
	c.sever()
	c.mu.Unlock()
	c.Thaw()
	c.running.Wait()
}
