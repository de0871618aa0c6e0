package auth

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"
)

func mustRenew(t testing.TB, tokens *Tokens, token string) Identity {
	t.Helper()
	id, err := tokens.Renew(t.Context(), token)
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
	return id
}

// mustRefuse wants exactly this error, or one that wraps it, and no part of the token in it.
func mustRefuse(t testing.TB, tokens *Tokens, token string, want error) {
	t.Helper()
	id, err := tokens.Renew(t.Context(), token)
	if !errors.Is(err, want) {
		t.Fatalf("error %v, want %v", err, want)
	}
	if diff := cmp.Diff(Identity{}, id); diff != "" {
		t.Fatalf("an identity beside the error:\n%s", diff)
	}
	for part := range strings.SplitSeq(token, ".") {
		if len(part) > 3 && strings.Contains(err.Error(), part) {
			t.Fatalf("the error shows the token: %v", err)
		}
	}
}

func TestTokensIdentity(t *testing.T) {
	o := newOIDC(t)
	tokens := newTokens(t, atNow, o.issuer())
	got := mustRenew(t, tokens, o.token(t, nil))
	if aud, known := got.Claims.Lookup("jwt", "aud"); !known || !slices.Equal(aud, []string{"ditto", "account"}) {
		t.Errorf("the claim aud is %q", aud)
	}
	if _, known := got.Claims.Lookup("header", "aud"); known {
		t.Error("a header is known to the claims")
	}
	got.Claims = nil
	want := Identity{
		Kind: KindJWT, User: "oidc:alice", Subjects: Subjects{"oidc:alice"}, Expires: now.Add(time.Hour),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTokensAlgorithms(t *testing.T) {
	o := newOIDC(t)
	tokens := newTokens(t, atNow, o.issuer())
	keys := map[string]crypto.Signer{"rsa": rsaKey(), "p256": p256Key(), "p384": p384Key(), "p521": p521Key()}
	for alg, id := range map[jose.SignatureAlgorithm]string{
		jose.RS256: "rsa", jose.RS384: "rsa", jose.RS512: "rsa", jose.PS256: "rsa", jose.PS384: "rsa", jose.PS512: "rsa",
		jose.ES256: "p256", jose.ES384: "p384", jose.ES512: "p521",
	} {
		t.Run(string(alg), func(t *testing.T) {
			token := sign(t, alg, id, keys[id], o.claims(nil))
			mustRenew(t, tokens, token)
			mustRefuse(t, tokens, sign(t, alg, other(id), keys[id], o.claims(nil)), errTokenKey)

			only := o.issuer()
			only.Algorithms = []string{"ES256"}
			if alg == jose.ES256 {
				only.Algorithms = []string{"RS256"}
			}
			mustRefuse(t, newTokens(t, atNow, only), token, errTokenAlgorithm)
			only.Algorithms = []string{string(alg)}
			mustRenew(t, newTokens(t, atNow, only), token)
		})
	}
}

// other is a key of another kind.
func other(id string) string {
	if id == "rsa" {
		return "p256"
	}
	return "rsa"
}

// unsigned makes a token of any header, with a signature that nobody has made.
func unsigned(header string, claims any, signature string) string {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(header)) + "." + encode(must(json.Marshal(claims))) + "." + signature
}

func TestTokensRefuseForgeries(t *testing.T) {
	o := newOIDC(t)
	o.publishKey(jose.JSONWebKey{KeyID: "rs256-only", Key: rsaKey().Public(), Algorithm: "RS256"})
	o.publishKey(jose.JSONWebKey{KeyID: "enc", Key: rsaKey().Public(), Use: "enc"})
	o.publishKey(jose.JSONWebKey{KeyID: "sig", Key: rsaKey().Public(), Use: "sig"})
	o.publishKey(jose.JSONWebKey{KeyID: "secret", Key: []byte("0123456789abcdef0123456789abcdef")})
	tokens := newTokens(t, atNow, o.issuer())
	c := o.claims(nil)
	good := o.token(t, nil)
	parts := strings.Split(good, ".")
	pem := must(x509.MarshalPKIXPublicKey(rsaKey().Public()))
	modulus := rsaKey().Public().(*rsa.PublicKey).N.Bytes()
	mallory := base64.RawURLEncoding.EncodeToString(must(json.Marshal(o.claims(map[string]any{"sub": "mallory"}))))

	mustRenew(t, tokens, good)
	mustRenew(t, tokens, sign(t, jose.RS256, "rs256-only", rsaKey(), c))
	mustRenew(t, tokens, sign(t, jose.RS256, "sig", rsaKey(), c))
	for name, tc := range map[string]struct {
		token string
		want  error
	}{
		"empty":                      {"", errTokenMalformed},
		"no token":                   {"alice", errTokenMalformed},
		"two parts":                  {parts[0] + "." + parts[1], errTokenMalformed},
		"four parts":                 {good + ".x", errTokenMalformed},
		"padding":                    {good + "=", errTokenMalformed},
		"too long":                   {good + strings.Repeat("A", maxToken), errTokenMalformed},
		"no signature":               {parts[0] + "." + parts[1] + ".", errTokenSignature},
		"another payload":            {parts[0] + "." + mallory + "." + parts[2], errTokenSignature},
		"another header":             {unsigned(`{"alg":"ES256","kid":"p256","x":1}`, c, parts[2]), errTokenSignature},
		"signed by another key":      {sign(t, jose.RS256, "rsa", otherRSA(), c), errTokenSignature},
		"alg none":                   {unsigned(`{"alg":"none","kid":"rsa"}`, c, ""), errTokenMalformed},
		"alg None":                   {unsigned(`{"alg":"None","kid":"rsa"}`, c, ""), errTokenMalformed},
		"no alg":                     {unsigned(`{"kid":"rsa"}`, c, parts[2]), errTokenMalformed},
		"HMAC with the public DER":   {sign(t, jose.HS256, "rsa", pem, c), errTokenMalformed},
		"HMAC with the modulus":      {sign(t, jose.HS256, "rsa", modulus, c), errTokenMalformed},
		"HMAC with published secret": {sign(t, jose.HS256, "secret", []byte("0123456789abcdef0123456789abcdef"), c), errTokenMalformed},
		"no key id":                  {sign(t, jose.RS256, "", rsaKey(), c), errTokenNoKey},
		"unknown key id":             {sign(t, jose.RS256, "other", rsaKey(), c), errTokenKey},
		"key for another algorithm":  {sign(t, jose.RS512, "rs256-only", rsaKey(), c), errTokenKey},
		"key for encryption":         {sign(t, jose.RS256, "enc", rsaKey(), c), errTokenKey},
		"key of another curve":       {sign(t, jose.ES384, "p256", p384Key(), c), errTokenKey},
		"key in the token": {sign(t, jose.RS256, "other", otherRSA(), c, map[string]any{
			"jwk": jose.JSONWebKey{Key: otherRSA().Public()}}), errTokenKey},
		"own key with the id of another": {sign(t, jose.RS256, "rsa", otherRSA(), c, map[string]any{
			"jwk": jose.JSONWebKey{Key: otherRSA().Public()}}), errTokenSignature},
		"key elsewhere":        {sign(t, jose.RS256, "other", otherRSA(), c, map[string]any{"jku": o.URL + "/keys"}), errTokenKey},
		"unknown extension":    {sign(t, jose.RS256, "rsa", rsaKey(), c, map[string]any{"crit": []string{"x"}, "x": 1}), errTokenHeader},
		"unencoded payload":    {sign(t, jose.RS256, "rsa", rsaKey(), c, map[string]any{"b64": true, "crit": []string{"b64"}}), errTokenHeader},
		"payload is no object": {sign(t, jose.RS256, "rsa", rsaKey(), "alice"), errTokenMalformed},
		"encrypted":            {strings.Repeat("e30.", 4) + "e30", errTokenMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			mustRefuse(t, tokens, tc.token, tc.want)
			mustRefuse(t, tokens, tc.token, ErrTokenInvalid)
		})
	}
}

