package crd_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// definitions returns the CustomResourceDefinitions by kind.
func definitions(t *testing.T) map[string]*apiextensionsv1.CustomResourceDefinition {
	t.Helper()
	files, err := filepath.Glob("../../config/crd/bases/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	byKind := map[string]*apiextensionsv1.CustomResourceDefinition{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var d apiextensionsv1.CustomResourceDefinition
		if err := yaml.UnmarshalStrict(text, &d); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		byKind[d.Spec.Names.Kind] = &d
	}
	return byKind
}

// visit calls f for a schema and for everything below it. In paths the entries of
// lists and maps are [].
func visit(path string, s apiextensionsv1.JSONSchemaProps, f func(path string, s apiextensionsv1.JSONSchemaProps)) {
	f(path, s)
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		visit(strings.TrimPrefix(path+"."+name, "."), s.Properties[name], f)
	}
	if s.Items != nil {
		visit(path+"[]", *s.Items.Schema, f)
	}
	if s.AdditionalProperties != nil {
		visit(path+"[]", *s.AdditionalProperties.Schema, f)
	}
}

var index = regexp.MustCompile(`\[[^]]*\]`)

// A rule that no scenario breaks may as well not be there.
func TestEveryRuleIsBroken(t *testing.T) {
	all := scenarioFiles(t)
	for kind, d := range definitions(t) {
		broken := map[string]bool{}
		for _, r := range all[kind].refusals() {
			broken[index.ReplaceAllString(r.Words, "[]")] = true
			broken[index.ReplaceAllString(r.And, "[]")] = true
		}
		visit("", *d.Spec.Versions[0].Schema.OpenAPIV3Schema, func(path string, s apiextensionsv1.JSONSchemaProps) {
			for _, words := range refusalsBy(path, s) {
				if !broken[words] {
					t.Errorf("%s: nothing is refused with: %s", kind, words)
				}
			}
		})
	}
}

// refusals returns those of all scenarios.
func (s scenarios) refusals() (all []refusal) {
	for _, c := range s.Refused {
		all = append(all, c.refusal)
	}
	for _, c := range s.Changes {
		all = append(all, c.refusal)
	}
	return all
}

// refusalsBy returns what the API server says when a field of the spec breaks
// the rules of its schema: those in words, and enums.
func refusalsBy(path string, s apiextensionsv1.JSONSchemaProps) (all []string) {
	if strings.HasPrefix(path, "status") {
		return nil
	}
	for _, rule := range s.XValidations {
		all = append(all, fieldOf(path+rule.FieldPath)+": "+rule.Message)
	}
	if len(s.Enum) > 0 {
		var values [][]byte
		for _, value := range s.Enum {
			values = append(values, value.Raw)
		}
		all = append(all, path+": supported values: "+string(bytes.Join(values, []byte(", "))))
	}
	return all
}

// fieldOf returns how the API server names a field; it has no name for the
// object.
func fieldOf(path string) string {
	if path == "" {
		return "<nil>"
	}
	return path
}

// kubectl apply keeps the object as an annotation, and annotations are limited.
// The schemas of tolerations, affinity and resources are Kubernetes' own, with
// their descriptions, for as long as they fit: kubectl explain then explains
// them, and typing errors in them are refused.
func TestDefinitionsFitIntoAnnotations(t *testing.T) {
	const limit, fileLimit = 262144 / 2, 200_000
	for kind, d := range definitions(t) {
		data, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		if len(data) > limit {
			t.Errorf("%s: %d bytes of JSON, want at most %d", kind, len(data), limit)
		}
	}
	files, err := filepath.Glob("../../config/crd/bases/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if info, err := os.Stat(file); err != nil || info.Size() > fileLimit {
			t.Errorf("%s: %v bytes, %v; want at most %d", file, info.Size(), err, fileLimit)
		}
	}
}

// externalFields are of types of Kubernetes: what is below them is not ours.
var externalFields = []string{
	"spec.workload.resources.", "spec.workload.pod.tolerations[]", "spec.workload.pod.affinity.", "status.conditions[]",
}

// The rules that hold for every field of ours.
func TestFieldsAreBounded(t *testing.T) {
	for kind, d := range definitions(t) {
		visit("", *d.Spec.Versions[0].Schema.OpenAPIV3Schema, func(path string, s apiextensionsv1.JSONSchemaProps) {
			if !ours(path) {
				return
			}
			for complaint, holds := range map[string]bool{
				"a string without bound":     s.Type == "string" && s.MaxLength == nil && len(s.Enum) == 0,
				"a list without bound":       s.Type == "array" && s.MaxItems == nil,
				"a list without list type":   s.Type == "array" && s.XListType == nil,
				"a map without bound":        s.AdditionalProperties != nil && s.MaxProperties == nil,
				"an integer without a width": s.Type == "integer" && s.Format != "int32" && s.Format != "int64",
				"a boolean or a float":       s.Type == "boolean" || s.Type == "number",
				"a default outside status":   s.Default != nil && !strings.HasPrefix(path, "status"),
				"unknown fields":             s.XPreserveUnknownFields != nil,
				"no description":             s.Description == "" && !strings.HasSuffix(path, "[]"),
			} {
				if holds {
					t.Errorf("%s %s: %s", kind, path, complaint)
				}
			}
		})
	}
}

// ours says whether the schema of a field is made from types of ours.
func ours(path string) bool {
	return path != "apiVersion" && path != "kind" && path != "metadata" && !slices.ContainsFunc(externalFields, func(external string) bool {
		return strings.HasPrefix(path, external)
	})
}
