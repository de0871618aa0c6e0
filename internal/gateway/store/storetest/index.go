package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/twinway/twinway/internal/gateway/store"
)

// entries makes entries of texts, none of which is the beginning of another one.
func entries(texts ...string) (list [][]byte) {
	for _, text := range texts {
		list = append(list, []byte(text+"="))
	}
	return list
}

// found is change with what it does to the index. Entries are separated by
// blanks.
func found(key store.Key, revision int64, remove, add string) store.Append {
	a := change(key, revision)
	a.Index = store.IndexChange{Remove: entries(strings.Fields(remove)...), Add: entries(strings.Fields(add)...)}
	return a
}

// wantIndex compares all of the index. Keys are separated by blanks.
func wantIndex(t *testing.T, s store.Store, want string) {
	t.Helper()
	v := view(t, s)
	if diff := cmp.Diff(strings.Fields(want), keysOf(t, v, nil, nil), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("index (-want +got):\n%s", diff)
	}
	closeIt(t, v)
}

func testIndex(t *testing.T, opener Opener) {
	s := open(t, opener)
	a, b := thing("a:1"), thing("a:2")
	apply(t, s, found(b, 1, "", "x y"), found(a, 1, "", "y x"), change(thing("a:3"), 1))
	wantIndex(t, s, "x=a:1 x=a:2 y=a:1 y=a:2")
	apply(t, s, found(a, 2, "y", "z"))
	wantIndex(t, s, "x=a:1 x=a:2 y=a:2 z=a:1")
	apply(t, s, found(a, 3, "", "")) // changes nothing
	wantIndex(t, s, "x=a:1 x=a:2 y=a:2 z=a:1")
	apply(t, s, found(b, 2, "x y", ""))
	wantIndex(t, s, "x=a:1 z=a:1")
}

// Entries that come and go, and come again, are there or not, whatever becomes
// of them in the meantime.
func testIndexComesAndGoes(t *testing.T, opener Opener) {
	const things, texts = 5, 6
	s := opener(t)
	rng := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // No secret depends on it.
	var revisions [things]int64
	there := map[string]bool{}
	for i := range 800 {
		var batch []store.Append
		for range 1 + rng.IntN(4) {
			n := rng.IntN(things)
			revisions[n]++
			a := change(thing(fmt.Sprintf("a:%d", n)), revisions[n])
			for text := range texts {
				entry := fmt.Sprintf("%d=", text)
				is, will := there[entry+a.Key.ID], rng.IntN(2) == 0
				again := is && will && rng.IntN(3) == 0 // it goes, and comes back at once
				if is && (!will || again) {
					a.Index.Remove = append(a.Index.Remove, []byte(entry))
				}
				if will && (!is || again) {
					a.Index.Add = append(a.Index.Add, []byte(entry))
				}
				there[entry+a.Key.ID] = will
			}
			batch = append(batch, a)
		}
		apply(t, s, batch...)
		if i%100 == 99 {
			var want []string
			for key, is := range there {
				if is {
					want = append(want, key)
				}
			}
			slices.Sort(want)
			wantIndex(t, s, strings.Join(want, " "))
			closeStore(t, s)
			s = opener(t)
			wantIndex(t, s, strings.Join(want, " "))
		}
	}
	closeStore(t, s)
}

func testIndexWithinBatch(t *testing.T, opener Opener) {
	s := open(t, opener)
	a, b := thing("a:1"), thing("a:2")
	apply(t, s, found(a, 1, "", "x"), found(a, 2, "x", "y"), found(b, 1, "", "z"), found(b, 2, "z", ""), found(a, 3, "y", "x"))
	wantIndex(t, s, "x=a:1")
}

func testIndexConflict(t *testing.T, opener Opener) {
	s := open(t, opener)
	a, b := thing("a:1"), thing("a:2")
	apply(t, s, found(a, 1, "", "x"))
	wantError(t, s, store.ErrConflict, found(b, 1, "", "x"), found(a, 2, "x", "y"), found(a, 2, "", "z"))
	wantIndex(t, s, "x=a:1")
}

