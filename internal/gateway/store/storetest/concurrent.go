package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/twinway/twinway/internal/gateway/store"
)

// Of several batches for the same revisions exactly one is taken.
func testOneWinner(t *testing.T, opener Opener) {
	const writers, revisions = 8, 100
	s := open(t, opener)
	keys := []store.Key{thing("a:1"), thing("a:2"), thing("b:3")}
	var wg sync.WaitGroup
	var won [revisions + 1]atomic.Int32
	for w := range writers {
		wg.Go(func() {
			for r := int64(1); r <= revisions; r++ {
				// In any order.
				batch := []store.Append{change(keys[w%3], r), change(keys[(w+1)%3], r), change(keys[(w+2)%3], r)}
				commit, err := s.Apply(batch)
				if errors.Is(err, store.ErrConflict) {
					continue
				}
				if err == nil {
					won[r].Add(1)
					err = commit.Wait()
				}
				if err != nil {
					t.Errorf("revision %d: %v", r, err)
				}
			}
		})
	}
	wg.Wait()
	for r := 1; r <= revisions; r++ {
		if n := won[r].Load(); n != 1 {
			t.Errorf("revision %d was taken %d times", r, n)
		}
	}
	for _, key := range keys {
		wantAt(t, s, key, revisions)
	}
	wantDueAsLoaded(t, s, keys...)
}

// Goroutines append to entities of their own and to ones that they share, in
// the same batches.
func testManyGoroutines(t *testing.T, opener Opener) {
	const writers, rounds, shared = 16, 30, 4
	s := open(t, opener)
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			own := thing(fmt.Sprintf("own:%d", w))
			for r := int64(1); r <= rounds; r++ {
				if err := applyWithShared(s, change(own, r), thing(fmt.Sprintf("shared:%d", (w+int(r))%shared))); err != nil {
					t.Errorf("writer %d, revision %d: %v", w, r, err)
					return
				}
				if got, err := s.Load(own); err != nil || got.Revision != r {
					t.Errorf("writer %d loads revision %d, error %v, want revision %d", w, got.Revision, err, r)
				}
			}
		})
	}
	wg.Wait()
	var keys []store.Key
	for w := range writers {
		keys = append(keys, thing(fmt.Sprintf("own:%d", w)))
		wantAt(t, s, keys[w], rounds)
	}
	total := int64(0)
	for i := range shared {
		key := thing(fmt.Sprintf("shared:%d", i))
		r, err := s.Load(key)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
		total += r.Revision
		wantAt(t, s, key, r.Revision)
	}
	wantDueAsLoaded(t, s, keys...)
	if total != writers*rounds {
		t.Errorf("shared entities were changed %d times, want %d", total, writers*rounds)
	}
}

// applyWithShared applies a change together with the next one of an entity
// that others change too, trying again until nobody comes between.
func applyWithShared(s store.Store, own store.Append, shared store.Key) error {
	for range 100_000 {
		r, err := s.Load(shared)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		commit, err := s.Apply([]store.Append{own, change(shared, r.Revision+1)})
		if errors.Is(err, store.ErrConflict) {
			continue
		}
		if err != nil {
			return err
		}
		return commit.Wait()
	}
	return errors.New("somebody comes between for ever")
}
