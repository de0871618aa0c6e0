package storetest

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/store"
)

// view makes a view that is closed when the test ends.
func view(t *testing.T, s store.Store) store.View {
	t.Helper()
	v, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeIt(t, v) })
	return v
}

func closeIt(t *testing.T, c interface{ Close() error }) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

// keysOf returns all keys between bounds.
func keysOf(t *testing.T, v store.View, lower, upper []byte) []string {
	t.Helper()
	k, err := v.Keys(lower, upper)
	if err != nil {
		t.Fatal(err)
	}
	defer closeIt(t, k)
	var all []string
	for ok := k.First(); ok; ok = k.Next() {
		all = append(all, string(k.Key()))
	}
	if err := k.Error(); err != nil {
		t.Fatal(err)
	}
	return all
}

// A view shows what was there when it was made, durable or not, and nothing
// that came later.
func testViewOfAMoment(t *testing.T, opener Opener) {
	s := open(t, opener)
	a, b := thing("a:1"), thing("a:2")
	apply(t, s, found(a, 1, "", "x"))
	commit, err := s.Apply([]store.Append{found(a, 2, "x", "y")})
	if err != nil {
		t.Fatal(err)
	}
	v := view(t, s)
	k, err := v.Keys(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := commit.Wait(); err != nil {
		t.Fatal(err)
	}
	apply(t, s, found(a, 3, "y", "z"), found(b, 1, "", "x y"))
	wantIndex(t, s, "x=a:2 y=a:2 z=a:1")
	if diff := cmp.Diff([]string{"y=a:1"}, keysOf(t, v, nil, nil)); diff != "" {
		t.Errorf("the view's index (-want +got):\n%s", diff)
	}
	if !k.First() || string(k.Key()) != "y=a:1" || k.Next() {
		t.Errorf("keys made before are at %q", k.Key())
	}
	r, err := v.Load(a)
	if diff := cmp.Diff(change(a, 2).Record, r); err != nil || diff != "" {
		t.Errorf("error %v, the view's record (-want +got):\n%s", err, diff)
	}
	for _, key := range []store.Key{b, thing(""), {Kind: store.Policy, ID: a.ID}} {
		if _, err := v.Load(key); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%v: error %v, want ErrNotFound", key, err)
		}
	}
}

// Closing a view closes its keys. What is closed says so, and can be closed
// again.
func testViewClosed(t *testing.T, opener Opener) {
	s := open(t, opener)
	apply(t, s, found(thing("a:1"), 1, "", "x y"))
	v := view(t, s)
	first, err := v.Keys(nil, nil)
	if err != nil || !first.First() {
		t.Fatal(err)
	}
	second, err := v.Keys(nil, nil)
	if err != nil || !second.First() {
		t.Fatal(err)
	}
	closeIt(t, first)
	wantKeysClosed(t, first)
	if !second.Next() {
		t.Error("keys end with others")
	}
	closeIt(t, v)
	wantKeysClosed(t, first)
	wantKeysClosed(t, second)
	wantViewClosed(t, v)
	wantIndex(t, s, "x=a:1 y=a:1")
}

func wantViewClosed(t *testing.T, v store.View) {
	t.Helper()
	if _, err := v.Load(thing("a:1")); !errors.Is(err, store.ErrClosed) {
		t.Errorf("Load: %v, want ErrClosed", err)
	}
	if _, err := v.Keys(nil, nil); !errors.Is(err, store.ErrClosed) {
		t.Errorf("Keys: %v, want ErrClosed", err)
	}
	closeIt(t, v)
}

func wantKeysClosed(t *testing.T, k store.Keys) {
	t.Helper()
	if k.First() || k.Last() || k.SeekGE(nil) || k.SeekLT([]byte("\xff")) || k.Next() || k.Prev() || k.Key() != nil {
		t.Error("closed keys go somewhere")
	}
	if err := k.Error(); !errors.Is(err, store.ErrClosed) {
		t.Errorf("error %v, want ErrClosed", err)
	}
	closeIt(t, k)
}

// A store that is closed while there are views says so, and is closed.
func testCloseWithViews(t *testing.T, opener Opener) {
	s := opener(t)
	apply(t, s, found(thing("a:1"), 1, "", "x"))
	v := view(t, s)
	k, err := v.Keys(nil, nil)
	if err != nil || !k.First() {
		t.Fatal(err)
	}
	if err := s.Close(); err == nil {
		t.Error("Close with an open view reports no error")
	}
	wantKeysClosed(t, k)
	wantViewClosed(t, v)
	if _, err := s.Snapshot(); !errors.Is(err, store.ErrClosed) {
		t.Errorf("Snapshot: %v, want ErrClosed", err)
	}
	s = open(t, opener)
	wantAt(t, s, thing("a:1"), 1)
	wantIndex(t, s, "x=a:1")
}
