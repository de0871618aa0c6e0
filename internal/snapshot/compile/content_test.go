package compile_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot/compile"
)

var privateKey = sync.OnceValue(func() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
})

// ecKey returns a public key that tokens can be verified with.
func ecKey(kid string) jose.JSONWebKey {
	return jose.JSONWebKey{Key: privateKey().Public(), KeyID: kid, Use: "sig"}
}

// rsaKey returns a public key of a number of bits.
func rsaKey(kid string, bits uint) jose.JSONWebKey {
	n := new(big.Int).SetBit(big.NewInt(1), int(bits)-1, 1)
	return jose.JSONWebKey{Key: &rsa.PublicKey{N: n, E: 65537}, KeyID: kid}
}

// keySet returns the JSON Web Key Set of keys, which are jose.JSONWebKey or JSON.
func keySet(keys ...any) string {
	data, err := json.Marshal(map[string]any{"keys": keys})
	if err != nil {
		panic(err)
	}
	return string(data)
}

// certificate returns a certificate in PEM.
func certificate() (string, error) {
	template := x509.Certificate{SerialNumber: big.NewInt(1), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, privateKey().Public(), privateKey())
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), err
}

func mustCertificate(t *testing.T) string {
	t.Helper()
	ca, err := certificate()
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

// referring returns a Gateway whose provider refers to keys or certificates.
func referring(keys v1alpha1.OIDCKeys) *v1alpha1.Gateway {
	g := gateway()
	g.Spec.Authentication.OIDC = []v1alpha1.OIDCProvider{provider("keycloak", "https://login.example.com")}
	g.Spec.Authentication.OIDC[0].Keys = &keys
	return g
}

func inConfigMap(name, key string) *v1alpha1.ContentReference {
	return &v1alpha1.ContentReference{ConfigMapKeyRef: &v1alpha1.KeyReference{Name: name, Key: key}}
}

func inSecret(name, key string) *v1alpha1.ContentReference {
	return &v1alpha1.ContentReference{SecretKeyRef: &v1alpha1.KeyReference{Name: name, Key: key}}
}

func TestContentIsResolved(t *testing.T) {
	keys := keySet(ecKey("a"))
	ca := mustCertificate(t)
	s := users()
	s.Name = "trust"
	s.Data = map[string][]byte{"jwks": []byte(keys), "ca.crt": []byte(ca)}
	m := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: "trust"},
		Data:       map[string]string{"jwks": keys, "ca.crt": ca},
		BinaryData: map[string][]byte{"binary": []byte(keys)},
	}
	for name, tt := range map[string]struct {
		keys     v1alpha1.OIDCKeys
		jwks, ca string
	}{
		"keys in a ConfigMap":           {keys: v1alpha1.OIDCKeys{JWKS: inConfigMap("trust", "jwks")}, jwks: keys},
		"keys in binary data":           {keys: v1alpha1.OIDCKeys{JWKS: inConfigMap("trust", "binary")}, jwks: keys},
		"keys in a Secret":              {keys: v1alpha1.OIDCKeys{JWKS: inSecret("trust", "jwks")}, jwks: keys},
		"certificates in a ConfigMap":   {keys: v1alpha1.OIDCKeys{CA: inConfigMap("trust", "ca.crt")}, ca: ca},
		"certificates in a Secret":      {keys: v1alpha1.OIDCKeys{CA: inSecret("trust", "ca.crt")}, ca: ca},
		"neither keys nor certificates": {},
	} {
		t.Run(name, func(t *testing.T) {
			o := objects([]*v1alpha1.Gateway{referring(tt.keys)}, users(), s)
			o.ConfigMaps = []compile.ConfigMap{{ConfigMap: m}}
			snap, findings := compile.Compile(o)
			if len(findings) > 0 {
				t.Fatal(findings)
			}
			got := snap.Authentication.OIDC[0]
			if string(got.JWKS) != tt.jwks || string(got.CA) != tt.ca {
				t.Errorf("keys %s and certificates %s, want %q and %q", got.JWKS, got.CA, tt.jwks, tt.ca)
			}
		})
	}
}

