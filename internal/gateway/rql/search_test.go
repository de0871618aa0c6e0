package rql

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
)

// thingFacts are the special fields of the thing in these tests.
type thingFacts struct{}

func (thingFacts) AppendField(dst []byte, name string) ([]byte, bool) {
	switch name {
	case "_namespace":
		return append(dst, `"org.acme"`...), true
	case "_revision":
		return append(dst, `7`...), true
	case "_created", "_modified":
		return append(dst, `"2026-01-02T03:04:05.6Z"`...), true
	}
	return dst, false
}

func (thingFacts) Placeholder(string) (string, bool) { return "", false }

func searched(t *testing.T, doc, filter string) bool {
	t.Helper()
	p, err := CompileSearch(filter)
	if err != nil {
		t.Fatalf("%s: %v", filter, err)
	}
	canonical, err := document.Canonical([]byte(doc))
	if err != nil {
		t.Fatalf("%s: %v", doc, err)
	}
	ok, err := p.Match(&Subject{Layers: []Layer{{Value: canonical}}, Facts: thingFacts{}, Now: searchNow})
	if err != nil {
		t.Fatalf("%s: %v", filter, err)
	}
	return ok
}

var searchNow = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// TestSearchSemantics goes through what sets searches apart from other filters, and what they share.
func TestSearchSemantics(t *testing.T) {
	const doc = `{"thingId":"org.acme:t","policyId":"org.acme:p","definition":"a:b:1","attributes":{"n":1,"d":1.0,"s":"1","t":true,"null":null,
		"text":"true","list":[1,"a",[2,{"k":"v"}],{"k":3}],"none":[],"object":{"x":1},"line":"a\nb","e":"","nothing":{}},
		"features":{"f":{"definition":["x:y:1"],"properties":{"a":1,"b":null}},"g":{"properties":{"a":"z"},"desiredProperties":{"a":5}},"h":{},"*":{"properties":{"star":1}}},
		"_metadata":{"attributes":{"n":{"unit":"K"}}}}`
	for filter, want := range map[string]bool{
		`eq(attributes/n,1)`: true, `eq(attributes/n,1.0)`: true, `eq(attributes/n,"1")`: false, `eq(attributes/s,1)`: false,
		`eq(attributes/s,"1")`: true, `eq(attributes/t,true)`: true, `eq(attributes/t,"true")`: false, `eq(attributes/text,true)`: false,
		`gt(attributes/s,0)`: false, `gt(attributes/s,"0")`: true, `gt(attributes/n,"0")`: false, `lt(attributes/t,"z")`: false,
		`gt(attributes/t,false)`: true, `ge(attributes/n,null)`: false, `lt(attributes/null,1)`: false, `le(attributes/null,null)`: false,

		`ne(attributes/n,2)`: true, `ne(attributes/n,1)`: false, `ne(attributes/n,"1")`: true, `ne(attributes/missing,1)`: false,
		`ne(attributes/null,1)`: true, `ne(attributes/null,null)`: false, `ne(attributes/n,null)`: true, `ne(attributes/missing,null)`: false,
		`ne(attributes/object,1)`: true, `ne(attributes/list,1)`: false, `ne(attributes/none,1)`: true,
		`eq(attributes/null,null)`: true, `eq(attributes/missing,null)`: false, `eq(attributes/n,null)`: false,
		`not(eq(attributes/missing,1))`: true, `not(ne(attributes/missing,1))`: true,

		`in(attributes/n,"1",true,1)`: true, `in(attributes/n,"1",true)`: false, `in(attributes/text,true)`: false, `in(attributes/t,"true")`: false,
		`in(attributes/t,false,true)`: true, `in(attributes/s,1,2)`: false, `in(attributes/s,"2","1")`: true,

		`eq(attributes/list,1)`: true, `eq(attributes/list,2)`: true, `eq(attributes/list,"a")`: true, `eq(attributes/list/k,"v")`: true,
		`eq(attributes/list/k,3)`: true, `eq(attributes/list/k,4)`: false, `exists(attributes/list/k)`: true, `exists(attributes/list/x)`: false,
		`exists(attributes/none)`: true, `empty(attributes/none)`: true, `empty(attributes/list)`: false, `empty(attributes/e)`: true,
		`empty(attributes/null)`: true, `empty(attributes/missing)`: true, `empty(attributes/nothing)`: true, `exists(attributes/null)`: true,
		`exists(attributes/object)`: true, `exists(attributes/object/x)`: true, `eq(attributes/object,1)`: false,

		`like(attributes/n,"*")`: false, `like(attributes/t,"t*")`: false, `like(attributes/text,"t?u*")`: true, `like(attributes/line,"a*b")`: false,
		`ilike(attributes/text,"TRUE")`: true, `like(attributes/text,"TRUE")`: false, `like(attributes/list,"a")`: true, `like(attributes/e,"*")`: true,

		`eq(features/*/properties/a,1)`: true, `eq(features/*/properties/a,"z")`: true, `eq(features/*/properties/a,2)`: false,
		`exists(features/*/properties/b)`: true, `exists(features/*/properties/c)`: false, `gt(features/*/desiredProperties/a,4)`: true,
		`ne(features/*/properties/a,1)`: false, `ne(features/*/properties/a,7)`: true, `ne(features/*/properties/c,7)`: false,
		`and(eq(features/*/properties/a,"z"),exists(features/*/properties/b))`: true, // each for itself
		`like(features/*/definition,"x:*")`:                                    true, `exists(features/*)`: true, `exists(features/*/properties)`: true,
		`exists(features/h)`: true, `empty(features/h)`: true, `empty(features/f)`: false, `empty(features/none)`: true,
		`empty(features/*/properties/b)`: true, `empty(features/*/properties/a)`: false, `eq(features/*/properties/star,1)`: true,
		`eq(features/f/properties/a,1)`: true, `eq(features/g/properties/a,1)`: false,

		`eq(thingId,"org.acme:t")`: true, `eq(namespace,"org.acme")`: true, `ne(namespace,"org")`: true, `like(namespace,"org*")`: true,
		`eq(policyId,"org.acme:p")`: true, `like(definition,"a:*")`: true, `eq(_revision,7)`: true, `gt(_revision,"6")`: false,
		`gt(_modified,"2026-01-01")`: true, `lt(_created,"2026-01-01T00:00:00Z")`: false, `gt(_created,time:now-1h)`: true,
		`lt(_created,time:now-1s)`: false, `eq(_metadata/attributes/n/unit,"K")`: true, `exists(_metadata/attributes/x)`: false,
	} {
		if got := searched(t, doc, filter); got != want {
			t.Errorf("%s: %v", filter, got)
		}
	}
}

