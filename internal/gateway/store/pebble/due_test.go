package pebble

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	pebbledb "github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/twinway/twinway/internal/gateway/store"
)

// dueKeys returns how many keys the table of what is due has.
func dueKeys(t *testing.T, s *Store) int {
	t.Helper()
	it, err := s.db.NewIter(&pebbledb.IterOptions{LowerBound: []byte{tableDue}, UpperBound: []byte{tableDue + 1}})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for ok := it.First(); ok; ok = it.Next() {
		n++
	}
	if err := it.Close(); err != nil {
		t.Fatal(err)
	}
	return n
}

// Keys are in the order of their times, whatever comes after the time.
func TestDueKeyOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	random := func() (time.Time, store.Key) {
		at := time.Unix(rng.Int64()>>rng.IntN(64)*int64(1-2*rng.IntN(2)), rng.Int64N(3)*499_999_999)
		return at.UTC(), store.Key{Kind: store.Kind(1 + rng.IntN(255)), ID: string(noise(1 + rng.IntN(30)))}
	}
	for range 5000 {
		at, key := random()
		k := appendDueKey(nil, at, key)
		if gotAt, gotKey, err := decodeDueKey(k); err != nil || gotAt != at || gotKey != key || len(k) != dueKeySize(key) {
			t.Fatalf("%v %v: decoded as %v %v, error %v; %d bytes", at, key, gotAt, gotKey, err, len(k))
		}
		other, key := random()
		if got := bytes.Compare(k, appendDueKey(nil, other, key)); other != at && got != at.Compare(other) {
			t.Fatalf("keys of %v and %v compare as %d", at, other, got)
		}
		if got := bytes.Compare(k, appendDueEnd(nil, other)); (got < 0) != !at.After(other) {
			t.Fatalf("key of %v compares to the end of %v as %d", at, other, got)
		}
	}
}

// An append that keeps the time, or has none, writes as many keys as before.
func TestDueWritesNothing(t *testing.T) {
	s := mustOpen(t, Options{Dir: "/d", FS: vfs.NewMem(), HistoryMaxRecords: func() int { return 0 }})
	defer s.Close()
	revision := int64(0)
	for _, step := range []struct {
		due  time.Time
		keys uint32 // written or deleted
		left int    // in the table
	}{
		{time.Time{}, 1, 0},
		{time.Time{}, 1, 0},
		{benchTime, 2, 1},
		{benchTime, 1, 1},
		{benchTime.In(time.FixedZone("here", 3600)), 1, 1},
		{benchTime.Add(1), 3, 1},
		{time.Time{}, 2, 0},
		{time.Time{}, 1, 0},
	} {
		revision++
		a := change(thingKey(1), revision, 10)
		a.Record.Due = step.due
		c, err := s.Apply([]store.Append{a})
		if err != nil {
			t.Fatal(err)
		}
		if n := c.(*commit).batch.Count(); n != step.keys {
			t.Errorf("revision %d, due %v: %d keys, want %d", revision, step.due, n, step.keys)
		}
		if err := c.Wait(); err != nil {
			t.Fatal(err)
		}
		if n := dueKeys(t, s); n != step.left {
			t.Errorf("revision %d, due %v: %d keys are left, want %d", revision, step.due, n, step.left)
		}
	}
}

// Keys that nobody can have written are damage.
func TestDueKeyDamaged(t *testing.T) {
	good := appendDueKey(nil, benchTime, store.Key{Kind: store.Thing, ID: "x"})
	for name, key := range map[string][]byte{
		"nothing":     {tableDue},
		"no kind":     good[:1+dueTimeSize],
		"no id":       good[:1+dueTimeSize+1],
		"nanoseconds": append(appendDueTime(nil, 0, 1e9), good[1+dueTimeSize:]...),
	} {
		s := mustOpen(t, Options{Dir: "/d", FS: vfs.NewMem()})
		if err := s.db.Set(key, nil, pebbledb.Sync); err != nil {
			t.Fatal(err)
		}
		if err := s.Due(time.Time{}, benchTime, 1, func(store.Key, time.Time) bool { return true }); !errors.Is(err, store.ErrCorrupt) {
			t.Errorf("%s: %v, want ErrCorrupt", name, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
