package management_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/management"
	wire "github.com/twinway/twinway/internal/management"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/test/gatewaytest"
)

var self = snapshot.Identity{Namespace: "default", Name: "demo"}

// log is a log that can be read while it is written.
type log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// serveTLS serves on the certificates of a directory until the test ends.
func serveTLS(t *testing.T, dir string) (address string, c *management.Certificates, logged *log) {
	t.Helper()
	logged = &log{}
	c = management.NewCertificates(dir, slog.New(slog.NewTextHandler(logged, nil)))
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener := c.Listen(socket)
	p, _ := newPort(t)
	server := &http.Server{Handler: p, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	return listener.Addr().String(), c, logged
}

func mounted(t *testing.T, a *gatewaytest.Authority) string {
	t.Helper()
	dir := t.TempDir()
	a.Mount(dir, wire.ServerName(self))
	return dir
}

func TestOnlyTheOperatorIsLetIn(t *testing.T) {
	a, stranger := gatewaytest.NewAuthority(t), gatewaytest.NewAuthority(t)
	address, _, _ := serveTLS(t, mounted(t, a))
	pair := func(certificate, key []byte) *tls.Certificate {
		p, err := tls.X509KeyPair(certificate, key)
		if err != nil {
			t.Fatal(err)
		}
		return &p
	}
	of := func(c tls.Certificate) *tls.Certificate { return &c }
	expired := func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }
	early := func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Minute) }
	for name, test := range map[string]struct {
		certificate *tls.Certificate
		welcome     bool
	}{
		"the operator":              {of(a.Operator()), true},
		"nobody":                    {&tls.Certificate{}, false},
		"of another authority":      {of(stranger.Operator()), false},
		"a pod":                     {pair(a.Server(wire.ServerName(self))), false},
		"a server with that name":   {pair(a.Server(wire.OperatorName)), false},
		"another client":            {of(a.Client("other.twinway.internal")), false},
		"a client without a name":   {of(a.Client(wire.OperatorName, func(c *x509.Certificate) { c.DNSNames = nil })), false},
		"for any use":               {pair(a.Issue(wire.OperatorName, []x509.ExtKeyUsage{x509.ExtKeyUsageAny})), false},
		"for no use in particular":  {pair(a.Issue(wire.OperatorName, nil)), false},
		"the operator of yesterday": {of(a.Client(wire.OperatorName, expired)), false},
		"the operator of tomorrow":  {of(a.Client(wire.OperatorName, early)), false},
	} {
		t.Run(name, func(t *testing.T) {
			o := gatewaytest.NewOperator(a, address, self)
			o.Certificate = test.certificate
			answer, err := o.Try(t.Context(), http.MethodGet, wire.PathStatus, nil)
			if welcome := err == nil; welcome != test.welcome {
				t.Errorf("answered %d, %v", answer.Code, err)
			}
		})
	}
}

func TestPortProvesWhoItIs(t *testing.T) {
	a := gatewaytest.NewAuthority(t)
	address, _, _ := serveTLS(t, mounted(t, a))
	o := gatewaytest.NewOperator(a, address, snapshot.Identity{Namespace: "default", Name: "other"})
	if _, err := o.Try(t.Context(), http.MethodGet, wire.PathStatus, nil); err == nil {
		t.Error("it is taken for the pod of another Gateway")
	}
}

func TestVersionsOfTLS(t *testing.T) {
	a := gatewaytest.NewAuthority(t)
	address, _, _ := serveTLS(t, mounted(t, a))
	for version, welcome := range map[uint16]bool{tls.VersionTLS12: false, tls.VersionTLS13: true} {
		conn, err := tls.Dial("tcp", address, &tls.Config{
			MaxVersion: version, ServerName: wire.ServerName(self), RootCAs: a.Pool(), Certificates: []tls.Certificate{a.Operator()},
			NextProtos: []string{"h2", "http/1.1"},
		})
		if (err == nil) != welcome {
			t.Errorf("%s: %v", tls.VersionName(version), err)
		}
		if err == nil {
			if p := conn.ConnectionState().NegotiatedProtocol; p != "http/1.1" {
				t.Errorf("the protocol is %q", p)
			}
			_ = conn.Close()
		}
	}
}

// welcomes reports whether the operator of an authority is let in.
func welcomes(t *testing.T, a *gatewaytest.Authority, address string) bool {
	t.Helper()
	_, err := gatewaytest.NewOperator(a, address, self).Try(t.Context(), http.MethodGet, wire.PathStatus, nil)
	return err == nil
}

