package gateway_test

import (
	"crypto/elliptic"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/auth"
	"github.com/twinway/twinway/test/gatewaytest"
)

const (
	closePolicy       = 1008
	closeUnauthorized = 3000
)

// mustExpire expects that the session is closed because its token has expired,
// and not before it has.
func (c *client) mustExpire(expiry int64) {
	c.t.Helper()
	code, reason := c.closed()
	if code != closeUnauthorized || reason != "the token has expired; connect with a new one" {
		c.t.Errorf("closed with %d %q", code, reason)
	}
	if early := time.Until(time.Unix(expiry, 0)); early > 0 {
		c.t.Errorf("closed %s before the token has expired", early)
	}
}

// A session lives as long as its token, however that came, and as one that
// renews it.
func TestSessionExpiresWithItsToken(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	g := start(t, withProviders(i.provider("oidc")))
	hour, soon := i.token(t), inTime(3*time.Second)
	short := i.token(t, with("exp", soon))
	shortened, prolonged := dialWith(t, g, "/ws/2", bearer(hour)), dialWith(t, g, "/ws/2", bearer(short))
	shortened.send("JWT-TOKEN?jwtToken=" + short)
	prolonged.send("JWT-TOKEN?jwtToken=" + hour)
	shortened.mustWork() // nothing else is answered
	prolonged.mustWork()
	for _, c := range []*client{
		dialWith(t, g, "/ws/2", bearer(short)),
		dialWith(t, g, "/ws/2?access_token="+short, nil),
		dialWith(t, g, "/ws/2", map[string][]string{"Sec-Websocket-Protocol": {auth.TokenSubprotocol + short, auth.PlainSubprotocol}}),
		shortened,
	} {
		c.mustExpire(soon)
	}
	prolonged.mustWork()
	until(t, "the session that was renewed is the only one", func() bool { return metric(t, g, "sessions") == 1 })
	if n := metric(t, g, `sessions_closed_total{code="3000"}`); n != 4 {
		t.Errorf("%v sessions were counted as expired, want 4", n)
	}
}

// A token renews the session of exactly whom it stands for.
func TestTokenThatCannotRenew(t *testing.T) {
	i := newIssuer(t)
	provider := i.provider("oidc")
	provider.Subjects = []string{"{{ jwt:sub }}", "{{ jwt:roles }}"}
	g := start(t, withProviders(provider))
	member := with("roles", []string{"a", "b"})
	for name, test := range map[string]struct{ token, reason string }{
		"of somebody else":     {i.token(t, member, with("sub", "bob")), "the new token has other subjects than the session"},
		"with one role less":   {i.token(t, with("roles", []string{"a"})), "the new token has other subjects than the session"},
		"with one role more":   {i.token(t, with("roles", []string{"a", "b", "c"})), "the new token has other subjects than the session"},
		"in another order":     {i.token(t, with("roles", []string{"b", "a"})), "the new token has other subjects than the session"},
		"expired":              {i.token(t, member, with("exp", inTime(-time.Minute))), "the new token is not valid"},
		"of an unknown issuer": {i.token(t, member, with("iss", "https://foreign.example")), "the new token is not valid"},
		"of another key":       {i.token(t, member, key(newKey(t, elliptic.P256()))), "the new token is not valid"},
		"no token":             {"x", "the new token is not valid"},
		"nothing":              {"", "the new token is not valid"},
	} {
		t.Run(name, func(t *testing.T) {
			c := dialWith(t, g, "/ws/2", bearer(i.token(t, member)))
			c.send("JWT-TOKEN?jwtToken=" + i.token(t, member, with("exp", inTime(2*time.Hour))))
			c.mustWork()
			c.send("JWT-TOKEN?jwtToken=" + test.token)
			// There is no error before the end.
			text, err := c.read()
			if err == nil {
				t.Fatalf("the token is answered %s", text)
			}
			if code, reason := closeFrame(err); code != closePolicy || reason != test.reason {
				t.Errorf("closed with %d %q, want %q", code, reason, test.reason)
			}
		})
	}
}

// What was opened without a token cannot be renewed with one, not even with
// one of the same subject.
func TestTokenRenewsNoOtherSession(t *testing.T) {
	i := newIssuer(t)
	g := start(t, withProviders(i.provider("oidc")), withPreAuthentication("Header"))
	for name, c := range map[string]*client{
		"password":          dial(t, g, gatewaytest.User),
		"pre-authenticated": dialWith(t, g, "/ws/2", proxied("oidc:alice")),
	} {
		c.mustWork()
		c.send("JWT-TOKEN?jwtToken=" + i.token(t))
		if code, reason := c.closed(); code != closePolicy || reason != "the session was not opened with a token, so none can renew it" {
			t.Errorf("%s: closed with %d %q", name, code, reason)
		}
	}
}
