package connections_test

import (
	"io"
	"net"
	"sync"
	"testing"
)

// cable is a connection between a gateway and another end that the test can cut. Address is where the gateway connects.
type cable struct {
	Address string

	listener net.Listener
	to       func() string

	mu    sync.Mutex
	cut   bool
	dials int
	open  map[net.Conn]struct{}
	ended sync.WaitGroup
}

// lay lays a cable to an address, which may change.
func lay(t testing.TB, to func() string) *cable {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cable{Address: l.Addr().String(), listener: l, to: to, open: map[net.Conn]struct{}{}}
	c.ended.Go(c.accept)
	t.Cleanup(func() {
		_ = l.Close()
		c.sever()
		c.ended.Wait()
	})
	return c
}

func (c *cable) accept() {
	for {
		near, err := c.listener.Accept()
		if err != nil {
			return
		}
		far, err := (&net.Dialer{}).Dial("tcp", c.to())
		if err != nil || !c.join(near, far) {
			_ = near.Close()
			if far != nil {
				_ = far.Close()
			}
			continue
		}
		c.ended.Go(func() { c.carry(near, far) })
		c.ended.Go(func() { c.carry(far, near) })
	}
}

// join counts a connection, if the cable is not cut.
func (c *cable) join(near, far net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cut {
		return false
	}
	c.dials++
	c.open[near], c.open[far] = struct{}{}, struct{}{}
	return true
}

func (c *cable) carry(from, to net.Conn) {
	_, _ = io.Copy(to, from)
	_, _ = from.Close(), to.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.open, from)
	delete(c.open, to)
}

// sever cuts the cable until it is mended. What is under way is lost.
func (c *cable) sever() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = true
	for conn := range c.open {
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
	}
}

// mend lets connections through again.
func (c *cable) mend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = false
}

// dialled returns how often the gateway has connected.
func (c *cable) dialled() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dials
}
