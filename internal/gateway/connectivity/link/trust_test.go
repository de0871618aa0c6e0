package link_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/link/linktest"
	"github.com/twinway/twinway/internal/snapshot"
)

// greeter is a TLS server that tells each client who it is, and nothing to those it refuses.
func greeter(t *testing.T, config *tls.Config) string {
	t.Helper()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	go func() {
		defer close(done)
		for {
			accepted, err := listener.Accept()
			if err != nil {
				return
			}
			greet(accepted.(*tls.Conn))
		}
	}()
	return listener.Addr().String()
}

func greet(to *tls.Conn) {
	defer func() { _ = to.Close() }()
	if to.Handshake() != nil {
		return
	}
	name := "nobody"
	if shown := to.ConnectionState().PeerCertificates; len(shown) > 0 {
		name = shown[0].Subject.CommonName
	}
	_, _ = io.WriteString(to, name)
}

// visit does a handshake as a connection says, and returns what the other end makes of it.
func visit(t *testing.T, c *snapshot.Connection, at, host string) (string, error) {
	t.Helper()
	config, err := link.TLS(c, host)
	if err != nil {
		return "", err
	}
	if config.MinVersion < tls.VersionTLS12 {
		t.Error("versions of TLS before 1.2 are allowed")
	}
	raw, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = raw.Close() }()
	client := tls.Client(raw, config)
	name, err := io.ReadAll(client)
	return string(name), link.Failure(err)
}

func leafOf(pair tls.Certificate) snapshot.Content {
	return snapshot.Content(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]}))
}

func TestTrust(t *testing.T) {
	ours, others := linktest.NewAuthority(t), linktest.NewAuthority(t)
	here, elsewhere := ours.Server(), ours.Server("elsewhere.example")
	certificate, key := ours.Pair([]string{"127.0.0.1"}, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
	old, err := tls.X509KeyPair([]byte(certificate), []byte(key))
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		shown tls.Certificate
		tls   snapshot.ConnectionTLS
		host  string // "127.0.0.1" by default
		wrong string // "" for none
	}{
		"an authority":                                 {shown: here, tls: snapshot.ConnectionTLS{CA: ours.CA()}},
		"a name":                                       {shown: here, tls: snapshot.ConnectionTLS{CA: ours.CA()}, host: "localhost"},
		"one of several":                               {shown: here, tls: snapshot.ConnectionTLS{CA: others.CA() + "\n" + ours.CA()}},
		"the system does not know it":                  {shown: here, wrong: "unknown authority"},
		"another authority":                            {shown: here, tls: snapshot.ConnectionTLS{CA: others.CA()}, wrong: "unknown authority"},
		"the certificate of another host":              {shown: elsewhere, tls: snapshot.ConnectionTLS{CA: ours.CA()}, wrong: "it is not for 127.0.0.1"},
		"the name that is expected":                    {shown: elsewhere, tls: snapshot.ConnectionTLS{CA: ours.CA(), ServerName: "elsewhere.example"}},
		"not the name that is expected":                {shown: here, tls: snapshot.ConnectionTLS{CA: ours.CA(), ServerName: "elsewhere.example"}, wrong: "it is not for elsewhere.example"},
		"the very certificate, whatever its name":      {shown: elsewhere, tls: snapshot.ConnectionTLS{CA: leafOf(elsewhere)}},
		"the very certificate, but a name is expected": {shown: elsewhere, tls: snapshot.ConnectionTLS{CA: leafOf(elsewhere), ServerName: "a.example"}, wrong: "it is not for a.example"},
		"a sister of the very certificate":             {shown: here, tls: snapshot.ConnectionTLS{CA: leafOf(elsewhere)}, wrong: "unknown authority"},
		"a certificate whose time is over":             {shown: old, tls: snapshot.ConnectionTLS{CA: ours.CA()}, wrong: "expired"},
		"the very certificate, but its time is over":   {shown: old, tls: snapshot.ConnectionTLS{CA: leafOf(old)}, wrong: "expired"},
		"no certificate among the authorities":         {shown: here, tls: snapshot.ConnectionTLS{CA: "-----BEGIN CERTIFICATE-----\n"}, wrong: "no certificate"},
		"something else that calls itself certificate": {shown: here, tls: snapshot.ConnectionTLS{CA: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}, wrong: "cannot be used"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			at := greeter(t, &tls.Config{Certificates: []tls.Certificate{test.shown}, MinVersion: tls.VersionTLS12})
			host := test.host
			if host == "" {
				host = "127.0.0.1"
			}
			_, err := visit(t, &snapshot.Connection{TLS: test.tls}, at, host)
			checkRefusal(t, err, test.wrong)
		})
	}
}

// checkRefusal checks that an error is one that somebody has to mend, and says so.
func checkRefusal(t *testing.T, err error, wrong string) {
	t.Helper()
	if wrong == "" {
		if err != nil {
			t.Fatalf("failed: %v", err)
		}
		return
	}
	if err == nil || !strings.Contains(err.Error(), wrong) {
		t.Fatalf("got %v, want one that says %q", err, wrong)
	}
	if refusal := (*link.Refusal)(nil); !errors.As(err, &refusal) {
		t.Errorf("%v is not a refusal", err)
	}
}

