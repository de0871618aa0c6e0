package compile_test

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/twinway/twinway/api/v1alpha1"
)

// Whatever is referred to and whatever a template is: compiling ends without a
// panic, there is a snapshot exactly when there is no error, and findings about
// content show nothing of it.
func FuzzContent(f *testing.F) {
	ca, err := certificate()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(keySet(ecKey("a"), rsaKey("b", 2048)), ca, "{{ jwt:sub | fn:filter('like','a*') }}@{{ jwt:azp }}")
	f.Add(`{"keys":[{"kty":"EC","d":"TopSecret"}]}`, "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----", "{{ fn:default('a') }}")
	f.Add(`{"keys":null}`, "-----BEGIN CERTIFICATE-----", "{{")
	f.Fuzz(func(t *testing.T, jwks, ca, template string) {
		g := gateway()
		static, fetched := provider("static", "https://a"), provider("fetched", "https://b")
		static.Keys = &v1alpha1.OIDCKeys{JWKS: inConfigMap("trust", "jwks.json")}
		static.Subjects = []v1alpha1.SubjectTemplate{v1alpha1.SubjectTemplate(template)}
		fetched.Keys = &v1alpha1.OIDCKeys{CA: inConfigMap("trust", "ca.crt")}
		fetched.Prerequisites = []v1alpha1.Condition{v1alpha1.Condition(template)}
		g.Spec.Authentication.OIDC = []v1alpha1.OIDCProvider{static, fetched}
		m := &corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{Name: "trust"}, Data: map[string]string{"jwks.json": jwks, "ca.crt": ca},
		}
		snap, findings := compileAll(g, users(), m)
		if (snap == nil) != findings.HasErrors() {
			t.Fatalf("snapshot %v with findings %v", snap, findings)
		}
		for _, found := range findings {
			if found.Object.Kind == "ConfigMap" && strings.Contains(found.Message, "TopSecret") {
				t.Errorf("finding shows what was referred to: %v", found)
			}
		}
		if snap == nil {
			return
		}
		if again, _ := compileAll(g, users(), m); again.Hash() != snap.Hash() {
			t.Errorf("the same objects give %s and %s", snap.Encode(), again.Encode())
		}
	})
}