func TestTokensClaims(t *testing.T) {
	o := newOIDC(t)
	other := newOIDC(t)
	audience := o.issuer()
	audience.Audiences = []string{"gateway", "ditto"}
	skewed := o.issuer()
	skewed.ClockSkew = time.Minute
	at := func(d time.Duration) int64 { return now.Add(d).Unix() }
	for _, tc := range []struct {
		name    string
		issuer  Issuer
		changes map[string]any
		want    error
	}{
		{"as it should be", o.issuer(), nil, nil},
		{"iss without scheme and slash", o.issuer(), map[string]any{"iss": strings.TrimPrefix(o.URL, "http://") + "/realm"}, nil},
		{"iss with the other scheme", o.issuer(), map[string]any{"iss": strings.Replace(o.URL, "http", "https", 1) + "/realm"}, nil},
		{"iss of another issuer", o.issuer(), map[string]any{"iss": other.URL + "/realm"}, ErrIssuerUnknown},
		{"iss of another realm", o.issuer(), map[string]any{"iss": o.URL + "/realm/2"}, ErrIssuerUnknown},
		{"iss in another case", o.issuer(), map[string]any{"iss": o.URL + "/REALM"}, ErrIssuerUnknown},
		{"no iss", o.issuer(), map[string]any{"iss": nil}, errTokenNoIssuer},
		{"iss that is no text", o.issuer(), map[string]any{"iss": []string{o.URL + "/realm"}}, errTokenMalformed},

		{"expired within the skew", o.issuer(), map[string]any{"exp": at(-10 * time.Second)}, nil},
		{"expired", o.issuer(), map[string]any{"exp": at(-11 * time.Second)}, errTokenTime},
		{"expired within a larger skew", skewed, map[string]any{"exp": at(-60 * time.Second)}, nil},
		{"expired beyond a larger skew", skewed, map[string]any{"exp": at(-61 * time.Second)}, errTokenTime},
		{"no exp", o.issuer(), map[string]any{"exp": nil}, errTokenNoExpiry},
		{"exp that is no number", o.issuer(), map[string]any{"exp": "tomorrow"}, errTokenMalformed},
		{"exp in the year 9999", o.issuer(), map[string]any{"exp": int64(maxExpiry)}, nil},
		{"exp beyond the calendar", o.issuer(), map[string]any{"exp": int64(maxExpiry) + 1}, errTokenNoExpiry},
		{"exp beyond numbers", o.issuer(), map[string]any{"exp": 1e300}, errTokenMalformed},
		{"exp long ago", o.issuer(), map[string]any{"exp": -1e15}, errTokenTime},
		{"nbf within the skew", o.issuer(), map[string]any{"nbf": at(10 * time.Second)}, nil},
		{"not valid yet", o.issuer(), map[string]any{"nbf": at(11 * time.Second)}, errTokenTime},
		{"iat within the skew", o.issuer(), map[string]any{"iat": at(10 * time.Second)}, nil},
		{"issued in the future", o.issuer(), map[string]any{"iat": at(11 * time.Second)}, errTokenTime},
		{"no iat", o.issuer(), map[string]any{"iat": nil}, nil},

		{"aud among others", audience, nil, nil},
		{"aud as text", audience, map[string]any{"aud": "gateway"}, nil},
		{"another aud", audience, map[string]any{"aud": "account"}, errTokenAudience},
		{"aud that only begins the same", audience, map[string]any{"aud": "ditto2"}, errTokenAudience},
		{"no aud", audience, map[string]any{"aud": nil}, errTokenAudience},
		{"no aud, none wanted", o.issuer(), map[string]any{"aud": nil}, nil},
		{"another aud, none wanted", o.issuer(), map[string]any{"aud": "account"}, nil},

		{"no sub", o.issuer(), map[string]any{"sub": nil}, errTokenNoSubject},
		{"empty sub", o.issuer(), map[string]any{"sub": ""}, errTokenNoSubject},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tokens := newTokens(t, atNow, tc.issuer)
			token := o.token(t, tc.changes)
			if tc.want != nil {
				mustRefuse(t, tokens, token, tc.want)
				return
			}
			mustRenew(t, tokens, token)
		})
	}
}

