package session

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"github.com/twinway/twinway/internal/gateway/auth"
	"github.com/twinway/twinway/internal/gateway/broker"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// doorman lets everybody in, when the test says so.
type doorman struct {
	asked  chan struct{}
	answer chan error
}

func newDoorman() *doorman {
	return &doorman{asked: make(chan struct{}), answer: make(chan error)}
}

func (d *doorman) Authenticate(context.Context, *http.Request) (auth.Identity, error) {
	d.asked <- struct{}{}
	return auth.Identity{User: "ditto", Subjects: auth.Subjects{"nginx:ditto"}}, <-d.answer
}

// kept is a handler that answers when the test says so.
type kept struct{ messages chan *Session }

func (k kept) Handle(_ context.Context, from *Session, _ *protocol.Envelope) { k.messages <- from }

func newTestServer(t *testing.T, provider auth.Provider, handler Handler, changes ...func(*Options)) (s *Server, url string) {
	t.Helper()
	books := broker.New(broker.Options{})
	t.Cleanup(books.Close)
	options := Options{
		Auth: provider, Handler: handler, Hubs: Hubs{}, Broker: books, Metrics: metrics.New(), Logger: slog.New(slog.DiscardHandler),
		Settings: Settings{
			MaxSessions: 10, MaxMessage: 1 << 20, InFlight: 4, QueueFrames: 10, QueueBytes: 1 << 20,
			PingInterval: time.Minute, HandshakeTimeout: time.Minute,
		},
	}
	for _, change := range changes {
		change(&options)
	}
	s = NewServer(t.Context(), options)
	mux := http.NewServeMux()
	mux.Handle("/ws/{version}", s)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	t.Cleanup(s.Close)
	return s, server.URL + "/ws/2"
}

// What changes while a handshake is under way applies to its session.
func TestHandshakeUnderWay(t *testing.T) {
	for name, test := range map[string]struct {
		meanwhile func(*Server)
		code      websocket.StatusCode // of the close frame, -1 for none
	}{
		"the user is removed":    {func(s *Server) { s.Admit(func(id auth.Identity) bool { return id.User != "ditto" }) }, 1008},
		"the gateway drains":     {func(s *Server) { s.Refuse() }, 1012},
		"the gateway has closed": {func(s *Server) { s.Close() }, -1},
		"drained, then closed":   {func(s *Server) { s.Refuse(); s.Close() }, -1},
	} {
		t.Run(name, func(t *testing.T) {
			door := newDoorman()
			server, url := newTestServer(t, door, nil)
			type dialled struct {
				ws  *websocket.Conn
				err error
			}
			done := make(chan dialled)
			go func() {
				ws, _, err := websocket.Dial(t.Context(), url, nil)
				done <- dialled{ws, err}
			}()
			<-door.asked
			test.meanwhile(server)
			door.answer <- nil
			client := <-done
			if client.err != nil {
				if test.code != -1 {
					t.Fatal(client.err)
				}
				return // the connection ended before the handshake was read
			}
			defer client.ws.CloseNow() //nolint:errcheck // it is closed already
			if _, _, err := client.ws.Read(t.Context()); websocket.CloseStatus(err) != test.code {
				t.Errorf("the session ended with %v, want code %d", err, test.code)
			}
			server.Close()
			if n := server.Registry().Len(); n != 0 {
				t.Errorf("%d sessions are left", n)
			}
		})
	}
}

