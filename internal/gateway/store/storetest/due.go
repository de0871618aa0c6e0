package storetest

import (
	"math"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/twinway/twinway/internal/gateway/store"
)

// never ends every scan of what is due.
var never = time.Unix(math.MaxInt32, 0).AddDate(10_000, 0, 0)

// dueEntity is what Due tells of an entity.
type dueEntity struct {
	Key store.Key
	Due time.Time
}

// changeDue is a change after which the entity is due at a time.
func changeDue(key store.Key, revision int64, due time.Time) store.Append {
	a := change(key, revision)
	a.Record.Due = due
	return a
}

// due collects what Due tells.
func due(t *testing.T, s store.Store, until time.Time, limit int) []dueEntity {
	t.Helper()
	var got []dueEntity
	err := s.Due(time.Time{}, until, limit, func(key store.Key, at time.Time) bool {
		got = append(got, dueEntity{key, at})
		return true
	})
	if err != nil {
		t.Fatalf("Due: %v", err)
	}
	return got
}

// wantDue says what is due, in order.
func wantDue(t *testing.T, s store.Store, until time.Time, limit int, want ...dueEntity) {
	t.Helper()
	if diff := cmp.Diff(want, due(t, s, until, limit), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("due until %v, at most %d (-want +got):\n%s", until, limit, diff)
	}
}

// wantDueAsLoaded says that of these entities, which are all there are, those
// are due whose records say so.
func wantDueAsLoaded(t *testing.T, s store.Store, keys ...store.Key) {
	t.Helper()
	want, got := map[store.Key]time.Time{}, map[store.Key]time.Time{}
	for _, key := range keys {
		r, err := s.Load(key)
		if err != nil {
			t.Fatalf("Load %v: %v", key, err)
		}
		if !r.Due.IsZero() {
			want[key] = r.Due
		}
	}
	all := due(t, s, never, math.MaxInt)
	for _, e := range all {
		got[e.Key] = e.Due
	}
	if diff := cmp.Diff(want, got); diff != "" || len(all) != len(got) {
		t.Errorf("%d entities are due; records and what is due (-want +got):\n%s", len(all), diff)
	}
}

// testDueWindow checks that what is due can be read on from where one stopped.
func testDueWindow(t *testing.T, opener Opener) {
	s := open(t, opener)
	first := instant(0).Truncate(time.Second)
	for i, id := range []string{"a", "b", "c", "d"} {
		apply(t, s, changeDue(thing(id), 1, first.Add(time.Duration(i)*time.Nanosecond)))
	}
	at := func(i int) time.Time { return first.Add(time.Duration(i) * time.Nanosecond) }
	for _, tt := range []struct {
		name         string
		after, until time.Time
		want         []string
	}{
		{"from the beginning", time.Time{}, at(1), []string{"a", "b"}},
		{"after one and up to another", at(1), at(2), []string{"c"}},
		{"to the end", at(0), never, []string{"b", "c", "d"}},
		{"after the last", at(3), never, nil},
		{"an empty window", at(2), at(2), nil},
		{"a window turned round", at(2), at(1), nil},
	} {
		var got []string
		err := s.Due(tt.after, tt.until, math.MaxInt, func(key store.Key, _ time.Time) bool {
			got = append(got, key.ID)
			return true
		})
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", tt.name, err, diff)
		}
	}
}

func testDueOrder(t *testing.T, opener Opener) {
	s := open(t, opener)
	wantDue(t, s, never, math.MaxInt)
	at := func(id string, due time.Time) dueEntity { return dueEntity{thing(id), due} }
	second := instant(0).Truncate(time.Second)
	// In this order; the ids are in another one.
	all := []dueEntity{
		at("year 1", time.Time{}.Add(1)),
		at("before 1970", time.Unix(-1, 999_999_999).UTC()),
		at("at 1970", time.Unix(0, 0).UTC()),
		at("after 1970", time.Unix(0, 1).UTC()),
		at("a", second.Add(-1)),
		at("z", second),
		at("b", second.Add(255)),
		at("x", second.Add(256)),
		at("c", second.Add(time.Second-1)),
		at("w", second.Add(time.Second)),
		at("after 2038", second.AddDate(100, 0, 0)),
		at("after 2262", second.AddDate(1000, 0, 0)),
	}
	batch := []store.Append{changeDue(thing("not due"), 1, time.Time{})}
	for i := range all {
		e := all[(i*5+3)%len(all)]
		batch = append(batch, changeDue(e.Key, 1, e.Due))
	}
	apply(t, s, batch...)
	for n, e := range all {
		wantDue(t, s, e.Due, math.MaxInt, all[:n+1]...)
		wantDue(t, s, e.Due.Add(-1), math.MaxInt, all[:n]...)
		wantDue(t, s, never, n+1, all[:n+1]...)
	}
	wantDue(t, s, all[3].Due.In(time.FixedZone("there", -7200)), 100, all[:4]...)
	wantDue(t, s, time.Time{}, 100)
	wantDue(t, s, never, 0)
	wantDue(t, s, never, -1)
	t.Run("yield stops", func(t *testing.T) {
		n := 0
		if err := s.Due(time.Time{}, never, 100, func(store.Key, time.Time) bool { n++; return n < 3 }); err != nil || n != 3 {
			t.Errorf("%d entities, error %v, want 3", n, err)
		}
	})
}