func TestTokensPrerequisites(t *testing.T) {
	o := newOIDC(t)
	for _, tc := range []struct {
		name       string
		conditions []string
		want       error
	}{
		{"fulfilled", []string{"{{ jwt:aud | fn:filter('eq','ditto') }}"}, nil},
		{"all fulfilled", []string{"{{ jwt:aud | fn:filter('eq','ditto') }}", "{{ jwt:sub }}"}, nil},
		{"one not fulfilled", []string{"{{ jwt:sub }}", "{{ jwt:aud | fn:filter('eq','other') }}"}, ErrConditionFailed},
		{"absent claim", []string{"{{ jwt:azp }}"}, ErrConditionFailed},
		{"empty value", []string{"{{ jwt:azp | fn:default('') }}"}, ErrConditionFailed},
		{"deleted", []string{"{{ fn:delete() }}"}, ErrConditionFailed},
		{"one value of several is not empty", []string{"{{ fn:default(',x') | fn:split(',') }}"}, nil},
		{"role that forbids", []string{"{{ fn:filter(jwt:aud,'ne','account') }}"}, ErrConditionFailed},
	} {
		t.Run(tc.name, func(t *testing.T) {
			i := o.issuer()
			i.Prerequisites = templates(t, tc.conditions...)
			tokens := newTokens(t, atNow, i)
			if tc.want != nil {
				mustRefuse(t, tokens, o.token(t, nil), tc.want)
				return
			}
			mustRenew(t, tokens, o.token(t, nil))
		})
	}
}

