package connections_test

import (
	"context"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// natsServer is a NATS server in this process, which keeps its streams while it is stopped.
type natsServer struct {
	*cable
	t      testing.TB
	at     string // where devices connect
	dir    string
	change func(*server.Options)

	server *server.Server

	mu      sync.Mutex
	devices jetstream.JetStream
	got     []string
}

// newNATS runs a server with the stream that tests use, until the test ends.
func newNATS(t testing.TB) *natsServer {
	t.Helper()
	n := newBareNATS(t, nil)
	for name, subject := range map[string]string{"DEVICES": "devices.>", "EVENTS": "events.>"} {
		if _, err := n.js().CreateStream(t.Context(), jetstream.StreamConfig{Name: name, Subjects: []string{subject}}); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

// newBareNATS runs a server with other options.
func newBareNATS(t testing.TB, change func(*server.Options)) *natsServer {
	t.Helper()
	n := &natsServer{t: t, at: free(t), dir: t.TempDir(), change: change}
	n.start()
	t.Cleanup(n.stop)
	n.cable = lay(t, func() string { return n.at })
	return n
}

func (n *natsServer) options() string {
	return "  type: NATS\n  uri: nats://" + n.cable.Address
}

func (*natsServer) self() string {
	return `{input: "{{ source:address }}", filters: ["devices.{{ thing:name }}"]}`
}

func (*natsServer) target() string { return "events.{{ thing:name }}" }

// received reads on in the stream. It is not for several goroutines.
func (n *natsServer) received() []string {
	ctx, cancel := context.WithTimeout(n.t.Context(), 2*time.Second)
	defer cancel()
	stream, err := n.js().Stream(ctx, "EVENTS")
	for err == nil {
		var m *jetstream.RawStreamMsg
		if m, err = stream.GetMsg(ctx, uint64(len(n.got)+1)); err == nil {
			n.got = append(n.got, string(m.Data))
		}
	}
	return n.got
}

// ordered implements carrier: a stream goes on with what is new, and what was not acknowledged comes again after a while.
func (*natsServer) ordered() bool { return false }

func (*natsServer) address() string { return "devices.>" }

func (n *natsServer) start() {
	_, text, _ := net.SplitHostPort(n.at)
	port, _ := strconv.Atoi(text)
	o := &server.Options{Host: "127.0.0.1", Port: port, NoLog: true, NoSigs: true, JetStream: true, StoreDir: n.dir}
	if n.change != nil {
		n.change(o)
	}
	s, err := server.NewServer(o)
	if err != nil {
		n.t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(patience) {
		n.t.Fatal("the NATS server does not start")
	}
	n.server = s
}

func (n *natsServer) stop() {
	n.server.Shutdown()
	n.server.WaitForShutdown()
}

// client returns a client that has nothing to do with the gateway.
func (n *natsServer) client(options ...nats.Option) *nats.Conn {
	n.t.Helper()
	conn, err := nats.Connect("nats://"+n.at, append([]nats.Option{nats.MaxReconnects(-1), nats.ReconnectWait(20 * time.Millisecond)}, options...)...)
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(conn.Close)
	return conn
}

func (n *natsServer) js() jetstream.JetStream {
	n.t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.devices == nil {
		js, err := jetstream.New(n.client())
		if err != nil {
			n.t.Fatal(err)
		}
		n.devices = js
	}
	return n.devices
}

func (n *natsServer) publish(thing, payload string) {
	n.t.Helper()
	js := n.js()
	for guard := time.Now().Add(patience); time.Now().Before(guard); time.Sleep(10 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(n.t.Context(), 2*time.Second)
		_, err := js.Publish(ctx, "devices."+thing, []byte(payload))
		cancel()
		if err == nil {
			return
		}
	}
	n.t.Errorf("the server does not take what %s publishes", thing)
}
