package compile_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
)

// schema is as much of a CustomResourceDefinition's schema as the tests read.
type schema struct {
	Type        string            `json:"type"`
	Description string            `json:"description"`
	Properties  map[string]schema `json:"properties"`
	Required    []string          `json:"required"`
	Items       *schema           `json:"items"`
	ListType    string            `json:"x-kubernetes-list-type"`
	MinItems    int               `json:"minItems"`
	MaxItems    int               `json:"maxItems"`
	Enum        []string          `json:"enum"`
	Default     any               `json:"default"`
	Pattern     string            `json:"pattern"`
	MaxLength   int               `json:"maxLength"`
	IntOrString bool              `json:"x-kubernetes-int-or-string"`
	Validations []struct {
		Message string `json:"message"`
	} `json:"x-kubernetes-validations"`
}

// specSchema returns the schema of a Gateway's spec.
func specSchema(t *testing.T) schema {
	t.Helper()
	data, err := os.ReadFile("../../../config/crd/bases/twinway.dev_gateways.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var definition struct {
		Spec struct {
			Versions []struct {
				Schema struct {
					OpenAPIV3Schema schema `json:"openAPIV3Schema"`
				} `json:"schema"`
			} `json:"versions"`
		} `json:"spec"`
	}
	if err := yaml.Unmarshal(data, &definition); err != nil {
		t.Fatal(err)
	}
	return definition.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"]
}

// each calls f for a field and for every field below it, of lists for those of
// the first entry.
func each(path string, s schema, required bool, f func(path string, s schema, required bool)) {
	f(path, s, required)
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		each(path+"."+name, s.Properties[name], slices.Contains(s.Required, name), f)
	}
	if s.Items != nil {
		each(path+"[0]", *s.Items, true, f)
	}
}

// brokenObjects holds, for every object that the API server has a rule for,
// something that breaks it.
var brokenObjects = map[string]any{
	"spec.authentication":                   map[string]any{},
	"spec.authentication.oidc[0].keys":      map[string]any{"jwks": map[string]any{}, "ca": map[string]any{}},
	"spec.authentication.oidc[0].keys.jwks": map[string]any{},
	"spec.authentication.oidc[0].keys.ca":   map[string]any{},
}

// The API server and Compile must refuse the same, in the same words.
func TestWhatTheAPIServerChecksCompileChecks(t *testing.T) {
	each("spec", specSchema(t), true, func(path string, s schema, _ bool) {
		t.Run(path, func(t *testing.T) {
			switch {
			case s.Type == "object":
				if len(s.Validations) > 0 {
					mustFind(t, path, brokenObjects[path], s.Validations[0].Message)
				}
			case s.Type == "array":
				want := fmt.Sprintf("must have %d to %d entries, got ", s.MinItems, s.MaxItems)
				mustFind(t, path, []any{}, want+"0")
				mustFind(t, path, repeated(entry(t, path), s.MaxItems+1), want+fmt.Sprint(s.MaxItems+1))
			default:
				compileChecksValue(t, path, s)
			}
		})
	})
}

func compileChecksValue(t *testing.T, path string, s schema) {
	t.Helper()
	want, wrong := "", any("{{\n")
	switch {
	case len(s.Enum) > 0:
		want = "must be " + strings.Join(s.Enum, " or ")
	case len(s.Validations) == 1:
		want = s.Validations[0].Message
	default:
		t.Fatal("the API server does not check the field")
	}
	switch {
	case s.Type == "integer":
		wrong = -1
	case s.IntOrString:
		wrong = "0"
	case strings.Contains(want, "between"):
		wrong = "99999h"
	}
	mustFind(t, path, wrong, want)
	if s.MaxLength > 0 && s.Pattern == "" {
		long := "{{ jwt:" + strings.Repeat("a", s.MaxLength-9) + " }}"
		mustFind(t, path, long, fmt.Sprintf("at most %d characters", s.MaxLength))
	}
}

// mustFind checks that Compile reports a value of a field, in words.
func mustFind(t *testing.T, path string, value any, want string) {
	t.Helper()
	patched := tree(t, full())
	set(t, patched, path, value)
	_, findings := compileOne(fromTree(t, patched), users())
	for _, f := range findings {
		if f.FieldPath == path && strings.Contains(f.Message, want) {
			return
		}
	}
	t.Errorf("Compile takes %v, the API server says %q", value, want)
}

// tree returns a Gateway as what its JSON is.
func tree(t *testing.T, g *v1alpha1.Gateway) map[string]any {
	t.Helper()
	data, err := json.Marshal(g)
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := json.Unmarshal(data, &tree); err != nil {
		t.Fatal(err)
	}
	return tree
}

