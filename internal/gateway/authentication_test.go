package gateway_test

import (
	"bytes"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway"
	"github.com/twinway/twinway/internal/gateway/auth"
	"github.com/twinway/twinway/internal/gateway/entrance"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/test/gatewaytest"
)

// refusal is how a handshake is refused.
type refusal struct {
	status int
	code   string
}

const (
	codeFailed    = "gateway:authentication.failed"
	codeDuplicate = "gateway:duplicate.header.field"
	codeTooLarge  = "headers.too.large"
)

// mustRefuse expects the refusal, and that the client is told what it may
// authenticate with if that is what was wrong.
func mustRefuse(t *testing.T, a answer, want refusal, schemes ...string) {
	t.Helper()
	if a.status == http.StatusSwitchingProtocols {
		t.Fatalf("a session was opened, want %+v", want)
	}
	if got := (refusal{a.status, a.code(t)}); got != want {
		t.Errorf("refused with %+v, want %+v: %s", got, want, a.body)
	}
	if want.status != 401 {
		schemes = nil
	}
	if diff := cmp.Diff(schemes, a.header.Values("WWW-Authenticate")); diff != "" {
		t.Errorf("WWW-Authenticate (-want +got):\n%s", diff)
	}
}

func mustOpen(t *testing.T, a answer) {
	t.Helper()
	if a.status != http.StatusSwitchingProtocols {
		t.Errorf("the handshake is answered %d %s, want a session", a.status, a.body)
	}
}

// defaultSubject returns the first subject of a session: who a thing belongs
// to that it creates.
func (c *client) defaultSubject() string {
	c.t.Helper()
	name := rand.Text()
	c.mustDo(command(name, "create", "/", "{}"), 201, "")
	answer := c.ask(policyCommand(name, "retrieve", "/entries/DEFAULT/subjects", ""))
	var found struct{ Value map[string]any }
	if err := json.Unmarshal([]byte(answer), &found); err != nil || len(found.Value) != 1 {
		c.t.Fatalf("the policy of a thing has the subjects %s, want one (%v)", answer, err)
	}
	for subject := range found.Value {
		return subject
	}
	return ""
}

// However a token comes, it opens a session of whom it stands for.
func TestTokenOpensASession(t *testing.T) {
	i := newIssuer(t)
	g := start(t, withProviders(i.provider("oidc")))
	token := i.token(t)
	offer := func(names ...string) http.Header { return http.Header{"Sec-Websocket-Protocol": names} }
	for name, test := range map[string]struct {
		target string
		header http.Header
		echo   string
	}{
		"header":                     {"/ws/2", bearer(token), ""},
		"parameter":                  {"/ws/2?access_token=" + token, nil, ""},
		"subprotocol":                {"/ws/2", offer(auth.TokenSubprotocol+token, auth.PlainSubprotocol), "ditto.twinway.dev"},
		"subprotocol, plain first":   {"/ws/2", offer(auth.PlainSubprotocol, auth.TokenSubprotocol+token), "ditto.twinway.dev"},
		"subprotocol without plain":  {"/ws/2", offer(auth.TokenSubprotocol + token), ""},
		"subprotocol, among others":  {"/ws/2", offer("mqtt", auth.TokenSubprotocol+token), ""},
		"parameter, other protocols": {"/ws/2?access_token=" + token, offer("mqtt"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := handshake(t, g, test.target, test.header)
			mustOpen(t, a)
			if echo := a.header.Get("Sec-Websocket-Protocol"); echo != test.echo {
				t.Errorf("the subprotocol is %q, want %q", echo, test.echo)
			}
			if subject := dialWith(t, g, test.target, test.header).defaultSubject(); subject != "oidc:alice" {
				t.Errorf("the session is that of %q", subject)
			}
		})
	}
}