func TestReferencesToContent(t *testing.T) {
	const keys = "config/gateways.yaml[1] Gateway default/demo: spec.authentication.oidc[0].keys"
	both := inSecret("demo-users", "ditto")
	both.ConfigMapKeyRef = inConfigMap("demo-settings", "jwks.json").ConfigMapKeyRef
	elsewhere := settings()
	elsewhere.Namespace = "elsewhere"
	for name, tt := range map[string]struct {
		keys      v1alpha1.OIDCKeys
		configMap *corev1.ConfigMap
		want      string
	}{
		"ConfigMap missing":    {keys: v1alpha1.OIDCKeys{JWKS: inConfigMap("other", "jwks.json")}, want: keys + ".jwks.configMapKeyRef.name (line 7): ConfigMap default/other not found"},
		"ConfigMap elsewhere":  {keys: v1alpha1.OIDCKeys{JWKS: inConfigMap("demo-settings", "jwks.json")}, configMap: elsewhere, want: keys + ".jwks.configMapKeyRef.name (line 7): ConfigMap default/demo-settings not found"},
		"entry missing":        {keys: v1alpha1.OIDCKeys{JWKS: inConfigMap("demo-settings", "jwks")}, want: keys + ".jwks.configMapKeyRef.key (line 7): ConfigMap default/demo-settings has no entry jwks"},
		"Secret missing":       {keys: v1alpha1.OIDCKeys{CA: inSecret("other", "ca.crt")}, want: keys + ".ca.secretKeyRef.name (line 7): Secret default/other not found"},
		"Secret entry missing": {keys: v1alpha1.OIDCKeys{CA: inSecret("demo-users", "ca.crt")}, want: keys + ".ca.secretKeyRef.key (line 7): Secret default/demo-users has no entry ca.crt"},
		"no name":              {keys: v1alpha1.OIDCKeys{CA: inSecret("", "ca.crt")}, want: keys + ".ca.secretKeyRef.name (line 7): is required"},
		"key syntax":           {keys: v1alpha1.OIDCKeys{CA: inSecret("demo-users", "a/b")}, want: keys + `.ca.secretKeyRef.key (line 7): must be letters, digits, dots, hyphens and underscores, got "a/b"`},
		"nothing":              {keys: v1alpha1.OIDCKeys{JWKS: &v1alpha1.ContentReference{}}, want: keys + ".jwks (line 7): must have either secretKeyRef or configMapKeyRef"},
		"Secret and ConfigMap": {keys: v1alpha1.OIDCKeys{JWKS: both}, want: keys + ".jwks (line 7): must have either secretKeyRef or configMapKeyRef"},
		"jwks and ca": {
			keys: v1alpha1.OIDCKeys{JWKS: inConfigMap("demo-settings", "jwks.json"), CA: inConfigMap("demo-settings", "ca.crt")},
			want: keys + " (line 7): must not have both jwks and ca, which is for fetching keys",
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := tt.configMap
			if m == nil {
				m = settings()
				m.Data["ca.crt"] = mustCertificate(t)
			}
			snap, findings := compileAll(referring(tt.keys), users(), m)
			if snap != nil {
				t.Error("there is a snapshot in spite of an error")
			}
			if diff := cmp.Diff([]string{tt.want}, lines(findings)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestKeySets(t *testing.T) {
	const at = "config/settings.yaml[1] ConfigMap default/demo-settings: "
	const key = at + "data[jwks.json] (line 7): "
	const warning = at + "warning: data[jwks.json] (line 7): "
	const none = key + "must have a public RSA or EC key (P-256, P-384, P-521) for signatures, with a kid"
	private := jose.JSONWebKey{Key: privateKey(), KeyID: "private"}
	shared := jose.JSONWebKey{Key: []byte("12345678901234567890"), KeyID: "shared"}
	encryption := rsaKey("encryption", 2048)
	encryption.Use = "enc"
	offCurve := json.RawMessage(`{"kty":"EC","crv":"P-256","kid":"a","x":"AQ","y":"AQ"}`)
	edwards := json.RawMessage(`{"kty":"OKP","crv":"Ed25519","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`)
	many := make([]any, 33)
	for i := range many {
		many[i] = ecKey(fmt.Sprint(i))
	}
	for name, tt := range map[string]struct {
		set  string
		want []string
	}{
		"one key":              {set: keySet(ecKey("a"))},
		"RSA and EC":           {set: keySet(ecKey("a"), rsaKey("b", 2048))},
		"as many as allowed":   {set: keySet(many[:32]...)},
		"one for encryption":   {set: keySet(encryption, ecKey("a"))},
		"a type not known":     {set: keySet(map[string]string{"kty": "new"}, ecKey("a")), want: []string{warning + "key 1 is left out: it is no key of a known type and size"}},
		"another type":         {set: keySet(ecKey("a"), edwards), want: []string{warning + "key 2 is left out: it is neither an RSA nor an EC key"}},
		"one without kid":      {set: keySet(ecKey("a"), ecKey("")), want: []string{warning + "key 2 is left out: it has no kid, by which tokens could name it"}},
		"one that is long":     {set: keySet(rsaKey("a", 4097), rsaKey("b", 4096)), want: []string{warning + "key 1 is left out: it is no key of a known type and size"}},
		"one that is short":    {set: keySet(rsaKey("a", 2047), rsaKey("b", 2048)), want: []string{warning + "key 1 is left out: it is an RSA key of less than 2048 bits"}},
		"one not on its curve": {set: keySet(offCurve, ecKey("a")), want: []string{warning + "key 1 is left out: it is no key of a known type and size"}},
		"only for encryption":  {set: keySet(encryption), want: []string{none}},
		"only without kid":     {set: keySet(ecKey("")), want: []string{warning + "key 1 is left out: it has no kid, by which tokens could name it", none}},
		"private":              {set: keySet(ecKey("a"), private), want: []string{key + "key 2 is private, it has a member d: only public keys belong here, and this one must be replaced"}},
		"shared secret":        {set: keySet(ecKey("a"), shared), want: []string{key + "key 2 is a shared secret, it has a member k: only public keys belong here"}},
		"a kid twice":          {set: keySet(ecKey("a"), ecKey("b"), rsaKey("a", 2048)), want: []string{warning + "key 3 has the kid of key 1: the first of them that fits a token is the only one tried"}},
		"too many":             {set: keySet(many...), want: []string{key + "must have 1 to 32 keys, got 33"}},
		"no keys":              {set: keySet(), want: []string{key + "must have a public RSA or EC key (P-256, P-384, P-521) for signatures, with a kid"}},
		"no list":              {set: `{}`, want: []string{none}},
		"a list alone":         {set: `[]`, want: []string{key + "must be a JSON Web Key Set: an object with a list of keys"}},
		"a key alone":          {set: `{"kty":"EC"}`, want: []string{none}},
		"no JSON":              {set: `keys: []`, want: []string{key + "must be a JSON Web Key Set: an object with a list of keys"}},
		"nothing":              {set: ``, want: []string{key + "must be a JSON Web Key Set: an object with a list of keys"}},
		"a key that is no key": {set: keySet("a"), want: []string{warning + "key 1 is left out: it is no key of a known type and size", none}},
		"as large as allowed":  {set: padded(keySet(ecKey("a")), 64<<10)},
		"too large":            {set: padded(keySet(ecKey("a")), 64<<10+1), want: []string{key + "must have at most 64 KiB"}},
		"not in UTF-8":         {set: keySet(ecKey("a")) + "\xff", want: []string{key + "must be text in UTF-8"}},
	} {
		t.Run(name, func(t *testing.T) {
			m := settings()
			m.Data["jwks.json"] = tt.set
			snap, findings := compileAll(referring(v1alpha1.OIDCKeys{JWKS: inConfigMap("demo-settings", "jwks.json")}), users(), m)
			if diff := cmp.Diff(tt.want, lines(findings)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			if (snap != nil) == findings.HasErrors() {
				t.Errorf("snapshot %v", snap)
			}
		})
	}
}

func padded(s string, length int) string { return s + strings.Repeat(" ", length-len(s)) }

func TestCertificates(t *testing.T) {
	const key = "config/settings.yaml[1] ConfigMap default/demo-settings: data[ca.crt] (line 7): "
	good := mustCertificate(t)
	block := func(kind, content string) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: []byte(content)}))
	}
	for name, tt := range map[string]struct{ ca, want string }{
		"one":                 {ca: good},
		"two, with comments":  {ca: "# first\n" + good + "# second\n" + good + "# end\n"},
		"none":                {ca: "", want: key + "must be certificates in PEM"},
		"no PEM":              {ca: "MIIB", want: key + "must be certificates in PEM"},
		"private key":         {ca: good + block("EC PRIVATE KEY", "TopSecret"), want: key + "block 2 is a private key; only certificates belong here, and the key must be replaced"},
		"something else":      {ca: block("CERTIFICATE REQUEST", "x"), want: key + "block 1 is no certificate"},
		"not a certificate":   {ca: good + block("CERTIFICATE", "x"), want: key + "certificate 2 cannot be parsed"},
		"cut off":             {ca: good + good[:len(good)-30], want: key + "block 2 is not complete"},
		"as large as allowed": {ca: padded(good, 256<<10)},
		"too large":           {ca: padded(good, 256<<10+1), want: key + "must have at most 256 KiB"},
	} {
		t.Run(name, func(t *testing.T) {
			m := settings()
			m.Data["ca.crt"] = tt.ca
			_, findings := compileAll(referring(v1alpha1.OIDCKeys{CA: inConfigMap("demo-settings", "ca.crt")}), users(), m)
			var want []string
			if tt.want != "" {
				want = []string{tt.want}
			}
			if diff := cmp.Diff(want, lines(findings)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// What was made of a Gateway cannot become part of a Gateway: it would change
// with every change of itself, for ever.
func TestWhatWasMadeCannotBeReferredTo(t *testing.T) {
	owner := func(apiVersion, kind string, controls bool) []metav1.OwnerReference {
		return []metav1.OwnerReference{{APIVersion: apiVersion, Kind: kind, Name: "demo", UID: "1", Controller: &controls}}
	}
	for name, test := range map[string]struct {
		owners []metav1.OwnerReference
		made   bool
	}{
		"nobody's":                     {nil, false},
		"of a Gateway":                 {owner("twinway.dev/v1alpha1", "Gateway", true), true},
		"of a Gateway to come":         {owner("twinway.dev/v1", "Gateway", true), true},
		"of somebody else's Gateway":   {owner("gateway.networking.k8s.io/v1", "Gateway", true), false},
		"of something else":            {owner("apps/v1", "Deployment", true), false},
		"goes with a Gateway, by hand": {owner("twinway.dev/v1alpha1", "Gateway", false), false},
	} {
		t.Run(name, func(t *testing.T) {
			s := opaque("default", "demo-snapshot", "snapshot.json", "{}")
			s.OwnerReferences = test.owners
			c := connection("cloud")
			c.Spec.Credentials = &v1alpha1.ConnectionCredentials{Bearer: &v1alpha1.KeyReference{Name: s.Name, Key: "snapshot.json"}}
			o := world(s)
			o.Connections = []compile.Connection{{Connection: c}}
			snap, findings := compile.Compile(o)
			if snap == nil {
				t.Fatalf("the Gateway is refused: %v", findings)
			}
			if accepted := len(snap.Connections) == 1; accepted == test.made {
				t.Errorf("accepted: %t, findings: %v", accepted, findings)
			}
			if test.made && (len(findings) != 1 || findings[0].FieldPath != "spec.credentials.bearer.name" || findings[0].Object.Name != "cloud") {
				t.Errorf("findings: %v", findings)
			}
		})
	}
}
