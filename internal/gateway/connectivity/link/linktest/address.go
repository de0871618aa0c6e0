package linktest

import (
	"net"
	"testing"
)

// FreeAddress returns an address of this machine at which nobody listens.
func FreeAddress(t testing.TB) string {
	t.Helper()
	l := listen(t)
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// listen listens at any address of this machine.
func listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}
