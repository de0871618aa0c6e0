package compile_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot/compile"
)

func TestOneGatewayIsChosen(t *testing.T) {
	tests := map[string]struct {
		there  string // namespace/name of each Gateway
		choice string
		want   string // the Gateway, or the findings
	}{
		"the only one":                {"default/demo", "", "default/demo"},
		"the only one, by name":       {"default/demo", "demo", "default/demo"},
		"one of two by name":          {"default/demo default/other", "other", "default/other"},
		"one of two by full name":     {"a/demo b/demo", "b/demo", "b/demo"},
		"none":                        {"", "", "config Gateway: no Gateway found"},
		"none, but one is wanted":     {"", "demo", "config Gateway demo: no Gateway found"},
		"another one":                 {"default/demo", "other", "config Gateway other: no such Gateway; there are: default/demo"},
		"part of a name is no choice": {"default/demo", "default/dem", "config Gateway default/dem: no such Gateway; there are: default/demo"},
		"two, and no choice":          {"default/demo default/other", "", "config Gateway: 2 Gateways match, choose one by namespace/name: default/demo, default/other"},
		"two match":                   {"a/demo b/demo", "demo", "config Gateway demo: 2 Gateways match, choose one by namespace/name: a/demo, b/demo"},
		"many": {
			"a/1 a/2 a/3 a/4 a/5 a/6 a/7 a/8 a/9 a/10 a/11", "",
			"config Gateway: 11 Gateways match, choose one by namespace/name: a/1, a/2, a/3, a/4, a/5, a/6, a/7, a/8, a/9, a/10, …",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var gateways []*v1alpha1.Gateway
			var secrets []*corev1.Secret
			namespaces := map[string]bool{}
			for there := range strings.FieldsSeq(tt.there) {
				g, s := gateway(), users()
				g.Namespace, g.Name, _ = strings.Cut(there, "/")
				s.Namespace = g.Namespace
				gateways = append(gateways, g)
				if !namespaces[g.Namespace] {
					secrets = append(secrets, s)
				}
				namespaces[g.Namespace] = true
			}
			o := objects(gateways, secrets...)
			o.Select = tt.choice
			snap, findings := compile.Compile(o)
			var got []string
			if snap != nil {
				got = append(got, snap.Gateway.String())
			}
			for _, f := range findings {
				got = append(got, f.String())
			}
			if diff := cmp.Diff([]string{tt.want}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnObjectIsThereOnce(t *testing.T) {
	inDefault := users()
	inDefault.Namespace = "default"
	elsewhere := users()
	elsewhere.Namespace = "elsewhere"
	o := objects([]*v1alpha1.Gateway{gateway(), gateway()}, users(), inDefault, elsewhere)
	o.Select = "demo"
	_, findings := compile.Compile(o)
	var got []string
	for _, f := range findings {
		got = append(got, f.String())
	}
	want := []string{
		"config/gateways.yaml[2] Gateway default/demo: metadata.name (line 7): is there already, in config/gateways.yaml[1]",
		"config/secrets.yaml[2] Secret default/demo-users: metadata.name (line 7): is there already, in config/secrets.yaml[1]",
		"config Gateway demo: 2 Gateways match, choose one by namespace/name: default/demo, default/demo",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestADuplicateSecretIsAnError(t *testing.T) {
	snap, findings := compile.Compile(objects([]*v1alpha1.Gateway{gateway()}, users(), users()))
	if snap != nil || !findings.HasErrors() {
		t.Errorf("got snapshot %v and findings %v, want an error", snap, findings)
	}
}
