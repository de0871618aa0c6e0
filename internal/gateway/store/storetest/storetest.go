package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/store"
)

// Opener opens one and the same store: empty the first time, and then with
// what was durable when the last one was closed. The implementation keeps all
// history.
type Opener func(t *testing.T) store.Store

// Run runs the contract. place makes a new place for a store; it is called
// once per test, with that test's t.
func Run(t *testing.T, place func(t *testing.T) Opener) {
	tests := []struct {
		name string
		test func(t *testing.T, open Opener)
	}{
		{"Missing", testMissing},
		{"FirstAppend", testFirstAppend},
		{"Fields", testFields},
		{"Deleted", testDeleted},
		{"Meta", testMeta},
		{"OwnBytes", testOwnBytes},
		{"EmptyBatch", testEmptyBatch},
		{"Conflict", testConflict},
		{"ConflictLeavesNothing", testConflictLeavesNothing},
		{"Invalid", testInvalid},
		{"SeveralKeys", testSeveralKeys},
		{"SameKeyTwice", testSameKeyTwice},
		{"VisibleBeforeWait", testVisibleBeforeWait},
		{"HistoryRange", testHistoryRange},
		{"HistoryStops", testHistoryStops},
		{"HistoryWhileApplying", testHistoryWhileApplying},
		{"AlikeIDs", testAlikeIDs},
		{"DueOrder", testDueOrder},
		{"DueWindow", testDueWindow},
		{"DueTogether", testDueTogether},
		{"DueMoves", testDueMoves},
		{"DueWithinBatch", testDueWithinBatch},
		{"DueBeforeWait", testDueBeforeWait},
		{"DueWhileApplying", testDueWhileApplying},
		{"DueAtAnyMoment", testDueAtAnyMoment},
		{"Index", testIndex},
		{"IndexComesAndGoes", testIndexComesAndGoes},
		{"IndexWithinBatch", testIndexWithinBatch},
		{"IndexConflict", testIndexConflict},
		{"IndexInvalid", testIndexInvalid},
		{"IndexOwnBytes", testIndexOwnBytes},
		{"IndexReopen", testIndexReopen},
		{"IndexAtAnyMoment", testIndexAtAnyMoment},
		{"KeysAgainstModel", testKeysAgainstModel},
		{"ViewOfAMoment", testViewOfAMoment},
		{"ViewClosed", testViewClosed},
		{"CloseWithViews", testCloseWithViews},
		{"Reopen", testReopen},
		{"OneWinner", testOneWinner},
		{"ManyGoroutines", testManyGoroutines},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.test(t, place(t)) })
	}
}

// open opens a store and closes it when the test ends.
func open(t *testing.T, opener Opener) store.Store {
	t.Helper()
	s := opener(t)
	t.Cleanup(func() { closeStore(t, s) })
	return s
}

func closeStore(t *testing.T, s store.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func thing(id string) store.Key { return store.Key{Kind: store.Thing, ID: id} }

// instant is a time that differs from revision to revision.
func instant(revision int64) time.Time {
	return time.Date(2024, 2, 29, 12, 0, 0, 123456789, time.UTC).Add(time.Duration(revision) * time.Second)
}

// change is the append that brings a key to a revision, with contents that
// tell both. After every third one the entity is not due, after every fourth
// it has no metadata.
func change(key store.Key, revision int64) store.Append {
	text := fmt.Sprintf("%d/%s@%d", key.Kind, key.ID, revision)
	var due time.Time
	if revision%3 != 0 {
		due = instant(revision).Add(time.Hour)
	}
	var meta []byte
	if revision%4 != 0 {
		meta = []byte("meta " + text)
	}
	return store.Append{
		Key:      key,
		Expected: revision - 1,
		Record: store.Record{
			Revision: revision,
			Created:  instant(1),
			Modified: instant(revision),
			Due:      due,
			Doc:      []byte("doc " + text),
			Meta:     meta,
		},
		Event: store.Event{Revision: revision, Time: instant(revision), Payload: []byte("event " + text)},
	}
}

// apply applies a batch and waits for it.
func apply(t *testing.T, s store.Store, batch ...store.Append) {
	t.Helper()
	commit, err := s.Apply(batch)
	if err != nil {
		t.Fatalf("Apply: %v", err)
	}
	if err := commit.Wait(); err != nil {
		t.Fatalf("Wait: %v", err)
	}
}

// applyUpTo brings a key from nothing to a revision.
func applyUpTo(t *testing.T, s store.Store, key store.Key, revision int64) {
	t.Helper()
	for r := int64(1); r <= revision; r++ {
		apply(t, s, change(key, r))
	}
}

// wantError applies a batch that must be refused.
func wantError(t *testing.T, s store.Store, want error, batch ...store.Append) {
	t.Helper()
	if _, err := s.Apply(batch); !errors.Is(err, want) {
		t.Fatalf("Apply: error %v, want %v", err, want)
	}
}

// wantRecord compares the record of a key.
func wantRecord(t *testing.T, s store.Store, key store.Key, want store.Record) {
	t.Helper()
	got, err := s.Load(key)
	if err != nil {
		t.Fatalf("Load %v: %v", key, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("record of %v (-want +got):\n%s", key, diff)
	}
}

// wantMissing says that a key never existed.
func wantMissing(t *testing.T, s store.Store, key store.Key) {
	t.Helper()
	if r, err := s.Load(key); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Load %v: record %+v, error %v, want ErrNotFound", key, r, err)
	}
	wantEvents(t, s, key, 1, 1<<62, nil)
}

// wantAt says that a key is at a revision, and that its record and all of its
// history are those that change makes.
func wantAt(t *testing.T, s store.Store, key store.Key, revision int64) {
	t.Helper()
	wantRecord(t, s, key, change(key, revision).Record)
	wantEvents(t, s, key, 1, 1<<62, changes(key, 1, revision))
}

// changes returns the events of change.
func changes(key store.Key, from, to int64) []store.Event {
	var events []store.Event
	for r := from; r <= to; r++ {
		events = append(events, change(key, r).Event)
	}
	return events
}

// wantEvents compares a range of the history of a key.
func wantEvents(t *testing.T, s store.Store, key store.Key, from, to int64, want []store.Event) {
	t.Helper()
	var got []store.Event
	err := s.History(key, from, to, func(e store.Event) bool {
		e.Payload = append([]byte(nil), e.Payload...)
		got = append(got, e)
		return true
	})
	if err != nil {
		t.Fatalf("History %v %d-%d: %v", key, from, to, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("history of %v, %d-%d (-want +got):\n%s", key, from, to, diff)
	}
}
