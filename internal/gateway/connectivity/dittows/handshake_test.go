package dittows_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/connectivity/dittows"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/test/gatewaytest"
)

// A handshake that is refused says why, and that somebody has to do something about it.
func TestHandshake(t *testing.T) {
	g := remote(t)
	basic := func(user, password string) func(*snapshot.Connection) {
		return func(c *snapshot.Connection) {
			c.Credentials = &snapshot.Credentials{Basic: &snapshot.BasicCredentials{
				Username: snapshot.SecretContent(user), Password: snapshot.SecretContent(password),
			}}
		}
	}
	path := func(path string) func(*snapshot.Connection) { return func(c *snapshot.Connection) { c.URI += path } }
	for name, tc := range map[string]struct {
		change func(*snapshot.Connection)
		want   string // of the refusal, "" for none
	}{
		"no path":         {path(""), ""},
		"a slash":         {path("/"), ""},
		"the path":        {path("/ws/2"), ""},
		"wrong password":  {basic(gatewaytest.User, "TopSecret"), "status 401 (gateway:authentication.failed)"},
		"unknown user":    {basic("nobody", gatewaytest.Password), "status 401 (gateway:authentication.failed)"},
		"no credentials":  {func(c *snapshot.Connection) { c.Credentials = nil }, "status 401 (gateway:authentication.failed)"},
		"token of nobody": {func(c *snapshot.Connection) { c.Credentials = &snapshot.Credentials{Bearer: "TopSecret"} }, "status 401"},
		"another path":    {path("/nowhere"), "status 404"},
		"another version": {path("/ws/3"), "status 404 (api.version.notsupported)"},
		"nobody listens":  {func(c *snapshot.Connection) { c.URI = "ws://127.0.0.1:1" }, "nobody listens"},
		"no TLS there":    {func(c *snapshot.Connection) { c.URI = "wss" + strings.TrimPrefix(c.URI, "ws") }, "does not speak TLS"},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNear(t, g.Address(), dittows.Settings{})
			tc.change(&n.connection)
			c, err := n.dial()
			if err == nil {
				shut(c)
			}
			refusal, _ := errors.AsType[*link.Refusal](err)
			switch {
			case tc.want == "" && err != nil:
				t.Fatal(err)
			case tc.want != "" && (refusal == nil || !strings.Contains(err.Error(), tc.want)):
				t.Fatalf("refused because of %v (%T), want %q", err, err, tc.want)
			case err != nil && strings.Contains(err.Error(), "TopSecret"):
				t.Errorf("the refusal tells a secret: %v", err)
			}
		})
	}
}

// terminate serves TLS before the gateway, to clients that show a certificate of the authority: they are who the tests are.
func terminate(t *testing.T, a *gatewaytest.Authority, to string) string {
	t.Helper()
	pair, err := tls.X509KeyPair(a.Server("cloud.example"))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(&httputil.ReverseProxy{
		Transport: &http.Transport{DisableKeepAlives: true},
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: to})
			r.Out.SetBasicAuth(gatewaytest.User, gatewaytest.Password)
		},
	})
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that fail on purpose
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: a.Pool(), ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// Certificates of both ends are verified; there are no others than those that the Connection says.
func TestHandshakeTLS(t *testing.T) {
	a, other := gatewaytest.NewAuthority(t), gatewaytest.NewAuthority(t)
	g := remote(t)
	address := terminate(t, a, g.Address())
	certificate, key := a.Issue("gateway", []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth})
	foreign, foreignKey := other.Issue("gateway", []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth})
	good := snapshot.ClientCertificate{Certificate: snapshot.Content(certificate), Key: snapshot.SecretContent(key)}
	bad := snapshot.ClientCertificate{Certificate: snapshot.Content(foreign), Key: snapshot.SecretContent(foreignKey)}
	for name, tc := range map[string]struct {
		ca, server string
		client     *snapshot.ClientCertificate
		want       string
	}{
		"trusted":                  {string(a.PEM()), "cloud.example", &good, ""},
		"another authority":        {string(other.PEM()), "cloud.example", &good, "certificate of the other end is not accepted"},
		"those of the system":      {"", "cloud.example", &good, "certificate of the other end is not accepted"},
		"another name":             {string(a.PEM()), "edge.example", &good, "is not for edge.example"},
		"no client certificate":    {string(a.PEM()), "cloud.example", nil, "broken off TLS"},
		"another's certificate":    {string(a.PEM()), "cloud.example", &bad, "broken off TLS"},
		"no certificate authority": {"x", "cloud.example", &good, "no certificate among"},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNear(t, address, dittows.Settings{})
			n.connection.URI = "wss://" + address
			n.connection.TLS = snapshot.ConnectionTLS{CA: snapshot.Content(tc.ca), ServerName: tc.server}
			n.connection.Credentials = nil
			if tc.client != nil {
				n.connection.Credentials = &snapshot.Credentials{ClientCertificate: tc.client}
			}
			c, err := n.dial()
			if err == nil {
				shut(c)
			}
			refusal, _ := errors.AsType[*link.Refusal](err)
			if tc.want == "" && err != nil || tc.want != "" && (refusal == nil || !strings.Contains(err.Error(), tc.want)) {
				t.Fatalf("refused because of %v (%T), want %q", err, err, tc.want)
			}
		})
	}
}
