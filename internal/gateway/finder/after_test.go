package finder

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/query"
	"github.com/twinway/twinway/internal/gateway/store"
)

// TestPagesAgainstNaive goes through random searches page by page, each by a search of its own behind the position of the last
// thing of the page before, and compares what is found in all with looking at everything.
func TestPagesAgainstNaive(t *testing.T) {
	random := rand.New(rand.NewPCG(23, uint64(*searches)))
	var s *shelf
	pages := 0
	for i := range *searches / 2 {
		if i%100 == 0 {
			s = randomShelf(t, random)
		}
		q, look := randomQuery(t, random), randomLook(random)
		s.things = pick(random, int64(0), 1)
		if random.IntN(10) == 0 {
			s.lacking, s.forgets = nil, random.IntN(2) == 0
		}
		want := naive(t, s, &q, look)
		var got []string
		for more := true; more; pages++ {
			var page []string
			page, more = s.page(t, &q, look, randomWays(random), 1+random.IntN(20))
			got = append(got, page...)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%q sorted by %v in %v:\n%v, want\n%v", textOf(&q), q.Sort, q.Namespaces, got, want)
		}
	}
	if pages < *searches*3/4 {
		t.Errorf("only %d pages", pages)
	}
}

// page returns up to n things, and sets the position behind which the next ones come.
func (s *shelf) page(t *testing.T, q *Query, look Look, ways limits, n int) (ids []string, more bool) {
	t.Helper()
	search := begin(s, *q, look, ways)
	defer search.Close()
	for {
		id, more, err := search.Next()
		switch {
		case err != nil:
			t.Fatal(err)
		case !more:
			return ids, false
		case id == "":
		case len(ids) == n:
			last := s.records[ids[n-1]]
			at := search.order.positionOf(ids[n-1], &last)
			q.After = &at
			return ids, true
		default:
			ids = append(ids, id)
		}
	}
}

func textOf(q *Query) string {
	if q.Filter == nil {
		return ""
	}
	return q.Filter.String()
}

// TestBehindAnyPosition begins random searches behind the positions of things that they need not find.
func TestBehindAnyPosition(t *testing.T) {
	random := rand.New(rand.NewPCG(29, uint64(*searches)))
	var s *shelf
	some := 0
	for i := range *searches {
		if i%100 == 0 {
			s = randomShelf(t, random)
		}
		q, look := randomQuery(t, random), randomLook(random)
		all := naive(t, s, &Query{Sort: q.Sort}, func(_ string, r *store.Record) (doc, meta []byte, ok bool) { return r.Doc, r.Meta, true })
		at := random.IntN(len(all))
		record := s.records[all[at]]
		position := newOrder(q.Sort, q.Indexed).positionOf(all[at], &record)
		want := slices.DeleteFunc(naive(t, s, &q, look), func(id string) bool { return slices.Index(all, id) <= at })
		q.After = &position
		s.things = pick(random, int64(0), 1)
		ways := randomWays(random)
		if got := collect(t, begin(s, q, look, ways)); !slices.Equal(got, want) {
			t.Fatalf("%q sorted by %v in %v behind %q, %+v:\n%v, want\n%v", textOf(&q), q.Sort, q.Namespaces, position, ways, got, want)
		}
		if len(want) > 0 {
			some++
		}
	}
	if some < *searches/4 {
		t.Errorf("only %d searches found some", some)
	}
}

// TestPagesWhileThingsChange goes through searches page by page in a store that changes in between. Of the things with which
// nothing happens until the last page, each is found once, in order.
func TestPagesWhileThingsChange(t *testing.T) {
	random := rand.New(rand.NewPCG(31, uint64(*searches)))
	c := newCellar(t)
	changed := map[string]bool{}
	change := func() {
		id := fmt.Sprintf("%s:t%d", pick(random, "org.acme", "org.b", "org.acme.x"), random.IntN(60))
		doc := ""
		if random.IntN(5) > 0 {
			doc = randomThing(random, id)
		}
		c.set(t, id, doc, created.Add(time.Duration(random.IntN(100))*time.Second))
		changed[id] = true
	}
	for range 100 {
		change()
	}
	compared := 0
	for range *searches / 25 {
		q, look := randomQuery(t, random), randomLook(random)
		want := naive(t, &shelf{records: maps.Clone(c.records)}, &q, look)
		clear(changed)
		var got []string
		for more := true; more; {
			var page []string
			page, more = c.page(t, &q, look, randomWays(random), 1+random.IntN(10))
			got = append(got, page...)
			if random.IntN(3) == 0 {
				change()
			}
		}
		unchanged := func(ids []string) []string {
			return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return changed[id] })
		}
		if got, want := unchanged(got), unchanged(want); !slices.Equal(got, want) {
			t.Fatalf("%q sorted by %v in %v:\n%v, want\n%v", textOf(&q), q.Sort, q.Namespaces, got, want)
		}
		compared += len(unchanged(want))
	}
	if compared < *searches/5 {
		t.Errorf("only %d things were compared", compared)
	}
}

