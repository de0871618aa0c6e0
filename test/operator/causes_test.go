package operator_test

import (
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/twinway/twinway/api/v1alpha1"
)

// A Connection that fails again and again for the same reason has the same status
// throughout: nothing in it tells one attempt from another, and it is not written
// with each.
func TestACauseThatLastsIsWrittenOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.runPods(probing)
	end, attempts := hangUp(t)
	c := w.connection("cloud", "edge")
	c.Spec.URI = "ws://" + end + "/ws/2"
	c.Spec.Reconnect = &v1alpha1.Reconnect{InitialDelay: new(v1alpha1.Duration("100ms")), MaxDelay: new(v1alpha1.Duration("1s"))}
	w.create(w.gateway("edge"), w.users("edge"), c)
	w.await(c, programmed, isFalse(v1alpha1.ConditionConnected, v1alpha1.ReasonConnecting))
	w.eventually("the cause", func() bool {
		w.get(c)
		return strings.Contains(message(c, v1alpha1.ConditionConnected), "connection reset")
	})

	said, version := message(c, v1alpha1.ConditionConnected), c.ResourceVersion
	enough := attempts.Load() + 5
	w.eventually("more attempts", func() bool { return attempts.Load() >= enough })
	w.get(c)
	if now := message(c, v1alpha1.ConditionConnected); now != said || c.ResourceVersion != version {
		t.Errorf("with more attempts the status has become\n%s\nfrom\n%s", now, said)
	}
}

// hangUp runs a server that breaks off whatever is begun with it, and returns its
// address, and how often it did.
func hangUp(t *testing.T) (string, *atomic.Int64) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	var attempts atomic.Int64
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			attempts.Add(1)
			_, _ = conn.Read(make([]byte, 4<<10))
			_ = conn.(*net.TCPConn).SetLinger(0)
			_ = conn.Close()
		}
	}()
	return listener.Addr().String(), &attempts
}