// Of each pair of tokens one is refused, and the other differs only in what the
// first is refused for.
func TestTokenRefused(t *testing.T) {
	i, strict := newIssuer(t), newIssuer(t)
	demanding := strict.provider("strict")
	demanding.Algorithms = []string{"ES384"}
	demanding.Audiences = []string{"twinway"}
	demanding.Prerequisites = []string{"{{ jwt:groups | fn:filter('eq','operators') }}"}
	several := i.provider("oidc")
	several.Subjects = []string{"{{ jwt:sub }}", "{{ jwt:roles }}"}
	g := start(t, withProviders(several, demanding))

	invalid := refusal{401, codeFailed}
	fromStrict := []func(*draft){signedWithP384(strict), with("aud", []string{"other", "twinway"}), with("groups", []string{"all", "operators"})}
	unchanged := func(*draft) {}
	for name, test := range map[string]struct {
		from      *issuer
		bad, good func(*draft)
		want      refusal
	}{
		"expired":                       {i, with("exp", inTime(-time.Minute)), with("exp", inTime(time.Minute)), invalid},
		"without expiry":                {i, without("exp"), with("exp", inTime(time.Minute)), invalid},
		"not valid yet":                 {i, with("nbf", inTime(time.Minute)), with("nbf", inTime(-time.Minute)), invalid},
		"issued in the future":          {i, with("iat", inTime(time.Minute)), without("iat"), invalid},
		"another issuer":                {i, with("iss", "https://foreign.example"), with("iss", i.URL+"/"), refusal{401, "gateway:jwt.issuer.notsupported"}},
		"without issuer":                {i, without("iss"), unchanged, invalid},
		"another configured":            {i, with("iss", strict.URL), unchanged, invalid},
		"without subject":               {i, without("sub"), both(without("sub"), with("roles", []string{"guest"})), invalid},
		"without algorithm":             {i, forged(unsigned), unchanged, invalid},
		"symmetric with their key":      {i, both(algorithm(jose.HS256), key(publicText(t, i))), unchanged, invalid},
		"algorithm not allowed":         {i, signedWithP384(i), unchanged, invalid},
		"another key":                   {i, key(newKey(t, elliptic.P256())), key(i.key), invalid},
		"another key id":                {i, keyID("other"), unchanged, invalid},
		"without key id":                {i, keyID(""), unchanged, invalid},
		"another payload":               {i, forged(claiming("root")), with("sub", "root"), invalid},
		"another signature":             {i, forged(signedOtherwise), unchanged, invalid},
		"no token":                      {i, forged(func(string) string { return "x" }), unchanged, invalid},
		"nothing":                       {i, forged(func(string) string { return "" }), unchanged, invalid},
		"too long":                      {i, with("x", strings.Repeat("x", 7<<10)), with("x", strings.Repeat("x", 5<<10)), invalid},
		"too many subjects":             {i, with("roles", roles(100)), with("roles", roles(99)), refusal{431, codeTooLarge}},
		"another algorithm not allowed": {strict, both(algorithm(jose.ES256), key(strict.key), keyID("key")), unchanged, invalid},
		"another audience":              {strict, with("aud", "other"), with("aud", "twinway"), invalid},
		"without audience":              {strict, without("aud"), unchanged, invalid},
		"prerequisite not met":          {strict, with("groups", []string{"all"}), unchanged, refusal{401, "gateway:jwt.condition.failed"}},
		"prerequisite missing":          {strict, without("groups"), with("groups", "operators"), refusal{401, "gateway:jwt.condition.failed"}},
	} {
		t.Run(name, func(t *testing.T) {
			usual := unchanged
			if test.from == strict {
				usual = both(fromStrict...)
			}
			good, bad := test.from.token(t, usual, test.good), test.from.token(t, usual, test.bad)
			mustOpen(t, handshake(t, g, "/ws/2", bearer(good)))
			mustRefuse(t, handshake(t, g, "/ws/2", bearer(bad)), test.want, entrance.ChallengeBasic, entrance.ChallengeBearer)
			if bad != "" {
				mustRefuse(t, handshake(t, g, "/ws/2?access_token="+bad), test.want, entrance.ChallengeBasic, entrance.ChallengeBearer)
			}
		})
	}
}

