package pebble

import (
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/store"
)

// The limit of the history changes while a thing is being changed. Histories
// lose whole runs, so that they begin with one.
func TestHistoryLimit(t *testing.T) {
	var limit atomic.Int64
	s := mustOpen(t, Options{Dir: "/d", FS: vfs.NewMem(), HistoryMaxRecords: func() int { return int(limit.Load()) }})
	defer s.Close()
	key := thingKey(1)
	revision := int64(0)
	for _, step := range []struct {
		limit    int64
		appends  int64
		wantFrom int64 // the oldest event that is kept after them
	}{
		{3, 16, 1},
		{3, 2, 1},
		{3, 1, 17}, // three of the second run
		{3, 15, 17},
		{16, 13, 17}, // grows from here on
		{16, 16, 33},
		{-1, 200, 33},
		{10, 1, 33 + 64}, // shrinks, 64 at once
		{10, 1, 33 + 128},
		{10, 1, 33 + 192},
		{10, 1, 257}, // and is as short as it should be
		{0, 1, 269},
		{0, 5, 274},
		{2, 1, 274}, // switched on within a run
		{2, 15, 274},
		{2, 1, 289},
		{1, 14, 289},
		{1, 1, 305},
		{0, 1, 307},
		{-1, 150, 307},
		{10, 1, 369}, // not all of the 64, which would end within a run
		{10, 1, 433},
		{10, 1, 449},
	} {
		limit.Store(step.limit)
		for range step.appends {
			revision++
			applyAll(t, s, change(key, revision, 10))
		}
		if diff := cmp.Diff(numbers(step.wantFrom, revision), revisions(t, s, key)); diff != "" {
			t.Errorf("limit %d, revision %d (-want +got):\n%s", step.limit, revision, diff)
		}
	}
	if got, want := s.Metrics().DroppedByCount, uint64(268+31+2+142); got != want {
		t.Errorf("%d events are counted as dropped, want %d", got, want)
	}
}

// A history has as many events as the limit says, and at most a run more.
func TestHistoryLength(t *testing.T) {
	for _, limit := range []int64{1, 2, 15, 16, 17, 31, 100} {
		s := mustOpen(t, Options{Dir: "/d", FS: vfs.NewMem(), HistoryMaxRecords: func() int { return int(limit) }})
		for revision := int64(1); revision <= 150; revision++ {
			applyAll(t, s, change(thingKey(1), revision, 10))
			got := revisions(t, s, thingKey(1))
			if n := int64(len(got)); n < min(limit, revision) || n >= limit+store.HistoryRun || got[n-1] != revision || got[0]%store.HistoryRun != 1 {
				t.Errorf("limit %d, revision %d: %v", limit, revision, got)
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A batch in which a thing occurs more often than its history is long.
func TestHistoryLimitWithinBatch(t *testing.T) {
	var dropped []int
	s := mustOpen(t, Options{
		Dir: "/d", FS: vfs.NewMem(), HistoryMaxRecords: func() int { return 2 },
		OnCommit: func(c CommitInfo) { dropped = append(dropped, c.Dropped) },
	})
	defer s.Close()
	var batch []store.Append
	for r := range int64(40) {
		batch = append(batch, change(thingKey(1), r+1, 10))
	}
	applyAll(t, s, batch...)
	if diff := cmp.Diff(numbers(33, 40), revisions(t, s, thingKey(1))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int{32}, dropped); diff != "" {
		t.Errorf("dropped events told: %s", diff)
	}
}
