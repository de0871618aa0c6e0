package httppush

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/link/linktest"
	"github.com/twinway/twinway/internal/snapshot"
)

// TestCredentials checks what requests say of who they are from, whatever messages say.
func TestCredentials(t *testing.T) {
	const day = "20260101"
	for name, test := range map[string]struct {
		credentials snapshot.Credentials
		want        string // how the header begins
	}{
		"a password": {
			credentials: snapshot.Credentials{Basic: &snapshot.BasicCredentials{Username: "gateway", Password: "pass:wörd"}},
			want:        "Basic Z2F0ZXdheTpwYXNzOnfDtnJk",
		},
		"a token":       {credentials: snapshot.Credentials{Bearer: "abc.def"}, want: "Bearer abc.def"},
		"a certificate": {credentials: snapshot.Credentials{ClientCertificate: linktest.NewAuthority(t).Client("a")}, want: "of the message"},
		"a signature of Amazon": {
			credentials: snapshot.Credentials{HMAC: &snapshot.HMAC{
				Algorithm: snapshot.HMACAWS4, KeyID: "id", Key: "key", Region: "r", Service: "s", SignedHeaders: []string{"host"},
			}},
			want: "AWS4-HMAC-SHA256 Credential=id/" + day + "/r/s/aws4_request, SignedHeaders=host;x-amz-date, Signature=",
		},
		"a signature of Azure Monitor": {
			credentials: snapshot.Credentials{HMAC: &snapshot.HMAC{Algorithm: snapshot.HMACAzureMonitor, KeyID: "id", Key: "a2V5"}}, want: "SharedKey id:",
		},
		"shared access": {
			credentials: snapshot.Credentials{HMAC: &snapshot.HMAC{
				Algorithm: snapshot.HMACAzureSAS, KeyID: "id", Key: "a2V5", Endpoint: "e", TTL: time.Hour,
			}},
			want: fmt.Sprintf("SharedAccessSignature sr=e&sig=HdheRvNQwhZpX3Z6hZnSMweBvGB3IuHsNj3e91Nr2do%%3D&se=%d&skn=id", noon.Add(time.Hour).Unix()),
		},
	} {
		t.Run(name, func(t *testing.T) {
			requests := make(chan received, 1)
			client := serve(t, recorder(requests)).with(credentials(&test.credentials)).dial()
			m := post("/a")
			m.Headers = external.Headers{"authorization": "of the message", "x-amz-date": "of the message"}
			delivered(t, client, m)
			got := <-requests
			if header := got.Headers["Authorization"]; !strings.HasPrefix(header, test.want) {
				t.Errorf("got %s, want %s", header, test.want)
			}
		})
	}
}

// TestSignedAsSent checks a signature as the other end does: from what came in.
func TestSignedAsSent(t *testing.T) {
	by := &snapshot.HMAC{
		Algorithm: snapshot.HMACAWS4, KeyID: "id", Key: "key", Region: "r", Service: "s",
		ContentHash: snapshot.ContentHashIncluded, SignedHeaders: []string{"content-type", "host", "x-none"},
	}
	verify := func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		again := &http.Request{Method: r.Method, URL: r.URL, Host: r.Host, Header: http.Header{"Content-Type": r.Header["Content-Type"]}}
		if err := sign(again, body, by, noon); err != nil || again.Header.Get("Authorization") != r.Header.Get("Authorization") {
			w.WriteHeader(http.StatusForbidden)
		}
	}
	for _, version := range []bool{false, true} {
		client := serve(t, verify, func(s *httptest.Server) { s.EnableHTTP2 = version }).with(credentials(&snapshot.Credentials{HMAC: by})).dial()
		for _, m := range []*external.Message{
			post("/things/org.acme:lamp/a b?q=a+b&q=ä"), {Address: "GET:/?z&a=1", Payload: []byte("not sent")}, {Address: "PUT:/", Payload: []byte("text")},
		} {
			delivered(t, client, m)
		}
	}
}

// TestClientCertificate has an endpoint that lets only those in who show one.
func TestClientCertificate(t *testing.T) {
	clients := linktest.NewAuthority(t)
	who := make(chan string, 1)
	e := serve(t, func(_ http.ResponseWriter, r *http.Request) { who <- r.TLS.PeerCertificates[0].Subject.CommonName }, func(s *httptest.Server) {
		s.TLS.ClientAuth, s.TLS.ClientCAs = tls.RequireAndVerifyClientCert, clients.Pool()
	})
	client := e.dial()
	outcome := push(t, client, post("/"))
	if refusal := (*link.Refusal)(nil); !errors.As(outcome.Err, &refusal) || !outcome.Again {
		t.Errorf("without a certificate: %+v", outcome)
	}
	for _, name := range []string{"gateway", "gateway, renewed"} {
		e.with(credentials(&snapshot.Credentials{ClientCertificate: clients.Client(name)}))
		delivered(t, client, post("/"))
		if got := <-who; got != name {
			t.Errorf("the other end takes it for %q, want %q", got, name)
		}
	}
}