func TestSearchProperties(t *testing.T) {
	for filter, ok := range map[string]bool{
		`eq(namespace,"a")`: true, `eq(_namespace,"a")`: false, `exists(_namespace)`: false, `eq(topic:action,"a")`: false, `eq(resource:path,"/")`: false,
		`eq(entity:id,"a")`: false, `eq(attributes,1)`: false, `exists(attributes)`: false, `exists(features)`: false, `eq(features/f,1)`: false,
		`exists(features/f)`: true, `exists(features/*)`: true, `eq(features/*,1)`: false, `empty(features/*/properties)`: true,
		`eq(features/*/properties,1)`: false, `eq(features/*/foo/x,1)`: false, `eq(header:x,1)`: false, `eq(unknown,1)`: false,
		`eq(features/f/definition,"a:b:1")`: true, `eq(_metadata/x,1)`: true, `eq(_metadata,1)`: false,
	} {
		if _, err := CompileSearch(filter); (err == nil) != ok {
			t.Errorf("%s: %v", filter, err)
		}
	}
}

var searchCases = flag.Int("rql.searches", 20_000, "how many random searches are compared with the naive ones")

// TestSearchAgainstNaive compares random searches on random things.
func TestSearchAgainstNaive(t *testing.T) {
	random := rand.New(rand.NewPCG(7, uint64(*searchCases)))
	held := 0
	for range *searchCases {
		doc, filter := randomThing(random), randomSearch(random, 3)
		p, err := CompileSearch(filter)
		if err != nil {
			t.Fatalf("%s: %v", filter, err)
		}
		canonical, err := document.Canonical([]byte(doc))
		if err != nil {
			t.Fatalf("%s: %v", doc, err)
		}
		got, err := p.Match(&Subject{Layers: []Layer{{Value: canonical}}, Facts: thingFacts{}, Now: searchNow})
		if err != nil {
			t.Fatal(err)
		}
		told := map[string]any{"namespace": "org.acme"}
		if want := newNaiveSearch(t, doc, told, searchNow).holds(p.Expression()); got != want {
			t.Fatalf("%s on %s: %v", filter, doc, got)
		}
		if got {
			held++
		}
	}
	if held < *searchCases/10 || held > *searchCases*9/10 {
		t.Errorf("%d of %d hold: too much alike", held, *searchCases)
	}
}

