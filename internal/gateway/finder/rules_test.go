package finder

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/twinway/twinway/internal/gateway/index"
	"github.com/twinway/twinway/internal/gateway/query"
	"github.com/twinway/twinway/internal/gateway/rql"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/store/pebble"
)

// randomRules returns rules and what they are made of.
func randomRules(r *rand.Rand) (rules index.Rules, paths []string) {
	if r.IntN(6) == 0 {
		return index.Rules{}, []string{"everything"}
	}
	for range r.IntN(5) {
		paths = append(paths, pick(r, "attributes", "attributes/n", "attributes/m", "attributes/m/k", "attributes/opt", "attributes/model", "policyId", "_modified",
			"features", "features/*", "features/f", "features/*/properties", "features/*/properties/a", "features/f/properties/a", "features/f!/properties/b"))
	}
	return index.NewRules(paths), paths
}

// keysBy returns the keys that things have by rules, in order.
func keysBy(rules index.Rules, records map[string]store.Record) (keys [][]byte) {
	for id, record := range records {
		_, entries := rules.Changes(index.Thing{}, indexed(record))
		for _, e := range entries {
			keys = append(keys, append(bytes.Clone(e), id...))
		}
	}
	slices.SortFunc(keys, bytes.Compare)
	return keys
}

func randomWays(r *rand.Rand) limits {
	return limits{least: pick(r, 1, 5, 1000), features: pick(r, 1, 3, 100), remembered: pick(r, 1, 3, 100), lacking: pick(r, 0, 2, 1000)}
}

// TestSearchByRules compares random searches with looking at everything, where not everything is indexed.
func TestSearchByRules(t *testing.T) {
	random := rand.New(rand.NewPCG(17, uint64(*searches)))
	var s *shelf
	var rules index.Rules
	var paths []string
	walks, scans := 0, 0
	for i := range *searches {
		if i%50 == 0 {
			s = randomShelf(t, random)
			rules, paths = randomRules(random)
			s.keys = keysBy(rules, s.records)
		}
		q, look := randomQuery(t, random), randomLook(random)
		q.Indexed = rules
		s.things = pick(random, int64(0), 1)
		want := naive(t, s, &q, look)
		search := begin(s, q, look, randomWays(random))
		if got := collect(t, search); !slices.Equal(got, want) {
			text := ""
			if q.Filter != nil {
				text = q.Filter.String()
			}
			t.Fatalf("%q sorted by %v in %v, indexed %q:\n%v, want\n%v", text, q.Sort, q.Namespaces, paths, got, want)
		}
		if len(search.order) > 0 && search.order[0].indexed && !search.order[0].isID() {
			walks++
		}
		if q.Filter != nil && search.plan.Kind == index.Everything {
			scans++
		}
	}
	if walks < *searches/10 || scans < *searches/10 {
		t.Errorf("%d could go in order, %d could not be looked up, of %d", walks, scans, *searches)
	}
}

// TestOrderInArraysByRules sorts things by one value in an array, and asks for another one: above what is indexed it must be known
// that there are arrays.
func TestOrderInArraysByRules(t *testing.T) {
	s, rules := newShelf(), index.NewRules([]string{"attributes/m/k"})
	for i := range 10 {
		s.put(t, fmt.Sprintf("a:%d", i), fmt.Sprintf(`{"thingId":"a:%d","attributes":{"m":[{"k":%d},{"k":5}]}}`, i, i%3), "", 0)
	}
	s.keys = keysBy(rules, s.records)
	s.things = 1
	filter, err := rql.CompileSearch("eq(attributes/m/k,5)")
	if err != nil {
		t.Fatal(err)
	}
	q := Query{Filter: filter, Sort: []query.Key{{Property: "attributes/m/k"}}, Page: 1, Now: created, Indexed: rules}
	look := func(_ string, r *store.Record) (doc, meta []byte, ok bool) { return r.Doc, r.Meta, true }
	want := []string{"a:0", "a:3", "a:6", "a:9", "a:1", "a:4", "a:7", "a:2", "a:5", "a:8"}
	if got := collect(t, begin(s, q, look, limits{least: 1, features: 1, remembered: 1})); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestRulesOfStore gives a store other rules at each start: narrower ones, wider ones, and those that it had.
func TestRulesOfStore(t *testing.T) {
	random := rand.New(rand.NewPCG(19, uint64(*searches)))
	fs := vfs.NewMem()
	c := &cellar{records: map[string]store.Record{}, last: map[string]int64{}}
	model := index.NewRules([]string{"attributes/model"})
	rules := []index.Rules{{}, model, index.NewRules([]string{"attributes", "features/*/properties/a"}), model, model, index.NewRules(nil), {}}
	for range 8 {
		more, _ := randomRules(random)
		rules = append(rules, more)
	}
	for i, by := range rules {
		made := c.open(t, fs, by)
		again := i == 0 || rules[i-1].Version() == by.Version()
		if again != (made == 0) {
			t.Errorf("start %d, with the rules %q: entries of %d things are made", i, by.Version(), made)
		}
		c.wantKeys(t)
		for range 100 {
			id := fmt.Sprintf("%s:t%d", pick(random, "org.acme", "org.b"), random.IntN(60))
			doc := ""
			if random.IntN(5) > 0 {
				doc = randomThing(random, id)
			}
			c.set(t, id, doc, created.Add(time.Duration(random.IntN(100))*time.Second))
		}
		c.wantKeys(t)
		for range *searches / 50 {
			c.compare(t, random)
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// open opens the store by rules, and returns of how many things it has made the entries.
func (c *cellar) open(t *testing.T, fs vfs.FS, rules index.Rules) (made int) {
	t.Helper()
	s, err := pebble.Open(pebble.Options{
		Dir: "db", FS: fs, CacheSize: 8 << 20, Logger: slog.New(slog.DiscardHandler), IndexRules: rules.Version(),
		Index: func(r store.Record) [][]byte {
			made++
			_, entries := rules.Changes(index.Thing{}, indexed(r))
			return entries
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	c.Store, c.rules = s, rules
	return made
}

// wantKeys compares the index with what it should be.
func (c *cellar) wantKeys(t *testing.T) {
	t.Helper()
	view, err := c.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	it, err := view.Keys(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got [][]byte
	for ok := it.First(); ok; ok = it.Next() {
		got = append(got, bytes.Clone(it.Key()))
	}
	if err := errors.Join(it.Close(), view.Close()); err != nil {
		t.Fatal(err)
	}
	if want := keysBy(c.rules, c.records); !slices.EqualFunc(got, want, bytes.Equal) {
		t.Fatalf("the index by %q has\n%q, want\n%q", c.rules.Version(), got, want)
	}
}

// compare compares a random search with looking at everything.
func (c *cellar) compare(t *testing.T, r *rand.Rand) {
	t.Helper()
	view, err := c.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = view.Close() }()
	q, look := randomQuery(t, r), randomLook(r)
	q.Indexed = c.rules
	want := naive(t, &shelf{records: maps.Clone(c.records)}, &q, look)
	got := collect(t, begin(&source{View: view, things: int64(r.IntN(2) * 60)}, q, look, randomWays(r)))
	if !slices.Equal(got, want) {
		t.Fatalf("sorted by %v in %v by %q:\n%v, want\n%v", q.Sort, q.Namespaces, c.rules.Version(), got, want)
	}
}
