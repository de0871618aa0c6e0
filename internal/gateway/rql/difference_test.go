package rql

import (
	"slices"
	"strings"
	"testing"
)

// TestDifferencesToSearch holds what is different in a search, where the same expressions are evaluated by a database.
func TestDifferencesToSearch(t *testing.T) {
	tests := []struct {
		aspect string
		text   string
		s      *Subject
		want   bool
	}{
		{"string vs number: coerced", `eq(attributes/a,1)`, attribute(`"1.0"`), true},
		{"string vs number: coerced, the other way round", `eq(attributes/a,"1.0")`, attribute(`1`), true},
		{"string vs number: order", `gt(attributes/a,"9")`, attribute(`10`), true},
		{"string vs number: as text", `gt(attributes/a,9)`, attribute(`"x"`), true},
		{"ne on missing: true", `ne(attributes/a,1)`, thing(`{}`), true},
		{"ne on missing: true for null too", `ne(attributes/a,null)`, thing(`{}`), true},
		{"features/*: literal", `eq(features/*/properties/x,1)`, thing(`{"features":{"F":{"properties":{"x":1}}}}`), false},
		{"features/*: a feature with that id", `eq(features/*/properties/x,1)`, thing(`{"features":{"*":{"properties":{"x":1}}}}`), true},
		{"features/*: presence", `exists(features/*)`, thing(`{"features":{"F":{}}}`), false},
		{"_namespace: of the thing", `eq(_namespace,"org.acme")`, &Subject{Facts: facts{"_namespace": `"org.acme"`}}, true},
		{"topic: of the signal", `eq(topic:action,"modified")`, &Subject{Facts: facts{"topic:action": "modified"}}, true},
		{"resource: of the signal", `like(resource:path,"/features/*")`, &Subject{Facts: facts{"resource:path": "/features/F"}}, true},
		{"entity: of the signal", `eq(entity:id,"a:b")`, &Subject{Facts: facts{"entity:id": "a:b"}}, true},
		{"long values: full", `like(attributes/a,"*x")`, attribute(`"` + strings.Repeat("a", 50_000) + `x"`), true},
		{"long values: compared to the end", `gt(attributes/a,"` + strings.Repeat("a", 5000) + `")`, attribute(`"` + strings.Repeat("a", 5000) + `b"`), true},
		{"like on a number: its text", `like(attributes/a,"1?5")`, attribute(`1.5`), true},
		{"like on a boolean: its text", `ilike(attributes/a,"TR*")`, attribute(`true`), true},
		{"visibility: what is not in the layers is missing", `exists(attributes/a)`, &Subject{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.aspect, func(t *testing.T) {
			if got := matches(t, tt.text, tt.s); got != tt.want {
				t.Errorf("%s is %t", tt.text, got)
			}
		})
	}
	t.Run("namespace: unknown, it is _namespace", func(t *testing.T) {
		if _, err := CompileSignal(`eq(namespace,"org.acme")`); err == nil {
			t.Error("it is known")
		}
	})
	t.Run("visibility: a condition tells what must be readable", func(t *testing.T) {
		p, err := CompileCondition(`or(eq(attributes/a,1),not(exists(features/F)))`)
		if err != nil {
			t.Fatal(err)
		}
		var read []string
		for _, pointer := range p.Pointers() {
			read = append(read, pointer.String())
		}
		if !slices.Equal(read, []string{"/attributes/a", "/features/F"}) {
			t.Errorf("it tells %q", read)
		}
	})
}