// Who sends several tokens leaves open who is meant.
func TestSeveralTokens(t *testing.T) {
	i := newIssuer(t)
	g := start(t, withProviders(i.provider("oidc")))
	token := i.token(t)
	protocols := http.Header{"Sec-Websocket-Protocol": {auth.TokenSubprotocol + token}}
	for name, test := range map[string]struct {
		target  string
		headers []http.Header
	}{
		"header and parameter":       {"/ws/2?access_token=" + token, []http.Header{bearer(token)}},
		"header and subprotocol":     {"/ws/2", []http.Header{bearer(token), protocols}},
		"parameter and subprotocol":  {"/ws/2?access_token=" + token, []http.Header{protocols}},
		"parameter twice":            {"/ws/2?access_token=" + token + "&access_token=" + token, nil},
		"header twice":               {"/ws/2", []http.Header{{"Authorization": {"Bearer " + token, "Bearer " + token}}}},
		"header beside a password":   {"/ws/2", []http.Header{{"Authorization": {"Bearer " + token, basicCredentials()}}}},
		"header behind a password":   {"/ws/2", []http.Header{{"Authorization": {basicCredentials(), "Bearer " + token}}}},
		"two subprotocols, one list": {"/ws/2", []http.Header{{"Sec-Websocket-Protocol": {strings.Repeat(auth.TokenSubprotocol+token+",", 2)}}}},
	} {
		t.Run(name, func(t *testing.T) {
			a := handshake(t, g, test.target, test.headers...)
			mustRefuse(t, a, refusal{401, codeFailed}, entrance.ChallengeBasic, entrance.ChallengeBearer)
		})
	}
	mustOpen(t, handshake(t, g, "/ws/2", bearer(token)))
}

func basicCredentials() string {
	return authorization(gatewaytest.User, gatewaytest.Password).Get("Authorization")
}

// A client without credentials is told what is configured now.
func TestChallengesNameWhatIsConfigured(t *testing.T) {
	g, i := start(t), newIssuer(t)
	none := refusal{401, codeFailed}
	mustRefuse(t, handshake(t, g, "/ws/2"), none, entrance.ChallengeBasic)
	mustApply(t, g, configuration(t, withProviders(i.provider("oidc"))), "authentication.oidc")
	mustRefuse(t, handshake(t, g, "/ws/2"), none, entrance.ChallengeBasic, entrance.ChallengeBearer)
	mustApply(t, g, configuration(t, withProviders(i.provider("oidc")), withoutBasic), "authentication.basic")
	mustRefuse(t, handshake(t, g, "/ws/2"), none, entrance.ChallengeBearer)
	mustApply(t, g, configuration(t, withoutBasic, withPreAuthentication(snapshot.PreAuthenticationHeader)),
		"authentication.oidc", "authentication.preAuthenticated")
	mustRefuse(t, handshake(t, g, "/ws/2"), none)
}

func withoutBasic(s *snapshot.Snapshot) { s.Authentication.Basic = nil }

func withPreAuthentication(source snapshot.PreAuthenticationSource) func(*snapshot.Snapshot) {
	return func(s *snapshot.Snapshot) {
		s.Authentication.PreAuthenticated = &snapshot.PreAuthentication{Source: source}
	}
}

// When an issuer cannot be asked, whom it let in before is let in.
func TestIssuerUnavailable(t *testing.T) {
	known, down, untrusted := newIssuer(t), newIssuer(t), newTLSIssuer(t)
	g := start(t, withProviders(down.provider("down"), known.provider("known"), untrusted.provider("untrusted")))
	mustOpen(t, handshake(t, g, "/ws/2", bearer(known.token(t))))
	known.down.Store(true)
	down.down.Store(true)
	unavailable := refusal{503, "gateway:publickey.provider.unavailable"}
	mustRefuse(t, handshake(t, g, "/ws/2", bearer(down.token(t))), unavailable)
	mustRefuse(t, handshake(t, g, "/ws/2", bearer(untrusted.token(t))), unavailable)
	mustOpen(t, handshake(t, g, "/ws/2", bearer(known.token(t))))
	dial(t, g, gatewaytest.User).mustWork()

	// What is configured anew is asked anew.
	down.down.Store(false)
	trusted := untrusted.provider("untrusted")
	trusted.CA = untrusted.ca()
	mustRefuse(t, handshake(t, g, "/ws/2", bearer(down.token(t))), unavailable)
	mustApply(t, g, configuration(t, withProviders(trusted)), "authentication.oidc")
	mustApply(t, g, configuration(t, withProviders(down.provider("down"), trusted)), "authentication.oidc")
	mustOpen(t, handshake(t, g, "/ws/2", bearer(untrusted.token(t))))
	mustOpen(t, handshake(t, g, "/ws/2", bearer(down.token(t))))
}

