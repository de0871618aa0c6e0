package model

import "testing"

// TestDistinct adds numbers twice, so many that the list is no longer searched.
func TestDistinct(t *testing.T) {
	var d distinct[int]
	for i := range 5 * maxSearched {
		for _, want := range []bool{true, false} {
			if got := d.add(i); got != want {
				t.Errorf("%d was added: %t, want %t", i, got, want)
			}
		}
	}
	for i := range 5 * maxSearched {
		if d.add(i) || d.list[i] != i {
			t.Errorf("%d was added again, or is not at its place: %v", i, d.list)
		}
	}
}