// page is one page of what is in the store now.
func (c *cellar) page(t *testing.T, q *Query, look Look, ways limits, n int) (ids []string, more bool) {
	t.Helper()
	known := c.changes.expect(newOrder(q.Sort, q.Indexed))
	view, err := c.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = view.Close() }()
	search := begin(&source{View: view, memory: known, things: 1}, *q, look, ways)
	defer search.Close()
	for {
		id, more, err := search.Next()
		switch {
		case err != nil:
			t.Fatal(err)
		case !more:
			return ids, false
		case id == "":
		case len(ids) == n:
			last := c.records[ids[n-1]]
			at := search.order.positionOf(ids[n-1], &last)
			q.After = &at
			return ids, true
		default:
			ids = append(ids, id)
		}
	}
}

// TestPagesBeginAtPosition says how much is done for a page far behind: no more than for the first, if the index has things in the
// order that is wanted.
func TestPagesBeginAtPosition(t *testing.T) {
	s := newShelf()
	const n = 5000
	for i := range n {
		id := fmt.Sprintf("a:%05d", i)
		s.put(t, id, fmt.Sprintf(`{"thingId":%q,"attributes":{"n":%d,"same":1%s}}`, id, i, map[bool]string{true: `,"most":1`}[i > 0]), "", 0)
	}
	s.ready()
	look := func(_ string, r *store.Record) (doc, meta []byte, ok bool) { return r.Doc, r.Meta, true }
	few := usual
	few.remembered = 3
	for _, sort := range [][]query.Key{
		nil, {{Property: query.ByID}}, {{Property: query.ByID, Descending: true}},
		{{Property: "attributes/n"}}, {{Property: "attributes/n", Descending: true}}, {{Property: "attributes/n"}, {Property: "policyId"}},
		{{Property: "attributes/same"}}, {{Property: "attributes/same", Descending: true}},
		{{Property: "attributes/most"}}, {{Property: "attributes/most", Descending: true}},
		{{Property: "attributes/none"}}, {{Property: "attributes/none", Descending: true}},
	} {
		q := Query{Sort: sort, Page: 10}
		all := collect(t, Begin(s, q, look))
		for _, far := range []int{1, 1000, n - 30} {
			last := s.records[all[far]]
			at := newOrder(sort, q.Indexed).positionOf(all[far], &last)
			if want := len(slices.DeleteFunc(slices.Clone(sort), func(k query.Key) bool { return k.Property == query.ByID })); len(at.Values) != want {
				t.Errorf("sorted by %v: %d values, want %d", sort, len(at.Values), want)
			}
			q.After = &at
			s.loads = 0
			from := &trodden{shelf: s}
			if got, want := first(t, begin(from, q, look, few)), all[far+1:far+21]; !slices.Equal(got, want) {
				t.Errorf("sorted by %v: %v, want %v", sort, got, want)
			}
			if s.loads > 25 || from.steps > 60 {
				t.Errorf("sorted by %v, behind %s: %d things were looked at, in %d steps", sort, at.ID, s.loads, from.steps)
			}
		}
	}
}

// first returns the first 20 things that are found.
func first(t *testing.T, s *Search) (ids []string) {
	t.Helper()
	defer s.Close()
	for len(ids) < 20 {
		id, more, err := s.Next()
		if err != nil || !more {
			t.Fatal(err, ids)
		}
		if id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// trodden is a shelf that counts how far searches go along it.
type trodden struct {
	*shelf
	steps int
}

func (s *trodden) Keys(lower, upper []byte) (store.Keys, error) {
	keys, err := s.shelf.Keys(lower, upper)
	return pacer{keys, &s.steps}, err
}

type pacer struct {
	store.Keys
	steps *int
}

func (p pacer) step() { *p.steps++ }

func (p pacer) First() bool            { p.step(); return p.Keys.First() }
func (p pacer) Last() bool             { p.step(); return p.Keys.Last() }
func (p pacer) Next() bool             { p.step(); return p.Keys.Next() }
func (p pacer) Prev() bool             { p.step(); return p.Keys.Prev() }
func (p pacer) SeekGE(key []byte) bool { p.step(); return p.Keys.SeekGE(key) }
func (p pacer) SeekLT(key []byte) bool { p.step(); return p.Keys.SeekLT(key) }