const preAuthenticatedHeader = "X-Ditto-Pre-Authenticated"

// proxied is the header of a handshake that a proxy has authenticated.
func proxied(subjects ...string) http.Header {
	return http.Header{preAuthenticatedHeader: {strings.Join(subjects, ",")}}
}

// Unless the operator says that there is a proxy, anybody can have set the
// header.
func TestPreAuthenticationIsOffByDefault(t *testing.T) {
	g := start(t)
	const query = "/ws/2?x-ditto-pre-authenticated=pre:root"
	mustRefuse(t, handshake(t, g, "/ws/2", proxied("pre:root")), refusal{401, codeFailed}, entrance.ChallengeBasic)
	mustRefuse(t, handshake(t, g, query), refusal{401, codeFailed}, entrance.ChallengeBasic)
	header := authorization(gatewaytest.User, gatewaytest.Password)
	header.Set(preAuthenticatedHeader, "pre:root")
	if subject := dialWith(t, g, query, header).defaultSubject(); subject != "nginx:ditto" {
		t.Errorf("the session is that of %q", subject)
	}
}

func TestPreAuthentication(t *testing.T) {
	const query = "/ws/2?x-ditto-pre-authenticated="
	header, both := snapshot.PreAuthenticationHeader, snapshot.PreAuthenticationHeaderOrQuery
	for name, test := range map[string]struct {
		source  snapshot.PreAuthenticationSource
		target  string
		header  http.Header
		want    refusal // zero: a session
		subject string
	}{
		"one subject":                {source: header, target: "/ws/2", header: proxied("pre:anna"), subject: "pre:anna"},
		"several":                    {source: header, target: "/ws/2", header: proxied("", " pre:anna ", "pre:b"), subject: "pre:anna"},
		"none":                       {source: header, target: "/ws/2", header: proxied("", " "), want: refusal{401, codeFailed}},
		"as many as allowed":         {source: header, target: "/ws/2", header: proxied(roles(100)...), subject: "role-0"},
		"too many":                   {source: header, target: "/ws/2", header: proxied(roles(101)...), want: refusal{431, codeTooLarge}},
		"header twice":               {source: header, target: "/ws/2", header: http.Header{preAuthenticatedHeader: {"pre:a", "pre:a"}}, want: refusal{400, codeDuplicate}},
		"parameter is not looked at": {source: header, target: query + "pre:root", want: refusal{401, codeFailed}},
		"parameter does not matter":  {source: header, target: query + "pre:root", header: proxied("pre:anna"), subject: "pre:anna"},
		"parameter":                  {source: both, target: query + "pre:anna", subject: "pre:anna"},
		"header where both may be":   {source: both, target: "/ws/2", header: proxied("pre:anna"), subject: "pre:anna"},
		"both and the same":          {source: both, target: query + "pre:anna", header: proxied("pre:anna"), subject: "pre:anna"},
		"both and different":         {source: both, target: query + "pre:root", header: proxied("pre:anna"), want: refusal{400, codeDuplicate}},
		"parameter twice":            {source: both, target: query + "pre:a&x-ditto-pre-authenticated=pre:a", want: refusal{400, codeDuplicate}},
	} {
		t.Run(name, func(t *testing.T) {
			g := start(t, withPreAuthentication(test.source))
			if test.want != (refusal{}) {
				mustRefuse(t, handshake(t, g, test.target, test.header), test.want, entrance.ChallengeBasic)
				return
			}
			if subject := dialWith(t, g, test.target, test.header).defaultSubject(); subject != test.subject {
				t.Errorf("the session is that of %q, want %q", subject, test.subject)
			}
		})
	}
}

