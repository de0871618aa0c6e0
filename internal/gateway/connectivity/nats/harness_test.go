package nats

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/snapshot"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// The server keeps one for what it has logged, for good.
		goleak.IgnoreAnyFunction("github.com/nats-io/nats-server/v2/server.init.0.func1"),
	)
}

// enough is how long a test waits for what has to come.
const enough = 30 * time.Second

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
	if !s.ReadyForConnections(enough) {
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

// inbox is a consumer that does with messages what it is told.
type inbox struct {
	// do is called with each message; nil accepts.
	do func(context.Context, link.Consumed)

	mu  sync.Mutex
	got []link.Consumed
}

func (in *inbox) Consume(ctx context.Context, c link.Consumed) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	in.mu.Lock()
	in.got = append(in.got, c)
	do := in.do
	in.mu.Unlock()
	switch {
	case do != nil:
		do(ctx, c)
	case c.Settle != nil:
		c.Settle(link.Accept)
	}
	return nil
}

func (in *inbox) use(do func(context.Context, link.Consumed)) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.do = do
}

// all returns what has come in.
func (in *inbox) all() []link.Consumed {
	in.mu.Lock()
	defer in.mu.Unlock()
	return append([]link.Consumed(nil), in.got...)
}

// payloads returns what has come in as texts.
func (in *inbox) payloads() []string {
	var all []string
	for _, c := range in.all() {
		all = append(all, string(c.Message.Payload))
	}
	return all
}

// config returns what a client is made of.
func config(connection *snapshot.Connection, consumer link.Consumer) link.Config {
	return link.Config{
		Connection: connection, Current: func() *snapshot.Connection { return connection }, Consumer: consumer,
		Logger: slog.New(slog.DiscardHandler), Clock: time.Now,
	}
}

// patient has the server wait longer than a test for what is not settled.
func patient() kind {
	k := kind{swift}
	k.times.ack = time.Hour
	return k
}

func dialWith(t testing.TB, c link.Config) link.Client {
	t.Helper()
	return dialAs(t, kind{swift}, c)
}

// dialAs dials with a kind, and closes the client with the test.
func dialAs(t testing.TB, k link.Kind, c link.Config) link.Client {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), enough)
	defer cancel()
	client, err := k.Dial(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { end(client) })
	return client
}

func dial(t testing.TB, connection *snapshot.Connection, consumer link.Consumer) link.Client {
	t.Helper()
	return dialWith(t, config(connection, consumer))
}

// end closes a client politely.
func end(client link.Client) {
	ctx, cancel := context.WithTimeout(context.Background(), enough)
	defer cancel()
	client.Close(ctx)
}

// refusedDial returns the error of dialling, which must be a refusal.
func refusedDial(t *testing.T, connection *snapshot.Connection) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), enough)
	defer cancel()
	client, err := kind{swift}.Dial(ctx, config(connection, &inbox{}))
	if err == nil {
		end(client)
		t.Fatal("dialled")
	}
	if refusal := (*link.Refusal)(nil); !errors.As(err, &refusal) {
		t.Fatalf("%T is no refusal: %v", err, err)
	}
	return err.Error()
}

// eventually waits until something is true.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(enough); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if is() {
			return
		}
	}
	t.Fatalf("%s: not in time", what)
}

func awaitLost(t *testing.T, client link.Client) {
	t.Helper()
	select {
	case <-client.Lost():
	case <-time.After(enough):
		t.Fatal("not lost")
	}
}

// published publishes and returns the outcome.
func published(t testing.TB, client link.Client, delivery snapshot.DeliveryGuarantee, m external.Message) link.Outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), enough)
	defer cancel()
	done := make(chan link.Outcome, 2)
	if err := client.Publish(ctx, &m, delivery, func(o link.Outcome) { done <- o }); err != nil {
		t.Fatal(err)
	}
	select {
	case o := <-done:
		return o
	case <-ctx.Done():
		t.Fatal("no outcome")
		return link.Outcome{}
	}
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

// proxy is a network between a client and a server that can be cut.
type proxy struct {
	listener net.Listener
	to       string
	done     sync.WaitGroup

	mu    sync.Mutex
	conns []net.Conn
	open  chan struct{} // closed while something goes through
}

func newProxy(t *testing.T, s *server.Server) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: l, to: s.Addr().String(), open: make(chan struct{})}
	close(p.open)
	p.done.Go(p.run)
	t.Cleanup(p.close)
	return p
}

func (p *proxy) uri() string { return "nats://" + p.listener.Addr().String() }

func (p *proxy) run() {
	for {
		in, err := p.listener.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", p.to)
		if err != nil {
			_ = in.Close()
			continue
		}
		p.mu.Lock()
		p.conns = append(p.conns, in, out)
		p.mu.Unlock()
		p.done.Go(func() { p.pipe(in, out) })
		p.done.Go(func() { p.pipe(out, in) })
	}
}

func (p *proxy) pipe(from, to net.Conn) {
	defer func() { _, _ = from.Close(), to.Close() }()
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		p.mu.Lock()
		open := p.open
		p.mu.Unlock()
		<-open
		if err != nil {
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// cut lets nothing through, and tells nobody.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open = make(chan struct{})
}

// heal lets everything through again.
func (p *proxy) heal() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.open:
	default:
		close(p.open)
	}
}

func (p *proxy) close() {
	_ = p.listener.Close()
	p.heal()
	p.mu.Lock()
	for _, conn := range p.conns {
		_ = conn.Close()
	}
	p.mu.Unlock()
	p.done.Wait()
}
