package link_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/link/linktest"
	"github.com/twinway/twinway/internal/snapshot"
)

// issuer is a token endpoint with a connection that fetches tokens there.
type issuer struct {
	t      *testing.T
	server *httptest.Server
	now    atomic.Pointer[time.Time]
	is     atomic.Pointer[snapshot.Connection]
	asked  atomic.Int64
	answer atomic.Pointer[http.HandlerFunc] // nil for tokens that last an hour
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	authority := linktest.NewAuthority(t)
	i := &issuer{t: t}
	i.server = httptest.NewUnstartedServer(i)
	i.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	i.server.TLS = &tls.Config{Certificates: []tls.Certificate{authority.Server()}, MinVersion: tls.VersionTLS12}
	i.server.StartTLS()
	t.Cleanup(i.server.Close)
	i.pass(0)
	i.change(func(c *snapshot.Connection) { c.TLS.CA = authority.CA() })
	return i
}

// change replaces the connection.
func (i *issuer) change(change func(*snapshot.Connection)) {
	c := snapshot.Connection{Credentials: &snapshot.Credentials{OAuth2: &snapshot.OAuth2ClientCredentials{
		TokenEndpoint: i.server.URL + "/token", ClientID: "gate way", ClientSecret: "hunter/2",
	}}}
	if was := i.is.Load(); was != nil {
		oauth2 := *was.Credentials.OAuth2
		c = *was
		c.Credentials = &snapshot.Credentials{OAuth2: &oauth2}
	}
	change(&c)
	i.is.Store(&c)
}

func (i *issuer) pass(d time.Duration) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if was := i.now.Load(); was != nil {
		now = was.Add(d)
	}
	i.now.Store(&now)
}

func (i *issuer) clock() time.Time { return *i.now.Load() }

func (i *issuer) tokens(options ...link.TokensOption) *link.Tokens {
	return link.NewTokens(i.is.Load, i.clock, options...)
}

// says answers with a status and a body from now on.
func (i *issuer) says(status int, body string) {
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
	i.answer.Store(&h)
}

// ServeHTTP implements http.Handler. Tokens are numbered.
func (i *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := i.asked.Add(1)
	if answer := i.answer.Load(); answer != nil {
		(*answer)(w, r)
		return
	}
	_, _ = fmt.Fprintf(w, `{"access_token":"token-%d","token_type":"Bearer","expires_in":3600}`, n)
}

func (i *issuer) want(tokens *link.Tokens, text string) link.Token {
	i.t.Helper()
	token, err := tokens.Token(i.t.Context())
	if err != nil || string(token.Text) != text {
		i.t.Fatalf("got %q: %v, want %q", string(token.Text), err, text)
	}
	return token
}

func TestTokenWithoutOAuth2(t *testing.T) {
	for name, test := range map[string]struct {
		credentials *snapshot.Credentials
		want        string
	}{
		"no credentials": {want: ""},
		"a token":        {credentials: &snapshot.Credentials{Bearer: "abc"}, want: "abc"},
		"a password":     {credentials: &snapshot.Credentials{Basic: &snapshot.BasicCredentials{Username: "a", Password: "b"}}, want: ""},
	} {
		c := &snapshot.Connection{Credentials: test.credentials}
		tokens := link.NewTokens(func() *snapshot.Connection { return c }, time.Now)
		if token, err := tokens.Token(t.Context()); err != nil || string(token.Text) != test.want {
			t.Errorf("%s: got %q: %v, want %q", name, string(token.Text), err, test.want)
		}
	}
}

// TestTokenOfCredentialsRejected shows that one which was rejected is not tried again, until there is another.
func TestTokenOfCredentialsRejected(t *testing.T) {
	c := &snapshot.Connection{Credentials: &snapshot.Credentials{Bearer: "old"}}
	tokens := link.NewTokens(func() *snapshot.Connection { return c }, time.Now)
	if tokens.Reject("old") {
		t.Error("the same token would be shown again")
	}
	c = &snapshot.Connection{Credentials: &snapshot.Credentials{Bearer: "new"}}
	if !tokens.Reject("old") {
		t.Error("the new token would not be tried")
	}
	c = &snapshot.Connection{}
	if tokens.Reject("old") {
		t.Error("no token is worth nothing")
	}
}

