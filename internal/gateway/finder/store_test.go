package finder

import (
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/twinway/twinway/internal/gateway/index"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/store/pebble"
)

// cellar is a real store with things that change.
type cellar struct {
	*pebble.Store
	records map[string]store.Record // those that are not deleted
	last    map[string]int64        // revisions, of deleted ones too
	rules   index.Rules             // of its index
	changes Changes
}

func newCellar(t testing.TB) *cellar {
	t.Helper()
	s, err := pebble.Open(pebble.Options{Dir: "db", FS: vfs.NewMem(), CacheSize: 8 << 20, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return &cellar{Store: s, records: map[string]store.Record{}, last: map[string]int64{}}
}

// set makes a thing what a document says, or deletes it if there is none.
func (c *cellar) set(t testing.TB, id, doc string, at time.Time) {
	t.Helper()
	before := c.records[id]
	next := store.Record{Revision: c.last[id] + 1, Created: before.Created, Modified: at, Deleted: doc == ""}
	if before.Doc == nil {
		next.Created = at
	}
	if doc != "" {
		next.Doc = canonical(t, doc)
	}
	a := store.Append{
		Key: store.Key{Kind: store.Thing, ID: id}, Expected: next.Revision - 1, Record: next,
		Event: store.Event{Revision: next.Revision, Time: at},
	}
	a.Index.Remove, a.Index.Add = c.rules.Changes(indexed(before), indexed(next))
	commit, err := c.changes.Of(c.Store).Apply([]store.Append{a})
	if err == nil {
		err = commit.Wait()
	}
	if err != nil {
		t.Fatal(err)
	}
	if c.last[id] = next.Revision; next.Deleted {
		delete(c.records, id)
	} else {
		c.records[id] = next
	}
}

func indexed(r store.Record) index.Thing {
	return index.Thing{Doc: r.Doc, Meta: r.Meta, Created: r.Created, Modified: r.Modified}
}

// TestSearchInStore compares random searches in a store that changes all the time, also while they are under way.
func TestSearchInStore(t *testing.T) {
	random := rand.New(rand.NewPCG(13, uint64(*searches)))
	c := newCellar(t)
	change := func() {
		id := fmt.Sprintf("%s:t%d", pick(random, "org.acme", "org.b", "org.acme.x"), random.IntN(60))
		doc := ""
		if random.IntN(5) > 0 {
			doc = randomThing(random, id)
		}
		c.set(t, id, doc, created.Add(time.Duration(random.IntN(100))*time.Second))
	}
	for range 100 {
		change()
	}
	for range *searches / 5 {
		q, look := randomQuery(t, random), randomLook(random)
		known := c.changes.expect(newOrder(q.Sort, q.Indexed))
		if random.IntN(4) == 0 {
			change()
		}
		view, err := c.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		want := naive(t, &shelf{records: maps.Clone(c.records)}, &q, look)
		s := begin(&source{View: view, memory: known, things: int64(random.IntN(2) * 60)}, q, look, limits{
			least: pick(random, 1, 5, 1000), features: pick(random, 1, 3, 100), remembered: pick(random, 1, 3, 100), lacking: pick(random, 0, 2, 1000),
		})
		var got []string
		for {
			if random.IntN(3) == 0 {
				change()
			}
			id, more, err := s.Next()
			if err != nil {
				t.Fatal(err)
			}
			if !more {
				break
			}
			if id != "" {
				got = append(got, id)
			}
		}
		s.Close()
		if err := view.Close(); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("sorted by %v in %v:\n%v, want\n%v", q.Sort, q.Namespaces, got, want)
		}
	}
}
