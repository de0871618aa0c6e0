package storetest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/store"
)

func testMissing(t *testing.T, opener Opener) {
	s := open(t, opener)
	wantMissing(t, s, thing("a:b"))
	// Ids that cannot have been appended are missing too.
	wantMissing(t, s, thing(""))
	wantMissing(t, s, thing("a:\x00b"))
	wantMissing(t, s, thing(strings.Repeat("x", store.MaxIDLength+1)))
}

func testFirstAppend(t *testing.T, opener Opener) {
	s := open(t, opener)
	apply(t, s, change(thing("a:b"), 1))
	wantAt(t, s, thing("a:b"), 1)
	// The same id of another kind is another entity.
	wantMissing(t, s, store.Key{Kind: store.Policy, ID: "a:b"})
}

func testFields(t *testing.T, opener Opener) {
	s := open(t, opener)
	long := strings.Repeat(`{"x":1}`, 40_000)
	for name, record := range map[string]store.Record{
		"nothing":        {},
		"document":       {Doc: []byte(`{}`)},
		"due":            {Due: instant(1)},
		"long":           {Doc: []byte(long), Due: instant(1)},
		"before 1970":    {Created: time.Date(1969, 1, 1, 0, 0, 0, 999_999_999, time.UTC), Modified: time.Unix(0, 0).UTC()},
		"due in year 1":  {Due: time.Time{}.Add(1), Doc: []byte(`{}`)},
		"NUL, not UTF-8": {Doc: []byte("\x00\xff"), Meta: []byte("\xff\x00")},
		"meta":           {Meta: []byte(`{}`)},
		"meta and doc":   {Meta: []byte(`{"a":1}`), Doc: []byte(`{"b":2}`)},
		"meta and due":   {Meta: []byte(`{}`), Due: instant(1)},
		"long meta":      {Meta: []byte(long), Doc: []byte(`{}`)},
		"meta, deleted":  {Meta: []byte(`{}`), Deleted: true, Due: instant(1)},
	} {
		record.Revision = 1
		event := store.Event{Revision: 1, Time: record.Created, Payload: record.Doc}
		apply(t, s, store.Append{Key: thing("f:" + name), Record: record, Event: event})
		wantRecord(t, s, thing("f:"+name), record)
		wantEvents(t, s, thing("f:"+name), 1, 1, []store.Event{event})
	}
	t.Run("other time zone", func(t *testing.T) {
		a := change(thing("f:zone"), 1)
		a.Record.Created = a.Record.Created.In(time.FixedZone("here", 3600))
		a.Record.Due = a.Record.Due.In(time.FixedZone("there", -3600))
		apply(t, s, a)
		wantAt(t, s, a.Key, 1)
		if r, err := s.Load(a.Key); err != nil || r.Created.Location() != time.UTC || r.Due.Location() != time.UTC {
			t.Errorf("created at %v, due at %v, error %v, want UTC", r.Created, r.Due, err)
		}
	})
	t.Run("empty is nil", func(t *testing.T) {
		a := change(thing("f:empty"), 1)
		a.Record.Doc, a.Record.Meta = []byte{}, []byte{}
		apply(t, s, a)
		a.Record.Doc, a.Record.Meta = nil, nil
		wantRecord(t, s, a.Key, a.Record)
	})
}

func testDeleted(t *testing.T, opener Opener) {
	s := open(t, opener)
	apply(t, s, change(thing("a:b"), 1))
	gone := store.Append{
		Key:      thing("a:b"),
		Expected: 1,
		Record:   store.Record{Revision: 2, Created: instant(1), Modified: instant(2), Deleted: true},
		Event:    store.Event{Revision: 2, Time: instant(2), Payload: []byte("deleted")},
	}
	apply(t, s, gone)
	wantRecord(t, s, gone.Key, gone.Record)
	// It goes on counting and does not begin again.
	wantError(t, s, store.ErrConflict, change(gone.Key, 1))
	again := change(gone.Key, 3)
	apply(t, s, again)
	wantRecord(t, s, gone.Key, again.Record)
	wantEvents(t, s, gone.Key, 1, 3, []store.Event{change(gone.Key, 1).Event, gone.Event, again.Event})
}