func randomThing(r *rand.Rand) string {
	return fmt.Sprintf(`{"thingId":"org.acme:%s","attributes":{"a":%s,"b":%s,"c":%s},"features":{"f":{"properties":{"a":%s}},"g":{"properties":%s},"h":{"definition":["a:b:1"],"properties":{"a":%s}}}}`,
		pick(r, "s", "t"), randomValue(r, 3), randomValue(r, 2), randomValue(r, 1), randomValue(r, 2),
		pick(r, `{}`, `{"a":1}`, `{"a":null,"b":2}`), randomValue(r, 1))
}

func pick(r *rand.Rand, of ...string) string { return of[r.IntN(len(of))] }

func randomValue(r *rand.Rand, depth int) string {
	if depth > 0 && r.IntN(3) == 0 {
		if r.IntN(2) == 0 {
			parts := make([]string, r.IntN(4))
			for i := range parts {
				parts[i] = randomValue(r, depth-1)
			}
			return "[" + strings.Join(parts, ",") + "]"
		}
		return pick(r, `{}`, `{"k":`+randomValue(r, depth-1)+`}`, `{"k":`+randomValue(r, depth-1)+`,"l":`+randomValue(r, depth-1)+`}`)
	}
	return randomScalar(r)
}

func randomScalar(r *rand.Rand) string {
	return pick(r, `null`, `true`, `false`, `0`, `-1`, `1`, `1.0`, `2`, `1.5`, `10`, `""`, `"1"`, `"true"`, `"a"`, `"ab"`, `"b"`, `"A"`, `"é"`, `"\ud83d\ude00"`, `"\uffee"`)
}

func randomSearch(r *rand.Rand, depth int) string {
	if depth > 0 && r.IntN(2) == 0 {
		switch r.IntN(3) {
		case 0:
			return "not(" + randomSearch(r, depth-1) + ")"
		case 1:
			return "and(" + randomSearch(r, depth-1) + "," + randomSearch(r, depth-1) + ")"
		}
		return "or(" + randomSearch(r, depth-1) + "," + randomSearch(r, depth-1) + ")"
	}
	property := pick(r, "attributes/a", "attributes/b", "attributes/a/k", "attributes/b/k/k", "attributes/x", "features/*/properties/a",
		"features/f/properties/a", "features/*/properties/b", "features/g/properties/a", "features/*/properties/a/k")
	switch r.IntN(5) {
	case 0:
		return pick(r, "exists", "empty") + "(" + pick(r, property, "features/f", "features/*", "features/g/properties", "features/*/properties") + ")"
	case 1:
		return pick(r, "like", "ilike") + "(" + pick(r, property, "thingId", "namespace") + "," + quoted(pick(r, "*", "a*", "?", "A?", "*b", "1", "org*")) + ")"
	case 2:
		value := randomScalar(r)
		for value == "null" {
			value = randomScalar(r)
		}
		return "in(" + property + "," + value + "," + pick(r, "1", `"a"`, "true") + ")"
	}
	return pick(r, "eq", "ne", "gt", "ge", "lt", "le") + "(" + property + "," + randomScalar(r) + ")"
}