// fromTree returns the Gateway that JSON is.
func fromTree(t *testing.T, tree map[string]any) *v1alpha1.Gateway {
	t.Helper()
	data, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	var g v1alpha1.Gateway
	if err := json.Unmarshal(data, &g); err != nil {
		t.Fatal(err)
	}
	return &g
}

// set gives a field a value. Objects on the way are made, lists must be there.
func set(t *testing.T, in map[string]any, path string, value any) {
	t.Helper()
	step, rest, below := strings.Cut(path, ".")
	name, isEntry := strings.CutSuffix(step, "[0]")
	switch {
	case isEntry && !below:
		in[name].([]any)[0] = value
	case isEntry:
		set(t, in[name].([]any)[0].(map[string]any), rest, value)
	case !below:
		in[name] = value
	default:
		if in[name] == nil {
			in[name] = map[string]any{}
		}
		set(t, in[name].(map[string]any), rest, value)
	}
}

// entry returns the first entry of a list of full.
func entry(t *testing.T, path string) any {
	t.Helper()
	var at any = tree(t, full())
	for step := range strings.SplitSeq(path, ".") {
		name, isEntry := strings.CutSuffix(step, "[0]")
		at = at.(map[string]any)[name]
		if isEntry {
			at = at.([]any)[0]
		}
	}
	return at.([]any)[0]
}

// The rules that every field of the API keeps.
func TestFieldsOfTheAPI(t *testing.T) {
	each("spec", specSchema(t), true, func(path string, s schema, required bool) {
		if s.Default != nil {
			t.Errorf("%s has a default in the schema", path)
		}
		if !required && s.Type != "object" && !strings.Contains(s.Description, "Default: ") {
			t.Errorf("%s does not document its default", path)
		}
		if s.Description == "" {
			t.Errorf("%s is not documented", path)
		}
		if s.Type == "boolean" {
			t.Errorf("%s is a boolean; use an enumeration", path)
		}
		if s.Type == "string" && s.MaxLength == 0 && len(s.Enum) == 0 {
			t.Errorf("%s is not bounded", path)
		}
		if s.Type == "array" && (s.MinItems == 0 || s.MaxItems == 0 || s.ListType == "") {
			t.Errorf("%s is not bounded, may be empty, or has no list type", path)
		}
	})
}

// withEntries returns a Gateway with the shortest entry of every list that has
// objects in it.
func withEntries() *v1alpha1.Gateway {
	g := gateway()
	g.Spec.Authentication.OIDC = []v1alpha1.OIDCProvider{provider("keycloak", "https://login.example.com")}
	g.Spec.EntityCreation = &v1alpha1.EntityCreation{Grant: []v1alpha1.CreationRule{{}}, Revoke: []v1alpha1.CreationRule{{}}}
	g.Spec.NamespaceAccess = []v1alpha1.NamespaceRule{{}}
	g.Spec.Policies = &v1alpha1.Policies{NamespaceRoots: []v1alpha1.NamespaceRoot{{Pattern: "*", Policies: []v1alpha1.PolicyID{"a:b"}}}}
	return g
}

// Defaults are documented where users look for them.
func TestDocumentedDefaults(t *testing.T) {
	short, entries := tree(t, gateway()), tree(t, withEntries())
	each("spec", specSchema(t), true, func(path string, s schema, _ bool) {
		value, ok := documentedDefault(s)
		switch {
		case !ok || s.Type == "object":
		case strings.Contains(path, "[0]"):
			set(t, entries, path, value)
		default:
			set(t, short, path, value)
		}
	})
	for _, tt := range []struct {
		implicit *v1alpha1.Gateway
		explicit map[string]any
	}{{gateway(), short}, {withEntries(), entries}} {
		implicit, _ := compileOne(tt.implicit, users())
		explicit, findings := compileOne(fromTree(t, tt.explicit), users())
		if len(findings) > 0 {
			t.Fatalf("documented defaults: %v", findings)
		}
		if live, restart := snapshot.Changes(implicit, explicit); len(live)+len(restart) > 0 {
			t.Errorf("the documented default is not the one that takes effect: %v %v", live, restart)
		}
	}
}

// documentedDefault returns the default that the description of a field names,
// unless that is to have none.
func documentedDefault(s schema) (any, bool) {
	_, text, ok := strings.Cut(strings.ReplaceAll(s.Description, "\n", " "), "Default: ")
	if list, _, isList := strings.Cut(text, "]"); isList {
		return json.RawMessage(list + "]"), true
	}
	text = strings.TrimSuffix(strings.Split(text, ",")[0], ".")
	switch {
	case !ok || text == "none":
		return nil, false
	case json.Valid([]byte(text)):
		return json.RawMessage(text), true
	}
	return text, true
}