// TestIntermediates shows a certificate of an authority between, which the other end sends along.
func TestIntermediates(t *testing.T) {
	root, between := linktest.NewAuthority(t), linktest.NewAuthority(t)
	leaf := between.Server()
	chained := leaf
	chained.Certificate = append(chained.Certificate, root.CrossSign(between).Raw)
	c := &snapshot.Connection{TLS: snapshot.ConnectionTLS{CA: root.CA()}}
	at := greeter(t, &tls.Config{Certificates: []tls.Certificate{chained}, MinVersion: tls.VersionTLS12})
	if _, err := visit(t, c, at, "127.0.0.1"); err != nil {
		t.Errorf("with the authority between: %v", err)
	}
	at = greeter(t, &tls.Config{Certificates: []tls.Certificate{leaf}, MinVersion: tls.VersionTLS12})
	_, err := visit(t, c, at, "127.0.0.1")
	checkRefusal(t, err, "unknown authority")
}

func TestClientCertificate(t *testing.T) {
	servers, clients, others := linktest.NewAuthority(t), linktest.NewAuthority(t), linktest.NewAuthority(t)
	for version, name := range map[uint16]string{tls.VersionTLS12: "TLS 1.2", tls.VersionTLS13: "TLS 1.3"} {
		at := greeter(t, &tls.Config{
			Certificates: []tls.Certificate{servers.Server()}, ClientCAs: clients.Pool(),
			ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: version, MaxVersion: version,
		})
		visitAs := func(t *testing.T, certificate *snapshot.ClientCertificate) (string, error) {
			c := &snapshot.Connection{TLS: snapshot.ConnectionTLS{CA: servers.CA()}}
			if certificate != nil {
				c.Credentials = &snapshot.Credentials{ClientCertificate: certificate}
			}
			return visit(t, c, at, "127.0.0.1")
		}
		t.Run(name+", shown", func(t *testing.T) {
			who, err := visitAs(t, clients.Client("gateway"))
			if err != nil || who != "gateway" {
				t.Errorf("the other end takes it for %q: %v", who, err)
			}
		})
		t.Run(name+", none", func(t *testing.T) {
			_, err := visitAs(t, nil)
			checkRefusal(t, err, "the other end has broken off TLS")
		})
		t.Run(name+", another authority's", func(t *testing.T) {
			_, err := visitAs(t, others.Client("gateway"))
			checkRefusal(t, err, "the other end has broken off TLS")
		})
	}
}

// TestClientCertificateUnusable checks that nothing of a key gets into an error.
func TestClientCertificateUnusable(t *testing.T) {
	authority := linktest.NewAuthority(t)
	good, other := authority.Client("a"), authority.Client("b")
	for name, pair := range map[string]*snapshot.ClientCertificate{
		"another's key":  {Certificate: good.Certificate, Key: other.Key},
		"no key":         {Certificate: good.Certificate, Key: "hunter2"},
		"no certificate": {Certificate: "hunter2", Key: good.Key},
		"half a key":     {Certificate: good.Certificate, Key: good.Key[:len(good.Key)/2]},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := link.TLS(&snapshot.Connection{Credentials: &snapshot.Credentials{ClientCertificate: pair}}, "a")
			checkRefusal(t, err, "cannot be used together")
			if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "PRIVATE") {
				t.Errorf("it shows the key: %v", err)
			}
		})
	}
}

// TestProof shows what takes new handshakes and what does not.
func TestProof(t *testing.T) {
	authority := linktest.NewAuthority(t)
	certificate := authority.Client("a")
	with := func(change func(*snapshot.Connection)) *snapshot.Connection {
		c := &snapshot.Connection{
			URI: "https://a", TLS: snapshot.ConnectionTLS{CA: "ca", ServerName: "a"},
			Credentials: &snapshot.Credentials{ClientCertificate: &snapshot.ClientCertificate{Certificate: certificate.Certificate, Key: certificate.Key}},
		}
		change(c)
		return c
	}
	same := with(func(*snapshot.Connection) {})
	for name, test := range map[string]struct {
		change func(*snapshot.Connection)
		other  bool
	}{
		"nothing":           {change: func(*snapshot.Connection) {}},
		"sources":           {change: func(c *snapshot.Connection) { c.Sources = []snapshot.Source{{Name: "s"}} }},
		"the authorities":   {change: func(c *snapshot.Connection) { c.TLS.CA = "others" }, other: true},
		"the expected name": {change: func(c *snapshot.Connection) { c.TLS.ServerName = "b" }, other: true},
		"the certificate":   {change: func(c *snapshot.Connection) { c.Credentials.ClientCertificate.Certificate = "" }, other: true},
		"the key":           {change: func(c *snapshot.Connection) { c.Credentials.ClientCertificate.Key = "" }, other: true},
		"no certificate":    {change: func(c *snapshot.Connection) { c.Credentials = nil }, other: true},
	} {
		if other := link.ProofOf(same) != link.ProofOf(with(test.change)); other != test.other {
			t.Errorf("%s: takes a new handshake: %v, want %v", name, other, test.other)
		}
	}
}
