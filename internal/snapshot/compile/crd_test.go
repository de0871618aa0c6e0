package compile_test

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/twinway/twinway/internal/snapshot"
)

// schema is as much of a CustomResourceDefinition's schema as the tests read.
type schema struct {
	Type        string            `json:"type"`
	Description string            `json:"description"`
	Properties  map[string]schema `json:"properties"`
	Required    []string          `json:"required"`
	Enum        []string          `json:"enum"`
	Default     any               `json:"default"`
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

// eachValue calls f for every field of a schema that has no fields itself.
func eachValue(path string, s schema, required bool, f func(path string, s schema, required bool)) {
	if len(s.Properties) == 0 {
		f(path, s, required)
		return
	}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		eachValue(path+"."+name, s.Properties[name], slices.Contains(s.Required, name), f)
	}
}

// The API server and Compile must refuse the same, in the same words.
func TestWhatTheAPIServerChecksCompileChecks(t *testing.T) {
	eachValue("spec", specSchema(t), true, func(path string, s schema, _ bool) {
		t.Run(path, func(t *testing.T) {
			want, wrong := "", any("?")
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
				wrong = "24h"
			}
			for _, f := range findingsWith(t, path, wrong) {
				if f.FieldPath == path && strings.HasPrefix(f.Message, want) {
					return
				}
			}
			t.Errorf("Compile takes %v, the API server says %q", wrong, want)
		})
	})
}

// findingsWith returns what Compile finds when a field has a value.
func findingsWith(t *testing.T, path string, value any) snapshot.Findings {
	t.Helper()
	for _, name := range slices.Backward(strings.Split(path, ".")) {
		value = map[string]any{name: value}
	}
	patch, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	g := full()
	if err := json.Unmarshal(patch, g); err != nil {
		t.Fatal(err)
	}
	_, findings := compileOne(g, users())
	return findings
}

// The rules that every field of the API keeps.
func TestFieldsOfTheAPI(t *testing.T) {
	eachValue("spec", specSchema(t), true, func(path string, s schema, required bool) {
		if s.Default != nil {
			t.Errorf("%s has a default in the schema", path)
		}
		if !required && !strings.Contains(s.Description, "Default: ") {
			t.Errorf("%s does not document its default", path)
		}
		if s.Type == "boolean" {
			t.Errorf("%s is a boolean; use an enumeration", path)
		}
		if s.Type == "string" && s.MaxLength == 0 && len(s.Enum) == 0 {
			t.Errorf("%s is not bounded", path)
		}
	})
}

// Defaults are documented where users look for them.
func TestDocumentedDefaults(t *testing.T) {
	snap, _ := compileOne(gateway(), users())
	documented := map[string]string{}
	eachValue("spec", specSchema(t), true, func(path string, s schema, _ bool) {
		if _, value, ok := strings.Cut(strings.ReplaceAll(s.Description, "\n", " "), "Default: "); ok {
			documented[path] = strings.TrimSuffix(strings.Split(value, ",")[0], ".")
		}
	})
	with := gateway()
	for path, value := range documented {
		var v any = value
		if json.Valid([]byte(value)) {
			v = json.RawMessage(value)
		}
		for _, name := range slices.Backward(strings.Split(path, ".")) {
			v = map[string]any{name: v}
		}
		patch, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(patch, with); err != nil {
			t.Fatalf("%s: documented default %q: %v", path, value, err)
		}
	}
	explicit, findings := compileOne(with, users())
	if len(findings) > 0 {
		t.Fatalf("documented defaults: %v", findings)
	}
	if live, restart := snapshot.Changes(snap, explicit); len(live)+len(restart) > 0 {
		t.Errorf("the documented default is not the one that takes effect: %v %v", live, restart)
	}
}
