package history_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/history"
	"github.com/twinway/twinway/internal/gateway/journal"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/store"
)

// wantState checks a state of the past, nil for one that must not be known.
func wantState(t *testing.T, what string, want, got *store.Record, err error) {
	t.Helper()
	switch {
	case want == nil && (!errors.Is(err, history.ErrNotKept) || got != nil):
		t.Errorf("%s: %+v, error %v, want ErrNotKept", what, got, err)
	case want != nil && err != nil:
		t.Errorf("%s: %v", what, err)
	case want != nil && !same(want, got):
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
}

// same is fast where there is no difference.
func same(a, b *store.Record) bool {
	return a.Revision == b.Revision && a.Created == b.Created && a.Modified == b.Modified && a.Deleted == b.Deleted && a.Due == b.Due &&
		bytes.Equal(a.Doc, b.Doc) && bytes.Equal(a.Meta, b.Meta) && (a.Doc == nil) == (b.Doc == nil) && (a.Meta == nil) == (b.Meta == nil)
}

// The life of a thing: made with metadata, changed, deleted, made again.
func TestPast(t *testing.T) {
	w := newWorld(t)
	key := thingKey("a")
	life := []store.Record{
		{Doc: document2K(1), Meta: []byte(`{"m":1}`)}, {Doc: document2K(2), Meta: []byte(`{"m":1}`)}, {Doc: document2K(3)},
		{Deleted: true}, {Doc: []byte(`{"again":true}`)}, {Doc: document2K(6)}, {Doc: document2K(6), Meta: []byte(`{"m":2}`)},
	}
	for _, next := range life {
		w.now = w.now.Add(time.Minute)
		w.change(key, next)
	}
	past, current := w.past[key], w.current(key)
	for n := range past {
		got, err := w.reader.At(key, int64(n)+1)
		wantState(t, fmt.Sprint("revision ", n+1), &past[n].record, got, err)
		for _, later := range []time.Duration{0, time.Minute - 1} {
			at := past[n].record.Modified.Add(later)
			got, err = w.reader.AsOf(key, at, current)
			wantState(t, fmt.Sprint("as of ", at), &past[n].record, got, err)
		}
	}
	for _, n := range []int64{-1 << 63, -1, 0, int64(len(past)) + 1, 1<<63 - 1} {
		got, err := w.reader.At(key, n)
		wantState(t, fmt.Sprint("revision ", n), nil, got, err)
	}
	got, err := w.reader.AsOf(key, past[0].record.Modified.Add(-1), current)
	wantState(t, "before it was made", nil, got, err)
	got, err = w.reader.AsOf(key, w.now.AddDate(100, 0, 0), current)
	wantState(t, "in the future", current, got, err)
	got, err = w.reader.AsOf(thingKey("b"), w.now, nil)
	wantState(t, "of what never was", nil, got, err)
	got, err = w.reader.At(thingKey("b"), 1)
	wantState(t, "of what never was", nil, got, err)
}

// What a reader knows of an entity's past ends with the record that it was
// given as the current one.
func TestAsOfEndsWithCurrent(t *testing.T) {
	w := newWorld(t)
	key := thingKey("a")
	for n := range 5 {
		w.now = w.now.Add(time.Minute)
		w.change(key, store.Record{Doc: document2K(n)})
	}
	third := &w.past[key][2].record
	got, err := w.reader.AsOf(key, w.now, third)
	wantState(t, "later", third, got, err)
	got, err = w.reader.AsOf(key, third.Modified.Add(-1), third)
	wantState(t, "earlier", &w.past[key][1].record, got, err)
}

// Several changes at once: the last of them is how it was then.
func TestAsOfEqualTimes(t *testing.T) {
	w := newWorld(t)
	key := thingKey("a")
	for n := range 5 {
		w.now = w.now.Add(time.Minute)
		w.change(key, store.Record{Doc: document2K(3 * n)}, store.Record{Doc: document2K(3*n + 1)}, store.Record{Doc: document2K(3*n + 2)})
	}
	for n := range 5 {
		got, err := w.reader.AsOf(key, w.past[key][3*n].record.Modified, w.current(key))
		wantState(t, fmt.Sprint("as of ", n), &w.past[key][3*n+2].record, got, err)
	}
}

// What was told of changes, in part.
func TestEvents(t *testing.T) {
	w := newWorld(t)
	key := thingKey("a")
	for n := range 40 {
		w.now = w.now.Add(time.Minute)
		w.change(key, store.Record{Doc: document2K(n), Deleted: n == 20})
	}
	w.limit = 3
	w.change(key, store.Record{Doc: document2K(40)}) // leaves 33 to 41
	for _, test := range []struct {
		from, to      int64
		limit, stop   int
		first, number int64
	}{
		{1, 100, 100, 100, 33, 9},
		{1, 100, 3, 100, 33, 3},
		{35, 37, 100, 100, 35, 3},
		{35, 100, 100, 2, 35, 2},
		{40, 41, 1, 1, 40, 1},
		{1, 32, 100, 100, 0, 0},
		{42, 100, 100, 100, 0, 0},
		{1, 100, 0, 100, 0, 0},
		{1, 100, -1, 100, 0, 0},
		{37, 35, 100, 100, 0, 0},
	} {
		var want, got []history.Event
		for r := test.first; r < test.first+test.number; r++ {
			s := w.past[key][r-1]
			want = append(want, history.Event{Revision: r, Time: s.record.Modified, Change: s.change})
		}
		err := w.reader.Events(key, test.from, test.to, test.limit, func(e history.Event) bool {
			e.Value = append([]byte(nil), e.Value...)
			got = append(got, e)
			return len(got) < test.stop
		})
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%+v: error %v (-want +got):\n%s", test, err, diff)
		}
	}
}

