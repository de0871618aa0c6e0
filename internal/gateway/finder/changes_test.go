package finder

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/twinway/twinway/internal/gateway/index"
	"github.com/twinway/twinway/internal/gateway/query"
	"github.com/twinway/twinway/internal/gateway/store"
)

// ledger is a store that knows of each thing whether it has a property.
type ledger struct {
	store.Store
	has map[string]bool
}

// Apply implements store.Store.
func (l *ledger) Apply(batch []store.Append) (store.Commit, error) {
	for _, a := range batch {
		switch {
		case len(a.Index.Add) > 1 || len(a.Index.Add) == 1 && !hasThing(a.Index.Add):
			l.has[a.Key.ID] = true
		case hasThing(a.Index.Remove):
			delete(l.has, a.Key.ID)
		default:
			l.has[a.Key.ID] = false
		}
	}
	return nil, nil
}

// change makes, changes or deletes a thing.
func (l *ledger) change(through store.Store, r *rand.Rand, entry []byte) {
	id := fmt.Sprint("a:", r.IntN(12))
	a := store.Append{Key: store.Key{Kind: store.Thing, ID: id}}
	add := func(e []byte) { a.Index.Add = append(a.Index.Add, e) }
	remove := func(e []byte) { a.Index.Remove = append(a.Index.Remove, e) }
	switch has, is := l.has[id]; {
	case !is:
		if add(index.Things.Lower); r.IntN(2) == 0 {
			add(entry)
		}
	case r.IntN(4) == 0:
		if remove(index.Things.Lower); has {
			remove(entry)
		}
	case has && r.IntN(2) == 0:
		remove(entry)
		add(append(slices.Clip(entry), 1)) // another value
	case has:
		remove(entry)
	default:
		add(entry)
	}
	_, _ = through.Apply([]store.Append{a})
}

// shown is what a search has seen at a moment.
type shown struct {
	known memory
	has   map[string]bool
}

func (s *shown) lacking() (ids []string) {
	for id, has := range s.has {
		if !has {
			ids = append(ids, id)
		}
	}
	return ids
}

// TestChanges compares which things are known to lack a property with which do, in views made at any time, while others find it
// out from views of their own.
func TestChanges(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 5))
	by := newOrder([]query.Key{{Property: "attributes/n"}}, index.Rules{})
	property := by[0].entries.Range()
	entry := append(slices.Clip(property.Lower), 0x20)
	known := 0
	for range 5000 {
		l, c := &ledger{has: map[string]bool{}}, &Changes{}
		through := c.Of(l)
		var open []*shown
		for range 40 {
			switch s := (*shown)(nil); random.IntN(4) {
			case 0:
				s = &shown{known: c.expect(by)}
				if random.IntN(2) == 0 {
					l.change(through, random, entry)
				}
				s.has = maps.Clone(l.has)
				open = append(open, s)
			case 1:
				if len(open) == 0 {
					continue
				}
				s = open[random.IntN(len(open))]
				ids, knowledge := s.known.Lacking(property)
				if knowledge == Unknown {
					s.known.Learn(property, s.lacking(), Known)
					continue
				}
				known++
				for _, id := range s.lacking() {
					if knowledge == Known && !slices.Contains(ids, id) {
						t.Fatalf("%s lacks it, known are %v", id, ids)
					}
				}
			default:
				l.change(through, random, entry)
			}
		}
		if n := c.since(0); n != int64(len(l.has)) {
			t.Fatalf("%d things were made, want %d", n, len(l.has))
		}
	}
	if known < 5000 {
		t.Errorf("only %d times it was known", known)
	}
}

// What too many things lack is not found out at each search, and at some later one again.
func TestTooManyLack(t *testing.T) {
	c := &Changes{}
	by := newOrder([]query.Key{{Property: "attributes/n"}}, index.Rules{})
	property := by[0].entries.Range()
	ask := func() Knowledge {
		_, known := c.expect(by).Lacking(property)
		return known
	}
	if got := ask(); got != Unknown {
		t.Fatal("known is", got)
	}
	c.expect(by).Learn(property, nil, TooMany)
	for range patience - 1 {
		if got := ask(); got != TooMany {
			t.Fatal("known is", got)
		}
	}
	before := memory{c, c.now}
	if got := ask(); got != Unknown {
		t.Error("in the end known is", got)
	}
	before.Learn(property, nil, Known) // in a view of which it is not known what has changed since
	if got := ask(); got != Unknown {
		t.Error("after an old view known is", got)
	}
}