// TestRotation: other credentials are used with the next request.
func TestRotation(t *testing.T) {
	requests := make(chan received, 1)
	e := serve(t, recorder(requests))
	client := e.dial()
	for want, of := range map[string]*snapshot.Credentials{
		"Bearer one":       {Bearer: "one"},
		"Bearer two":       {Bearer: "two"},
		"Basic YTpi":       {Basic: &snapshot.BasicCredentials{Username: "a", Password: "b"}},
		"Basic YTpj":       {Basic: &snapshot.BasicCredentials{Username: "a", Password: "c"}},
		"SharedKey id:lnr": {HMAC: &snapshot.HMAC{Algorithm: snapshot.HMACAzureMonitor, KeyID: "id", Key: "a2V5"}},
	} {
		e.with(credentials(of))
		delivered(t, client, post("/"))
		if got := (<-requests).Headers["Authorization"]; !strings.HasPrefix(got, strings.TrimSuffix(want, "lnr")) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestRotationOfTrust: another authority, and another certificate of the endpoint, interrupt nothing that is under way.
func TestRotationOfTrust(t *testing.T) {
	old, renewed := linktest.NewAuthority(t), linktest.NewAuthority(t)
	var shown atomic.Pointer[tls.Certificate]
	present := func(a *linktest.Authority) {
		certificate := a.Server()
		shown.Store(&certificate)
	}
	present(old)
	entered, release := make(chan struct{}), make(chan struct{})
	from := make(chan string, 10)
	for name, http2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
		t.Run(name, func(t *testing.T) {
			present(old)
			e := serve(t, func(_ http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/slow" {
					entered <- struct{}{}
					<-release
				}
				from <- r.RemoteAddr
			}, func(s *httptest.Server) {
				s.EnableHTTP2 = http2
				s.TLS.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
					now := s.TLS.Clone()
					now.Certificates = []tls.Certificate{*shown.Load()}
					return now, nil
				}
			})
			e.with(parallel(2)).with(func(c *snapshot.Connection) { c.TLS.CA = old.CA() })
			client := e.dial()
			slow := make(chan link.Outcome, 1)
			if err := client.Publish(t.Context(), post("/slow"), snapshot.AtLeastOnce, func(o link.Outcome) { slow <- o }); err != nil {
				t.Fatal(err)
			}
			select {
			case <-entered:
			case outcome := <-slow:
				t.Fatalf("with the first certificate: %+v", outcome)
			}

			e.with(func(c *snapshot.Connection) { c.TLS.CA = renewed.CA() })
			if outcome := push(t, client, post("/")); !outcome.Again || !strings.Contains(outcome.Err.Error(), "certificate") {
				t.Errorf("with the old certificate: %+v", outcome)
			}
			present(renewed)
			delivered(t, client, post("/"))
			other := <-from
			delivered(t, client, post("/"))
			if again := <-from; again != other {
				t.Errorf("there is another connection for each request: %s, %s", other, again)
			}
			release <- struct{}{}
			if outcome := <-slow; !outcome.Delivered() {
				t.Errorf("what was under way: %+v", outcome)
			}
			if first := <-from; first == other {
				t.Error("the connection of the old authority is used")
			}
		})
	}
}

// TestRotationEndsConnections: those of the former authorities are closed, the ones in use when they are not any more.
func TestRotationEndsConnections(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	opened, closed := make(chan string, 10), make(chan string, 10)
	e := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			entered <- struct{}{}
			<-release
		}
	}, func(s *httptest.Server) {
		s.Config.ConnState = func(c net.Conn, state http.ConnState) {
			if state == http.StateNew {
				opened <- c.RemoteAddr().String()
			}
			if state == http.StateClosed {
				closed <- c.RemoteAddr().String()
			}
		}
	}).with(parallel(2))
	client := e.dial()
	slow := make(chan link.Outcome, 1)
	if err := client.Publish(t.Context(), post("/slow"), snapshot.AtLeastOnce, func(o link.Outcome) { slow <- o }); err != nil {
		t.Fatal(err)
	}
	<-entered
	used := <-opened
	delivered(t, client, post("/"))
	idle := <-opened
	e.with(func(c *snapshot.Connection) { c.TLS.CA += "\n" })
	delivered(t, client, post("/"))
	if got := <-closed; got != idle {
		t.Errorf("the connection of %s was closed, want that of %s, which was idle", got, idle)
	}
	release <- struct{}{}
	if outcome := <-slow; !outcome.Delivered() {
		t.Errorf("what was under way: %+v", outcome)
	}
	if got := <-closed; got != used {
		t.Errorf("the connection of %s was closed, want that of %s, which was in use", got, used)
	}
}