// Metadata come and go with the changes that say so.
func testMeta(t *testing.T, opener Opener) {
	s := open(t, opener)
	key := thing("a:b")
	for i, step := range []struct {
		meta    string
		deleted bool
	}{
		{`{"a":1}`, false}, {`{"a":2,"b":3}`, false}, {``, false}, {`{"a":1}`, false}, {``, true}, {`{"c":4}`, false},
	} {
		a := change(key, int64(i)+1)
		a.Record.Meta, a.Record.Deleted = nil, step.deleted
		if step.meta != "" {
			a.Record.Meta = []byte(step.meta)
		}
		if step.deleted {
			a.Record.Doc = nil
		}
		apply(t, s, a)
		wantRecord(t, s, key, a.Record)
	}
}

// The store and its callers do not share bytes.
func testOwnBytes(t *testing.T, opener Opener) {
	s := open(t, opener)
	a := change(thing("a:b"), 1)
	batch := []store.Append{a}
	commit, err := s.Apply(batch)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range [][]byte{a.Record.Doc, a.Record.Meta, a.Event.Payload} {
		clear(b)
	}
	batch[0] = store.Append{}
	if err := commit.Wait(); err != nil {
		t.Fatal(err)
	}
	wantAt(t, s, thing("a:b"), 1)
	r, err := s.Load(thing("a:b"))
	if err != nil {
		t.Fatal(err)
	}
	clear(append(r.Doc, "more"...))
	clear(append(r.Meta, "more"...))
	clear(r.Doc)
	clear(r.Meta)
	wantAt(t, s, thing("a:b"), 1)
}

func testEmptyBatch(t *testing.T, opener Opener) {
	s := open(t, opener)
	apply(t, s)
	wantMissing(t, s, thing("a:b"))
}

func testConflict(t *testing.T, opener Opener) {
	s := open(t, opener)
	applyUpTo(t, s, thing("a:b"), 3)
	for _, revision := range []int64{1, 2, 3, 5, 100} {
		_, err := s.Apply([]store.Append{change(thing("a:b"), revision)})
		want := &store.ConflictError{Key: thing("a:b"), Expected: revision - 1, Current: 3}
		var got *store.ConflictError
		if !errors.Is(err, store.ErrConflict) || !errors.As(err, &got) || *got != *want {
			t.Errorf("error %#v, want %#v", err, want)
		}
	}
	wantError(t, s, store.ErrConflict, change(thing("a:new"), 2))
	wantAt(t, s, thing("a:b"), 3)
	wantMissing(t, s, thing("a:new"))
	apply(t, s, change(thing("a:b"), 4))
	wantAt(t, s, thing("a:b"), 4)
}

func testConflictLeavesNothing(t *testing.T, opener Opener) {
	s := open(t, opener)
	apply(t, s, change(thing("a:1"), 1), change(thing("a:2"), 1))
	wantError(t, s, store.ErrConflict,
		change(thing("a:1"), 2), change(thing("a:1"), 3), change(thing("a:new"), 1),
		change(thing("a:2"), 1), // the one that does not fit
		change(thing("a:3"), 1))
	wantAt(t, s, thing("a:1"), 1)
	wantAt(t, s, thing("a:2"), 1)
	wantMissing(t, s, thing("a:new"))
	wantMissing(t, s, thing("a:3"))
	// Nothing of it is remembered either.
	apply(t, s, change(thing("a:1"), 2), change(thing("a:new"), 1))
	wantAt(t, s, thing("a:1"), 2)
	wantAt(t, s, thing("a:new"), 1)
	wantDueAsLoaded(t, s, thing("a:1"), thing("a:2"), thing("a:new"))
}

func testInvalid(t *testing.T, opener Opener) {
	s := open(t, opener)
	for name, spoil := range map[string]func(a *store.Append){
		"no kind":           func(a *store.Append) { a.Key.Kind = 0 },
		"empty id":          func(a *store.Append) { a.Key.ID = "" },
		"id too long":       func(a *store.Append) { a.Key.ID = strings.Repeat("x", store.MaxIDLength+1) },
		"id with NUL":       func(a *store.Append) { a.Key.ID = "a:\x00" },
		"record's revision": func(a *store.Append) { a.Record.Revision++ },
		"event's revision":  func(a *store.Append) { a.Event.Revision-- },
		"negative":          func(a *store.Append) { a.Expected, a.Record.Revision, a.Event.Revision = -1, 0, 0 },
	} {
		t.Run(name, func(t *testing.T) {
			a := change(thing("a:spoilt"), 1)
			spoil(&a)
			wantError(t, s, store.ErrInvalid, change(thing("a:good"), 1), a)
		})
	}
	wantMissing(t, s, thing("a:good"))
	wantMissing(t, s, thing("a:spoilt"))
	longest := thing(strings.Repeat("x", store.MaxIDLength))
	apply(t, s, change(longest, 1))
	wantAt(t, s, longest, 1)
}

