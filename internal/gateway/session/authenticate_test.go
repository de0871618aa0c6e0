package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/twinway/twinway/internal/gateway/auth"
	"github.com/twinway/twinway/internal/gateway/entrance"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

func TestAuthenticationErrors(t *testing.T) {
	for _, test := range []struct {
		err    error
		status int
		code   string
	}{
		{auth.ErrNoCredentials, 401, "gateway:authentication.failed"},
		{auth.ErrWrongCredentials, 401, "gateway:authentication.failed"},
		{auth.ErrMultipleTokens, 401, "gateway:authentication.failed"},
		{auth.ErrTokenInvalid, 401, "gateway:authentication.failed"},
		{auth.ErrIssuerUnknown, 401, "gateway:jwt.issuer.notsupported"},
		{auth.ErrConditionFailed, 401, "gateway:jwt.condition.failed"},
		{auth.ErrTooManySubjects, 431, "headers.too.large"},
		{auth.ErrDuplicate, 400, "gateway:duplicate.header.field"},
		{auth.ErrBusy, 503, "gateway:authentication.provider.unavailable"},
		{auth.ErrKeysUnavailable, 503, "gateway:publickey.provider.unavailable"},
		{&auth.RateLimitedError{RetryAfter: 1500 * time.Millisecond}, 429, "too.many.requests"},
		{errors.New("something else"), 401, "gateway:authentication.failed"},
	} {
		t.Run(test.err.Error(), func(t *testing.T) {
			wrapped := fmt.Errorf("secret: %w", test.err)
			_, target := newTestServer(t, provider(func(*http.Request) (auth.Identity, error) { return alice, wrapped }), echo)
			header := mustRefuse(t, target, nil, test.status, test.code)
			if challenged := header.Values("WWW-Authenticate"); (len(challenged) == 1) != (test.status == 401) {
				t.Errorf("WWW-Authenticate is %q", challenged)
			}
			if want := map[string]string{"too.many.requests": "2", "gateway:publickey.provider.unavailable": "5"}[test.code]; header.Get("Retry-After") != want {
				t.Errorf("Retry-After is %q, want %q", header.Get("Retry-After"), want)
			}
		})
	}
}

func TestChallenges(t *testing.T) {
	for name, test := range map[string]struct {
		challenges func() []string
		want       []string
	}{
		"by default":       {nil, []string{entrance.ChallengeBasic}},
		"one":              {func() []string { return []string{entrance.ChallengeBearer} }, []string{entrance.ChallengeBearer}},
		"two":              {func() []string { return []string{entrance.ChallengeBearer, entrance.ChallengeBasic} }, []string{entrance.ChallengeBearer, entrance.ChallengeBasic}},
		"a proxy's matter": {func() []string { return nil }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, target := newTestServer(t, auth.Chain{}, echo, func(o *Options) { o.Challenges = test.challenges })
			header := mustRefuse(t, target, nil, 401, "gateway:authentication.failed")
			if got := header.Values("WWW-Authenticate"); !slices.Equal(got, test.want) {
				t.Errorf("WWW-Authenticate is %q, want %q", got, test.want)
			}
		})
	}
}

// The subprotocol with a token is not for whoever reads the answer.
func TestSubprotocol(t *testing.T) {
	_, target := newTestServer(t, as(alice), echo)
	for name, test := range map[string]struct {
		offered []string
		want    string
	}{
		"none":               {nil, ""},
		"another one":        {[]string{"mqtt"}, ""},
		"only a token":       {[]string{auth.TokenSubprotocol + "x"}, ""},
		"a token and plain":  {[]string{auth.TokenSubprotocol + "x", auth.PlainSubprotocol}, auth.PlainSubprotocol},
		"plain comes first":  {[]string{auth.PlainSubprotocol, auth.TokenSubprotocol + "x"}, auth.PlainSubprotocol},
		"plain among others": {[]string{"mqtt", auth.PlainSubprotocol}, auth.PlainSubprotocol},
	} {
		t.Run(name, func(t *testing.T) {
			c := dial(t, target, &websocket.DialOptions{Subprotocols: test.offered})
			if got := c.Subprotocol(); got != test.want {
				t.Errorf("%q was selected, want %q", got, test.want)
			}
			c.isOpen()
		})
	}
}

