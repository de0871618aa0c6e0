package nats

import (
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/link/linktest"
	"github.com/twinway/twinway/internal/snapshot"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// The server keeps one for what it has logged, for good.
		goleak.IgnoreAnyFunction("github.com/nats-io/nats-server/v2/server.init.0.func1"),
	)
}

// swift is for tests, which have no time.
var swift = times{
	answer: 2 * time.Second, ping: 200 * time.Millisecond, ack: 400 * time.Millisecond, fetch: 3 * time.Second,
	again: 20 * time.Millisecond, longest: 100 * time.Millisecond,
}

// newServer returns a server that ends with the test. change says what is different from one with JetStream and without login.
func newServer(t testing.TB, change func(*server.Options)) *server.Server {
	t.Helper()
	o := &server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true, JetStream: true, StoreDir: t.TempDir(),
	}
	if change != nil {
		change(o)
	}
	s, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(linktest.Enough) {
		t.Fatal("the server does not start")
	}
	t.Cleanup(func() { stop(s) })
	return s
}

func stop(s *server.Server) {
	s.Shutdown()
	s.WaitForShutdown()
}

func to(s *server.Server, sources ...snapshot.Source) *snapshot.Connection {
	return &snapshot.Connection{
		Name: "c", Type: snapshot.ConnectionNATS, URI: "nats://" + s.Addr().String(), Sources: sources,
		NATS: &snapshot.NATS{Consumer: "twinway"},
	}
}

func source(name string, delivery snapshot.DeliveryGuarantee, subjects ...string) snapshot.Source {
	return snapshot.Source{Name: name, Addresses: subjects, Delivery: delivery}
}

// patient has the server wait longer than a test for what is not settled.
func patient() kind {
	k := kind{swift}
	k.times.ack = time.Hour
	return k
}

func dial(t testing.TB, connection *snapshot.Connection, consumer link.Consumer) link.Client {
	t.Helper()
	return linktest.Dial(t, kind{swift}, linktest.Config(connection, consumer))
}

// refusedDial returns the error of dialling, which must be a refusal.
func refusedDial(t *testing.T, connection *snapshot.Connection) string {
	t.Helper()
	return linktest.Refused(t, kind{swift}, linktest.Config(connection, &linktest.Inbox{}))
}

// outside returns a connection that has nothing to do with the gateway.
func outside(t testing.TB, s *server.Server, options ...nats.Option) *nats.Conn {
	t.Helper()
	conn, err := nats.Connect(s.ClientURL(), options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return conn
}

// newStream makes a stream.
func newStream(t testing.TB, s *server.Server, change func(*jetstream.StreamConfig)) jetstream.JetStream {
	t.Helper()
	js, err := jetstream.New(outside(t, s))
	if err != nil {
		t.Fatal(err)
	}
	config := jetstream.StreamConfig{Name: "S", Subjects: []string{"s.>"}}
	if change != nil {
		change(&config)
	}
	if _, err := js.CreateOrUpdateStream(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	return js
}

// store publishes numbers to a stream.
func store(t testing.TB, js jetstream.JetStream, subject string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if _, err := js.Publish(t.Context(), subject, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
}

// pending returns how many messages of a consumer are unsettled, and how many were not delivered.
func pending(t testing.TB, js jetstream.JetStream, name string) (unsettled, waiting int) {
	t.Helper()
	consumer, err := js.Consumer(t.Context(), "S", name)
	if err != nil {
		t.Fatal(err)
	}
	info, err := consumer.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return info.NumAckPending, int(info.NumPending)
}

// settled says whether a consumer has nothing left.
func settled(t testing.TB, js jetstream.JetStream, name string) func() bool {
	return func() bool {
		unsettled, waiting := pending(t, js, name)
		return unsettled == 0 && waiting == 0
	}
}