// What a proxy says comes before everything else.
func TestPreAuthenticationComesFirst(t *testing.T) {
	i := newIssuer(t)
	g := start(t, withProviders(i.provider("oidc")), withPreAuthentication(snapshot.PreAuthenticationHeader))
	for want, header := range map[string]http.Header{
		"pre:anna": {preAuthenticatedHeader: {"pre:anna"}, "Authorization": {"Bearer " + i.token(t)}},
		"pre:bob":  {preAuthenticatedHeader: {"pre:bob"}, "Authorization": {"Basic wrong"}},
	} {
		if subject := dialWith(t, g, "/ws/2", header).defaultSubject(); subject != want {
			t.Errorf("the session is that of %q, want %q", subject, want)
		}
	}
}

func TestHeadersOfAHandshakeAreBounded(t *testing.T) {
	g := start(t)
	for size, want := range map[int]int{4 << 10: http.StatusSwitchingProtocols, 6 << 10: 431} {
		header := authorization(gatewaytest.User, gatewaytest.Password)
		header.Set("Correlation-Id", strings.Repeat("x", size))
		a := handshake(t, g, "/ws/2", header)
		if a.status != want {
			t.Errorf("with %d bytes of headers the status is %d, want %d", size, a.status, want)
		}
		if want == 431 {
			mustRefuse(t, a, refusal{431, codeTooLarge})
		}
	}
}

// All the subjects that a token stands for count, and nothing else that it
// says.
func TestSubjectsDecide(t *testing.T) {
	i, other := newIssuer(t), newIssuer(t)
	byRole := func(i *issuer, name string) snapshot.OIDCProvider {
		p := i.provider(name)
		p.Subjects = []string{"{{ jwt:sub }}", "{{ jwt:tenant }}/{{ jwt:realm/roles }}"}
		return p
	}
	g := start(t, withProviders(byRole(i, "oidc"), byRole(other, "other")))
	owner := dial(t, g, gatewaytest.User)
	policy := policyOf(`{"oidc:plant/operator":{"type":"role"}}`)
	owner.mustDo(command("lamp", "create", "/", `{"_policy":`+policy+`,"attributes":{"on":true}}`), 201, "")

	has := func(tenant string, roles ...string) []func(*draft) {
		return []func(*draft){with("tenant", tenant), with("realm", map[string]any{"roles": roles})}
	}
	for name, test := range map[string]struct {
		from   *issuer
		claims []func(*draft)
		status int
		code   string
	}{
		"the role":              {i, has("plant", "operator"), 200, ""},
		"the role among others": {i, has("plant", "guest", "operator", "auditor"), 200, ""},
		"another role":          {i, has("plant", "guest"), 404, "things:thing.notfound"},
		"without roles":         {i, nil, 404, "things:thing.notfound"},
		"of another tenant":     {i, has("office", "operator"), 404, "things:thing.notfound"},
		"of another provider":   {other, has("plant", "operator"), 404, "things:thing.notfound"},
		"a similar name":        {i, []func(*draft){with("sub", "plant/operators")}, 404, "things:thing.notfound"},
	} {
		t.Run(name, func(t *testing.T) {
			c := dialWith(t, g, "/ws/2", bearer(test.from.token(t, test.claims...)))
			c.mustDo(command("lamp", "retrieve", "/attributes/on", ""), test.status, strings.Replace(test.code, "thing.", "attribute.", 1))
			c.mustDo(command("lamp", "retrieve", "/", ""), test.status, test.code)
			if test.status == 200 {
				c.mustDo(command("lamp", "modify", "/attributes/on", "false"), 403, "things:attribute.notmodifiable")
			}
		})
	}
}

