package dittows_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"github.com/twinway/twinway/internal/gateway"
	"github.com/twinway/twinway/internal/gateway/connectivity/dittows"
	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/test/gatewaytest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience guards against hanging and measures nothing.
const patience = time.Minute

// until waits for something that is sure to come if all is well.
func until(t testing.TB, what string, is func() bool) {
	t.Helper()
	for guard := time.Now().Add(patience); !is(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(guard) {
			t.Fatalf("never: %s", what)
		}
	}
}

// remote starts a gateway as the other end, with a further user for its own clients.
func remote(t testing.TB, changes ...func(*snapshot.Snapshot)) *gateway.Gateway {
	t.Helper()
	return gatewaytest.Start(t, configuration(t, changes...))
}

func configuration(t testing.TB, changes ...func(*snapshot.Snapshot)) *snapshot.Snapshot {
	t.Helper()
	snap := gatewaytest.Snapshot(t, "../../../../config/samples")
	for _, change := range changes {
		change(snap)
	}
	return snap
}

// device is a client of the other end.
type device struct {
	t    testing.TB
	ws   *websocket.Conn
	next int
}

func newDevice(t testing.TB, g *gateway.Gateway) *device {
	t.Helper()
	credentials := base64.StdEncoding.EncodeToString([]byte(gatewaytest.User + ":" + gatewaytest.Password))
	ws, _, err := websocket.Dial(context.Background(), "ws://"+g.Address()+"/ws/2", &websocket.DialOptions{
		HTTPHeader: http.Header{"Authorization": {"Basic " + credentials}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ws.SetReadLimit(-1)
	t.Cleanup(func() { _ = ws.CloseNow() })
	return &device{t: t, ws: ws}
}

func (d *device) send(text string) {
	d.t.Helper()
	if err := d.ws.Write(context.Background(), websocket.MessageText, []byte(text)); err != nil {
		d.t.Fatal(err)
	}
}

func (d *device) receive() string {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, text, err := d.ws.Read(ctx)
	if err != nil {
		d.t.Fatal(err)
	}
	return string(text)
}

// do sends a command that must succeed.
func (d *device) do(thing, action, path, value string) envelope {
	d.t.Helper()
	if value != "" {
		value = `,"value":` + value
	}
	d.next++
	contentType := "application/json"
	if action == "merge" {
		contentType = "application/merge-patch+json"
	}
	d.send(fmt.Sprintf(`{"topic":"test/%s/things/twin/commands/%s","headers":{"correlation-id":"d%d","content-type":%q},"path":%q%s}`,
		thing, action, d.next, contentType, path, value))
	answer := read(d.t, d.receive())
	if answer.Status/100 != 2 {
		d.t.Fatalf("%s %s %s is answered %+v", action, thing, path, answer)
	}
	return answer
}

// envelope is what tests look at in one.
type envelope struct {
	Topic    string
	Path     string
	Headers  map[string]any
	Value    json.RawMessage
	Status   int
	Revision int64
}

func read(t testing.TB, text string) (e envelope) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return e
}

// said is an envelope in short.
func (e envelope) said() string {
	text := e.Topic + " " + e.Path
	if e.Value != nil {
		text += " " + string(e.Value)
	}
	return text
}

// proxy is the network between both ends. It can be cut, and leads to wherever the other end is now.
type proxy struct {
	listener net.Listener
	accepted atomic.Int32
	target   atomic.Value // string
	down     atomic.Bool
	frozen   atomic.Bool

	mu    sync.Mutex
	conns []net.Conn
	all   sync.WaitGroup
}

func newProxy(t testing.TB, target string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: listener}
	p.target.Store(target)
	p.all.Go(p.serve)
	t.Cleanup(func() {
		_ = listener.Close()
		p.cut()
		p.all.Wait()
	})
	return p
}

func (p *proxy) serve() {
	for {
		near, err := p.listener.Accept()
		if err != nil {
			return
		}
		if p.down.Load() {
			_ = near.Close()
			continue
		}
		far, err := net.Dial("tcp", p.target.Load().(string))
		if err != nil {
			_ = near.Close()
			continue
		}
		p.accepted.Add(1)
		p.mu.Lock()
		p.conns = append(p.conns, near, far)
		p.mu.Unlock()
		p.all.Go(func() { p.pipe(near, far) })
		p.all.Go(func() { p.pipe(far, near) })
	}
}

func (p *proxy) pipe(to, from net.Conn) {
	defer to.Close()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		for p.frozen.Load() {
			time.Sleep(time.Millisecond)
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// cut breaks all connections, and lets no new ones through until mend.
func (p *proxy) cut() {
	p.down.Store(true)
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range p.conns {
		_ = conn.Close()
	}
	p.conns = nil
	p.frozen.Store(false)
}

func (p *proxy) mend() { p.down.Store(false) }

// near is this end of a connection: its kind, and what it consumes.
type near struct {
	t          testing.TB
	kind       link.Kind
	connection snapshot.Connection
	current    atomic.Pointer[snapshot.Connection]
	consumer
	log *lockedBuffer
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newNear(t testing.TB, address string, settings dittows.Settings) *near {
	t.Helper()
	n := &near{t: t, kind: dittows.NewWith(settings), log: &lockedBuffer{}, connection: snapshot.Connection{
		Name: "cloud", Type: snapshot.ConnectionDittoWebSocket, URI: "ws://" + address,
		Credentials: &snapshot.Credentials{Basic: &snapshot.BasicCredentials{Username: gatewaytest.User, Password: gatewaytest.Password}},
	}}
	n.current.Store(&n.connection)
	return n
}

// dial opens a client, or says why not.
func (n *near) dial() (link.Asker, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel() // a client outlives it
	c, err := n.kind.Dial(ctx, link.Config{
		Connection: &n.connection, Current: n.current.Load, Consumer: n, Clock: time.Now,
		Logger: slog.New(slog.NewTextHandler(n.log, nil)),
	})
	if err != nil {
		return nil, err
	}
	return c.(link.Asker), nil
}

// open opens a client that must come about, and closes it when the test ends.
func (n *near) open() link.Asker {
	n.t.Helper()
	c, err := n.dial()
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(func() { shut(c) })
	return c
}

// shut closes a client.
func shut(c link.Client) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	c.Close(ctx)
}

func (n *near) ask(c link.Asker, inbound ...*snapshot.Subscription) {
	n.t.Helper()
	if err := c.Ask(n.t.Context(), inbound); err != nil {
		n.t.Fatal(err)
	}
}

// inbound returns a Subscription for a signal, which is called by its name.
func inbound(signal snapshot.Signal, changes ...func(*snapshot.Subscription)) *snapshot.Subscription {
	s := &snapshot.Subscription{Name: "in-" + string(signal), Direction: snapshot.Inbound, Signal: signal}
	for _, change := range changes {
		change(s)
	}
	return s
}

// consumer records what is consumed.
type consumer struct {
	mu       sync.Mutex
	consumed []link.Consumed
	// before is called first, if it is set; an error is that of Consume.
	before func(context.Context, link.Consumed) error
}

// Consume implements link.Consumer.
func (c *consumer) Consume(ctx context.Context, m link.Consumed) error {
	c.mu.Lock()
	before := c.before
	c.mu.Unlock()
	if before != nil {
		if err := before(ctx, m); err != nil {
			return err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.consumed = append(c.consumed, m)
	return nil
}

func (c *consumer) first(before func(context.Context, link.Consumed) error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.before = before
}

func (c *consumer) all() []link.Consumed {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]link.Consumed(nil), c.consumed...)
}

// await waits until so many were consumed and returns them.
func (n *near) await(count int) []link.Consumed {
	n.t.Helper()
	until(n.t, fmt.Sprintf("%d messages are consumed", count), func() bool { return len(n.all()) >= count })
	return n.all()
}

// publish publishes an envelope and returns its outcome.
func (n *near) publish(c link.Client, text string, delivery snapshot.DeliveryGuarantee) link.Outcome {
	n.t.Helper()
	outcome := make(chan link.Outcome, 2)
	err := c.Publish(n.t.Context(), &external.Message{Payload: []byte(text)}, delivery, func(o link.Outcome) { outcome <- o })
	if err != nil {
		n.t.Fatal(err)
	}
	select {
	case o := <-outcome:
		return o
	case <-time.After(patience):
		n.t.Fatal("there is no outcome")
		return link.Outcome{}
	}
}

func mustUnmarshal(t testing.TB, text string, to any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), to); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
}