// safeBuffer is a buffer for several goroutines.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// However a token comes, it stays with who verifies it.
func TestTokensStaySecret(t *testing.T) {
	const token = "eyJ0.c2VjcmV0.c2ln"
	for name, test := range map[string]struct {
		query   string
		options *websocket.DialOptions
	}{
		"header":      {"", withHeader("Authorization", "Bearer "+token)},
		"parameter":   {"?access_token=" + token, nil},
		"subprotocol": {"", &websocket.DialOptions{Subprotocols: []string{auth.TokenSubprotocol + token, auth.PlainSubprotocol}}},
		"trusted":     {"?x-ditto-pre-authenticated=" + token, withHeader("X-Ditto-Pre-Authenticated", token)},
	} {
		t.Run(name, func(t *testing.T) {
			log, counted := &safeBuffer{}, metrics.New()
			fails := errors.New("no")
			var refuse bool
			_, target := newTestServer(t, provider(func(*http.Request) (auth.Identity, error) {
				if refuse {
					return auth.Identity{}, fails
				}
				return alice, nil
			}), answering(func(_ *Session, env *protocol.Envelope) string {
				var all strings.Builder
				for name, value := range env.Headers.All() {
					fmt.Fprintf(&all, "%s=%s ", name, value)
				}
				return all.String()
			}), func(o *Options) {
				o.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
				o.Metrics = counted
				o.Renew = func(context.Context, string) (auth.Identity, error) { return auth.Identity{}, fails }
			})
			c := dial(t, target+test.query, test.options)
			c.send(`{"topic":"n/t/things/twin/commands/retrieve","path":"/","headers":{"correlation-id":"it"}}`)
			if headers := c.get(); headers != `correlation-id="it" ` {
				t.Errorf("the headers of a message are %s", headers)
			}
			c.send("JWT-TOKEN?jwtToken=" + token)
			if reason := c.mustClose(1008); strings.Contains(reason, token) {
				t.Errorf("the reason is %q", reason)
			}
			refuse = true
			header := mustRefuse(t, target+test.query, test.options, 401, "gateway:authentication.failed")
			if text := fmt.Sprint(header); strings.Contains(text, token) {
				t.Errorf("the answer is %s", text)
			}
			wait(t, func() bool { return strings.Contains(log.String(), "session ended") })
			if text := log.String(); strings.Contains(text, token) || !strings.Contains(text, "authentication failed") {
				t.Errorf("the log is %s", text)
			}
			families, err := counted.Registry().Gather()
			if err != nil {
				t.Fatal(err)
			}
			if text := fmt.Sprint(families); strings.Contains(text, token) {
				t.Errorf("the metrics are %s", text)
			}
		})
	}
}

// Whatever the way in, who is no longer let in loses the session, and no other
// does.
func TestAdmitKnowsAllKinds(t *testing.T) {
	kinds := []auth.Kind{auth.KindBasic, auth.KindJWT, auth.KindPreAuthenticated}
	for _, removed := range kinds {
		t.Run(string(removed), func(t *testing.T) {
			server, target := newTestServer(t, provider(func(r *http.Request) (auth.Identity, error) {
				id := alice
				id.Kind = auth.Kind(r.Header.Get("Kind"))
				return id, nil
			}), echo)
			clients := map[auth.Kind]*client{}
			for _, kind := range kinds {
				clients[kind] = dial(t, target, withHeader("Kind", string(kind)))
				clients[kind].isOpen()
			}
			if n := server.Admit(func(id auth.Identity) bool { return id.Kind != removed }); n != 1 {
				t.Errorf("%d sessions were closed, want 1", n)
			}
			for kind, c := range clients {
				if kind != removed {
					c.isOpen()
				} else if reason := c.mustClose(1008); !strings.Contains(reason, "no longer accepted") {
					t.Errorf("the reason is %q", reason)
				}
			}
		})
	}
}
