package nats

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/snapshot"
)

func TestLogin(t *testing.T) {
	const wrong = "the server does not accept the credentials"
	basic := func(password snapshot.SecretContent) *snapshot.Credentials {
		return &snapshot.Credentials{Basic: &snapshot.BasicCredentials{Username: "me", Password: password}}
	}
	tests := []struct {
		name        string
		change      func(*server.Options)
		credentials *snapshot.Credentials
		refused     bool
	}{
		{"password", func(o *server.Options) { o.Username, o.Password = "me", "secret" }, basic("secret"), false},
		{"wrong password", func(o *server.Options) { o.Username, o.Password = "me", "secret" }, basic("secret-2"), true},
		{"no password", func(o *server.Options) { o.Username, o.Password = "me", "secret" }, nil, true},
		{"token", func(o *server.Options) { o.Authorization = "secret" }, &snapshot.Credentials{Bearer: "secret"}, false},
		{"wrong token", func(o *server.Options) { o.Authorization = "secret" }, &snapshot.Credentials{Bearer: "secret-2"}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			connection := to(newServer(t, test.change))
			connection.Credentials = test.credentials
			if test.refused {
				if text := refusedDial(t, connection); text != wrong {
					t.Errorf("%q", text)
				}
				return
			}
			if o := published(t, dial(t, connection, &inbox{}), snapshot.AtMostOnce, external.Message{Address: "a"}); !o.Delivered() {
				t.Errorf("%+v", o)
			}
		})
	}
}

// TestLoginWithWhatIsNew dials with the credentials of now.
func TestLoginWithWhatIsNew(t *testing.T) {
	s := newServer(t, func(o *server.Options) { o.Authorization = "new" })
	old, now := to(s), to(s)
	old.Credentials, now.Credentials = &snapshot.Credentials{Bearer: "old"}, &snapshot.Credentials{Bearer: "new"}
	c := config(old, &inbox{})
	c.Current = func() *snapshot.Connection { return now }
	dialWith(t, c)
}