// lines is a log for several goroutines.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// String returns what was written.
func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// startLogged runs a gateway that logs everything. It must be closed.
func startLogged(t *testing.T, changes ...func(*snapshot.Snapshot)) (*gateway.Gateway, *lines) {
	t.Helper()
	written := &lines{}
	g, err := gateway.Start(configuration(t, changes...), gateway.Options{
		DataDir: t.TempDir(), Listen: "127.0.0.1:0", Admin: "127.0.0.1:0",
		Logger: slog.New(slog.NewTextHandler(written, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	return g, written
}

// Whoever reads the log or the metrics cannot take anybody's place.
func TestCredentialsStayOutOfTheLog(t *testing.T) {
	i, down := newIssuer(t), newIssuer(t)
	down.down.Store(true)
	g, written := startLogged(t, withProviders(down.provider("down"), i.provider("oidc")))
	good, next, bad, unknown := i.token(t), i.token(t, with("exp", inTime(2*time.Hour))), i.token(t, key(newKey(t, elliptic.P256()))), down.token(t)
	for _, token := range []string{good, bad, unknown} {
		handshake(t, g, "/ws/2", bearer(token))
		handshake(t, g, "/ws/2?access_token="+token)
		handshake(t, g, "/ws/2", http.Header{"Sec-Websocket-Protocol": {auth.TokenSubprotocol + token}})
		handshake(t, g, "/ws/2?access_token="+token, bearer(token))
	}
	const password = "a-password-that-is-wrong"
	handshake(t, g, "/ws/2", authorization(gatewaytest.User, password))
	for _, token := range []string{next, bad, "broken%"} {
		c := dialWith(t, g, "/ws/2", bearer(good))
		c.send("JWT-TOKEN?jwtToken=" + token)
		if token == next {
			c.mustWork()
			continue
		}
		c.mustClose(1008)
	}
	if err := g.Close(); err != nil {
		t.Error(err)
	}

	shown := written.String()
	for _, sign := range []string{"session ended", "authentication failed", "session not renewed", "could not be fetched"} {
		if !strings.Contains(shown, sign) {
			t.Errorf("the log does not say %q:\n%s", sign, shown)
		}
	}
	secrets := []string{password, basicCredentials(), authorization(gatewaytest.User, password).Get("Authorization")}
	for _, token := range []string{good, next, bad, unknown} {
		secrets = append(secrets, strings.Split(token, ".")[1:]...)
	}
	for _, secret := range secrets {
		if strings.Contains(shown, strings.TrimPrefix(secret, "Basic ")) {
			t.Errorf("the log shows %q:\n%s", secret, shown)
		}
	}
}

func both(changes ...func(*draft)) func(*draft) {
	return func(d *draft) {
		for _, change := range changes {
			change(d)
		}
	}
}

func algorithm(a jose.SignatureAlgorithm) func(*draft) { return func(d *draft) { d.algorithm = a } }

func key(k any) func(*draft) { return func(d *draft) { d.key = k } }

func keyID(id string) func(*draft) { return func(d *draft) { d.keyID = id } }

func forged(forge func(string) string) func(*draft) { return func(d *draft) { d.forge = forge } }

// publicText returns the issuer's key as everybody may know it.
func publicText(t *testing.T, i *issuer) []byte {
	t.Helper()
	text, err := x509.MarshalPKIXPublicKey(i.key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func signedWithP384(i *issuer) func(*draft) {
	return func(d *draft) { d.algorithm, d.keyID, d.key = jose.ES384, "p384", i.p384 }
}

// unsigned returns the token without a signature, as one that needs none.
func unsigned(token string) string {
	header := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","kid":"key"}`))
	return header + "." + strings.Split(token, ".")[1] + "."
}

// claiming returns what makes a token say that it is somebody else's.
func claiming(sub string) func(string) string {
	return func(token string) string {
		parts := strings.Split(token, ".")
		payload, _ := base64.RawURLEncoding.DecodeString(parts[1]) // it is our own
		payload = bytes.Replace(payload, []byte(`"alice"`), []byte(`"`+sub+`"`), 1)
		parts[1] = base64.RawURLEncoding.EncodeToString(payload)
		return strings.Join(parts, ".")
	}
}

// signedOtherwise returns the token with another first byte of the signature.
func signedOtherwise(token string) string {
	parts := strings.Split(token, ".")
	signature, _ := base64.RawURLEncoding.DecodeString(parts[2]) // it is our own
	signature[0] ^= 1
	parts[2] = base64.RawURLEncoding.EncodeToString(signature)
	return strings.Join(parts, ".")
}

func roles(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprint("role-", i))
	}
	return names
}
