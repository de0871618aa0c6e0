package index

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/rql"
)

// TestEntriesByRules lists the paths that a thing has entries of, and how often.
func TestEntriesByRules(t *testing.T) {
	thing := thingOf(t, `{"thingId":"a:b","policyId":"a:p","definition":"x:y:1","attributes":{"n":1,"a/b":{"~":1},"a\"":1,"o":{"p":null,"q":{"r":true}},"l":[{"k":1},[{"k":2,"m":3}]]},
		"features":{"f":{"definition":["d:e:1"],"properties":{"q":false,"s":1},"desiredProperties":{"q":1}},"g":{"properties":{"q":2,"t":3}}}}`)
	thing.Meta = canonical(t, `{"attributes":{"n":{"unit":"K"}}}`)
	for rules, want := range map[string]string{
		"":                                   "",
		"policyId":                           "policyId",
		"definition _created _modified":      "_created _modified definition",
		"thingId _revision namespace":        "",
		"attributes/n":                       "attributes/n",
		"attributes/missing attributes/n/x":  "",
		"attributes/o":                       "attributes/o attributes/o/p attributes/o/q attributes/o/q/r",
		"attributes/o/p attributes/o/q/r":    "attributes/o/p attributes/o/q/r",
		"attributes/o attributes/o/q":        "attributes/o attributes/o/p attributes/o/q attributes/o/q/r",
		"attributes/a~1b/~0":                 "attributes/a/b/~",
		`attributes/a"`:                      `attributes/a"`,
		"attributes/a/b":                     "",
		"attributes/l/k":                     "attributes/l attributes/l/k attributes/l/k",                             // on the way the mark of arrays
		"attributes/l":                       "attributes/l attributes/l attributes/l/k attributes/l/k attributes/l/m", // object and array
		"_metadata/attributes/n/unit":        "_metadata/attributes/n/unit",
		"_metadata":                          "_metadata/attributes _metadata/attributes/n _metadata/attributes/n/unit",
		"features/f/properties/q":            "features/f/properties/q",
		"features/f/definition":              "features/f/definition features/f/definition",
		"features/*/properties/q":            "features/f/properties/q features/g/properties/q",
		"features/*/properties/q features/g": "features/f/properties/q features/g features/g/properties features/g/properties/q features/g/properties/t",
		"features/*/properties/q features/f/properties/s features/g/properties/t": "features/f/properties/q features/f/properties/s features/g/properties/q features/g/properties/t",
		"features/* features/f/properties/q policyId": "features/f features/f/definition features/f/definition features/f/desiredProperties features/f/desiredProperties/q " +
			"features/f/properties features/f/properties/q features/f/properties/s features/g features/g/properties features/g/properties/q features/g/properties/t policyId",
		"features/*/properties features/f/properties/q": "features/f/properties features/f/properties/q features/f/properties/s features/g/properties features/g/properties/q features/g/properties/t",
		"attributes/*": "",
	} {
		_, entries := NewRules(strings.Fields(rules)).Changes(Thing{}, thing)
		var got []string
		for _, e := range entries {
			if path := strings.Join(namesIn(e), "/"); path != "" {
				got = append(got, path)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%q: %q", rules, got)
		}
	}
}

// namesIn returns the names on the path of an entry.
func namesIn(entry []byte) (names []string) {
	path, _, _ := bytes.Cut(entry, []byte{end})
	return strings.Split(string(path), string(rune(separator)))
}

// TestChangesByRules compares what changes by random rules with what is left of all entries by the words of the rules.
func TestChangesByRules(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	some := 0
	const cases = 20_000
	for range cases {
		paths := randomRules(random)
		from, to := thingOf(t, randomThing(random)), thingOf(t, randomThing(random))
		if random.IntN(2) == 0 {
			to.Doc = document.Set(from.Doc, document.Pointer{"attributes", pick(random, "a", "b", "z")}, canonical(t, randomValue(random, 2)))
			to.Modified = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
		}
		if random.IntN(4) == 0 {
			to.Meta = canonical(t, `{"attributes":{"a":{"unit":`+randomScalar(random)+`}}}`)
		}
		switch random.IntN(10) {
		case 0:
			from = Thing{}
		case 1:
			to = Thing{}
		}
		lost, gained := NewRules(paths).Changes(from, to)
		before, after := leftBy(paths, entriesOf(from)), leftBy(paths, entriesOf(to))
		if wantLost, wantGained := without(before, after), without(after, before); !slices.EqualFunc(lost, wantLost, bytes.Equal) || !slices.EqualFunc(gained, wantGained, bytes.Equal) {
			t.Fatalf("%q\n%s\n%s\nloses %q\nwant  %q\ngains %q\nwant  %q", paths, from.Doc, to.Doc, lost, wantLost, gained, wantGained)
		}
		if len(lost)+len(gained) > 2 {
			some++
		}
	}
	if some < cases/4 {
		t.Errorf("only %d things had entries that change", some)
	}
}

func randomRules(r *rand.Rand) (paths []string) {
	for range r.IntN(5) {
		paths = append(paths, pick(r, "attributes", "attributes/a", "attributes/b", "attributes/a/k", "attributes/b/k/l", "attributes/c~0~1d", "features", "features/*",
			"features/f", "features/*/properties", "features/*/properties/a", "features/f/properties/b", "features/f!/properties/a", "features/*/properties/a/k",
			"features/f!/definition", "policyId", "_modified", "_metadata/attributes/a", "attributes/*"))
	}
	return paths
}

// leftBy returns those of some entries that things have by rules.
func leftBy(paths []string, entries [][]byte) (left [][]byte) {
	for _, e := range entries {
		names := namesIn(e)
		above := func(path string) bool { return isPart(ruleNames(path), names) }
		onTheWay := func(path string) bool { return isPart(names, ruleNames(path)) }
		if names[0] == "" || slices.ContainsFunc(paths, above) || e[len(e)-1] == valueArray && slices.ContainsFunc(paths, onTheWay) {
			left = append(left, e)
		}
	}
	return left
}

func ruleNames(path string) []string {
	names := strings.Split(path, "/")
	for i, name := range names {
		names[i] = strings.ReplaceAll(strings.ReplaceAll(name, "~1", "/"), "~0", "~")
	}
	return names
}

// isPart reports whether names lead on from others, in one of which * may stand for a feature.
func isPart(above, names []string) bool {
	for i, name := range above {
		anyone := i == 1 && above[0] == "features" && i < len(names) && (name == "*" || names[i] == "*")
		if i >= len(names) || name != names[i] && !anyone {
			return false
		}
	}
	return true
}

// without returns what is in a and not in b.
func without(a, b [][]byte) [][]byte {
	return slices.DeleteFunc(slices.Clone(a), func(e []byte) bool {
		return slices.ContainsFunc(b, func(other []byte) bool { return bytes.Equal(e, other) })
	})
}

// TestPlanByRules says which filters are looked up in an index, and which are not.
func TestPlanByRules(t *testing.T) {
	for _, tt := range []struct{ rules, filter string }{
		{"attributes/a", `eq(attributes/a,1)`},
		{"attributes/a", `lt(attributes/a/k,1)`},
		{"attributes/a", `exists(attributes/a)`},
		{"attributes/a", `not(empty(attributes/a/k))`},
		{"attributes/a", `like(attributes/a,"x*")`},
		{"attributes/a", `ilike(attributes/a,"x")`},
		{"attributes/a", `in(attributes/a,1,2)`},
		{"attributes/a", `ne(attributes/a,1)`},
		{"attributes/a", `and(eq(attributes/a,1),eq(attributes/b,1))`},
		{"features", `eq(features/*/properties/a,1)`},
		{"features/*", `exists(features/*)`},
		{"features/*", `exists(features/f)`},
		{"features/*/properties", `eq(features/*/properties/a,1)`},
		{"features/*/properties", `eq(features/f/properties/a,1)`},
		{"features/*/properties features/f/definition", `eq(features/f/properties/a,1)`},
		{"features/f", `exists(features/f/properties)`},
		{"features/f/properties/a", `eq(features/f/properties/a,1)`},
		{"_modified", `gt(_modified,"2026")`},
		{"", `eq(thingId,"a:b")`},
		{"", `like(namespace,"a*")`},
	} {
		if plan := planBy(t, tt.rules, tt.filter); plan.Kind == Everything {
			t.Errorf("%q: %s is not looked up", tt.rules, tt.filter)
		}
	}
	for _, tt := range []struct{ rules, filter string }{
		{"", `eq(attributes/a,1)`},
		{"", `eq(policyId,"a:b")`},
		{"attributes/b", `eq(attributes/a,1)`},
		{"attributes/a", `or(eq(attributes/a,1),eq(attributes/b,1))`},
		{"attributes/a/k", `eq(attributes/a,1)`},
		{"attributes/a/k", `exists(attributes/a)`},
		{"attributes/a/k", `not(empty(attributes/a))`},
		{"attributes/a/k", `ne(attributes/a,1)`},
		{"attributes/a/k", `like(attributes/a,"x*")`},
		{"attributes/a/k", `in(attributes/a,1,2)`},
		{"features/f", `exists(features/*)`},
		{"features/f/properties/a features/g", `eq(features/*/properties/a,1)`},
		{"features/*/properties", `exists(features/*)`},
		{"features/*/properties", `exists(features/f)`},
		{"features/*/properties/a", `exists(features/*/properties)`},
		{"features/*/properties/a features/f/properties/b", `eq(features/*/properties/b,1)`},
		{"features/*/properties/a features/f/properties/b", `eq(features/g/properties/b,1)`},
	} {
		if plan := planBy(t, tt.rules, tt.filter); plan.Kind != Everything {
			t.Errorf("%q: %s is looked up: %+v", tt.rules, tt.filter, plan)
		}
	}
}

func planBy(t *testing.T, rules, filter string) Plan {
	t.Helper()
	p, err := rql.CompileSearch(filter)
	if err != nil {
		t.Fatalf("%s: %v", filter, err)
	}
	return NewPlan(p.Expression(), now, NewRules(strings.Fields(rules)))
}

// TestPlanByRulesMissesNothing evaluates random filters on random things of which not all is indexed.
func TestPlanByRulesMissesNothing(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	held, found := 0, 0
	const cases = 40_000
	for range cases {
		paths := randomRules(random)
		rules := NewRules(paths)
		thing, filter := thingOf(t, randomThing(random)), randomFilter(random, 3)
		predicate, err := rql.CompileSearch(filter)
		if err != nil {
			t.Fatal(err)
		}
		holds, err := predicate.Match(&rql.Subject{Layers: []rql.Layer{{Value: thing.Doc}}, Now: now})
		if err != nil {
			t.Fatal(err)
		}
		_, entries := rules.Changes(Thing{}, thing)
		plan := NewPlan(predicate.Expression(), now, rules)
		finds := plan.finds("org.acme:t", entries)
		if holds && !finds {
			t.Fatalf("by %q %s is missed: %s", paths, filter, thing.Doc)
		}
		if holds {
			held++
		}
		if finds {
			found++
		}
	}
	if held < cases/20 || found > cases*19/20 {
		t.Errorf("%d held, %d were found, of %d", held, found, cases)
	}
}

// TestOrderByRules says by which properties an index can have things in order.
func TestOrderByRules(t *testing.T) {
	rules := NewRules([]string{"attributes/a", "attributes/l/k", "features/*/properties/p", "features/f/properties/q", "_modified"})
	for property, want := range map[string]bool{
		"attributes/a": true, "attributes/a/k": true, "attributes/l": false, "attributes/l/k": true, "attributes/b": false, "_modified": true, "_created": false,
		"features/f/properties/p": true, "features/f/properties/q": true, "features/g/properties/p": true, "features/g/properties/q": false, "policyId": false,
	} {
		o := NewOrder(property, false)
		if o.Indexed(rules) != want {
			t.Errorf("%s: %v", property, !want)
		}
		if !o.Indexed(Rules{}) {
			t.Errorf("%s is not indexed where everything is", property)
		}
	}
}

// TestVersionOfRules checks that rules have the same version only if things have the same entries.
func TestVersionOfRules(t *testing.T) {
	versions := map[string]string{Rules{}.Version(): "everything"}
	for _, paths := range []string{
		"", "attributes", "attributes/a", "attributes/a attributes/b", "attributes/a/b", "attributes/a~1b", "attributes features", "features/*", "features/f",
		"features/*/properties", "features/*/properties features/f/definition", "policyId",
	} {
		version := NewRules(strings.Fields(paths)).Version()
		if other, taken := versions[version]; taken {
			t.Errorf("%q has the version of %q", paths, other)
		}
		versions[version] = paths
	}
	for _, same := range [][2]string{
		{"attributes features", "features attributes"}, {"attributes", "attributes/b attributes attributes/a"}, {"policyId", "policyId policyId"},
	} {
		if a, b := NewRules(strings.Fields(same[0])).Version(), NewRules(strings.Fields(same[1])).Version(); a != b {
			t.Errorf("%q: %q and %q", same, a, b)
		}
	}
}

// BenchmarkChangesByRules sets a property, which is indexed or not, of a thing with a thousand others.
func BenchmarkChangesByRules(b *testing.B) {
	text := `{"thingId":"org.acme:t","attributes":{"a":1},"features":{"f":{"properties":{"p":0}}`
	for i := range 1000 {
		text += `,"f` + string(rune('a'+i%26)) + strings.Repeat("x", i/26) + `":{"properties":{"p":` + string(rune('0'+i%10)) + `}}`
	}
	from := thingOf(b, text+"}}")
	to := from
	to.Doc = document.Set(from.Doc, document.Pointer{"features", "f", "properties", "p"}, []byte("1"))
	for name, rules := range map[string]Rules{
		"everything": {}, "indexed": NewRules([]string{"attributes", "features/*/properties/p"}), "not indexed": NewRules([]string{"attributes"}), "nothing": NewRules(nil),
	} {
		b.Run("set/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				rules.Changes(from, to)
			}
		})
		b.Run("create/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				rules.Changes(Thing{}, to)
			}
		})
	}
}
