package gateway_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/twinway/twinway/internal/snapshot"
)

// issuer is an OpenID Connect provider with two keys, whose ids are "key" and
// "p384".
type issuer struct {
	*httptest.Server
	key  *ecdsa.PrivateKey // P-256
	p384 *ecdsa.PrivateKey
	down atomic.Bool // answers nothing but errors
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	i := unstartedIssuer(t)
	i.Start()
	return i
}

// newTLSIssuer returns an issuer with a certificate that no system trusts.
func newTLSIssuer(t *testing.T) *issuer {
	t.Helper()
	i := unstartedIssuer(t)
	i.StartTLS()
	return i
}

func unstartedIssuer(t *testing.T) *issuer {
	t.Helper()
	i := &issuer{key: newKey(t, elliptic.P256()), p384: newKey(t, elliptic.P384())}
	i.Server = httptest.NewUnstartedServer(i)
	i.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that fail on purpose
	t.Cleanup(i.Close)
	return i
}

func newKey(t *testing.T, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// ServeHTTP implements http.Handler.
func (i *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case i.down.Load():
		w.WriteHeader(http.StatusInternalServerError)
	case r.URL.Path == "/.well-known/openid-configuration":
		_ = json.NewEncoder(w).Encode(map[string]any{"issuer": i.URL, "jwks_uri": i.URL + "/keys"})
	case r.URL.Path == "/keys":
		_, _ = io.WriteString(w, string(keySet(i.key, i.p384)))
	default:
		http.NotFound(w, r)
	}
}

// keySet returns a key set with the public halves of keys of P-256 and P-384.
func keySet(p256, p384 *ecdsa.PrivateKey) snapshot.Content {
	text, _ := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{ // cannot fail with such keys
		{KeyID: "key", Key: p256.Public()}, {KeyID: "p384", Key: p384.Public()},
	}})
	return snapshot.Content(text)
}

// ca returns the certificate that vouches for the issuer's server.
func (i *issuer) ca() snapshot.Content {
	return snapshot.Content(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.Certificate().Raw}))
}

// provider returns the configuration that takes the issuer's tokens.
func (i *issuer) provider(name string) snapshot.OIDCProvider {
	return snapshot.OIDCProvider{
		Name: name, Issuers: []string{i.URL}, Subjects: []string{"{{ jwt:sub }}"}, Algorithms: []string{"ES256"},
	}
}

// withProviders replaces the providers, which must be sorted by name.
func withProviders(providers ...snapshot.OIDCProvider) func(*snapshot.Snapshot) {
	return func(s *snapshot.Snapshot) { s.Authentication.OIDC = providers }
}

// draft is a token before it is signed.
type draft struct {
	algorithm jose.SignatureAlgorithm
	keyID     string // empty for none
	key       any
	claims    map[string]any
	// forge changes what was signed, if it is set.
	forge func(token string) string
}

// with sets a claim.
func with(name string, value any) func(*draft) {
	return func(d *draft) { d.claims[name] = value }
}

// without removes a claim.
func without(name string) func(*draft) {
	return func(d *draft) { delete(d.claims, name) }
}

// inTime returns a claim's value for the time in so long from now.
func inTime(d time.Duration) int64 { return time.Now().Add(d).Unix() }

// token returns a token of alice's that is valid for an hour, with changes.
func (i *issuer) token(t *testing.T, changes ...func(*draft)) string {
	t.Helper()
	d := &draft{algorithm: jose.ES256, keyID: "key", key: i.key, claims: map[string]any{
		"iss": i.URL, "sub": "alice", "iat": inTime(-time.Minute), "exp": inTime(time.Hour),
	}}
	for _, change := range changes {
		change(d)
	}
	return d.sign(t)
}

func (d *draft) sign(t *testing.T) string {
	t.Helper()
	options := &jose.SignerOptions{}
	if d.keyID != "" {
		options = options.WithHeader("kid", d.keyID)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: d.algorithm, Key: d.key}, options)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(d.claims)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	if d.forge != nil {
		token = d.forge(token)
	}
	return token
}

// bearer is the header of a handshake with a token.
func bearer(token string) http.Header { return http.Header{"Authorization": {"Bearer " + token}} }