func testSeveralKeys(t *testing.T, opener Opener) {
	s := open(t, opener)
	policy := store.Key{Kind: store.Policy, ID: "a:1"}
	apply(t, s, change(thing("a:1"), 1), change(policy, 1), change(thing("a:2"), 1))
	apply(t, s, change(policy, 2), change(thing("a:3"), 1))
	wantAt(t, s, thing("a:1"), 1)
	wantAt(t, s, thing("a:2"), 1)
	wantAt(t, s, thing("a:3"), 1)
	wantAt(t, s, policy, 2)
}

func testSameKeyTwice(t *testing.T, opener Opener) {
	s := open(t, opener)
	a, b := thing("a:1"), thing("a:2")
	apply(t, s, change(a, 1), change(b, 1), change(a, 2), change(a, 3), change(b, 2))
	wantAt(t, s, a, 3)
	wantAt(t, s, b, 2)
	wantError(t, s, store.ErrConflict, change(a, 4), change(a, 4))
	wantError(t, s, store.ErrConflict, change(a, 5), change(a, 4))
	wantAt(t, s, a, 3)
	apply(t, s, change(a, 4), change(a, 5))
	wantAt(t, s, a, 5)
}

func testVisibleBeforeWait(t *testing.T, opener Opener) {
	s := open(t, opener)
	var commits []store.Commit
	for r := int64(1); r <= 20; r++ {
		commit, err := s.Apply([]store.Append{change(thing("a:b"), r)})
		if err != nil {
			t.Fatal(err)
		}
		commits = append(commits, commit)
		wantAt(t, s, thing("a:b"), r)
	}
	// In whichever order they are waited for.
	for i := range commits {
		if err := commits[len(commits)-1-i].Wait(); err != nil {
			t.Fatal(err)
		}
	}
	wantAt(t, s, thing("a:b"), 20)
}

func testReopen(t *testing.T, opener Opener) {
	s := opener(t)
	applyUpTo(t, s, thing("a:1"), 3)
	apply(t, s, change(thing("a:2"), 1))
	closeStore(t, s)

	s = opener(t)
	wantAt(t, s, thing("a:1"), 3)
	wantAt(t, s, thing("a:2"), 1)
	wantError(t, s, store.ErrConflict, change(thing("a:1"), 3))
	apply(t, s, change(thing("a:1"), 4))
	// Close waits for what nobody has waited for.
	if _, err := s.Apply([]store.Append{change(thing("a:2"), 2)}); err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)

	s = open(t, opener)
	wantAt(t, s, thing("a:1"), 4)
	wantAt(t, s, thing("a:2"), 2)
	wantMissing(t, s, thing("a:3"))
}

// Ids of which one is the beginning of another, or in which any sort of byte
// occurs, are different entities.
func testAlikeIDs(t *testing.T, opener Opener) {
	ids := alikeIDs()
	s := open(t, opener)
	for i, id := range ids {
		applyUpTo(t, s, thing(id), int64(i%3+1))
	}
	for i, id := range ids {
		wantAt(t, s, thing(id), int64(i%3+1))
	}
	if diff := cmp.Diff(len(ids), countThings(t, s, ids)); diff != "" {
		t.Error(diff)
	}
}

func alikeIDs() []string {
	return []string{
		"a:b", "a:bc", "a:bcd", "a:b\x01", "a:b\xff", "a:b\xff\xff", "a", "a:", "a:b:", "A:b",
		"ä:ö", "a\u0308:o\u0308", "名前:物", "名前:物体", "x:\U0001F525", "x:\U0001F525\U0001F525", "x:\uffff",
		"\x01", "\x02\x01", "\xff",
	}
}

func countThings(t *testing.T, s store.Store, ids []string) int {
	t.Helper()
	docs := map[string]bool{}
	for _, id := range ids {
		r, err := s.Load(thing(id))
		if err != nil {
			t.Fatal(err)
		}
		docs[string(r.Doc)] = true
	}
	return len(docs)
}
