package auth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/twinway/twinway/internal/gateway/placeholder"
)

// now is the time in tests of tokens, unless they say otherwise.
var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

var (
	rsaKey   = sync.OnceValue(func() crypto.Signer { return must(rsa.GenerateKey(rand.Reader, 2048)) })
	otherRSA = sync.OnceValue(func() crypto.Signer { return must(rsa.GenerateKey(rand.Reader, 2048)) })
	p256Key  = sync.OnceValue(func() crypto.Signer { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) })
	p384Key  = sync.OnceValue(func() crypto.Signer { return must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)) })
	p521Key  = sync.OnceValue(func() crypto.Signer { return must(ecdsa.GenerateKey(elliptic.P521(), rand.Reader)) })
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// oidc is an OpenID Connect issuer. It publishes the keys "rsa", "p256", "p384" and "p521".
type oidc struct {
	*httptest.Server
	asked atomic.Int64 // how often for the keys

	mu        sync.Mutex
	keys      map[string]jose.JSONWebKey
	discovery map[string]any
	answer    map[string]http.HandlerFunc // by path: instead of the usual one
}

func newOIDC(t testing.TB) *oidc {
	o := unstartedOIDC(t)
	o.Start()
	o.describe()
	return o
}

func unstartedOIDC(t testing.TB) *oidc {
	t.Helper()
	o := &oidc{keys: make(map[string]jose.JSONWebKey), answer: make(map[string]http.HandlerFunc)}
	o.Server = httptest.NewUnstartedServer(o)
	t.Cleanup(o.Close)
	o.publish("rsa", rsaKey().Public())
	o.publish("p256", p256Key().Public())
	o.publish("p384", p384Key().Public())
	o.publish("p521", p521Key().Public())
	return o
}

func (o *oidc) describe() {
	o.discovery = map[string]any{"issuer": o.URL + "/realm/", "jwks_uri": o.URL + "/keys"}
}

func (o *oidc) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/keys" {
		o.asked.Add(1)
	}
	o.mu.Lock()
	instead, set, discovery := o.answer[r.URL.Path], slices.Collect(maps.Values(o.keys)), maps.Clone(o.discovery)
	o.mu.Unlock()
	switch {
	case instead != nil:
		instead(w, r)
	case r.URL.Path == "/realm"+discoveryPath:
		_ = json.NewEncoder(w).Encode(discovery)
	case r.URL.Path == "/keys":
		_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: set})
	default:
		http.NotFound(w, r)
	}
}

func (o *oidc) publish(id string, key any) { o.publishKey(jose.JSONWebKey{KeyID: id, Key: key}) }

func (o *oidc) publishKey(key jose.JSONWebKey) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.keys[key.KeyID] = key
}

func (o *oidc) withdraw(id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.keys, id)
}

// answerWith makes the issuer answer a path in another way, nil: as usual again.
func (o *oidc) answerWith(path string, h http.HandlerFunc) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.answer[path] = h
}

// describeWith changes the OpenID configuration.
func (o *oidc) describeWith(name string, value any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.discovery[name] = value
}

// issuer is the configuration that takes the issuer's tokens.
func (o *oidc) issuer() Issuer { return Issuer{Key: "oidc", Issuers: []string{o.URL + "/realm"}} }

// claims are those of a valid token, changed as told; nil takes a claim away.
func (o *oidc) claims(changes map[string]any) map[string]any {
	c := map[string]any{
		"iss": o.URL + "/realm/", "sub": "alice", "aud": []string{"ditto", "account"},
		"iat": now.Add(-time.Minute).Unix(), "exp": now.Add(time.Hour).Unix(),
	}
	maps.Copy(c, changes)
	maps.DeleteFunc(c, func(_ string, v any) bool { return v == nil })
	return c
}

// token is a valid one but for the changes of its claims.
func (o *oidc) token(t testing.TB, changes map[string]any) string {
	return sign(t, jose.ES256, "p256", p256Key(), o.claims(changes))
}

func sign(t testing.TB, alg jose.SignatureAlgorithm, keyID string, key any, claims any, headers ...map[string]any) string {
	t.Helper()
	options := &jose.SignerOptions{}
	if keyID != "" {
		options = options.WithHeader("kid", keyID)
	}
	for _, h := range headers {
		for name, v := range h {
			options = options.WithHeader(jose.HeaderKey(name), v)
		}
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, options)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	return must(signed.CompactSerialize())
}

func newTokens(t testing.TB, clock func() time.Time, issuers ...Issuer) *Tokens {
	t.Helper()
	tokens, err := NewTokens(TokenOptions{Issuers: issuers, Clock: clock, FetchTimeout: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tokens.Close)
	return tokens
}

func atNow() time.Time { return now }

func templates(t testing.TB, texts ...string) (parsed []*placeholder.Template) {
	t.Helper()
	for _, text := range texts {
		template, err := placeholder.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, template)
	}
	return parsed
}

func discardLog() *log.Logger { return log.New(io.Discard, "", 0) }