// TestRotationEndsSharedConnections: one of HTTP/2 is closed when the last request on it has its answer.
func TestRotationEndsSharedConnections(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	closed := make(chan string, 10)
	e := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			entered <- struct{}{}
			<-release
		}
	}, func(s *httptest.Server) {
		s.EnableHTTP2 = true
		s.Config.ConnState = func(c net.Conn, state http.ConnState) {
			if state == http.StateClosed {
				closed <- c.RemoteAddr().String()
			}
		}
	}).with(parallel(2))
	client := e.dial()
	slow := make(chan link.Outcome, 1)
	if err := client.Publish(t.Context(), post("/slow"), snapshot.AtLeastOnce, func(o link.Outcome) { slow <- o }); err != nil {
		t.Fatal(err)
	}
	<-entered
	e.with(func(c *snapshot.Connection) { c.TLS.CA += "\n" })
	delivered(t, client, post("/"))
	if len(closed) > 0 {
		t.Error("a connection in use was closed")
	}
	release <- struct{}{}
	if outcome := <-slow; !outcome.Delivered() {
		t.Errorf("what was under way: %+v", outcome)
	}
	<-closed
}

// TestRotationToWhatCannotBeUsed: requests fail with what is to be mended, until it is.
func TestRotationToWhatCannotBeUsed(t *testing.T) {
	e := serve(t, ok)
	client := e.dial()
	for name, change := range map[string]func(*snapshot.Connection){
		"no authority":   func(c *snapshot.Connection) { c.TLS.CA = "hunter2" },
		"no certificate": credentials(&snapshot.Credentials{ClientCertificate: &snapshot.ClientCertificate{Certificate: "hunter2"}}),
		"no token":       credentials(&snapshot.Credentials{Bearer: "hunter2\n"}),
		"no key":         credentials(&snapshot.Credentials{HMAC: &snapshot.HMAC{Algorithm: snapshot.HMACAzureSAS, Key: "hunter2!"}}),
	} {
		was := e.is.Load()
		e.with(change)
		outcome := push(t, client, post("/"))
		if refusal := (*link.Refusal)(nil); !errors.As(outcome.Err, &refusal) || !outcome.Again || outcome.Status != http.StatusServiceUnavailable {
			t.Errorf("%s: %+v", name, outcome)
		} else if strings.Contains(outcome.Err.Error(), "hunter2") {
			t.Errorf("%s: it shows what it should not: %v", name, outcome.Err)
		}
		e.is.Store(was)
		delivered(t, client, post("/"))
	}
}

// tokens is an endpoint of both tokens and messages. It takes those tokens that it has issued last.
type tokens struct {
	issued, taken, refused atomic.Int64
	valid                  atomic.Value // string
	down                   atomic.Bool
}

func (s *tokens) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/token" {
		s.issue(w)
		return
	}
	if valid, _ := s.valid.Load().(string); r.Header.Get("Authorization") != "Bearer "+valid {
		s.refused.Add(1)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	s.taken.Add(1)
}