func testIndexInvalid(t *testing.T, opener Opener) {
	s := open(t, opener)
	long := bytes.Repeat([]byte("x"), store.MaxIndexEntry+1)
	for name, spoil := range map[string]func(a *store.Append){
		"of a policy":   func(a *store.Append) { a.Key.Kind = store.Policy },
		"empty":         func(a *store.Append) { a.Index.Add[1] = nil },
		"too long":      func(a *store.Append) { a.Index.Add[1] = long },
		"empty, gone":   func(a *store.Append) { a.Index.Remove[0] = nil },
		"long, gone":    func(a *store.Append) { a.Index.Remove[0] = long },
		"policy's gone": func(a *store.Append) { a.Key.Kind, a.Index.Add = store.Policy, nil },
	} {
		t.Run(name, func(t *testing.T) {
			a := found(thing("a:spoilt"), 1, "x", "y z")
			spoil(&a)
			wantError(t, s, store.ErrInvalid, found(thing("a:good"), 1, "", "x"), a)
		})
	}
	wantIndex(t, s, "")
	a := change(thing(strings.Repeat("i", store.MaxIDLength)), 1)
	a.Index.Add = [][]byte{long[1:]}
	apply(t, s, a)
	wantIndex(t, s, string(long[1:])+a.Key.ID)
}

// The store and its callers do not share bytes.
func testIndexOwnBytes(t *testing.T, opener Opener) {
	s := open(t, opener)
	apply(t, s, found(thing("a:1"), 1, "", "w"))
	a := found(thing("a:1"), 2, "w", "x y")
	commit, err := s.Apply([]store.Append{a})
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range slices.Concat(a.Index.Add, a.Index.Remove) {
		clear(entry)
	}
	if err := commit.Wait(); err != nil {
		t.Fatal(err)
	}
	wantIndex(t, s, "x=a:1 y=a:1")
	lower, upper := []byte("x"), []byte("y")
	k, err := view(t, s).Keys(lower, upper)
	if err != nil {
		t.Fatal(err)
	}
	clear(lower)
	clear(upper)
	if !k.First() || string(k.Key()) != "x=a:1" || k.Next() {
		t.Error("the bounds are not the keys' own")
	}
}

func testIndexReopen(t *testing.T, opener Opener) {
	s := opener(t)
	apply(t, s, found(thing("a:1"), 1, "", "x y"), found(thing("a:2"), 1, "", "x"))
	apply(t, s, found(thing("a:1"), 2, "y", "z"))
	closeStore(t, s)
	s = opener(t)
	wantIndex(t, s, "x=a:1 x=a:2 z=a:1")
	apply(t, s, found(thing("a:2"), 2, "x", ""))
	closeStore(t, s)
	wantIndex(t, open(t, opener), "x=a:1 z=a:1")
}

// However many go on changing things: in a view, the index is that of the
// records.
func testIndexAtAnyMoment(t *testing.T, opener Opener) {
	const things, rounds = 8, 60
	s := open(t, opener)
	entry := func(revision int64) string {
		if revision == 0 {
			return ""
		}
		return fmt.Sprintf("common r%d", revision%5)
	}
	var wg sync.WaitGroup
	for i := range things {
		wg.Go(func() {
			key := thing(fmt.Sprintf("a:%d", i))
			for r := int64(1); r <= rounds; r++ {
				commit, err := s.Apply([]store.Append{found(key, r, entry(r-1), entry(r))})
				if err == nil {
					err = commit.Wait()
				}
				if err != nil {
					t.Errorf("%v: %v", key, err)
					return
				}
			}
		})
	}
	for range 20 {
		v := view(t, s)
		var want []string
		for i := range things {
			key := thing(fmt.Sprintf("a:%d", i))
			r, err := v.Load(key)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				t.Fatal(err)
			}
			for _, e := range entries(strings.Fields(entry(r.Revision))...) {
				want = append(want, string(e)+key.ID)
			}
		}
		slices.Sort(want)
		if diff := cmp.Diff(want, keysOf(t, v, nil, nil), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("index (-want +got):\n%s", diff)
		}
		closeIt(t, v)
	}
	wg.Wait()
}