// TestTokenRequest checks what the endpoint is told. RFC 6749, sections 2.3.1 and 4.4.2.
func TestTokenRequest(t *testing.T) {
	i := newIssuer(t)
	var got map[string][]string
	seen := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		got = r.PostForm
		got["-request"] = []string{r.Method, r.URL.Path, r.Header.Get("Content-Type"), r.Header.Get("Authorization")}
		_, _ = io.WriteString(w, `{"access_token":"t"}`)
	})
	i.answer.Store(&seen)
	i.want(i.tokens(), "t")
	// Base64 of gate+way:hunter%2F2.
	request := []string{"POST", "/token", "application/x-www-form-urlencoded", "Basic Z2F0ZSt3YXk6aHVudGVyJTJGMg=="}
	if diff := cmp.Diff(map[string][]string{"-request": request, "grant_type": {"client_credentials"}}, got); diff != "" {
		t.Errorf("without scopes (-want +got):\n%s", diff)
	}
	i.change(func(c *snapshot.Connection) {
		c.Credentials.OAuth2.Scopes, c.Credentials.OAuth2.Audience = []string{"a", "b:c"}, "https://things"
	})
	i.want(i.tokens(), "t")
	want := map[string][]string{"-request": request, "grant_type": {"client_credentials"}, "scope": {"a b:c"}, "audience": {"https://things"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("with scopes (-want +got):\n%s", diff)
	}
}

// TestTokenSecretInBody has an endpoint that knows only secrets in the body.
func TestTokenSecretInBody(t *testing.T) {
	for name, refusal := range map[string]struct {
		status int
		body   string
	}{
		"unauthorized":        {401, ""},
		"the standard's code": {400, `{"error":"invalid_client"}`},
		"no client found":     {400, `{"error":"invalid_request"}`},
	} {
		t.Run(name, func(t *testing.T) {
			i := newIssuer(t)
			picky := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.PostFormValue("client_id") != "gate way" || r.PostFormValue("client_secret") != "hunter/2" || r.Header.Get("Authorization") != "" {
					w.WriteHeader(refusal.status)
					_, _ = io.WriteString(w, refusal.body)
					return
				}
				_, _ = fmt.Fprintf(w, `{"access_token":"t-%d","expires_in":600}`, i.asked.Load())
			})
			i.answer.Store(&picky)
			tokens := i.tokens()
			i.want(tokens, "t-2")
			i.pass(time.Hour)
			i.want(tokens, "t-3") // It is known now how.
		})
	}
}

// TestTokenIsKept until a minute before its end, and short ones for half their life.
func TestTokenIsKept(t *testing.T) {
	for name, test := range map[string]struct {
		life       string
		kept, over time.Duration
		expires    time.Duration // 0 if that is not known
	}{
		"an hour":                {`,"expires_in":3600`, 59*time.Minute - time.Second, 59 * time.Minute, time.Hour},
		"as a string":            {`,"expires_in":"3600"`, 59*time.Minute - time.Second, 59 * time.Minute, time.Hour},
		"two minutes":            {`,"expires_in":120`, time.Minute - time.Second, time.Minute, 2 * time.Minute},
		"less than two minutes":  {`,"expires_in":60`, 30*time.Second - time.Second, 30 * time.Second, time.Minute},
		"not said":               {``, 10000 * time.Hour, 0, 0},
		"nonsense":               {`,"expires_in":"soon"`, 10000 * time.Hour, 0, 0},
		"in the past":            {`,"expires_in":-1`, 10000 * time.Hour, 0, 0},
		"longer than time lasts": {`,"expires_in":1e300`, 24 * time.Hour, 20 * 365 * 24 * time.Hour, 10 * 365 * 24 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			i := newIssuer(t)
			numbered := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = fmt.Fprintf(w, `{"access_token":"t-%d"%s}`, i.asked.Load(), test.life)
			})
			i.answer.Store(&numbered)
			tokens, began := i.tokens(), i.clock()
			token := i.want(tokens, "t-1")
			if want := began.Add(test.expires); test.expires != 0 && !token.Expires.Equal(want) || test.expires == 0 && !token.Expires.IsZero() {
				t.Errorf("it expires %v, want %v", token.Expires, want)
			}
			i.pass(test.kept)
			i.want(tokens, "t-1")
			if test.over != 0 {
				i.pass(test.over - test.kept)
				i.want(tokens, "t-2")
			}
		})
	}
}

