package gateway_test

import (
	"crypto/elliptic"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway"
	"github.com/twinway/twinway/internal/gateway/entrance"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/test/gatewaytest"
)

var unsupported = refusal{401, "gateway:jwt.issuer.notsupported"}

// sessionsOfAllKinds opens a session in every way that is configured.
func sessionsOfAllKinds(t *testing.T, g *gateway.Gateway, issuers ...*issuer) (password, proxy *client, tokens []*client) {
	t.Helper()
	for _, i := range issuers {
		tokens = append(tokens, dialWith(t, g, "/ws/2", bearer(i.token(t))))
	}
	return dial(t, g, gatewaytest.User), dialWith(t, g, "/ws/2", proxied("pre:anna")), tokens
}

func TestApplyAddsAnIssuer(t *testing.T) {
	i := newIssuer(t)
	g := start(t)
	c := dial(t, g, gatewaytest.User)
	mustRefuse(t, handshake(t, g, "/ws/2", bearer(i.token(t))), unsupported, entrance.ChallengeBasic)
	mustApply(t, g, configuration(t, withProviders(i.provider("oidc"))), "authentication.oidc")
	dialWith(t, g, "/ws/2", bearer(i.token(t))).mustWork()
	c.mustWork()
}

// Whoever is not trusted any more is out, and nobody else.
func TestApplyTakesTrustAway(t *testing.T) {
	one, other := newIssuer(t), newIssuer(t)
	everything := []func(*snapshot.Snapshot){
		withProviders(one.provider("one"), other.provider("other")), withPreAuthentication(snapshot.PreAuthenticationHeader),
	}
	with := func(changes ...func(*snapshot.Snapshot)) []func(*snapshot.Snapshot) {
		return append(everything[:2:2], changes...)
	}
	renamed := one.provider("renamed")
	for name, test := range map[string]struct {
		next    []func(*snapshot.Snapshot)
		changed string
		gone    string
	}{
		"an issuer":          {with(withProviders(other.provider("other"))), "authentication.oidc", "one"},
		"an issuer's name":   {with(withProviders(other.provider("other"), renamed)), "authentication.oidc", "one"},
		"pre-authentication": {with(func(s *snapshot.Snapshot) { s.Authentication.PreAuthenticated = nil }), "authentication.preAuthenticated", "proxy"},
		"passwords":          {with(withoutBasic), "authentication.basic", "password"},
		"a user":             {with(withUser("anna"), withoutUser(gatewaytest.User)), "authentication.basic.users", "password"},
	} {
		t.Run(name, func(t *testing.T) {
			g := start(t, everything...)
			password, proxy, tokens := sessionsOfAllKinds(t, g, one, other)
			mustApply(t, g, configuration(t, test.next...), test.changed)
			for kind, c := range map[string]*client{"password": password, "proxy": proxy, "one": tokens[0], "other": tokens[1]} {
				if kind != test.gone {
					c.mustWork()
					continue
				}
				if code, reason := c.closed(); code != closePolicy || reason != "the credentials that the session was opened with are no longer accepted" {
					t.Errorf("%s: closed with %d %q", kind, code, reason)
				}
			}
			until(t, "three sessions are left", func() bool { return metric(t, g, "sessions") == 3 })
		})
	}
}

// What is no longer trusted opens no session either.
func TestApplyRefusesWhomItTrustedBefore(t *testing.T) {
	i := newIssuer(t)
	g := start(t, withProviders(i.provider("oidc")), withPreAuthentication(snapshot.PreAuthenticationHeader))
	sessionsOfAllKinds(t, g, i)
	mustApply(t, g, configuration(t), "authentication.oidc", "authentication.preAuthenticated")
	mustRefuse(t, handshake(t, g, "/ws/2", bearer(i.token(t))), unsupported, entrance.ChallengeBasic)
	mustRefuse(t, handshake(t, g, "/ws/2", proxied("pre:anna")), refusal{401, codeFailed}, entrance.ChallengeBasic)
	// As before, when it is trusted again.
	mustApply(t, g, configuration(t, withProviders(i.provider("oidc")), withPreAuthentication(snapshot.PreAuthenticationHeader)),
		"authentication.oidc", "authentication.preAuthenticated")
	for _, c := range func() []*client { _, proxy, tokens := sessionsOfAllKinds(t, g, i); return append(tokens, proxy) }() {
		c.mustWork()
	}
}

