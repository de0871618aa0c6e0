package nats

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/link/linktest"
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
			if o := linktest.Publish(t, dial(t, connection, &linktest.Inbox{}), external.Message{Address: "a"}, snapshot.AtMostOnce); !o.Delivered() {
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
	c := linktest.Config(old, &linktest.Inbox{})
	c.Current = func() *snapshot.Connection { return now }
	linktest.Dial(t, kind{swift}, c)
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
	free := linktest.FreeAddress(t)
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
	client := dial(t, connection, &linktest.Inbox{})
	if o := linktest.Publish(t, client, external.Message{Address: "s.secret"}, snapshot.AtLeastOnce); o.Status != http.StatusForbidden || o.Again {
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
	if client, err := (kind{swift}).Dial(t.Context(), linktest.Config(connection, &linktest.Inbox{})); err == nil {
		linktest.End(client)
		t.Error("dialled")
	}
}

func TestTLS(t *testing.T) {
	good, bad := linktest.NewAuthority(t), linktest.NewAuthority(t)
	s := newServer(t, func(o *server.Options) {
		o.TLS, o.TLSVerify, o.TLSTimeout = true, true, 5
		o.TLSConfig = &tls.Config{Certificates: []tls.Certificate{good.Server()}, ClientCAs: good.Pool(), ClientAuth: tls.RequireAndVerifyClientCert}
	})
	client := func(a *linktest.Authority) *snapshot.Credentials {
		return &snapshot.Credentials{ClientCertificate: a.Client("gateway")}
	}
	with := func(ca *linktest.Authority, credentials *snapshot.Credentials) *snapshot.Connection {
		c := to(s)
		c.URI = "tls" + strings.TrimPrefix(c.URI, "nats")
		c.TLS.CA, c.Credentials = ca.CA(), credentials
		return c
	}
	right := dial(t, with(good, client(good)), &linktest.Inbox{})
	if o := linktest.Publish(t, right, external.Message{Address: "out"}, snapshot.AtMostOnce); !o.Delivered() {
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