func TestTokensSubjects(t *testing.T) {
	o := newOIDC(t)
	numbers := make([]int, MaxSubjects)
	for n := range numbers {
		numbers[n] = n
	}
	changes := map[string]any{
		"scp": "read write", "client_id": "app", "n": 12, "vip": true, "none": nil, "half": json.RawMessage(`"\ud800"`),
		"roles":                   map[string]any{"support": []string{"l1", "l2", "l1"}},
		"groups":                  []any{map[string]any{"name": "a"}, map[string]any{"name": "b"}, "c", []any{map[string]any{"name": "d"}}},
		"https://example.com/org": "acme",
		"hundred":                 numbers, "more": append(numbers, 100),
		"long": strings.Repeat("x", 2000),
	}
	for _, tc := range []struct {
		name      string
		templates []string
		want      Subjects
		err       error
	}{
		{"default", nil, Subjects{"oidc:alice"}, nil},
		{"several templates, in their order", []string{"{{ jwt:scp }}", "{{ jwt:sub }}"}, Subjects{"oidc:read write", "oidc:alice"}, nil},
		{"text and claims", []string{"{{ jwt:sub }}/{{ jwt:scp | fn:split(' ') }}@{{ jwt:client_id }}"},
			Subjects{"oidc:alice/read@app", "oidc:alice/write@app"}, nil},
		{"path, arrays, and each only once", []string{"{{ jwt:roles/support }}", "l1"}, Subjects{"oidc:l1", "oidc:l2"}, nil},
		{"arrays on the way", []string{"{{ jwt:groups/name }}"}, Subjects{"oidc:a", "oidc:b", "oidc:d"}, nil},
		{"numbers and booleans", []string{"{{ jwt:n }}/{{ jwt:vip }}"}, Subjects{"oidc:12/true"}, nil},
		{"names that are URLs", []string{"{{ jwt:https://example.com/org }}"}, Subjects{"oidc:acme"}, nil},
		{"unresolved templates are left out", []string{"{{ jwt:none }}", "{{ jwt:half }}", "{{ jwt:sub/x }}", "{{ jwt:https://x }}", "{{ jwt:sub }}"},
			Subjects{"oidc:alice"}, nil},
		{"deleted templates are left out", []string{"{{ fn:delete() }}", "{{ jwt:sub }}"}, Subjects{"oidc:alice"}, nil},
		{"nothing is left", []string{"{{ jwt:none }}"}, nil, errTokenNoSubject},
		{"a hundred", []string{"{{ jwt:hundred }}"}, nil, nil},
		{"a hundred and a duplicate", []string{"{{ jwt:hundred }}", "7"}, nil, nil},
		{"a hundred and one", []string{"{{ jwt:more }}"}, nil, ErrTooManySubjects},
		{"a hundred and one of several templates", []string{"{{ jwt:hundred }}", "{{ jwt:sub }}"}, nil, ErrTooManySubjects},
		{"too long together", []string{"{{ jwt:long }}{{ jwt:long }}{{ jwt:long }}{{ jwt:long }}{{ jwt:long }}{{ jwt:long }}{{ jwt:long }}{{ jwt:long }}{{ jwt:long }}"},
			nil, ErrTooManySubjects},
	} {
		t.Run(tc.name, func(t *testing.T) {
			i := o.issuer()
			i.Subjects = templates(t, tc.templates...)
			tokens := newTokens(t, atNow, i)
			if tc.err != nil {
				mustRefuse(t, tokens, o.token(t, changes), tc.err)
				return
			}
			id := mustRenew(t, tokens, o.token(t, changes))
			if tc.want == nil {
				if len(id.Subjects) != MaxSubjects {
					t.Errorf("%d subjects, want %d", len(id.Subjects), MaxSubjects)
				}
				return
			}
			if diff := cmp.Diff(tc.want, id.Subjects); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Each issuer has its keys, its subjects and its rules, and none can speak for another.
func TestTokensOfSeveralIssuers(t *testing.T) {
	a, b := newOIDC(t), newOIDC(t)
	b.publish("b", otherRSA().Public())
	ofA, ofB := a.issuer(), b.issuer()
	ofA.Key, ofB.Key = "a", "b"
	ofB.Audiences = []string{"b"}
	tokens := newTokens(t, atNow, ofA, ofB)

	if got := mustRenew(t, tokens, a.token(t, nil)).Subjects[0]; got != "a:alice" {
		t.Errorf("subject %s of a", got)
	}
	if got := mustRenew(t, tokens, b.token(t, map[string]any{"aud": "b"})).Subjects[0]; got != "b:alice" {
		t.Errorf("subject %s of b", got)
	}
	mustRefuse(t, tokens, b.token(t, nil), errTokenAudience)
	mustRefuse(t, tokens, sign(t, jose.RS256, "b", otherRSA(), a.claims(nil)), errTokenKey)
	mustRenew(t, tokens, sign(t, jose.RS256, "b", otherRSA(), b.claims(map[string]any{"aud": "b"})))
}

// An issuer may be known under several names, each with keys of its own.
func TestTokensOfOneIssuerWithSeveralNames(t *testing.T) {
	a, b := newOIDC(t), newOIDC(t)
	tokens := newTokens(t, atNow, Issuer{Key: "k", Issuers: []string{a.URL + "/realm", b.URL + "/realm/"}})
	for _, o := range []*oidc{a, b} {
		if got := mustRenew(t, tokens, o.token(t, nil)).Subjects[0]; got != "k:alice" {
			t.Errorf("subject %s", got)
		}
	}
}

func TestTokensWithGivenKeys(t *testing.T) {
	o := newOIDC(t)
	set := must(json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{KeyID: "p256", Key: p256Key().Public()}}}))
	tokens := newTokens(t, atNow, Issuer{Key: "oidc", Issuers: []string{o.URL + "/realm"}, JWKS: set})
	mustRenew(t, tokens, o.token(t, nil))
	mustRefuse(t, tokens, sign(t, jose.RS256, "rsa", rsaKey(), o.claims(nil)), errTokenKey)
	if n := o.asked.Load(); n != 0 {
		t.Errorf("the issuer was asked %d times", n)
	}
}

func TestTokensConfiguration(t *testing.T) {
	valid := func() Issuer { return Issuer{Key: "k", Issuers: []string{"issuer.example/realm"}} }
	for _, tc := range []struct {
		name   string
		change func(*Issuer)
		ok     bool
	}{
		{"a host and path", func(*Issuer) {}, true},
		{"a URL", func(i *Issuer) { i.Issuers = []string{"https://issuer.example/realm/"} }, true},
		{"no key", func(i *Issuer) { i.Key = "" }, false},
		{"key with a colon", func(i *Issuer) { i.Key = "a:b" }, false},
		{"key with a control character", func(i *Issuer) { i.Key = "a\n" }, false},
		{"no name", func(i *Issuer) { i.Issuers = nil }, false},
		{"empty name", func(i *Issuer) { i.Issuers = []string{"https://"} }, false},
		{"the same name twice", func(i *Issuer) { i.Issuers = []string{"http://x/", "https://x"} }, false},
		{"credentials in the URL", func(i *Issuer) { i.Issuers = []string{"https://u:p@x"} }, false},
		{"query in the URL", func(i *Issuer) { i.Issuers = []string{"https://x?y"} }, false},
		{"a name that is no URL", func(i *Issuer) { i.Issuers = []string{"k8s issuer"} }, false},
		{"symmetric algorithm", func(i *Issuer) { i.Algorithms = []string{"HS256"} }, false},
		{"no algorithm at all", func(i *Issuer) { i.Algorithms = []string{"none"} }, false},
		{"algorithm", func(i *Issuer) { i.Algorithms = []string{"PS384"} }, true},
		{"negative skew", func(i *Issuer) { i.ClockSkew = -1 }, false},
		{"no JSON Web Key Set", func(i *Issuer) { i.JWKS = []byte("keys") }, false},
		{"no usable key", func(i *Issuer) { i.JWKS = []byte(`{"keys":[{"kty":"oct","kid":"k","k":"c2VjcmV0"}]}`) }, false},
		{"no CA", func(i *Issuer) { i.CA = []byte("ca") }, false},
		{"unknown placeholder in a subject", func(i *Issuer) { i.Subjects = templates(t, "{{ header:x }}") }, false},
		{"unknown placeholder in a prerequisite", func(i *Issuer) { i.Prerequisites = templates(t, "{{ jwt:x | fn:default(header:x) }}") }, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			i := valid()
			tc.change(&i)
			tokens, err := NewTokens(TokenOptions{Issuers: []Issuer{i}})
			if (err == nil) != tc.ok {
				t.Fatalf("error %v", err)
			}
			if err == nil {
				tokens.Close()
			}
		})
	}
	t.Run("two issuers with one key", func(t *testing.T) {
		i, j := valid(), valid()
		j.Issuers = []string{"other.example"}
		if _, err := NewTokens(TokenOptions{Issuers: []Issuer{i, j}}); err == nil {
			t.Error("accepted")
		}
		j.Key = "j"
		newTokens(t, atNow, i, j)
	})
	t.Run("private keys are not taken", func(t *testing.T) {
		private := must(json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{KeyID: "k", Key: p256Key()}}}))
		if !bytes.Contains(private, []byte(`"d":`)) {
			t.Fatal("the key is not private")
		}
		i := valid()
		i.JWKS = private
		if _, err := NewTokens(TokenOptions{Issuers: []Issuer{i}}); !errors.Is(err, errNoKeys) {
			t.Errorf("error %v", err)
		}
	})
}

