package loopback_test

import (
	"net"
	"net/netip"
	"testing"

	"github.com/twinway/twinway/test/loopback"
)

func acquire(t *testing.T) *loopback.Block {
	t.Helper()
	b, err := loopback.Acquire()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

func TestBlocksAreDistinct(t *testing.T) {
	a, b := acquire(t), acquire(t)
	if a.Address(1) == b.Address(1) {
		t.Errorf("both are %s", a)
	}
	for _, block := range []*loopback.Block{a, b} {
		listener, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(netip.AddrPortFrom(block.Address(254), 6443)))
		if err != nil {
			t.Errorf("the address cannot be used: %v", err)
			continue
		}
		_ = listener.Close()
	}
}

// Others take blocks as well, so that it may be another one that is free again.
func TestClosedBlockIsFree(t *testing.T) {
	for range 100 {
		a := acquire(t)
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		if b := acquire(t); b.String() == a.String() {
			return
		}
	}
	t.Error("a block that was given back is never free")
}