func TestRefusals(t *testing.T) {
	s := newServer(t, nil)
	js := newStream(t, s, nil)
	if _, err := js.CreateConsumer(t.Context(), "S", jetstream.ConsumerConfig{Durable: "twinway-careless", AckPolicy: jetstream.AckNonePolicy}); err != nil {
		t.Fatal(err)
	}
	if _, err := js.CreatePushConsumer(t.Context(), "S", jetstream.ConsumerConfig{Durable: "twinway-pushed", DeliverSubject: "x"}); err != nil {
		t.Fatal(err)
	}
	without := newServer(t, func(o *server.Options) { o.JetStream = false })
	tests := []struct {
		name   string
		server *server.Server
		source snapshot.Source
		want   string
	}{
		{
			"no stream", s, source("s", snapshot.AtLeastOnce, "s.a", "nowhere"),
			"source s: no stream stores the subject nowhere: there must be one to consume it at least once",
		},
		{"no JetStream", without, source("s", snapshot.AtLeastOnce, "s.a"), denials[jetstream.ErrJetStreamNotEnabled]},
		{"no subject", s, source("s", snapshot.AtMostOnce, "a b"), denials[nats.ErrBadSubject]},
		{"overlap", s, source("s", snapshot.AtLeastOnce, "s.*", "s.a"), "overlap"},
		{"pushed", s, source("pushed", snapshot.AtLeastOnce, "s.a"), "none that can be pulled from"},
		{"careless", s, source("careless", snapshot.AtLeastOnce, "s.a"), "does not want each message acknowledged"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := refusedDial(t, to(test.server, test.source)); !strings.Contains(got, test.want) {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func TestNobodyListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free := l.Addr().String()
	_ = l.Close()
	connection := &snapshot.Connection{Name: "c", URI: "nats://" + free, NATS: &snapshot.NATS{}}
	if text := refusedDial(t, connection); text != "nobody listens at "+free {
		t.Errorf("%q", text)
	}
}

// TestRights has a user who may publish to one subject and subscribe to another.
func TestRights(t *testing.T) {
	s := newServer(t, func(o *server.Options) {
		o.Users = []*server.User{{Username: "me", Password: "me", Permissions: &server.Permissions{
			Publish:   &server.SubjectPermission{Allow: []string{"out", "s.out", "$JS.API.>"}},
			Subscribe: &server.SubjectPermission{Allow: []string{"in", "_INBOX.>"}},
		}}}
	})
	connection := to(s, source("s", snapshot.AtMostOnce, "in"))
	connection.Credentials = &snapshot.Credentials{Basic: &snapshot.BasicCredentials{Username: "me", Password: "me"}}
	client := dial(t, connection, &inbox{})
	if o := published(t, client, snapshot.AtLeastOnce, external.Message{Address: "s.secret"}); o.Status != http.StatusForbidden || o.Again {
		t.Errorf("%+v", o)
	}
	connection.Sources = []snapshot.Source{source("s", snapshot.AtMostOnce, "secret")}
	if text := refusedDial(t, connection); text != "not allowed to do that: subscription to secret" {
		t.Errorf("%q", text)
	}
}

// TestDialIsBounded talks to somebody who says nothing.
func TestDialIsBounded(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	connection := &snapshot.Connection{Name: "c", URI: "nats://" + l.Addr().String(), NATS: &snapshot.NATS{}}
	if client, err := (kind{swift}).Dial(t.Context(), config(connection, &inbox{})); err == nil {
		end(client)
		t.Error("dialled")
	}
}

// authority issues certificates for tests.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	serial      int64
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{key: newKey(t)}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.certificate, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (a *authority) pem() snapshot.Content {
	return snapshot.Content(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw}))
}

// issue returns a certificate for an address of this machine, and its key.
func (a *authority) issue(t *testing.T) (certificate, key []byte) {
	t.Helper()
	a.serial++
	own := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(a.serial + 1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &own.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(own)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
}

func TestTLS(t *testing.T) {
	good, bad := newAuthority(t), newAuthority(t)
	pair, err := tls.X509KeyPair(good.issue(t))
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AddCert(good.certificate)
	s := newServer(t, func(o *server.Options) {
		o.TLS, o.TLSVerify, o.TLSTimeout = true, true, 5
		o.TLSConfig = &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: trusted, ClientAuth: tls.RequireAndVerifyClientCert}
	})
	client := func(a *authority) *snapshot.Credentials {
		certificate, key := a.issue(t)
		return &snapshot.Credentials{ClientCertificate: &snapshot.ClientCertificate{
			Certificate: snapshot.Content(certificate), Key: snapshot.SecretContent(key),
		}}
	}
	with := func(ca *authority, credentials *snapshot.Credentials) *snapshot.Connection {
		c := to(s)
		c.URI = "tls" + strings.TrimPrefix(c.URI, "nats")
		c.TLS.CA, c.Credentials = ca.pem(), credentials
		return c
	}
	right := dial(t, with(good, client(good)), &inbox{})
	if o := published(t, right, snapshot.AtMostOnce, external.Message{Address: "out"}); !o.Delivered() {
		t.Errorf("%+v", o)
	}
	for name, connection := range map[string]*snapshot.Connection{
		"another authority": with(bad, client(good)), "a wrong certificate": with(good, client(bad)), "no certificate": with(good, nil),
		"without TLS": to(s),
	} {
		t.Run(name, func(t *testing.T) {
			if text := refusedDial(t, connection); text == "" {
				t.Error("says nothing")
			}
		})
	}
	plain := to(newServer(t, nil))
	plain.URI = "tls" + strings.TrimPrefix(plain.URI, "nats")
	if text := refusedDial(t, plain); text != "the server does not speak TLS" {
		t.Errorf("%q", text)
	}
}

var errSome = errors.New("some")

// TestFailuresOfServers tells what must be mended from what may pass.
func TestFailuresOfServers(t *testing.T) {
	for err, refused := range map[error]bool{
		errSome: false, nats.ErrStaleConnection: false, nats.ErrTimeout: false, nats.ErrAuthExpired: true, nats.ErrAuthRevoked: true,
		jetstream.ErrJetStreamNotEnabledForAccount: true,
	} {
		if got := errors.As(failure(err), new(*link.Refusal)); got != refused {
			t.Errorf("%v: refused %v", err, got)
		}
	}
}
