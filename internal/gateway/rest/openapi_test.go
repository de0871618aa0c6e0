package rest

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is described is what is served: every method of every path, and nothing else.
func TestDescriptionIsOfAllRoutes(t *testing.T) {
	var served, described []string
	for _, table := range [][]route{routes, publicRoutes} {
		for _, r := range table {
			for method := range r.methods {
				served = append(served, method+" "+r.pattern)
			}
		}
	}
	for _, r := range resources() {
		for method := range r.operations {
			described = append(described, method+" "+r.pattern)
		}
		if treeOf(publicRoutes).find(strings.Split(r.pattern, "/")[1:]) != nil != r.outside {
			t.Errorf("%s is said to be outside of the API: %t", r.pattern, r.outside)
		}
	}
	slices.Sort(served)
	slices.Sort(described)
	if diff := cmp.Diff(served, described); diff != "" {
		t.Errorf("(-served +described):\n%s", diff)
	}
}

// Whatever operations refer to is there.
func TestDescriptionIsComplete(t *testing.T) {
	for _, r := range resources() {
		for segment := range strings.SplitSeq(r.pattern, "/") {
			if name := strings.TrimSuffix(strings.Trim(segment, "{}"), "..."); name != segment && inPath[name] == nil {
				t.Errorf("%s: nothing is said of {%s}", r.pattern, name)
			}
		}
		for method, o := range r.operations {
			for _, name := range o.parameters {
				if parameters[name] == nil {
					t.Errorf("%s %s: there is no parameter %s", method, r.pattern, name)
				}
			}
			for _, b := range []body{o.takes, o.gives} {
				if b != "" && !strings.Contains(string(b), "/") && schemas[string(b)] == nil {
					t.Errorf("%s %s: there is no schema %s", method, r.pattern, b)
				}
			}
			if o.takes != "" && o.example == nil {
				t.Errorf("%s %s: there is no example of the body", method, r.pattern)
			}
		}
	}
	referred := func(where string, v any) {
		walk(v, func(name string) {
			name = strings.TrimPrefix(name, "#/components/schemas/")
			if !strings.HasPrefix(name, "#") && schemas[name] == nil {
				t.Errorf("%s refers to %s, which there is not", where, name)
			}
		})
	}
	referred("the description", describe())
}

// walk calls visit for all references in a description.
func walk(v any, visit func(string)) {
	switch v := v.(type) {
	case object:
		for name, member := range v {
			if text, is := member.(string); is && name == "$ref" {
				visit(text)
			}
			walk(member, visit)
		}
	case []any:
		for _, element := range v {
			walk(element, visit)
		}
	}
}