func (s *tokens) issue(w http.ResponseWriter) {
	n := s.issued.Add(1)
	if s.down.Load() {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	token := fmt.Sprintf("token-%d", n)
	if s.valid.Load() != "none" {
		s.valid.Store(token)
	}
	_, _ = fmt.Fprintf(w, `{"access_token":%q,"expires_in":3600}`, token)
}

func (s *tokens) expect(t *testing.T, when string, issued, taken, refused int64) {
	t.Helper()
	if got := [3]int64{s.issued.Load(), s.taken.Load(), s.refused.Load()}; got != [3]int64{issued, taken, refused} {
		t.Errorf("%s: %d tokens, %d requests taken and %d refused; want %d, %d and %d", when, got[0], got[1], got[2], issued, taken, refused)
	}
}

func withOAuth2(t *testing.T, s *tokens) *endpoint {
	t.Helper()
	e := serve(t, s.ServeHTTP)
	return e.with(credentials(&snapshot.Credentials{OAuth2: &snapshot.OAuth2ClientCredentials{
		TokenEndpoint: e.server.URL + "/token", ClientID: "id", ClientSecret: "secret",
	}}))
}

func (e *endpoint) pass(d time.Duration) {
	later := e.now.Load().Add(d)
	e.now.Store(&later)
}

func TestOAuth2(t *testing.T) {
	s := &tokens{}
	e := withOAuth2(t, s)
	client := e.dial()
	s.expect(t, "when it is dialled", 1, 0, 0)
	for range 3 {
		delivered(t, client, post("/"))
	}
	s.expect(t, "while the token is good", 1, 3, 0)
	e.pass(time.Hour)
	delivered(t, client, post("/"))
	s.expect(t, "when it has ended", 2, 4, 0)
	s.valid.Store("revoked")
	delivered(t, client, post("/"))
	s.expect(t, "when it is revoked", 3, 5, 1)

	e.pass(time.Minute)
	s.valid.Store("none")
	if outcome := push(t, client, post("/")); outcome.Status != http.StatusUnauthorized || !outcome.Again {
		t.Errorf("when no token is good enough: %+v", outcome)
	}
	s.expect(t, "when no token is good enough", 4, 5, 3)
	push(t, client, post("/"))
	s.expect(t, "right after that", 4, 5, 4)

	e.with(credentials(&snapshot.Credentials{OAuth2: &snapshot.OAuth2ClientCredentials{
		TokenEndpoint: e.server.URL + "/token", ClientID: "id", ClientSecret: "renewed",
	}}))
	s.valid.Store("")
	delivered(t, client, post("/"))
	s.expect(t, "with another secret", 5, 6, 4)
}

// TestOAuth2Revoked has many requests under way with a token when it is revoked.
func TestOAuth2Revoked(t *testing.T) {
	s := &tokens{}
	client := withOAuth2(t, s).with(parallel(8)).dial()
	s.valid.Store("revoked")
	var outcomes sync.WaitGroup
	for n := range 64 {
		outcomes.Add(1)
		err := client.Publish(t.Context(), keyed(fmt.Sprint(n%8), n), snapshot.AtLeastOnce, func(o link.Outcome) {
			defer outcomes.Done()
			if !o.Delivered() {
				t.Errorf("got %+v", o)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	outcomes.Wait()
	if issued := s.issued.Load(); issued != 2 {
		t.Errorf("%d tokens were issued", issued)
	}
}

func TestOAuth2Down(t *testing.T) {
	s := &tokens{}
	s.down.Store(true)
	e := withOAuth2(t, s)
	if _, err := New().Dial(t.Context(), e.config()); err == nil {
		t.Error("it is open without a token")
	}
	s.down.Store(false)
	client := e.dial()
	s.down.Store(true)
	e.pass(time.Hour)
	if outcome := push(t, client, post("/")); outcome.Status != http.StatusServiceUnavailable || !outcome.Again || !strings.Contains(outcome.Err.Error(), "token endpoint") {
		t.Errorf("got %+v", outcome)
	}
	s.down.Store(false)
	e.pass(time.Second)
	delivered(t, client, post("/"))
}

// TestUnauthorized: what is refused because of its credentials may be delivered with others, and without any it may not.
func TestUnauthorized(t *testing.T) {
	e := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer good" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	client := e.dial()
	for name, test := range map[string]struct {
		credentials *snapshot.Credentials
		status      int
		again       bool
	}{
		"none":           {status: 401},
		"an old token":   {credentials: &snapshot.Credentials{Bearer: "old"}, status: 401, again: true},
		"a wrong method": {credentials: &snapshot.Credentials{Basic: &snapshot.BasicCredentials{Username: "a"}}, status: 401, again: true},
		"the token":      {credentials: &snapshot.Credentials{Bearer: "good"}, status: 200},
	} {
		e.with(credentials(test.credentials))
		if outcome := push(t, client, post("/")); outcome.Status != test.status || outcome.Again != test.again {
			t.Errorf("%s: got %+v", name, outcome)
		}
	}
}

// TestTokenChangesUnderWay: a token that was replaced while a request showed the old one is tried at once.
func TestTokenChangesUnderWay(t *testing.T) {
	var e *endpoint
	e = serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer old" {
			e.with(credentials(&snapshot.Credentials{Bearer: "new"}))
			w.WriteHeader(http.StatusUnauthorized)
		}
	}).with(credentials(&snapshot.Credentials{Bearer: "old"}))
	delivered(t, e.dial(), post("/"))
}
