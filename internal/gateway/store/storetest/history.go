package storetest

import (
	"math"
	"testing"

	"github.com/twinway/twinway/internal/gateway/store"
)

func testHistoryRange(t *testing.T, opener Opener) {
	s := open(t, opener)
	key := thing("a:b")
	// Enough for revisions of more than one byte.
	for r := int64(1); r <= 300; r += 3 {
		apply(t, s, change(key, r), change(key, r+1), change(key, r+2))
	}
	for _, test := range []struct {
		from, to       int64
		wantFrom, want int64
	}{
		{1, 300, 1, 300},
		{1, 1, 1, 1},
		{300, 300, 300, 300},
		{250, 260, 250, 260},
		{299, 1000, 299, 300},
		{math.MinInt64, 2, 1, 2},
		{0, math.MaxInt64, 1, 300},
		{math.MaxInt64, math.MaxInt64, 1, 0},
		{301, 400, 1, 0},
		{5, 4, 1, 0},
		{-5, 0, 1, 0},
		{math.MaxInt64, math.MinInt64, 1, 0},
	} {
		wantEvents(t, s, key, test.from, test.to, changes(key, test.wantFrom, test.want))
	}
}

func testHistoryStops(t *testing.T, opener Opener) {
	s := open(t, opener)
	applyUpTo(t, s, thing("a:b"), 10)
	var got []int64
	err := s.History(thing("a:b"), 3, 10, func(e store.Event) bool {
		got = append(got, e.Revision)
		return e.Revision < 5
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 3 || got[0] != 3 || got[2] != 5 {
		t.Errorf("read revisions %v, want 3 to 5", got)
	}
}

// A history that is being read does not grow, and whoever reads it may use the
// store.
func testHistoryWhileApplying(t *testing.T, opener Opener) {
	s := open(t, opener)
	key := thing("a:b")
	applyUpTo(t, s, key, 3)
	seen := int64(0)
	err := s.History(key, 1, math.MaxInt64, func(e store.Event) bool {
		seen++
		apply(t, s, change(key, 3+seen))
		wantAt(t, s, key, 3+seen)
		return seen < 10
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen != 3 {
		t.Errorf("read %d events, want the 3 from before", seen)
	}
	wantAt(t, s, key, 6)
}