// TestTokenChangesWithCredentials shows what takes another token: all that the endpoint is told, or is trusted for.
func TestTokenChangesWithCredentials(t *testing.T) {
	for name, change := range map[string]func(*snapshot.Connection){
		"the secret":   func(c *snapshot.Connection) { c.Credentials.OAuth2.ClientSecret = "new" },
		"the client":   func(c *snapshot.Connection) { c.Credentials.OAuth2.ClientID = "new" },
		"the scopes":   func(c *snapshot.Connection) { c.Credentials.OAuth2.Scopes = []string{"new"} },
		"the audience": func(c *snapshot.Connection) { c.Credentials.OAuth2.Audience = "new" },
		"the endpoint": func(c *snapshot.Connection) { c.Credentials.OAuth2.TokenEndpoint += "/new" },
	} {
		t.Run(name, func(t *testing.T) {
			i := newIssuer(t)
			tokens := i.tokens()
			i.want(tokens, "token-1")
			i.change(func(c *snapshot.Connection) { c.Sources = []snapshot.Source{{Name: "a"}} })
			i.want(tokens, "token-1")
			i.change(change)
			i.want(tokens, "token-2")
		})
	}
}

// TestTokenRejected: it is fetched anew once, and if that one is rejected as well not for each request.
func TestTokenRejected(t *testing.T) {
	i := newIssuer(t)
	tokens := i.tokens()
	first := i.want(tokens, "token-1")
	if !tokens.Reject(first.Text) {
		t.Error("a token that was rejected is not fetched anew")
	}
	second := i.want(tokens, "token-2")
	if !tokens.Reject(first.Text) {
		t.Error("who has the former token may not try the new one")
	}
	i.want(tokens, "token-2")
	if tokens.Reject(second.Text) {
		t.Error("a token that is rejected at once is fetched anew")
	}
	i.want(tokens, "token-2")
	i.pass(10 * time.Second)
	if !tokens.Reject(second.Text) {
		t.Error("a token that is rejected later is not fetched anew")
	}
	i.want(tokens, "token-3")
}

// TestTokenIsFetchedOnce has many ask for a token at once.
func TestTokenIsFetchedOnce(t *testing.T) {
	i := newIssuer(t)
	tokens := i.tokens()
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() { i.want(tokens, "token-1") })
	}
	wg.Wait()
	if n := i.asked.Load(); n != 1 {
		t.Errorf("the endpoint was asked %d times", n)
	}
}

// TestTokenFailsForAll has many ask for a token that cannot be had.
func TestTokenFailsForAll(t *testing.T) {
	i := newIssuer(t)
	i.says(503, "")
	tokens := i.tokens()
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			if _, err := tokens.Token(t.Context()); err == nil {
				t.Error("there is a token")
			}
		})
	}
	wg.Wait()
	if n := i.asked.Load(); n != 1 {
		t.Errorf("the endpoint was asked %d times", n)
	}
}

// TestTokenFailsAgain: the endpoint is not asked for each request while it fails, but at once with other credentials.
func TestTokenFailsAgain(t *testing.T) {
	i := newIssuer(t)
	i.says(503, "")
	tokens := i.tokens()
	fails := func(asked int64) {
		t.Helper()
		if _, err := tokens.Token(t.Context()); err == nil {
			t.Fatal("there is a token")
		}
		if n := i.asked.Load(); n != asked {
			t.Fatalf("the endpoint was asked %d times, want %d", n, asked)
		}
	}
	fails(1)
	fails(1)
	asked := int64(1)
	for _, delay := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 30 * time.Second, 30 * time.Second} {
		i.pass(delay - time.Millisecond)
		fails(asked)
		i.pass(time.Millisecond)
		asked++
		fails(asked)
	}
	i.answer.Store(nil)
	i.change(func(c *snapshot.Connection) { c.Credentials.OAuth2.ClientSecret = "mended" })
	i.want(tokens, "token-9")
	i.says(503, "")
	i.pass(2 * time.Hour)
	fails(10)
	i.pass(time.Second)
	fails(11)
}

// TestTokenWaitersAreCancelled: who gives up takes nothing from those who do not.
func TestTokenWaitersAreCancelled(t *testing.T) {
	i := newIssuer(t)
	entered, release := make(chan struct{}, 2), make(chan struct{})
	slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		entered <- struct{}{}
		select {
		case <-release:
			_, _ = io.WriteString(w, `{"access_token":"t"}`)
		case <-r.Context().Done():
		}
	})
	i.answer.Store(&slow)
	tokens := i.tokens()
	first, stop := context.WithCancel(t.Context())
	failed := make(chan error, 2)
	go func() {
		_, err := tokens.Token(first)
		failed <- err
	}()
	<-entered
	waiting, leave := context.WithCancel(t.Context())
	go func() {
		_, err := tokens.Token(waiting)
		failed <- err
	}()
	leave()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("who waits and gives up is told %v", err)
	}
	stop()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("who asks and gives up is told %v", err)
	}
	close(release)
	i.want(tokens, "t")
}

