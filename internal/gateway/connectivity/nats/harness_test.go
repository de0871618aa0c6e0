package nats

import (
	"errors"
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

// pending returns how many messages of a consumer are unsettled, and how many were not delivered. The server takes a moment to count what
// was stored last.
func pending(t testing.TB, js jetstream.JetStream, name string) (unsettled, waiting int) {
	t.Helper()
	info := consumerInfo(t, js, name)
	return info.NumAckPending, int(info.NumPending)
}

func consumerInfo(t testing.TB, js jetstream.JetStream, name string) *jetstream.ConsumerInfo {
	t.Helper()
	consumer, err := js.Consumer(t.Context(), "S", name)
	if err != nil {
		t.Fatal(err)
	}
	info, err := consumer.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return info
}

// settled says whether a consumer has nothing left, the last message that was stored for it included.
func settled(t testing.TB, js jetstream.JetStream, name string) func() bool {
	return func() bool {
		info := consumerInfo(t, js, name)
		return info.NumAckPending == 0 && info.NumPending == 0 && info.AckFloor.Stream >= lastFor(t, js, info)
	}
}

// lastFor returns the sequence of the last message that a consumer is to have; zero: there is none any more.
func lastFor(t testing.TB, js jetstream.JetStream, info *jetstream.ConsumerInfo) uint64 {
	t.Helper()
	stream, err := js.Stream(t.Context(), "S")
	if err != nil {
		t.Fatal(err)
	}
	last := uint64(0)
	for _, subject := range append(info.Config.FilterSubjects, info.Config.FilterSubject) {
		if subject == "" {
			continue
		}
		msg, err := stream.GetLastMsgForSubject(t.Context(), subject)
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		last = max(last, msg.Sequence)
	}
	return last
}