// Any number of entities may be due at the same time.
func testDueTogether(t *testing.T, opener Opener) {
	s := open(t, opener)
	keys := []store.Key{{Kind: store.Policy, ID: "a:b"}}
	for _, id := range alikeIDs() {
		keys = append(keys, thing(id))
	}
	for _, key := range keys {
		apply(t, s, changeDue(key, 1, instant(1)))
	}
	wantDueAsLoaded(t, s, keys...)
	if all, first := len(due(t, s, instant(1), 100)), len(due(t, s, instant(1), 5)); all != len(keys) || first != 5 {
		t.Errorf("%d are due and %d with a limit of 5, want %d and 5", all, first, len(keys))
	}
}

// What is due follows every change of an entity.
func testDueMoves(t *testing.T, opener Opener) {
	s := opener(t)
	key, other := thing("a:b"), dueEntity{thing("a:other"), instant(1000)}
	apply(t, s, changeDue(other.Key, 1, other.Due))
	revision := int64(0)
	move := func(to time.Time, changes ...func(*store.Append)) {
		t.Helper()
		revision++
		a := changeDue(key, revision, to)
		for _, change := range changes {
			change(&a)
		}
		apply(t, s, a)
		want := []dueEntity{{key, to.UTC()}, other}
		if to.IsZero() {
			want = want[1:]
		}
		wantDue(t, s, never, 100, want...)
	}
	deleted := func(a *store.Append) { a.Record.Deleted, a.Record.Doc = true, nil }
	steps := func() {
		t.Helper()
		move(time.Time{})
		move(instant(5))
		move(instant(5))
		move(instant(7))
		move(instant(6))
		move(instant(5).In(time.FixedZone("here", 3600)))
		move(time.Time{})
		move(time.Time{}.In(time.FixedZone("here", 3600)))
		move(instant(5))
		move(time.Time{}, deleted)
		move(instant(5))
		move(instant(6), deleted)
		move(instant(6))
	}
	steps()
	// So it does when nothing of the entity is remembered.
	for range 2 {
		closeStore(t, s)
		s = opener(t)
		wantDue(t, s, never, 100, dueEntity{key, instant(6)}, other)
		steps()
	}
	closeStore(t, s)
	s = open(t, opener)
	move(time.Time{})
}

func testDueWithinBatch(t *testing.T, opener Opener) {
	s := open(t, opener)
	a, b, c := thing("a:a"), thing("a:b"), thing("a:c")
	apply(t, s,
		changeDue(a, 1, instant(1)), changeDue(b, 1, instant(2)), changeDue(a, 2, instant(3)),
		changeDue(c, 1, instant(4)), changeDue(b, 2, time.Time{}), changeDue(c, 2, instant(5)), changeDue(c, 3, instant(4)))
	wantDue(t, s, never, 100, dueEntity{a, instant(3)}, dueEntity{c, instant(4)})
	// A batch that is refused moves nothing, then and later.
	wantError(t, s, store.ErrConflict, changeDue(a, 3, instant(6)), changeDue(b, 3, instant(7)), changeDue(c, 3, instant(8)))
	wantDue(t, s, never, 100, dueEntity{a, instant(3)}, dueEntity{c, instant(4)})
	apply(t, s, changeDue(a, 3, instant(6)), changeDue(b, 3, instant(7)), changeDue(c, 4, time.Time{}))
	wantDue(t, s, never, 100, dueEntity{a, instant(6)}, dueEntity{b, instant(7)})
}

func testDueBeforeWait(t *testing.T, opener Opener) {
	s := open(t, opener)
	key := thing("a:b")
	commit, err := s.Apply([]store.Append{changeDue(key, 1, instant(1))})
	if err != nil {
		t.Fatal(err)
	}
	wantDue(t, s, never, 100, dueEntity{key, instant(1)})
	if err := commit.Wait(); err != nil {
		t.Fatal(err)
	}
}

// What is due may be settled while it is being told.
func testDueWhileApplying(t *testing.T, opener Opener) {
	s := open(t, opener)
	keys := []store.Key{thing("a:1"), thing("a:2"), thing("a:3")}
	for i, key := range keys {
		apply(t, s, changeDue(key, 1, instant(int64(i))))
	}
	var told []store.Key
	err := s.Due(time.Time{}, never, 100, func(key store.Key, at time.Time) bool {
		told = append(told, key)
		apply(t, s, changeDue(key, 2, at.Add(time.Hour)))
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(keys, told); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	wantDueAsLoaded(t, s, keys...)
}

// An entity that is always due is told exactly once, however often it moves
// meanwhile.
func testDueAtAnyMoment(t *testing.T, opener Opener) {
	const rounds = 200
	s := open(t, opener)
	var keys []store.Key
	for _, id := range []string{"a:1", "a:2", "b:3", "b:4"} {
		keys = append(keys, thing(id))
		apply(t, s, changeDue(thing(id), 1, instant(0)))
	}
	var wg sync.WaitGroup
	for w, key := range keys {
		wg.Go(func() {
			for r := int64(2); r <= rounds; r++ {
				commit, err := s.Apply([]store.Append{changeDue(key, r, instant(r*int64(w+1)%17))})
				if err == nil {
					err = commit.Wait()
				}
				if err != nil {
					t.Errorf("%v, revision %d: %v", key, r, err)
					return
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	for moving := true; moving; {
		select {
		case <-done:
			moving = false
		default:
		}
		told, last := map[store.Key]int{}, time.Time{}
		err := s.Due(time.Time{}, never, 100, func(key store.Key, at time.Time) bool {
			told[key]++
			if at.Before(last) {
				t.Errorf("%v after %v", at, last)
			}
			last = at
			return true
		})
		if err != nil {
			t.Error(err)
			break
		}
		for _, key := range keys {
			if told[key] != 1 {
				t.Errorf("%v was told %d times", key, told[key])
			}
		}
		if t.Failed() {
			break
		}
	}
	<-done
	wantDueAsLoaded(t, s, keys...)
}
