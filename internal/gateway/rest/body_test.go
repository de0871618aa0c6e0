package rest

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twinway/twinway/internal/gateway/auth"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/pubsub"
)

// pipes is a listener on connections that are made in memory.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	c, ok := <-p
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}

func (p pipes) Close() error { return nil }
func (pipes) Addr() net.Addr { return &net.TCPAddr{} }

// dial connects a client to a server, in a bubble.
func dial(t *testing.T, s *Server) net.Conn {
	t.Helper()
	p := make(pipes, 1)
	server := &http.Server{Handler: s, ReadHeaderTimeout: time.Second}
	go func() { _ = server.Serve(p) }()
	client, served := net.Pipe()
	p <- served
	t.Cleanup(func() {
		_ = client.Close()
		close(p)
		_ = server.Close()
		time.Sleep(time.Second) // in which the server lets a connection linger
	})
	return client
}

// Who is refused learns it, whether or not the body comes that nobody wants to read.
func TestARefusalDoesNotWaitForTheBody(t *testing.T) {
	for name, tt := range map[string]struct {
		header string
		want   time.Duration
	}{
		"that is sent when the client is told to go on": {"Expect: 100-continue\r\nContent-Length: 10\r\n", 0},
		"that is large":           {"Content-Length: 999999\r\n", 0},
		"that is small, for long": {"Content-Length: 10\r\n", unreadPatience},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, began := dial(t, newPublic(nil, nil)), time.Now()
				if _, err := io.WriteString(client, "PUT /api/2/things/a:b HTTP/1.1\r\nHost: x\r\n"+tt.header+"\r\n"); err != nil {
					t.Fatal(err)
				}
				response, err := http.ReadResponse(bufio.NewReader(client), nil)
				if err != nil {
					t.Fatalf("after %v: %v", time.Since(began), err)
				}
				_ = response.Body.Close()
				if took := time.Since(began); response.StatusCode != http.StatusUnauthorized || !response.Close || took != tt.want {
					t.Errorf("status %d after %v, closes %t; want 401 after %v, and the end", response.StatusCode, took, response.Close, tt.want)
				}
			})
		})
	}
}

// everybody lets everybody in.
type everybody struct{}

// Authenticate implements auth.Provider.
func (everybody) Authenticate(context.Context, *http.Request) (auth.Identity, error) {
	return auth.Identity{Subjects: []string{"nginx:ann"}}, nil
}

// A stream lasts longer than a body may take to come, also if its request has one, which means nothing.
func TestAStreamOutlivesTheBodyOfItsRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewServer(Options{
			Auth: everybody{}, Events: pubsub.NewHub(), Metrics: metrics.New(), Logger: slog.New(slog.DiscardHandler),
			Settings: Settings{MaxBody: 10, AuthenticationTimeout: time.Second},
		})
		client, began := dial(t, s), time.Now()
		if _, err := io.WriteString(client, "GET /api/2/things HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nContent-Length: 2\r\n\r\n{}"); err != nil {
			t.Fatal(err)
		}
		response, err := http.ReadResponse(bufio.NewReader(client), nil) //nolint:bodyclose // it has no end; the connection is closed
		if err != nil {
			t.Fatal(err)
		}
		told := bufio.NewReader(response.Body)
		for time.Since(began) < 2*bodyPatience {
			if _, err := told.ReadString('\n'); err != nil {
				t.Fatalf("after %v: %v", time.Since(began), err)
			}
		}
	})
}
