package dittows

import (
	"slices"
	"testing"
)

// What was touched the longest time ago makes room; looking at something does not touch it.
func TestRecent(t *testing.T) {
	r := newRecent[int](3)
	known := func() (things []string) {
		for thing := range r.all() {
			things = append(things, thing)
		}
		return things
	}
	for i, thing := range []string{"a", "b", "c", "a"} {
		*r.touch(thing) += i + 1
	}
	if b := r.get("b"); b == nil || *b != 2 {
		t.Errorf("b is %v", b)
	}
	r.touch("d")
	if got, want := known(), []string{"d", "a", "c"}; !slices.Equal(got, want) || r.len() != 3 {
		t.Errorf("%q are known, want %q", got, want)
	}
	if *r.get("a") != 5 || *r.get("d") != 0 || r.get("b") != nil {
		t.Errorf("a is %d, d is %d, b is %v", *r.get("a"), *r.get("d"), r.get("b"))
	}
	for thing := range r.all() {
		if thing != "a" {
			r.forget(thing)
		}
	}
	if got := known(); !slices.Equal(got, []string{"a"}) {
		t.Errorf("%q are known", got)
	}
	r.clear()
	if got := known(); len(got) != 0 || r.len() != 0 || r.get("a") != nil {
		t.Errorf("%q are known", got)
	}
}
