package history_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/history"
	"github.com/twinway/twinway/internal/gateway/journal"
	"github.com/twinway/twinway/internal/gateway/store"
)

// manyChanges is how often the thing of the following tests has changed.
const manyChanges = 10_000

// changedOften returns a world with a thing that has changed often, a second
// after the other.
func changedOften(t testing.TB, limit int) (*world, store.Key) {
	w, key := newWorld(t), thingKey("a")
	w.limit = limit
	for n := range manyChanges {
		w.now = w.now.Add(time.Second)
		w.change(key, store.Record{Doc: document2K(n), Created: epoch})
	}
	return w, key
}

// Any revision of a thing that changed ten thousand times costs one read of at
// most journal.Stride events, and any time a binary search more.
func TestSteps(t *testing.T) {
	for _, limit := range []int{-1, 100, manyChanges} {
		t.Run(fmt.Sprint("limit=", limit), func(t *testing.T) {
			w, key := changedOften(t, limit)
			current := w.current(key)
			known, unknown := 0, 0
			for n := int64(1); n <= manyChanges; n += 7 {
				var want *store.Record
				switch {
				case limit < 0 || n > manyChanges-int64(limit):
					want = &w.past[key][n-1].record
					known++
				case n > manyChanges-int64(limit)-journal.Stride:
					continue // perhaps
				default:
					unknown++
				}
				var got *store.Record
				var err error
				reads, events := w.store.counted(func() { got, err = w.reader.At(key, n) })
				wantState(t, fmt.Sprint("revision ", n), want, got, err)
				if reads != 1 || events > journal.Stride {
					t.Fatalf("revision %d costs %d reads of %d events", n, reads, events)
				}
				reads, events = w.store.counted(func() {
					got, err = w.reader.AsOf(key, w.past[key][n-1].record.Modified.Add(time.Millisecond), current)
				})
				wantState(t, fmt.Sprint("as of revision ", n), want, got, err)
				if reads > 15 || events > 14+journal.Stride { // 2^14 > 10,000
					t.Fatalf("a time of revision %d costs %d reads of %d events", n, reads, events)
				}
			}
			if known == 0 || limit == 100 && unknown == 0 {
				t.Errorf("%d known, %d unknown", known, unknown)
			}
			reads, events := w.store.counted(func() {
				if err := w.reader.Events(key, 1, manyChanges, 10, func(history.Event) bool { return true }); err != nil {
					t.Error(err)
				}
			})
			if reads != 1 || events != 10 {
				t.Errorf("10 events cost %d reads of %d events", reads, events)
			}
		})
	}
}
