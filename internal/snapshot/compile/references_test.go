package compile_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot/compile"
)

// named returns the names in all references below a value, however deep: those
// of Secrets, unless the field says that it is a ConfigMap's.
func named(v reflect.Value, field string, into map[string][]string) {
	switch ref := v.Interface().(type) {
	case v1alpha1.SecretReference:
		into["Secret"] = append(into["Secret"], ref.Name)
		return
	case v1alpha1.KeyReference:
		kind := "Secret"
		if field == "ConfigMapKeyRef" {
			kind = "ConfigMap"
		}
		into[kind] = append(into[kind], ref.Name)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			named(v.Elem(), field, into)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Name != "ImagePullSecrets" {
				named(v.Field(i), f.Name, into)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			named(v.Index(i), field, into)
		}
	}
}

func allNamed(spec any) compile.References {
	names := map[string][]string{}
	named(reflect.ValueOf(spec), "", names)
	for kind := range names {
		slices.Sort(names[kind])
		names[kind] = slices.Compact(names[kind])
	}
	return compile.References{Secrets: names["Secret"], ConfigMaps: names["ConfigMap"]}
}

// Whatever a spec refers to is a reference, so that nobody forgets to watch it.
func TestReferencesAreAllThatASpecNames(t *testing.T) {
	g := full()
	second := provider("second", "https://b")
	second.Keys = &v1alpha1.OIDCKeys{CA: inSecret("trust", "ca.crt")}
	third := provider("third", "https://c")
	g.Spec.Authentication.OIDC = append(g.Spec.Authentication.OIDC, second, third)
	want := compile.References{Secrets: []string{"demo-tls", "demo-users", "trust"}, ConfigMaps: []string{"demo-settings"}}
	if diff := cmp.Diff(want, allNamed(g.Spec)); diff != "" {
		t.Fatalf("the Gateway names (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, compile.GatewayReferences(g)); diff != "" {
		t.Errorf("references (-want +got):\n%s", diff)
	}
	for _, kind := range connectionTypes {
		c := ofType("link", kind)
		c.Spec.TLS.CA = inConfigMap("trust", "ca.crt")
		if diff := cmp.Diff(allNamed(c.Spec), compile.ConnectionReferences(c)); diff != "" {
			t.Errorf("references of %s (-want +got):\n%s", kind, diff)
		}
	}
	signed := requests("link", hmac(v1alpha1.HMACAzureSAS))
	if diff := cmp.Diff(allNamed(signed.Spec), compile.ConnectionReferences(signed)); diff != "" {
		t.Errorf("references of signed requests (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(compile.References{}, compile.ConnectionReferences(connection("link"))); diff != "" {
		t.Errorf("references of nothing:\n%s", diff)
	}
}
