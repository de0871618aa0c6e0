package gateway_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/twinway/twinway/internal/gateway"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/test/gatewaytest"
)

// hostname is the name in the certificates that clients are shown.
const hostname = "gateway.test"

// withCertificate has clients served over TLS, with a certificate of the
// authority.
func withCertificate(t *testing.T, a *gatewaytest.Authority) func(*snapshot.Snapshot) {
	t.Helper()
	certificate, key := a.Server(hostname)
	return func(s *snapshot.Snapshot) {
		s.Listener.TLS = &snapshot.ListenerTLS{Certificate: snapshot.Content(certificate), Key: snapshot.SecretContent(key)}
	}
}

// dialTLS opens a session over TLS, trusting the authority.
func dialTLS(t *testing.T, g *gateway.Gateway, a *gatewaytest.Authority) (*client, error) {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: &tls.Config{ServerName: hostname, RootCAs: a.Pool()}, DisableKeepAlives: true}
	ws, _, err := websocket.Dial(t.Context(), "wss://"+g.Address()+"/ws/2", &websocket.DialOptions{
		HTTPHeader: authorization(gatewaytest.User, gatewaytest.Password), HTTPClient: &http.Client{Transport: transport},
	})
	if err != nil {
		return nil, err
	}
	ws.SetReadLimit(-1)
	t.Cleanup(func() { _ = ws.CloseNow() })
	return &client{t, ws}, nil
}

