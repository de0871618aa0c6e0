package session

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/twinway/twinway/internal/gateway/auth"
)

// issuer makes tokens.
type issuer struct {
	t    *testing.T
	name string
	key  *ecdsa.PrivateKey
}

func newIssuer(t *testing.T, name string) *issuer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &issuer{t: t, name: name, key: key}
}

// trusted is the issuer as the gateway knows it.
func (i *issuer) trusted() auth.Issuer {
	keys, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: i.key.Public(), KeyID: "k", Algorithm: "ES256"}}})
	if err != nil {
		i.t.Fatal(err)
	}
	return auth.Issuer{Key: i.name, Issuers: []string{"https://" + i.name}, JWKS: keys}
}

func (i *issuer) token(subject string, lifetime time.Duration) string {
	i.t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: i.key, KeyID: "k"}}, nil)
	if err != nil {
		i.t.Fatal(err)
	}
	token, err := jwt.Signed(signer).Claims(jwt.Claims{
		Issuer: "https://" + i.name, Subject: subject, Expiry: jwt.NewNumericDate(time.Now().Add(lifetime)),
	}).Serialize()
	if err != nil {
		i.t.Fatal(err)
	}
	return token
}

// newTokenServer serves who has a token of one of the issuers.
func newTokenServer(t *testing.T, issuers ...*issuer) (*Server, *auth.Tokens, string) {
	t.Helper()
	tokens, err := auth.NewTokens(auth.TokenOptions{Issuers: trusted(issuers)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tokens.Close)
	server, target := newTestServer(t, auth.Chain{tokens}, echo, func(o *Options) { o.Renew = tokens.Renew })
	return server, tokens, target
}

func trusted(issuers []*issuer) (all []auth.Issuer) {
	for _, i := range issuers {
		all = append(all, i.trusted())
	}
	return all
}

// A session ends with its token, however that came: also if it came in the
// query.
func TestTokensExpire(t *testing.T) {
	acme := newIssuer(t, "acme")
	server, _, target := newTokenServer(t, acme)
	sweeping(t, server)
	token := acme.token("alice", 2*time.Second)
	clients := []*client{
		dial(t, target, withHeader("Authorization", "Bearer "+token)),
		dial(t, target+"?access_token="+token, nil),
		dial(t, target, &websocket.DialOptions{Subprotocols: []string{auth.TokenSubprotocol + token, auth.PlainSubprotocol}}),
	}
	renewed := dial(t, target, withHeader("Authorization", "Bearer "+token))
	renewed.send("JWT-TOKEN?jwtToken=" + acme.token("alice", time.Hour))
	for _, c := range clients {
		c.isOpen()
	}
	for _, c := range clients {
		c.mustClose(3000)
	}
	renewed.isOpen()
}

func TestTokensRenewOnlyTheirOwnSession(t *testing.T) {
	acme, other, foreign := newIssuer(t, "acme"), newIssuer(t, "other"), newIssuer(t, "foreign")
	_, _, target := newTokenServer(t, acme, other)
	forged := newIssuer(t, "acme").token("alice", time.Hour)
	for name, test := range map[string]struct{ token, reason string }{
		"of somebody else":      {acme.token("bob", time.Hour), "other subjects"},
		"of another issuer":     {other.token("alice", time.Hour), "other subjects"},
		"of an unknown issuer":  {foreign.token("alice", time.Hour), "not valid"},
		"expired":               {acme.token("alice", -time.Hour), "not valid"},
		"forged":                {forged, "not valid"},
		"no token at all":       {"x", "not valid"},
		"nothing":               {"", "not valid"},
		"too long":              {strings.Repeat("x", 9<<10), "not valid"},
		"longer than a message": {strings.Repeat("x", 17<<10), "cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			c := dial(t, target, withHeader("Authorization", "Bearer "+acme.token("alice", time.Hour)))
			c.send("JWT-TOKEN?jwtToken=" + acme.token("alice", 2*time.Hour))
			c.isOpen()
			c.send("JWT-TOKEN?jwtToken=" + test.token)
			if reason := c.mustClose(1008); !strings.Contains(reason, test.reason) {
				t.Errorf("the reason is %q, want %q", reason, test.reason)
			}
		})
	}
}

// Who no longer trusts an issuer loses the sessions of its tokens.
func TestIssuerIsRemoved(t *testing.T) {
	acme, other := newIssuer(t, "acme"), newIssuer(t, "other")
	server, tokens, target := newTokenServer(t, acme, other)
	gone := dial(t, target, withHeader("Authorization", "Bearer "+acme.token("alice", time.Hour)))
	stays := dial(t, target, withHeader("Authorization", "Bearer "+other.token("alice", time.Hour)))
	gone.isOpen()
	stays.isOpen()
	if err := tokens.Update(slices.DeleteFunc(trusted([]*issuer{acme, other}), func(i auth.Issuer) bool { return i.Key == "acme" })); err != nil {
		t.Fatal(err)
	}
	if n := server.Admit(tokens.Admits); n != 1 {
		t.Errorf("%d sessions were closed, want 1", n)
	}
	gone.mustClose(1008)
	stays.isOpen()
	mustRefuse(t, target, withHeader("Authorization", "Bearer "+acme.token("alice", time.Hour)), 401, "gateway:jwt.issuer.notsupported")
}
