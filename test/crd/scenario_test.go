package crd_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// scenarios is a file of testdata: an object, and what becomes of it when it is
// changed.
type scenarios struct {
	// Base is an object that breaks no rule.
	Base map[string]any
	// Accepted break none either.
	Accepted []creation
	// Refused break one rule each.
	Refused []creation
	// Changes are those of an object that is there.
	Changes []change
}

// fields are values by the paths of fields in the base object; null removes a
// field.
type fields map[string]any

// creation creates the base object with other values.
type creation struct {
	About string
	Set   fields
	refusal
}

// refusal is why an object is not taken: the field that is refused and, after a
// colon, the end of what the API server says about it. Between the two is the
// value. And is what it says beside that, where one mistake breaks two rules.
type refusal struct {
	Words, And string
}

// change updates an object made with some values to one made with others.
// Without words it is accepted.
type change struct {
	About    string
	From, To fields
	refusal
}

// scenarioFiles returns the scenarios of each kind.
func scenarioFiles(t *testing.T) map[string]scenarios {
	t.Helper()
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	byKind := map[string]scenarios{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var s scenarios
		if err := yaml.UnmarshalStrict(text, &s); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		byKind[s.Base["kind"].(string)] = s
	}
	return byKind
}

// with returns the base object with other values.
func (s scenarios) with(values fields) *unstructured.Unstructured {
	object := (&unstructured.Unstructured{Object: s.Base}).DeepCopy()
	for path, value := range values {
		steps := strings.Split(path, ".")
		if value == nil {
			unstructured.RemoveNestedField(object.Object, steps...)
			continue
		}
		if err := unstructured.SetNestedField(object.Object, value, steps...); err != nil {
			panic(err) // The path leads through something that is no struct.
		}
	}
	return object
}