func TestTokensUpdate(t *testing.T) {
	o, p := newOIDC(t), newOIDC(t)
	tokens := newTokens(t, atNow, o.issuer())
	id := mustRenew(t, tokens, o.token(t, nil))
	if !tokens.Admits(id) {
		t.Error("the identity is not admitted")
	}

	// Another key, other subjects, and the keys stay.
	renamed := o.issuer()
	renamed.Key, renamed.Subjects = "new", templates(t, "{{ jwt:aud }}")
	if err := tokens.Update([]Issuer{renamed}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Subjects{"new:ditto", "new:account"}, mustRenew(t, tokens, o.token(t, nil)).Subjects); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n := o.asked.Load(); n != 1 {
		t.Errorf("the keys were fetched %d times, want 1", n)
	}
	if tokens.Admits(id) || tokens.Admits(Identity{Kind: KindBasic, Subjects: Subjects{"new:x"}}) {
		t.Error("an identity is admitted whose issuer is gone, or that has none")
	}

	// What cannot be used changes nothing.
	if err := tokens.Update([]Issuer{p.issuer(), {Key: ":"}}); err == nil {
		t.Fatal("accepted")
	}
	mustRenew(t, tokens, o.token(t, nil))
	mustRefuse(t, tokens, p.token(t, nil), ErrIssuerUnknown)

	if err := tokens.Update(nil); err != nil {
		t.Fatal(err)
	}
	mustRefuse(t, tokens, o.token(t, nil), ErrIssuerUnknown)
}

