package finder

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/query"
	"github.com/twinway/twinway/internal/gateway/rql"
	"github.com/twinway/twinway/internal/gateway/store"
)

var searches = flag.Int("finder.searches", 5_000, "how many random searches are compared with naive ones")

// TestSearchAgainstNaive compares random searches with looking at everything, whichever way they take.
func TestSearchAgainstNaive(t *testing.T) {
	random := rand.New(rand.NewPCG(11, uint64(*searches)))
	var s *shelf
	some := 0
	for i := range *searches {
		if i%100 == 0 {
			s = randomShelf(t, random)
		}
		q := randomQuery(t, random)
		look := randomLook(random)
		s.things = pick(random, int64(0), 1)
		if random.IntN(10) == 0 {
			s.lacking, s.forgets = nil, random.IntN(2) == 0
		}
		ways := limits{least: pick(random, 1, 5, 1000), features: pick(random, 1, 3, 100), remembered: pick(random, 1, 3, 100), lacking: pick(random, 0, 2, 1000)}
		want := naive(t, s, &q, look)
		if got := collect(t, begin(s, q, look, ways)); !slices.Equal(got, want) {
			text := ""
			if q.Filter != nil {
				text = q.Filter.String()
			}
			t.Fatalf("%q sorted by %v in %v, %+v:\n%v, want\n%v", text, q.Sort, q.Namespaces, ways, got, want)
		}
		if len(want) > 0 && len(want) < len(s.records) {
			some++
		}
	}
	if some < *searches/4 {
		t.Errorf("only %d searches found some and not all", some)
	}
}

// collect returns all that is found.
func collect(t *testing.T, s *Search) (ids []string) {
	t.Helper()
	defer s.Close()
	for {
		id, more, err := s.Next()
		switch {
		case err != nil:
			t.Fatal(err)
		case !more:
			return ids
		case id != "":
			ids = append(ids, id)
		}
	}
}

func randomShelf(t *testing.T, r *rand.Rand) *shelf {
	t.Helper()
	s := newShelf()
	for i := range 10 + r.IntN(80) {
		id := fmt.Sprintf("%s:t%d", pick(r, "org.acme", "org.acme", "org.b", "org.acme.x"), i)
		meta := pick(r, "", "", `{"attributes":{"n":{"unit":"K"}}}`)
		s.put(t, id, randomThing(r, id), meta, time.Duration(r.IntN(100))*time.Second)
	}
	return s.ready()
}

func randomQuery(t *testing.T, r *rand.Rand) Query {
	t.Helper()
	q := Query{Page: 1 + r.IntN(25), Now: created}
	if r.IntN(6) > 0 {
		filter, err := rql.CompileSearch(randomFilter(r, 3))
		if err != nil {
			t.Fatal(err)
		}
		q.Filter = filter
	}
	for range r.IntN(4) {
		q.Sort = append(q.Sort, query.Key{Property: pick(r, "attributes/n", "attributes/m", "attributes/opt", "attributes/model", "thingId", "_modified", "_revision", "namespace",
			"attributes/m/k", "features/f/properties/a", "policyId", "attributes/missing"), Descending: r.IntN(2) == 0})
	}
	for range r.IntN(5) / 2 {
		q.Namespaces = append(q.Namespaces, pick(r, "org.acme", "org.b", "org", "org.acme.x"))
	}
	return q
}

// randomLook hides things, and parts of things.
func randomLook(r *rand.Rand) Look {
	hidden, part := r.IntN(4), r.IntN(3)
	return func(id string, record *store.Record) (doc, meta []byte, ok bool) {
		doc = record.Doc
		switch {
		case hidden == 0 && len(id)%2 == 0:
			return nil, nil, false
		case part == 0:
			doc, _ = document.Delete(doc, document.Pointer{"attributes", "m"})
		case part == 1 && id > "org.acme:t4":
			doc, _ = document.Delete(doc, document.Pointer{"features", "f"})
		}
		return doc, record.Meta, true
	}
}