// A history that is switched on later knows what comes after the next run has
// begun.
func TestSwitchedOnLate(t *testing.T) {
	w := newWorld(t)
	key := thingKey("a")
	w.limit = 0
	for n := range 40 {
		if n == 20 {
			w.limit = -1
		}
		w.change(key, store.Record{Doc: document2K(n)})
	}
	for n := int64(1); n <= 40; n++ {
		var want *store.Record
		if n >= 33 {
			want = &w.past[key][n-1].record
		}
		got, err := w.reader.At(key, n)
		wantState(t, fmt.Sprint("revision ", n), want, got, err)
	}
}

// A thing that nobody has touched for long is known by what happens then.
func TestAfterSweep(t *testing.T) {
	w := newWorld(t)
	key := thingKey("a")
	for n := range 20 {
		w.change(key, store.Record{Doc: document2K(n)})
	}
	w.now = w.now.Add(2 * time.Hour)
	w.sweep(time.Hour)
	for n := range 3 {
		w.change(key, store.Record{Doc: document2K(20 + n), Created: epoch})
	}
	for n := int64(1); n <= 23; n++ {
		var want *store.Record
		if n >= 21 {
			want = &w.past[key][n-1].record
		}
		got, err := w.reader.At(key, n)
		wantState(t, fmt.Sprint("revision ", n), want, got, err)
	}
	got, err := w.reader.AsOf(key, w.now.Add(-1), w.current(key))
	wantState(t, "before that", nil, got, err)
}

// Damage is told, and not taken for the past.
func TestDamaged(t *testing.T) {
	w := newWorld(t)
	key := thingKey("a")
	for r := int64(1); r <= 3; r++ {
		a := store.Append{Key: key, Expected: r - 1, Record: store.Record{Revision: r}}
		a.Event = store.Event{Revision: r, Time: epoch.Add(time.Duration(r)), Payload: []byte("\x02old")}
		if r == 1 {
			a.Event.Payload = journal.AppendChange(nil, protocol.Modified, part, nil, nil, &a.Record)
		}
		commit, err := w.store.Apply([]store.Append{a})
		if err == nil {
			err = commit.Wait()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.reader.At(key, 2); !errors.Is(err, store.ErrCorrupt) || !errors.Is(err, journal.ErrRecord) {
		t.Errorf("At: %v", err)
	}
	if _, err := w.reader.AsOf(key, epoch.Add(2), &store.Record{Revision: 3, Modified: epoch.Add(3)}); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("AsOf: %v", err)
	}
	if err := w.reader.Events(key, 2, 3, 9, func(history.Event) bool { return true }); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("Events: %v", err)
	}
}