func mustDialTLS(t *testing.T, g *gateway.Gateway, a *gatewaytest.Authority) *client {
	t.Helper()
	c, err := dialTLS(t, g, a)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Sessions over TLS work like any others, large and many messages included.
func TestSessionsOverTLS(t *testing.T) {
	a := gatewaytest.NewAuthority(t)
	g := start(t, withCertificate(t, a))
	subscriber, c := mustDialTLS(t, g, a), mustDialTLS(t, g, a)
	if ack := subscriber.ask("START-SEND-EVENTS"); ack != "START-SEND-EVENTS:ACK" {
		t.Fatalf("the subscription is answered %q", ack)
	}
	large := `{"attributes":{"a":"` + strings.Repeat("x", 60_000) + `"}}`
	for i := range 50 {
		action := "modify"
		if i == 0 {
			action = "create"
		}
		c.send(command("large", action, "/", large))
	}
	for i := range 50 {
		if status, code := statusOf(t, c.receive()); status != 201 && status != 204 {
			t.Errorf("command %d is answered %d %s", i, status, code)
		}
		if event := subscriber.receive(); len(event) < 60_000 {
			t.Errorf("event %d is %s", i, event)
		}
	}
	if err := c.ws.Close(1000, ""); err != nil {
		t.Errorf("a polite end: %v", err)
	}
	until(t, "the session is gone", func() bool { return metric(t, g, `sessions_closed_total{code="1000"}`) == 1 })
	subscriber.mustWork()
	if at := metric(t, g, "listener_certificate_expiry_timestamp_seconds"); at < float64(time.Now().Unix()) {
		t.Errorf("the certificate expires at %v", at)
	}
}

// Another certificate takes force without any session noticing.
func TestCertificateOfTheListenerRotates(t *testing.T) {
	before, after := gatewaytest.NewAuthority(t), gatewaytest.NewAuthority(t)
	g := start(t, withCertificate(t, before))
	c := mustDialTLS(t, g, before)
	mustApply(t, g, configuration(t, withCertificate(t, after)), "listener.tls.certificate", "listener.tls.key")
	mustDialTLS(t, g, after).mustWork()
	if _, err := dialTLS(t, g, before); !errors.As(err, new(x509.UnknownAuthorityError)) {
		t.Errorf("the former certificate: %v", err)
	}
	c.mustWork()
}

func TestUnusableCertificateIsRefusedWhole(t *testing.T) {
	a := gatewaytest.NewAuthority(t)
	g := start(t, withCertificate(t, a))
	before := g.Current().Hash()
	_, err := g.Apply(configuration(t, withCertificate(t, a), withUser("anna"), func(s *snapshot.Snapshot) {
		_, key := a.Server(hostname)
		s.Listener.TLS.Key = snapshot.SecretContent(key)
	}))
	if _, ok := errors.AsType[*gateway.UnusableError](err); !ok || strings.Contains(err.Error(), "BEGIN") {
		t.Errorf("a key of another certificate: %v", err)
	}
	if g.Current().Hash() != before {
		t.Error("another snapshot is in force")
	}
	mustDialTLS(t, g, a).mustWork()
}

func TestTLSComesAndGoesWithARestart(t *testing.T) {
	a := gatewaytest.NewAuthority(t)
	with := withCertificate(t, a)
	without := func(*snapshot.Snapshot) {}
	for name, test := range map[string]struct{ before, after func(*snapshot.Snapshot) }{
		"comes": {without, with}, "goes": {with, without},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := start(t, test.before).Apply(configuration(t, test.after))
			refused, ok := errors.AsType[*gateway.RestartError](err)
			if !ok || !slices.Equal(refused.Fields, []string{"listener.tls"}) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestStartWithAnUnusableSnapshot(t *testing.T) {
	for name, change := range map[string]func(*snapshot.Snapshot){
		"certificate": func(s *snapshot.Snapshot) { s.Listener.TLS = &snapshot.ListenerTLS{Certificate: "x", Key: "y"} },
		"users":       func(s *snapshot.Snapshot) { s.Authentication.Basic.Users["anna"] = "no hash" },
	} {
		_, err := gateway.Start(configuration(t, change), gateway.Options{
			DataDir: t.TempDir(), Listen: "127.0.0.1:0", Logger: slog.New(slog.DiscardHandler),
		})
		if _, ok := errors.AsType[*gateway.UnusableError](err); !ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatTheListenerSpeaks(t *testing.T) {
	a := gatewaytest.NewAuthority(t)
	g := start(t, withCertificate(t, a))
	for version, welcome := range map[uint16]bool{
		tls.VersionTLS10: false, tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true,
	} {
		conn, err := tls.Dial("tcp", g.Address(), &tls.Config{
			MinVersion: tls.VersionTLS10, MaxVersion: version, ServerName: hostname, RootCAs: a.Pool(), NextProtos: []string{"h2", "http/1.1"},
		})
		if (err == nil) != welcome {
			t.Errorf("%s: %v", tls.VersionName(version), err)
		}
		if err == nil {
			if p := conn.ConnectionState().NegotiatedProtocol; p != "http/1.1" {
				t.Errorf("%s: the protocol is %q", tls.VersionName(version), p)
			}
			_ = conn.Close()
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+g.Address()+"/ws/2", nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := exchange(t, r); got.status != 400 {
		t.Errorf("plain HTTP is answered %d", got.status)
	}
}

// Peers that take nothing any more hold up neither a session's end nor the
// gateway's.
func TestStuckPeersOverTLS(t *testing.T) {
	a := gatewaytest.NewAuthority(t)
	g := start(t, withCertificate(t, a), draining(0, 0))
	for range 20 {
		stuckTLS(t, g, a)
	}
	until(t, "all are open", func() bool { return metric(t, g, "sessions") == 20 })
	g.Drain(t.Context(), true)
	if err := g.Close(); err != nil {
		t.Error(err)
	}
}

// stuckTLS opens a session whose peer asks for more than it reads.
func stuckTLS(t *testing.T, g *gateway.Gateway, a *gatewaytest.Authority) {
	t.Helper()
	raw, err := net.Dial("tcp", g.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = raw.Close() })
	if err := raw.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	conn := tls.Client(raw, &tls.Config{ServerName: hostname, RootCAs: a.Pool()})
	request := "GET /ws/2 HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: " +
		authorization(gatewaytest.User, gatewaytest.Password).Get("Authorization") + "\r\n\r\n"
	frames := []byte(request)
	for range 2000 {
		frames = append(frames, rawText(command("absent", "retrieve", "/", ""))...)
	}
	_ = conn.SetWriteDeadline(time.Now().Add(time.Second)) // the gateway stops reading at some point
	_, _ = conn.Write(frames)
}