func TestTokenRefused(t *testing.T) {
	for name, test := range map[string]struct {
		status  int
		body    string
		says    string
		refusal bool
	}{
		"wrong secret":              {401, `{"error":"invalid_client","error_description":"hunter/2"}`, "status 401: invalid_client", true},
		"wrong scope":               {400, `{"error":"invalid_scope"}`, "status 400: invalid_scope", true},
		"an echo":                   {400, `{"error":"no client hunter/2"}`, "status 400", true},
		"forbidden":                 {403, "hunter/2", "status 403", true},
		"moved":                     {302, "", "status 302", true},
		"too many":                  {429, "", "status 429", false},
		"not now":                   {503, "hunter/2", "status 503", false},
		"no JSON":                   {200, "hunter/2", "there is no token", true},
		"no token":                  {200, `{"access_token":""}`, "there is no token", true},
		"a token of two lines":      {200, `{"access_token":"a\r\nhunter/2"}`, "there is no token", true},
		"a token of another type":   {200, `{"access_token":"hunter/2","token_type":"mac"}`, "not a bearer token", true},
		"more than can be sensible": {200, `{"access_token":"` + strings.Repeat("a", 1<<20) + `"}`, "too large", true},
	} {
		t.Run(name, func(t *testing.T) {
			i := newIssuer(t)
			i.says(test.status, test.body)
			_, err := i.tokens().Token(t.Context())
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Fatalf("got %v, want %q", err, test.says)
			}
			if strings.Contains(err.Error(), "hunter") {
				t.Errorf("it shows what it should not: %v", err)
			}
			if refusal := (*link.Refusal)(nil); errors.As(err, &refusal) != test.refusal {
				t.Errorf("%v is a refusal: %v", err, !test.refusal)
			}
		})
	}
}

// TestTokenIsNotRedirected: the secret goes to the endpoint and nowhere else.
func TestTokenIsNotRedirected(t *testing.T) {
	i := newIssuer(t)
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	defer elsewhere.Close()
	for _, status := range []int{302, 307, 308} {
		redirect := http.RedirectHandler(elsewhere.URL, status).ServeHTTP
		i.answer.Store((*http.HandlerFunc)(&redirect))
		if _, err := i.tokens().Token(t.Context()); err == nil {
			t.Errorf("status %d is a token", status)
		}
	}
}

func TestTokenEndpointIsTrusted(t *testing.T) {
	i := newIssuer(t)
	other := linktest.NewAuthority(t)
	i.change(func(c *snapshot.Connection) { c.TLS.CA = other.CA() })
	_, err := i.tokens().Token(t.Context())
	checkRefusal(t, err, "the certificate of the other end is not accepted")
	i.change(func(c *snapshot.Connection) { c.TLS.CA = "" })
	_, err = i.tokens().Token(t.Context())
	checkRefusal(t, err, "the certificate of the other end is not accepted")
	if n := i.asked.Load(); n != 0 {
		t.Errorf("it was told the secret %d times", n)
	}
}

func TestTokenEndpointHasTLS(t *testing.T) {
	i := newIssuer(t)
	plain := httptest.NewServer(i)
	defer plain.Close()
	for name, test := range map[string]struct {
		endpoint string
		options  []link.TokensOption
		wrong    string
	}{
		"without TLS":                   {endpoint: plain.URL, wrong: "no HTTPS URL"},
		"without TLS, as it may here":   {endpoint: plain.URL, options: []link.TokensOption{link.AllowLoopbackHTTP()}},
		"without TLS, as it may not be": {endpoint: "http://192.0.2.1/token", options: []link.TokensOption{link.AllowLoopbackHTTP()}, wrong: "no HTTPS URL"},
		"another scheme":                {endpoint: "file:///etc/passwd", wrong: "not a URL"},
		"another scheme with a host":    {endpoint: "ftp://127.0.0.1/", options: []link.TokensOption{link.AllowLoopbackHTTP()}, wrong: "no HTTPS URL"},
		"nothing":                       {endpoint: "", wrong: "not a URL"},
		"no URL":                        {endpoint: "https://a b", wrong: "not a URL"},
	} {
		t.Run(name, func(t *testing.T) {
			i.change(func(c *snapshot.Connection) { c.Credentials.OAuth2.TokenEndpoint = test.endpoint })
			_, err := i.tokens(test.options...).Token(t.Context())
			checkRefusal(t, err, test.wrong)
		})
	}
}