// until waits for something that is sure to come if all is well.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	guard := time.Now().Add(time.Minute)
	for !is() {
		if time.Now().After(guard) {
			t.Fatalf("never: %s", what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Certificates rotate under a port that stays, and what cannot be used changes
// nothing.
func TestCertificatesRotate(t *testing.T) {
	before, after := gatewaytest.NewAuthority(t), gatewaytest.NewAuthority(t)
	dir := mounted(t, before)
	address, c, logged := serveTLS(t, dir)
	if !welcomes(t, before, address) {
		t.Fatal("the operator is not let in")
	}
	certificate, _ := before.Server(wire.ServerName(self))
	_, key := before.Server(wire.ServerName(self))
	gatewaytest.MountSecret(t, dir, map[string][]byte{"tls.crt": certificate, "tls.key": key, "ca.crt": before.PEM()})
	until(t, "a key of another certificate is noticed", func() bool {
		c.Expires()
		return strings.Contains(logged.String(), "cannot be used")
	})
	if !welcomes(t, before, address) {
		t.Error("what was read before is not in force any more")
	}
	after.Mount(dir, wire.ServerName(self))
	until(t, "the new operator is let in", func() bool { return welcomes(t, after, address) })
	if welcomes(t, before, address) {
		t.Error("the former operator is still let in")
	}
	if n := strings.Count(logged.String(), "cannot be used"); n != 1 {
		t.Errorf("it was logged %d times:\n%s", n, logged)
	}
	mustNotTell(t, logged.String(), key)
}

// During a rotation both authorities are in the bundle.
func TestBothAuthoritiesOfABundle(t *testing.T) {
	before, after := gatewaytest.NewAuthority(t), gatewaytest.NewAuthority(t)
	dir := t.TempDir()
	certificate, key := before.Server(wire.ServerName(self))
	gatewaytest.MountSecret(t, dir, map[string][]byte{
		"tls.crt": certificate, "tls.key": key, "ca.crt": append(after.PEM(), before.PEM()...),
	})
	address, c, _ := serveTLS(t, dir)
	o := gatewaytest.NewOperator(before, address, self)
	for _, a := range []*gatewaytest.Authority{before, after} {
		shown := a.Operator()
		o.Certificate = &shown
		o.Do(t, http.MethodGet, wire.PathStatus, nil)
	}
	if left := time.Until(c.Expires()); left <= 0 || left > time.Hour {
		t.Errorf("it expires in %s", left)
	}
}

func TestUnusableFromTheStart(t *testing.T) {
	a := gatewaytest.NewAuthority(t)
	certificate, key := a.Server(wire.ServerName(self))
	for name, files := range map[string]map[string][]byte{
		"nothing":        {},
		"no key":         {"tls.crt": certificate, "ca.crt": a.PEM()},
		"no authorities": {"tls.crt": certificate, "tls.key": key, "ca.crt": nil},
		"garbage":        {"tls.crt": []byte("garbage"), "tls.key": key, "ca.crt": a.PEM()},
		"too large":      {"tls.crt": certificate, "tls.key": key, "ca.crt": bytes.Repeat(a.PEM(), 1<<12)},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			gatewaytest.MountSecret(t, dir, files)
			address, c, logged := serveTLS(t, dir)
			if welcomes(t, a, address) || !c.Expires().IsZero() {
				t.Error("somebody is let in")
			}
			if !strings.Contains(logged.String(), "cannot be used") {
				t.Errorf("the log says\n%s", logged)
			}
			mustNotTell(t, logged.String(), key)
			a.Mount(dir, wire.ServerName(self))
			until(t, "the operator is let in", func() bool { return welcomes(t, a, address) })
		})
	}
}

// Files that are not mounted but written one by one work as well.
func TestPlainFiles(t *testing.T) {
	a := gatewaytest.NewAuthority(t)
	certificate, key := a.Server(wire.ServerName(self))
	dir := t.TempDir()
	for name, data := range map[string][]byte{"tls.crt": certificate, "tls.key": key, "ca.crt": a.PEM()} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	address, _, _ := serveTLS(t, dir)
	if !welcomes(t, a, address) {
		t.Error("the operator is not let in")
	}
}

// Who does not speak TLS is nobody.
func TestPlainHTTP(t *testing.T) {
	a := gatewaytest.NewAuthority(t)
	address, _, _ := serveTLS(t, mounted(t, a))
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("GET " + wire.PathStatus + " HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	var answer bytes.Buffer
	_, _ = answer.ReadFrom(conn)
	if strings.Contains(answer.String(), `"boot"`) {
		t.Errorf("it is answered %s", &answer)
	}
}

// mustNotTell checks that no line of a key is in a text.
func mustNotTell(t *testing.T, text string, key []byte) {
	t.Helper()
	for line := range strings.Lines(string(key)) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "-----") && strings.Contains(text, line) {
			t.Errorf("the key is in\n%s", text)
		}
	}
}