// Who is still admitted keeps the session.
func TestAdmit(t *testing.T) {
	door := newDoorman()
	server, url := newTestServer(t, door, kept{make(chan *Session, 1)})
	go func() {
		<-door.asked
		door.answer <- nil
	}()
	ws, _, err := websocket.Dial(t.Context(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.CloseNow() //nolint:errcheck // the test ends
	wait(t, func() bool { return server.Registry().Len() == 1 })
	if n := server.Admit(func(id auth.Identity) bool { return id.User == "ditto" }); n != 0 {
		t.Errorf("%d sessions were closed", n)
	}
	if n := server.Admit(func(auth.Identity) bool { return false }); n != 1 {
		t.Errorf("%d sessions were closed, want 1", n)
	}
	if _, _, err := ws.Read(t.Context()); websocket.CloseStatus(err) != 1008 {
		t.Errorf("the session ended with %v", err)
	}
}

// A session that parts answers what it has taken and takes nothing more.
func TestPart(t *testing.T) {
	door, handler := newDoorman(), kept{make(chan *Session, 10)}
	server, url := newTestServer(t, door, handler)
	go func() {
		<-door.asked
		door.answer <- nil
	}()
	ws, _, err := websocket.Dial(t.Context(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.CloseNow() //nolint:errcheck // the test ends
	const message = `{"topic":"n/t/things/twin/commands/retrieve","path":"/"}`
	if err := ws.Write(t.Context(), websocket.MessageText, []byte(message)); err != nil {
		t.Fatal(err)
	}
	s := <-handler.messages
	gone := make(chan int)
	go func() { gone <- server.Registry().PartAll(t.Context(), 1012, "bye", 0) }()
	wait(t, func() bool {
		s.gate.mu.Lock()
		defer s.gate.mu.Unlock()
		return s.gate.closed
	})
	if err := ws.Write(t.Context(), websocket.MessageText, []byte(message)); err != nil {
		t.Fatal(err)
	}
	s.Reply(text("answer"), 0)
	if _, text, err := ws.Read(t.Context()); err != nil || string(text) != "answer" {
		t.Errorf("%q, %v", text, err)
	}
	if _, _, err := ws.Read(t.Context()); websocket.CloseStatus(err) != 1012 {
		t.Errorf("the session ended with %v", err)
	}
	if left := <-gone; left != 0 || len(handler.messages) != 0 {
		t.Errorf("%d sessions are left, %d messages were taken late", left, len(handler.messages))
	}
}

// Before the first pause no more sessions part than are due.
func TestPartAllIsSpreadOverTime(t *testing.T) {
	server := NewServer(t.Context(), Options{Metrics: metrics.New()})
	server.Close() // what the sessions do next is not looked at
	var sessions []*Session
	for range 100 {
		s := &Session{server: server, gate: newGate(1), audience: &pubsub.Audience{}}
		sessions = append(sessions, s)
		server.registry.reserve(100)
		server.registry.add(s, nil)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if left := server.registry.PartAll(stopped, 1012, "bye", 10*closeTick); left != 100 {
		t.Errorf("%d sessions are left", left)
	}
	parted := 0
	for _, s := range sessions {
		if s.gate.closed {
			parted++
		}
		server.registry.remove(s)
	}
	if parted != 10 {
		t.Errorf("%d of 100 sessions parted in the first of ten steps", parted)
	}
}

// wait waits for something that is sure to come if all is well.
func wait(t *testing.T, is func() bool) {
	t.Helper()
	guard := time.Now().Add(time.Minute)
	for !is() {
		if time.Now().After(guard) {
			t.Fatal("it never came")
		}
		time.Sleep(time.Millisecond)
	}
}

// peer returns a session that reads nothing itself, and its client's socket.
func peer(t *testing.T, interval time.Duration) (*Session, net.Conn, *bufio.Reader) {
	t.Helper()
	s := &Session{settings: &Settings{PingInterval: interval}, server: &Server{options: Options{Logger: slog.New(slog.DiscardHandler)}}}
	accepted := make(chan error, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var err error
		s.conn, err = wire.Accept(w, r, wire.Options{MaxMessage: 1 << 10, MaxFrames: 10, MaxBytes: 1 << 10, Replied: func(int) {}})
		accepted <- err
	}))
	t.Cleanup(server.Close)
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if err := <-accepted; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.conn.Abort)
	reader := bufio.NewReader(conn)
	for line := ""; line != "\r\n"; {
		if line, err = reader.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	return s, conn, reader
}

func TestSweepPingsOnceForEachInterval(t *testing.T) {
	const interval = time.Hour
	s, _, client := peer(t, interval)
	last := s.conn.LastRead()
	for _, after := range []time.Duration{0, interval - 1, interval, interval + 1, 2*interval - 1, 2 * interval, 2*interval + 1} {
		s.sweep(last.Add(after))
	}
	s.Reply(text("end"), 0)
	got := make([]byte, len("\x89\x00\x89\x00\x81\x03end"))
	if _, err := io.ReadFull(client, got); err != nil || string(got) != "\x89\x00\x89\x00\x81\x03end" {
		t.Errorf("the client got %q, %v", got, err)
	}
}

func TestSweepGivesUpASilentPeer(t *testing.T) {
	const interval = time.Hour
	s, _, client := peer(t, interval)
	last := s.conn.LastRead()
	s.sweep(last.Add(3 * interval))
	if s.conn.Closing() {
		t.Fatal("it was given up too early")
	}
	s.sweep(last.Add(3*interval + 1))
	if rest, err := io.ReadAll(client); strings.ReplaceAll(string(rest), "\x89\x00", "") != "" {
		t.Errorf("the client got %q, %v", rest, err)
	}
	if !s.conn.Closing() {
		t.Error("it was not given up")
	}
}

// A session that waits, for example for the disk, does not read and cannot know
// whether the peer is silent.
func TestSweepDoesNotTakeItsOwnSilenceForThePeers(t *testing.T) {
	const interval = time.Hour
	s, _, _ := peer(t, interval)
	last := s.conn.LastRead()
	s.busy.Store(true)
	late := last.Add(10 * interval)
	s.sweep(late)
	s.busy.Store(false)
	s.sweep(late.Add(interval))
	s.sweep(late.Add(3 * interval))
	if s.conn.Closing() {
		t.Fatal("the peer was given up although the session did not read")
	}
	s.sweep(late.Add(3*interval + 1))
	if !s.conn.Closing() {
		t.Error("the peer was not given up later")
	}
}

// Of a burst that finds room only in part, what does not is counted.
func TestDeliverCountsWhatIsDropped(t *testing.T) {
	s, _, _ := peer(t, time.Hour) // with room for ten signals
	s.settings.Overflow = DropNewest
	counted := metrics.New()
	s.server = &Server{options: Options{Metrics: counted}}
	var burst wire.Burst
	for range 15 {
		burst.Add(func(dst []byte) ([]byte, bool) { return append(dst, "event"...), true })
	}
	s.Deliver(burst)
	if n := s.dropped.Load(); n != 5 {
		t.Errorf("the session says that it dropped %d signals, want 5", n)
	}
	families, err := counted.Registry().Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		want, known := map[string]float64{"twinway_signals_dropped_total": 5, "twinway_signals_delivered_total": 10}[family.GetName()]
		if got := family.GetMetric()[0].GetCounter().GetValue(); known && got != want {
			t.Errorf("%s is %v, want %v", family.GetName(), got, want)
		}
	}
	if s.conn.Closing() {
		t.Error("the session was closed")
	}
}

func TestCloseCode(t *testing.T) {
	s := &Session{}
	for _, test := range []struct {
		cause error
		want  int
	}{
		{websocket.CloseError{Code: 1000}, 1000},
		{websocket.CloseError{Code: 4711}, 4711},
		{wire.ErrTooBig, 1009},
		{io.EOF, 1006},
		{errors.New("reset"), 1006},
	} {
		if got := s.closeCode(test.cause); got != test.want {
			t.Errorf("%v: %d, want %d", test.cause, got, test.want)
		}
	}
	s.closing.Store(1013)
	if got := s.closeCode(websocket.CloseError{Code: 1000}); got != 1013 {
		t.Errorf("this side closed first, and %d is told", got)
	}
}