// Sessions that a key has opened outlive it, but cannot be renewed with it.
func TestApplyRotatesKeys(t *testing.T) {
	i := newIssuer(t)
	old, next := newKey(t, elliptic.P256()), newKey(t, elliptic.P256())
	keys := func(set snapshot.Content) func(*snapshot.Snapshot) {
		provider := i.provider("oidc")
		provider.JWKS = set
		return withProviders(provider)
	}
	g := start(t, keys(keySet(old, i.p384)))
	i.down.Store(true) // nothing is fetched
	before, after := i.token(t, key(old)), i.token(t, key(next), with("exp", inTime(2*time.Hour)))
	challenges := []string{entrance.ChallengeBasic, entrance.ChallengeBearer}
	stays, renewed := dialWith(t, g, "/ws/2", bearer(before)), dialWith(t, g, "/ws/2", bearer(before))
	mustRefuse(t, handshake(t, g, "/ws/2", bearer(after)), refusal{401, codeFailed}, challenges...)

	mustApply(t, g, configuration(t, keys(keySet(next, i.p384))), "authentication.oidc")
	mustRefuse(t, handshake(t, g, "/ws/2", bearer(before)), refusal{401, codeFailed}, challenges...)
	dialWith(t, g, "/ws/2", bearer(after)).mustWork()
	renewed.send("JWT-TOKEN?jwtToken=" + after)
	renewed.mustWork()
	stays.mustWork()
	stays.send("JWT-TOKEN?jwtToken=" + before)
	stays.mustClose(closePolicy)
}

// What a token stands for is settled when the session opens. A session that is
// somebody else by now cannot go on.
func TestApplyChangesSubjects(t *testing.T) {
	i := newIssuer(t)
	g := start(t, withProviders(i.provider("oidc")))
	before := dialWith(t, g, "/ws/2", bearer(i.token(t)))
	changed := i.provider("oidc")
	changed.Subjects = []string{"user/{{ jwt:sub }}"}
	mustApply(t, g, configuration(t, withProviders(changed)), "authentication.oidc")
	if subject := before.defaultSubject(); subject != "oidc:alice" {
		t.Errorf("the session from before is that of %q", subject)
	}
	if subject := dialWith(t, g, "/ws/2", bearer(i.token(t))).defaultSubject(); subject != "oidc:user/alice" {
		t.Errorf("the session from now is that of %q", subject)
	}
	before.send("JWT-TOKEN?jwtToken=" + i.token(t))
	before.mustClose(closePolicy)
}

// A configuration that cannot be used is not used in part.
func TestApplyRefusesProvidersThatCannotBeUsed(t *testing.T) {
	i := newIssuer(t)
	g := start(t, withProviders(i.provider("oidc")))
	c := dialWith(t, g, "/ws/2", bearer(i.token(t)))
	broken := i.provider("broken")
	broken.JWKS = "no keys"
	next := configuration(t, withProviders(broken), withPreAuthentication(snapshot.PreAuthenticationHeader))
	if _, err := g.Apply(next); err == nil {
		t.Fatal("keys that are none were taken over")
	}
	c.mustWork()
	dialWith(t, g, "/ws/2", bearer(i.token(t))).mustWork()
	mustRefuse(t, handshake(t, g, "/ws/2", proxied("pre:anna")), refusal{401, codeFailed}, entrance.ChallengeBasic, entrance.ChallengeBearer)
}

// What is refused because of one method has changed none of the others.
func TestApplyRefusesAuthenticationWhole(t *testing.T) {
	before, after := newIssuer(t), newIssuer(t)
	g := start(t, withProviders(before.provider("before")))
	c := dialWith(t, g, "/ws/2", bearer(before.token(t)))
	if _, err := g.Apply(configuration(t, withProviders(after.provider("after")), func(s *snapshot.Snapshot) {
		s.Authentication.Basic.Users["anna"] = "no hash"
	})); err == nil {
		t.Fatal("users that cannot be used are taken over")
	}
	c.mustWork()
	dialWith(t, g, "/ws/2", bearer(before.token(t))).mustWork()
	mustRefuse(t, handshake(t, g, "/ws/2", bearer(after.token(t))), unsupported, entrance.ChallengeBasic, entrance.ChallengeBearer)
}

// Who has another password from now on keeps the session that is open.
func TestApplyRotatesAPassword(t *testing.T) {
	g := start(t)
	c := dial(t, g, gatewaytest.User)
	mustApply(t, g, configuration(t, func(s *snapshot.Snapshot) {
		s.Authentication.Basic.Users[gatewaytest.User] = "$2a$04$0000000000000000000000000000000000000000000000000000."
	}), "authentication.basic.users")
	c.mustWork()
	if a := handshake(t, g, "/ws/2", authorization(gatewaytest.User, gatewaytest.Password)); a.status != 401 {
		t.Errorf("the former password is answered %d", a.status)
	}
}
