package finder

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/query"
	"github.com/twinway/twinway/internal/gateway/rql"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/thing"
)

// naive looks at every thing, and sorts what matches as the protocol describes it, on trees.
func naive(t *testing.T, s *shelf, q *Query, look Look) (ids []string) {
	t.Helper()
	var all []naiveFound
	for id, record := range s.records {
		doc, meta, ok := look(id, &record)
		ns, _, _ := strings.Cut(id, ":")
		if !ok || len(q.Namespaces) > 0 && !slices.Contains(q.Namespaces, ns) {
			continue
		}
		if q.Filter != nil {
			holds, err := q.Filter.Match(&rql.Subject{
				Layers: []rql.Layer{{Value: doc}, {At: document.Pointer{"_metadata"}, Value: meta}},
				Facts:  testFacts{(*thing.State)(&record)}, Now: q.Now,
			})
			if err != nil {
				t.Fatal(err)
			}
			if !holds {
				continue
			}
		}
		one := naiveFound{id: id}
		for _, k := range q.Sort {
			one.by = append(one.by, naiveValue(t, id, &record, k))
		}
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b naiveFound) int {
		for i, k := range q.Sort {
			c := compareNaive(a.by[i], b.by[i])
			if k.Descending {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return cmp.Compare(a.id, b.id)
	})
	for _, one := range all {
		ids = append(ids, one.id)
	}
	return ids
}

type testFacts struct{ *thing.State }

func (testFacts) Placeholder(string) (string, bool) { return "", false }

type naiveFound struct {
	id string
	by []any
}

// nothing is what is missing.
type nothing struct{}

// naiveValue returns the value by which a thing is sorted.
func naiveValue(t *testing.T, id string, r *store.Record, k query.Key) any {
	t.Helper()
	switch k.Property {
	case "thingId":
		return id
	case "namespace":
		ns, _, _ := strings.Cut(id, ":")
		return ns
	case "_revision":
		return json.Number(fmt.Sprint(r.Revision))
	case "_modified":
		return r.Modified.Format(time.RFC3339Nano)
	}
	d := json.NewDecoder(bytes.NewReader(r.Doc))
	d.UseNumber()
	var doc any
	if err := d.Decode(&doc); err != nil {
		t.Fatal(err)
	}
	var scalars, others []any
	for _, v := range values([]any{doc}, strings.Split(k.Property, "/")) {
		flatten(v, &scalars, &others)
	}
	if len(scalars) == 0 {
		scalars = others
	}
	if len(scalars) == 0 {
		return nothing{}
	}
	best := scalars[0]
	for _, v := range scalars {
		if c := compareNaive(v, best); c != 0 && (c < 0) != k.Descending {
			best = v
		}
	}
	return best
}

func values(at []any, names []string) []any {
	for _, name := range names {
		var next []any
		for _, v := range at {
			next = append(next, below(v, name)...)
		}
		at = next
	}
	return at
}

func below(v any, name string) (found []any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			found = append(found, below(e, name)...)
		}
	case map[string]any:
		if member, ok := v[name]; ok {
			found = append(found, member)
		}
	}
	return found
}

// flatten takes arrays apart. What is an object or an array is told apart from scalars.
func flatten(v any, scalars, others *[]any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			flatten(e, scalars, others)
		}
		*others = append(*others, v)
	case map[string]any:
		*others = append(*others, v)
	default:
		*scalars = append(*scalars, v)
	}
}

func compareNaive(a, b any) int {
	if c := cmp.Compare(rank(a), rank(b)); c != 0 {
		return c
	}
	switch a := a.(type) {
	case json.Number:
		x, _ := new(big.Rat).SetString(a.String())
		y, _ := new(big.Rat).SetString(b.(json.Number).String())
		return x.Cmp(y)
	case string:
		return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b.(string))))
	}
	return 0
}

func rank(v any) int {
	switch v := v.(type) {
	case nothing:
		return 0
	case nil:
		return 1
	case bool:
		if v {
			return 3
		}
		return 2
	case json.Number:
		return 4
	case string:
		return 5
	case map[string]any:
		return 6
	}
	return 7
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

func randomThing(r *rand.Rand, id string) string {
	return fmt.Sprintf(`{"thingId":%q,"policyId":%s,"attributes":{"n":%d,"m":%s%s,"model":%s},"features":{"f":{"properties":{"a":%s}},%q:{"properties":{"a":%s,"b":%s}}}}`,
		id, pick(r, `"org.acme:p"`, `"org.acme:q"`), r.IntN(50), randomValue(r, 2), pick(r, "", `,"opt":`+randomValue(r, 1)), pick(r, `"a"`, `"b"`), randomValue(r, 1),
		pick(r, "g", "h", "f!"), randomValue(r, 1), randomValue(r, 0))
}

func randomValue(r *rand.Rand, depth int) string {
	if depth == 0 || r.IntN(4) > 0 {
		return pick(r, `null`, `true`, `false`, `0`, `-1`, `1.0`, `1`, `2.5`, `1e2`, `""`, `"a"`, `"ab"`, `"b"`, `"A"`, `"é"`, `"\ud83d\ude00"`, `"\uffee"`)
	}
	if r.IntN(2) == 0 {
		parts := make([]string, r.IntN(4))
		for i := range parts {
			parts[i] = randomValue(r, depth-1)
		}
		return "[" + strings.Join(parts, ",") + "]"
	}
	return pick(r, `{}`, `{"k":`+randomValue(r, depth-1)+`}`)
}

func randomFilter(r *rand.Rand, depth int) string {
	if depth > 0 && r.IntN(2) == 0 {
		switch r.IntN(5) {
		case 0:
			return "not(" + randomFilter(r, depth-1) + ")"
		case 1, 2, 3:
			return "and(" + randomFilter(r, depth-1) + "," + randomFilter(r, depth-1) + ")"
		}
		return "or(" + randomFilter(r, depth-1) + "," + randomFilter(r, depth-1) + ")"
	}
	property := pick(r, "attributes/m", "attributes/opt", "attributes/m/k", "attributes/n", "features/*/properties/a", "features/f/properties/a",
		"features/*/properties/b", "features/f!/properties/a", "policyId", "attributes/model")
	scalar := func() string {
		return pick(r, `null`, `true`, `0`, `1`, `2.5`, `20`, `40`, `"a"`, `"ab"`, `"b"`, `"é"`)
	}
	switch r.IntN(8) {
	case 0:
		return pick(r, "exists", "empty") + "(" + pick(r, property, "features/g", "features/*", "features/g/properties") + ")"
	case 1:
		return pick(r, "like", "ilike") + "(" + pick(r, property, "thingId", "namespace") + "," + pick(r, `"*"`, `"a*"`, `"?"`, `"A?"`, `"org.a*"`, `"org.acme:t1*"`) + ")"
	case 2:
		return fmt.Sprintf("in(%s,%s,%s)", property, pick(r, "1", `"a"`, "true"), pick(r, "0", `"ab"`, "20"))
	case 3:
		return pick(r, `eq(thingId,"org.acme:t5")`, `gt(thingId,"org.acme:t3")`, `eq(namespace,"org.b")`, `lt(_modified,"2026-01-02T03:05")`, `gt(_revision,3)`)
	}
	return pick(r, "eq", "ne", "gt", "ge", "lt", "le") + "(" + property + "," + scalar() + ")"
}