// Random lives of some things, with a retention that changes all the time.
// Whatever is told of the past is what was, and what must be known is.
func TestModel(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
			w, rng := newWorld(t), rand.New(rand.NewPCG(seed, 1))
			for range 60 {
				switch rng.IntN(6) {
				case 0:
					w.limit = []int{-1, -1, 0, 1, 10, 16, 40, 100}[rng.IntN(8)]
				case 1:
					w.now = w.now.Add(time.Duration(rng.IntN(90)) * time.Minute)
					w.sweep(time.Duration(1+rng.IntN(120)) * time.Minute)
				}
				for range rng.IntN(8) {
					w.now = w.now.Add(time.Duration(rng.IntN(40)) * time.Minute / 2)
					w.live(rng, thingKey(fmt.Sprint(rng.IntN(4))))
				}
				for key := range w.past {
					w.checkAll(t, rng, key)
				}
				if t.Failed() {
					return
				}
			}
		})
	}
}

// live changes an entity some times, at once.
func (w *world) live(rng *rand.Rand, key store.Key) {
	var next []store.Record
	doc, meta := document2K(rng.IntN(1000)), []byte(nil)
	if c := w.current(key); c != nil && !c.Deleted {
		doc, meta = c.Doc, c.Meta
	}
	for range 1 + rng.IntN(6) {
		switch rng.IntN(12) {
		case 0:
			next = append(next, store.Record{Deleted: true})
			continue
		case 1:
			doc = document2K(rng.IntN(1_000_000))
		case 2:
			doc = []byte(`{}`)
		case 3:
			meta = nil
		case 4, 5:
			meta = fmt.Appendf(nil, `{"some":{"metadata":[1,2,3,4,5,6,7,8]},"at":%d}`, rng.IntN(1000))
		default:
			at := rng.IntN(len(doc))
			doc = append(fmt.Append(append([]byte(nil), doc[:at]...), rng.IntN(10)), doc[at+rng.IntN(len(doc)-at):]...)
		}
		next = append(next, store.Record{Doc: doc, Meta: meta, Created: epoch})
	}
	w.change(key, next...)
}

// checkAll checks all that is told of an entity's past.
func (w *world) checkAll(t *testing.T, rng *rand.Rand, key store.Key) {
	t.Helper()
	past, current := w.past[key], w.current(key)
	for n := int64(0); n <= current.Revision+2; n++ {
		got, err := w.reader.At(key, n)
		w.check(t, key, n, got, err)
	}
	for range 10 {
		at := past[rng.IntN(len(past))].record.Modified.Add(time.Duration(rng.IntN(3)-1) * time.Second)
		n := int64(0)
		for n < current.Revision && !past[n].record.Modified.After(at) {
			n++
		}
		got, err := w.reader.AsOf(key, at, current)
		if n == current.Revision {
			wantState(t, "now", current, got, err)
			continue
		}
		w.check(t, key, n, got, err)
	}
	next := int64(0)
	err := w.reader.Events(key, 1, current.Revision, 1000, func(e history.Event) bool {
		if next != 0 && e.Revision != next {
			t.Errorf("event %d after %d", e.Revision, next-1)
		}
		want := history.Event{Revision: e.Revision, Time: past[e.Revision-1].record.Modified, Change: past[e.Revision-1].change}
		if diff := cmp.Diff(want, e); diff != "" {
			t.Errorf("event (-want +got):\n%s", diff)
		}
		next = e.Revision + 1
		return true
	})
	if err != nil || next != 0 && next != current.Revision+1 {
		t.Errorf("events end before %d, at revision %d: %v", next, current.Revision, err)
	}
}

// check checks what is told of revision n.
func (w *world) check(t *testing.T, key store.Key, n int64, got *store.Record, err error) {
	t.Helper()
	past := w.past[key]
	there := n >= 1 && n <= int64(len(past))
	if errors.Is(err, history.ErrNotKept) && (!there || n < w.known[key]) {
		return
	}
	if !there {
		wantState(t, fmt.Sprint("revision ", n), nil, got, err)
		return
	}
	wantState(t, fmt.Sprintf("%s at %d, revision %d", key.ID, len(past), n), &past[n-1].record, got, err)
}
