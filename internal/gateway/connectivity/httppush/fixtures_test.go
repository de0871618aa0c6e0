package httppush

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/link/linktest"
	"github.com/twinway/twinway/internal/snapshot"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// noon is when tests take place that do not say.
var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// endpoint is an HTTPS server, and the connection to it.
type endpoint struct {
	t         testing.TB
	authority *linktest.Authority
	server    *httptest.Server
	is        atomic.Pointer[snapshot.Connection]
	now       atomic.Pointer[time.Time]
}

// serve starts an endpoint. It may be changed before it begins, and its connection before that is dialled.
func serve(t testing.TB, handler http.HandlerFunc, changes ...func(*httptest.Server)) *endpoint {
	t.Helper()
	e := &endpoint{t: t, authority: linktest.NewAuthority(t), server: httptest.NewUnstartedServer(handler)}
	e.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	e.server.TLS = &tls.Config{Certificates: []tls.Certificate{e.authority.Server()}, MinVersion: tls.VersionTLS12}
	for _, change := range changes {
		change(e.server)
	}
	e.server.StartTLS()
	t.Cleanup(e.server.Close)
	e.now.Store(&noon)
	e.is.Store(&snapshot.Connection{
		Name: "push", Type: snapshot.ConnectionHTTPPush, URI: e.server.URL, TLS: snapshot.ConnectionTLS{CA: e.authority.CA()},
		HTTPPush: &snapshot.HTTPPush{Parallelism: 1, Timeout: 30 * time.Second, OmitBody: []string{"DELETE", "GET"}},
	})
	return e
}

// with changes the connection from now on.
func (e *endpoint) with(change func(*snapshot.Connection)) *endpoint {
	c := *e.is.Load()
	options := *c.HTTPPush
	c.HTTPPush = &options
	change(&c)
	e.is.Store(&c)
	return e
}

func parallel(n int) func(*snapshot.Connection) {
	return func(c *snapshot.Connection) { c.HTTPPush.Parallelism = n }
}

func credentials(of *snapshot.Credentials) func(*snapshot.Connection) {
	return func(c *snapshot.Connection) { c.Credentials = of }
}

func (e *endpoint) config() link.Config {
	return link.Config{
		Connection: e.is.Load(), Current: e.is.Load, Logger: slog.New(slog.DiscardHandler),
		Clock: func() time.Time { return *e.now.Load() },
	}
}

// dial returns a client, which is closed at the end.
func (e *endpoint) dial() link.Client {
	e.t.Helper()
	client, err := New().Dial(e.t.Context(), e.config())
	if err != nil {
		e.t.Fatalf("dialling: %v", err)
	}
	e.t.Cleanup(func() { client.Close(context.Background()) })
	return client
}

// push publishes a message and waits for its outcome.
func push(t testing.TB, client link.Client, m *external.Message) link.Outcome {
	t.Helper()
	outcomes := make(chan link.Outcome, 1)
	err := client.Publish(t.Context(), m, snapshot.AtLeastOnce, func(o link.Outcome) { outcomes <- o })
	if err != nil {
		t.Fatalf("publishing: %v", err)
	}
	return <-outcomes
}

// delivered publishes a message that must be delivered.
func delivered(t testing.TB, client link.Client, m *external.Message) link.Outcome {
	t.Helper()
	outcome := push(t, client, m)
	if !outcome.Delivered() || outcome.Err != nil {
		t.Fatalf("not delivered: %+v", outcome)
	}
	return outcome
}

func post(path string) *external.Message {
	return &external.Message{Address: "POST:" + path, Payload: []byte("{}"), Headers: external.Headers{"content-type": "application/json"}}
}

func ok(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }
