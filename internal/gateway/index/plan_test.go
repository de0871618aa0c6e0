package index

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/rql"
)

var now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func planFor(t testing.TB, filter string) (*rql.Predicate, Plan) {
	t.Helper()
	p, err := rql.CompileSearch(filter)
	if err != nil {
		t.Fatalf("%s: %v", filter, err)
	}
	return p, NewPlan(p.Expression(), now, Rules{})
}

// TestPlanFinds goes through filters, and says which of three things must be looked at.
func TestPlanFinds(t *testing.T) {
	things := map[string]string{
		"a": `{"thingId":"org.a:1","policyId":"org.a:p","attributes":{"n":1,"s":"abc"},"features":{"f":{"properties":{"x":1}}}}`,
		"b": `{"thingId":"org.b:2","policyId":"org.a:p","attributes":{"n":2.5,"s":"abd","t":true},"features":{"g":{"properties":{"x":2}}}}`,
		"c": `{"thingId":"org.b:3","policyId":"org.b:p","attributes":{"n":"1","l":[1,{"k":null}],"s":"xyz"}}`,
	}
	for filter, want := range map[string]string{
		`eq(attributes/n,1)`: "a", `eq(attributes/n,"1")`: "c", `gt(attributes/n,1)`: "ab", `gt(attributes/n,1.1)`: "b", `lt(attributes/n,2.5)`: "ab",
		`lt(attributes/n,-1)`: "", `ge(attributes/s,"abd")`: "bc", `le(attributes/s,"abc")`: "a", `ne(attributes/t,true)`: "b", `gt(attributes/t,false)`: "b",
		`like(attributes/s,"ab*")`: "ab", `like(attributes/s,"abc")`: "a", `like(attributes/s,"?bc")`: "abc", `ilike(attributes/s,"AB*")`: "abc",
		`in(attributes/n,1,2.50)`: "ab", `exists(attributes/t)`: "b", `exists(attributes/l/k)`: "c", `eq(attributes/l,1)`: "c", `eq(attributes/l/k,null)`: "c",
		`gt(attributes/n,null)`: "", `eq(attributes/missing,1)`: "", `empty(attributes/t)`: "abc", `not(exists(attributes/t))`: "abc",
		`not(empty(attributes/t))`: "b", `not(not(eq(attributes/n,1)))`: "a", `not(or(empty(attributes/t),eq(attributes/n,1)))`: "b",
		`not(and(empty(attributes/t),not(eq(attributes/n,1))))`: "ab",
		`and(exists(attributes/s),eq(policyId,"org.b:p"))`:      "c", `or(eq(attributes/n,1),eq(attributes/t,true))`: "ab", `or(eq(attributes/n,1),not(eq(attributes/n,1)))`: "abc",
		`and(eq(attributes/n,1),not(eq(attributes/t,1)))`: "a", `exists(features/f)`: "a", `exists(features/*)`: "ab", `exists(features/*/properties)`: "ab",
		`eq(features/*/properties/x,2)`: "b", `ge(features/*/properties/x,1)`: "ab", `gt(features/*/properties/y,1)`: "", `eq(features/f/properties/x,1)`: "a",
		`eq(thingId,"org.b:2")`: "b", `like(thingId,"org.b*")`: "bc", `gt(thingId,"org.a:1")`: "abc", `ge(thingId,"org.b:3")`: "c", `le(thingId,"org.b:2")`: "ab",
		`like(thingId,"org.b:3")`: "c", `eq(thingId,1)`: "", `ne(thingId,1)`: "abc", `eq(namespace,"org.b")`: "bc", `eq(namespace,"org")`: "",
		`like(namespace,"org.?")`: "abc", `eq(_revision,3)`: "abc", `exists(thingId)`: "abc", `in(thingId,"org.a:1","org.b:3")`: "ac",
		`gt(_modified,"2026-02")`: "abc", `gt(_modified,"2027")`: "", `gt(_created,time:now+1d)`: "",
	} {
		_, plan := planFor(t, filter)
		got := ""
		for _, name := range []string{"a", "b", "c"} {
			thing := thingOf(t, things[name])
			id, _ := document.Get(thing.Doc, document.Pointer{"thingId"})
			if plan.finds(strings.Trim(string(id), `"`), entriesOf(thing)) {
				got += name
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", filter, got, want)
		}
	}
}

// TestPlanMissesNothing evaluates random filters on random things, and on parts of them.
func TestPlanMissesNothing(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	held, found := 0, 0
	const cases = 40_000
	for range cases {
		thing, filter := thingOf(t, randomThing(random)), randomFilter(random, 3)
		seen := thing.Doc
		for range random.IntN(3) {
			seen, _ = document.Delete(seen, pick(random, document.Pointer{"attributes", "a"}, document.Pointer{"attributes", "a", "k"},
				document.Pointer{"features", "f"}, document.Pointer{"features", "f!", "properties"}, document.Pointer{"attributes"}))
			if seen == nil {
				seen = thing.Doc
			}
		}
		predicate, plan := planFor(t, filter)
		holds, err := predicate.Match(&rql.Subject{Layers: []rql.Layer{{Value: seen}}, Now: now})
		if err != nil {
			t.Fatal(err)
		}
		finds := plan.finds("org.acme:t", entriesOf(thing))
		if holds && !finds {
			t.Fatalf("%s is missed: %s", filter, thing.Doc)
		}
		if holds {
			held++
		}
		if finds {
			found++
		}
	}
	if held < cases/20 || found > cases*9/10 {
		t.Errorf("%d held, %d were found, of %d", held, found, cases)
	}
}

func randomFilter(r *rand.Rand, depth int) string {
	if depth > 0 && r.IntN(2) == 0 {
		switch r.IntN(3) {
		case 0:
			return "not(" + randomFilter(r, depth-1) + ")"
		case 1:
			return "and(" + randomFilter(r, depth-1) + "," + randomFilter(r, depth-1) + ")"
		}
		return "or(" + randomFilter(r, depth-1) + "," + randomFilter(r, depth-1) + ")"
	}
	property := pick(r, "attributes/a", "attributes/b", "attributes/a/k", "attributes/b/k/l", "attributes/x", "attributes/c~0~1d", "features/*/properties/a",
		"features/f/properties/a", "features/*/properties/b", "features/f!/properties/a", "features/*/properties/a/k", "policyId")
	value := func() string { return plainScalar(r) }
	switch r.IntN(6) {
	case 0:
		return pick(r, "exists", "empty") + "(" + pick(r, property, "features/g", "features/*", "features/g/properties", "features/*/properties") + ")"
	case 1:
		return pick(r, "like", "ilike") + "(" + pick(r, property, "thingId") + "," + pick(r, `"*"`, `"a*"`, `"?"`, `"A?"`, `"ab*"`, `"1"`, `"org*"`, `"xx*"`, `"abc"`) + ")"
	case 2:
		return fmt.Sprintf("in(%s,%s,%s)", property, pick(r, "1", `"a"`, "true"), pick(r, "0", `"ab"`, longText, "false"))
	}
	return pick(r, "eq", "ne", "gt", "ge", "lt", "le") + "(" + property + "," + value() + ")"
}

// plainScalar is a scalar that an expression can have: numbers have no exponent and fit.
func plainScalar(r *rand.Rand) string {
	for {
		if s := randomScalar(r); len(s) < 19 || s[0] == '"' {
			return strings.TrimPrefix(strings.Replace(s, "-0", "0", 1), "+")
		}
	}
}
