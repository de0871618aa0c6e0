package gateway

import (
	"errors"
	"net"
	"testing"
)

// A connection above the limit is accepted when another is closed, and closing
// one twice makes room for one.
func TestConnectionsAreLimited(t *testing.T) {
	system, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := limitConnections(system, 2)
	accepted, ended := make(chan net.Conn), make(chan error, 1)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				ended <- err
				return
			}
			accepted <- conn
		}
	}()
	for range 4 {
		conn, err := net.Dial("tcp", system.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	first, second := <-accepted, <-accepted
	defer second.Close()
	if free := cap(l.places) - len(l.places); free != 0 {
		t.Errorf("%d places are free", free)
	}
	_ = first.Close()
	_ = first.Close()
	defer (<-accepted).Close()
	select {
	case <-accepted:
		t.Error("a connection above the limit is accepted")
	default:
	}
	_ = l.Close() // while Accept waits for a place
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept ends with %v", err)
	}
	_ = l.Close()
}
