package management_test

import (
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/management"
	"github.com/twinway/twinway/test/gatewaytest"
)

// admit serves behind a listener with limits of handshakes, until the test ends.
func admit(t *testing.T, handshakes int, timeout, grace time.Duration) (*management.Listener, *gatewaytest.Operator) {
	t.Helper()
	a := gatewaytest.NewAuthority(t)
	c := management.NewCertificates(mounted(t, a), slog.New(slog.DiscardHandler))
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := c.ListenWithin(socket, handshakes, timeout, grace)
	server := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), ReadHeaderTimeout: time.Minute}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("serving ends with %v", err)
		}
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	return l, gatewaytest.NewOperator(a, l.Addr().String(), self)
}

// stranger connects and says nothing.
func stranger(t *testing.T, l *management.Listener) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// mustBeClosed waits until the other end closes a connection.
func mustBeClosed(t *testing.T, conn net.Conn) {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(time.Minute)) // a guard
	if n, err := io.Copy(io.Discard, conn); errors.Is(err, net.ErrClosed) || isTimeout(err) {
		t.Errorf("it is not closed: %d bytes, %v", n, err)
	}
}

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}

// Whoever takes all places without proving anything, the operator gets in.
func TestStrangersKeepNobodyOut(t *testing.T) {
	l, operator := admit(t, 4, time.Hour, 0)
	var strangers []net.Conn
	for range 10 {
		strangers = append(strangers, stranger(t, l))
	}
	if _, err := operator.Try(t.Context(), http.MethodGet, "/", nil); err != nil {
		t.Errorf("the operator is kept out: %v", err)
	}
	for _, conn := range strangers[:6] {
		mustBeClosed(t, conn)
	}
	if n := l.Handshakes(); n > 4 {
		t.Errorf("%d handshakes are under way", n)
	}
}

func TestAHandshakeEnds(t *testing.T) {
	l, _ := admit(t, 4, time.Millisecond, time.Hour)
	mustBeClosed(t, stranger(t, l))
}

// A handshake that has just begun is not given up. The next one waits, and takes
// the place when it is free.
func TestAHandshakeHasItsTime(t *testing.T) {
	l, operator := admit(t, 1, time.Hour, time.Hour)
	first := stranger(t, l)
	until(t, "the handshake begins", func() bool { return l.Handshakes() > 0 })
	done := make(chan error, 1)
	go func() {
		_, err := operator.Try(t.Context(), http.MethodGet, "/", nil)
		done <- err
	}()
	if !l.Full(time.Now()) {
		t.Error("a handshake that has just begun is given up")
	}
	if l.Full(time.Now().Add(2 * time.Hour)) {
		t.Error("the oldest keeps its place for ever")
	}
	mustBeClosed(t, first)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// Those who were let in have places of their own, as many as there are and no
// more, and give them back.
func TestPlacesOfTheOperator(t *testing.T) {
	l, operator := admit(t, 4, time.Hour, 0)
	config := &tls.Config{
		MinVersion: tls.VersionTLS13, ServerName: operator.ServerName, RootCAs: operator.Roots,
		Certificates: []tls.Certificate{*operator.Certificate},
	}
	var held []net.Conn
	for range management.MaxConnections {
		conn, err := tls.Dial("tcp", l.Addr().String(), config)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, conn)
		t.Cleanup(func() { _ = conn.Close() })
		// A handshake ends later here than for the client, and would be given up
		// for the next ones.
		until(t, "it is let in", func() bool { return l.Admitted() == len(held) })
	}
	for range 5 {
		stranger(t, l)
	}
	if _, err := operator.Try(t.Context(), http.MethodGet, "/", nil); err == nil {
		t.Error("there is no bound")
	}
	if _, err := held[0].Write([]byte("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")); err != nil {
		t.Error(err)
	}
	mustBeClosed(t, held[0])
	until(t, "a place is free", func() bool { return l.Admitted() < management.MaxConnections })
	if _, err := operator.Try(t.Context(), http.MethodGet, "/", nil); err != nil {
		t.Errorf("the place is not given back: %v", err)
	}
}

// Closing ends what is under way, once, and whoever accepts.
func TestCloseEndsHandshakes(t *testing.T) {
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	without := management.NewCertificates(t.TempDir(), slog.New(slog.DiscardHandler))
	l := without.ListenWithin(socket, 2, time.Hour, time.Hour)
	accepting := make(chan error, 1)
	go func() {
		_, err := l.Accept()
		accepting <- err
	}()
	var strangers []net.Conn
	for range 3 { // one more than there are places
		strangers = append(strangers, stranger(t, l))
	}
	until(t, "handshakes begin", func() bool { return l.Handshakes() == 2 })
	var closing sync.WaitGroup
	for range 2 {
		closing.Go(func() {
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	closing.Wait()
	if err := <-accepting; !errors.Is(err, net.ErrClosed) {
		t.Errorf("accepting ends with %v", err)
	}
	for _, conn := range strangers {
		mustBeClosed(t, conn)
	}
}

// broken is a listener that fails once, as when there are no file descriptors.
type broken struct {
	net.Listener
	once sync.Once
}

var errBroken = errors.New("too many open files")

func (b *broken) Accept() (conn net.Conn, err error) {
	b.once.Do(func() { err = errBroken })
	if err != nil {
		return nil, err
	}
	return b.Listener.Accept()
}

// What the system says is passed on, and nothing ends by it.
func TestAcceptFails(t *testing.T) {
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	without := management.NewCertificates(t.TempDir(), slog.New(slog.DiscardHandler))
	l := without.ListenWithin(&broken{Listener: socket}, 2, time.Hour, time.Hour)
	defer l.Close()
	if _, err := l.Accept(); !errors.Is(err, errBroken) {
		t.Errorf("accepting ends with %v", err)
	}
	stranger(t, l)
	until(t, "the handshake begins", func() bool { return l.Handshakes() > 0 })
}