func TestTokensAuthenticate(t *testing.T) {
	o := newOIDC(t)
	tokens := newTokens(t, atNow, o.issuer())
	token := o.token(t, nil)
	r := &http.Request{Header: http.Header{"Authorization": {"Bearer " + token}}}
	if id, err := tokens.Authenticate(t.Context(), r); err != nil || id.User != "oidc:alice" {
		t.Errorf("%+v, %v", id, err)
	}
	r.URL = &url.URL{RawQuery: "access_token=" + token}
	if _, err := tokens.Authenticate(t.Context(), r); !errors.Is(err, ErrMultipleTokens) {
		t.Errorf("error %v", err)
	}
	if _, err := tokens.Authenticate(t.Context(), request("ditto", "ditto", "192.0.2.1")); !errors.Is(err, ErrNoCredentials) {
		t.Errorf("error %v", err)
	}
}

func TestSameContext(t *testing.T) {
	base := Identity{Kind: KindJWT, User: "a", Subjects: Subjects{"k:a", "k:b"}, Expires: now}
	for _, tc := range []struct {
		name  string
		other Identity
		want  bool
	}{
		{"renewed", Identity{Kind: KindJWT, User: "b", Subjects: Subjects{"k:a", "k:b"}}, true},
		{"another kind", Identity{Kind: KindPreAuthenticated, Subjects: Subjects{"k:a", "k:b"}}, false},
		{"another order", Identity{Kind: KindJWT, Subjects: Subjects{"k:b", "k:a"}}, false},
		{"fewer subjects", Identity{Kind: KindJWT, Subjects: Subjects{"k:a"}}, false},
		{"nobody", Identity{}, false},
	} {
		if got := base.SameContext(tc.other); got != tc.want {
			t.Errorf("%s: %v", tc.name, got)
		}
	}
}

