package index

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
)

// canonical returns the document of a text.
func canonical(t testing.TB, text string) []byte {
	t.Helper()
	doc, err := document.Canonical([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return doc
}

// thingOf returns a thing with times.
func thingOf(t testing.TB, doc string) Thing {
	t.Helper()
	return Thing{
		Doc: canonical(t, doc), Created: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Modified: time.Date(2026, 2, 3, 4, 5, 6, 700_000_000, time.UTC),
	}
}

// entriesOf returns all entries of a thing.
func entriesOf(thing Thing) [][]byte {
	_, gained := Changes(Thing{}, thing)
	return gained
}

// finds tells whether a plan finds a thing, by going through its entries one by one.
func (p *Plan) finds(id string, entries [][]byte) bool {
	in := func(r Range, key []byte) bool {
		return bytes.Compare(key, r.Lower) >= 0 && (r.Upper == nil || bytes.Compare(key, r.Upper) < 0)
	}
	one := func(o Plan) bool { return o.finds(id, entries) }
	switch p.Kind {
	case Everything:
		return true
	case Nothing:
		return false
	case IDs:
		return in(p.Range, []byte(id))
	case All:
		return !slices.ContainsFunc(p.Operands, func(o Plan) bool { return !one(o) })
	case Any:
		return slices.ContainsFunc(p.Operands, one)
	case Entries:
	}
	return slices.ContainsFunc(entries, func(entry []byte) bool {
		key := append(slices.Clone(entry), id...)
		if !p.AnyFeature {
			return in(p.Range, key)
		}
		if !in(Features, key) {
			return false
		}
		feature, _ := NextFeature(key)
		return in(p.OfFeature(feature), key)
	})
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

func randomThing(r *rand.Rand) string {
	return fmt.Sprintf(`{"thingId":"org.acme:t","policyId":%s,"attributes":{"a":%s,"b":%s,"c~/d":%s},"features":{"f":{"properties":{"a":%s}},"g":%s,"f!":{"definition":["a:b:1"],"properties":{"a":%s},"desiredProperties":{"b":%s}}}}`,
		pick(r, `"org.acme:p"`, `"org.acme:q"`), randomValue(r, 3), randomValue(r, 2), randomValue(r, 1), randomValue(r, 2),
		pick(r, `{}`, `{"properties":{}}`, `{"properties":{"a":null,"b":2}}`, `{"properties":{"a":`+randomValue(r, 1)+`}}`), randomValue(r, 1), randomValue(r, 1))
}

func randomValue(r *rand.Rand, depth int) string {
	if depth == 0 || r.IntN(3) > 0 {
		return randomScalar(r)
	}
	if r.IntN(2) == 0 {
		parts := make([]string, r.IntN(4))
		for i := range parts {
			parts[i] = randomValue(r, depth-1)
		}
		return "[" + strings.Join(parts, ",") + "]"
	}
	return pick(r, `{}`, `{"k":`+randomValue(r, depth-1)+`}`, `{"k":`+randomValue(r, depth-1)+`,"l":`+randomValue(r, depth-1)+`}`)
}

func randomScalar(r *rand.Rand) string {
	if r.IntN(3) == 0 {
		return randomNumber(r)
	}
	return pick(r, `null`, `true`, `false`, `""`, `"1"`, `"true"`, `"a"`, `"ab"`, `"abc"`, `"b"`, `"A"`, `"Ab"`, `"é"`, `"\ud83d\ude00"`, `"\uffee"`,
		`"\u0001"`, `"\u0002x"`, `"\ud83d"`, longText, longText2)
}

// Two strings that entries do not tell apart.
var (
	longText  = `"` + strings.Repeat("x", MaxText+50) + `"`
	longText2 = `"` + strings.Repeat("x", MaxText+50) + `y"`
)

func randomNumber(r *rand.Rand) string {
	digits := func(n int) string { return fmt.Sprint(r.IntN(9)+1) + strings.Repeat(pick(r, "0", "7"), r.IntN(n)) }
	return pick(r, "", "-") + pick(r, "0", "0.0", digits(3), digits(3)+"."+digits(3), "0."+digits(4), "0.00"+digits(2), digits(100))
}
