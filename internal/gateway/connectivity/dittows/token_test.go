package dittows_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/twinway/twinway/internal/gateway/connectivity/dittows"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/snapshot"
)

// issuer makes tokens, and gives them out to a client that has the right secret.
type issuer struct {
	t   testing.TB
	key *ecdsa.PrivateKey
	// life is how long tokens are valid that are given out, and given how many there were.
	life  time.Duration
	given atomic.Int32
}

const issuerURL = "https://issuer.example"

func newIssuer(t testing.TB) *issuer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &issuer{t: t, key: key}
}

// trusted has a gateway trust the issuer.
func (i *issuer) trusted(s *snapshot.Snapshot) {
	keys, _ := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{KeyID: "key", Key: i.key.Public()}}}) // cannot fail with such a key
	s.Authentication.ClockSkew = 0
	s.Authentication.OIDC = []snapshot.OIDCProvider{{
		Name: "oidc", Issuers: []string{issuerURL}, Subjects: []string{"{{ jwt:sub }}"}, Algorithms: []string{"ES256"}, JWKS: snapshot.Content(keys),
	}}
}

// token returns a token of somebody's.
func (i *issuer) token(who string, life time.Duration) string {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: i.key, KeyID: "key"}}, nil)
	if err != nil {
		i.t.Fatal(err)
	}
	claims, _ := json.Marshal(map[string]any{
		"iss": issuerURL, "sub": who, "iat": time.Now().Add(-time.Minute).Unix(), "exp": time.Now().Add(life).Unix(),
		"jti": rand.Text(),
	})
	signed, err := signer.Sign(claims)
	if err != nil {
		i.t.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		i.t.Fatal(err)
	}
	return text
}

// ServeHTTP implements http.Handler.
func (i *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, secret, ok := r.BasicAuth()
	if !ok {
		id, secret = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	w.Header().Set("Content-Type", "application/json")
	if id != "gateway" || secret != "TopSecret" {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"error":"invalid_client"}`))
		return
	}
	i.given.Add(1)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"access_token": i.token("gateway", i.life), "token_type": "Bearer", "expires_in": int(i.life / time.Second),
	})
}

// withBearer returns the connection with another token.
func withBearer(n *near, token string) *snapshot.Connection {
	changed := n.connection
	changed.Credentials = &snapshot.Credentials{Bearer: snapshot.SecretContent(token)}
	return &changed
}

// works proves that a session is served.
func (n *near) works(c link.Client) {
	n.t.Helper()
	if o := n.publish(c, happened("absent", "modified", "/attributes/a", "1", 1), snapshot.AtLeastOnce); o.Status != 404 {
		n.t.Errorf("a command comes to %+v", o)
	}
}

// A session lives as long as its token, or the one that has replaced it in time.
func TestTokenIsRenewed(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	g := remote(t, i.trusted)
	const soon = 3 * time.Second
	ends, lives := newNear(t, g.Address(), dittows.Settings{}), newNear(t, g.Address(), dittows.Settings{Poll: 10 * time.Millisecond})
	for _, n := range []*near{ends, lives} {
		n.connection.Credentials = &snapshot.Credentials{Bearer: snapshot.SecretContent(i.token("gateway", soon))}
	}
	lost, renewed := ends.open(), lives.open()
	lives.current.Store(withBearer(lives, i.token("gateway", time.Hour)))
	<-lost.Lost()
	if refusal, ok := errors.AsType[*link.Refusal](lost.Err()); !ok || !strings.Contains(refusal.Error(), "3000") {
		t.Errorf("lost because of %v", lost.Err())
	}
	lives.works(renewed)
	// A token of somebody else is not taken, and that is the end.
	lives.current.Store(withBearer(lives, i.token("stranger", time.Hour)))
	<-renewed.Lost()
	if refusal, ok := errors.AsType[*link.Refusal](renewed.Err()); !ok || !strings.Contains(refusal.Error(), "1008") {
		t.Errorf("lost because of %v", renewed.Err())
	}
}

// Tokens that are fetched are replaced before they end. Those of a wrong secret are not, and the error does not tell it.
func TestTokenIsFetched(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	i.life = 4 * time.Second
	server := httptest.NewTLSServer(i)
	t.Cleanup(server.Close)
	g := remote(t, i.trusted)
	n := newNear(t, g.Address(), dittows.Settings{Poll: 10 * time.Millisecond})
	n.connection.TLS.CA = snapshot.Content(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	oauth2 := &snapshot.OAuth2ClientCredentials{TokenEndpoint: server.URL + "/token", ClientID: "gateway", ClientSecret: "wrong"}
	n.connection.Credentials = &snapshot.Credentials{OAuth2: oauth2}
	if _, err := n.dial(); err == nil || strings.Contains(err.Error(), "wrong") {
		t.Fatalf("dialled with a wrong secret: %v", err)
	}
	right := *oauth2
	right.ClientSecret = "TopSecret"
	changed := n.connection
	changed.Credentials = &snapshot.Credentials{OAuth2: &right}
	n.current.Store(&changed)
	c := n.open()
	until(t, "three tokens are given out", func() bool { return i.given.Load() >= 3 })
	until(t, "the first has ended", func() bool { return i.given.Load() >= 4 || c.Err() != nil })
	if c.Err() != nil {
		t.Fatal(c.Err())
	}
	n.works(c)
}

// A password that changes ends no session that was opened with the one before.
func TestPasswordChanges(t *testing.T) {
	g := remote(t)
	n := newNear(t, g.Address(), dittows.Settings{Poll: time.Millisecond})
	c := n.open()
	changed := n.connection
	changed.Credentials = &snapshot.Credentials{Basic: &snapshot.BasicCredentials{Username: "ditto", Password: "another"}}
	n.current.Store(&changed)
	for range 3 {
		n.works(c)
	}
	if _, err := n.dial(); err == nil {
		t.Error("the former password is still used")
	}
}