// FuzzTokens: no text that is not a token signed by the issuer lets anybody in, whatever else it is.
func FuzzTokens(f *testing.F) {
	set := must(json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{
		{KeyID: "p256", Key: p256Key().Public()}, {KeyID: "rsa", Key: rsaKey().Public()},
	}}))
	tokens := newTokens(f, atNow, Issuer{Key: "k", Issuers: []string{"https://i"}, JWKS: set})
	claims := map[string]any{"iss": "i", "sub": "a", "exp": now.Unix() + 100}
	good := sign(f, jose.ES256, "p256", p256Key(), claims)
	f.Add(good)
	f.Add(sign(f, jose.RS256, "rsa", rsaKey(), claims))
	f.Add(unsigned(`{"alg":"none","kid":"rsa"}`, claims, ""))
	f.Add(unsigned(`{"alg":"RS256","kid":"rsa","crit":["b64"],"b64":false}`, claims, "AAAA"))
	f.Add("..")
	f.Fuzz(func(t *testing.T, text string) {
		id, err := tokens.Renew(t.Context(), text)
		switch {
		case err == nil:
			if diff := cmp.Diff(Subjects{"k:a"}, id.Subjects); diff != "" {
				t.Fatalf("%q lets in somebody else:\n%s", text, diff)
			}
		case !errors.Is(err, ErrTokenInvalid) && !errors.Is(err, ErrIssuerUnknown):
			t.Fatalf("error %v", err)
		}
	})
}

// FuzzClaims: whatever a token says, it becomes subjects within the bounds or an error that there is.
func FuzzClaims(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"sub":"a"}`, `{"r":[{"s":["x","y"]},{"s":null}]}`, `{"r":{"s":1e5}}`, `{"sub":"\ud800"}`, `[1]`, `{"a//b":true}`,
	} {
		f.Add([]byte(seed), "r/s")
	}
	subjects := templates(f, "{{ jwt:sub }}", "{{ jwt:r/s }}{{ jwt:a | fn:default('') }}", "{{ jwt:r | fn:split(',') }}")
	f.Fuzz(func(t *testing.T, payload []byte, path string) {
		c := &claims{}
		if c.take(payload) != nil {
			return
		}
		c.Lookup("jwt", path)
		i := &issuer{Issuer: Issuer{Key: "k", Subjects: subjects}}
		got, err := i.subjects(c)
		if err != nil {
			if !errors.Is(err, ErrTooManySubjects) && !errors.Is(err, errTokenNoSubject) {
				t.Fatalf("error %v", err)
			}
			return
		}
		if len(got) == 0 || len(got) > MaxSubjects {
			t.Fatalf("%d subjects", len(got))
		}
		for _, s := range got {
			if !strings.HasPrefix(s, "k:") || s == "k:" {
				t.Fatalf("subject %q", s)
			}
		}
	})
}

func BenchmarkTokens(b *testing.B) {
	o := newOIDC(b)
	tokens := newTokens(b, atNow, o.issuer())
	for alg, key := range map[jose.SignatureAlgorithm]struct {
		id  string
		key crypto.Signer
	}{jose.RS256: {"rsa", rsaKey()}, jose.ES256: {"p256", p256Key()}, jose.ES512: {"p521", p521Key()}} {
		r := &http.Request{Header: http.Header{"Authorization": {"Bearer " + sign(b, alg, key.id, key.key, o.claims(nil))}}}
		b.Run(fmt.Sprint(alg), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := tokens.Authenticate(b.Context(), r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
