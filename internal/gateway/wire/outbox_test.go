package wire

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The writer takes no more than it must: what it has taken cannot be shed.
func TestTake(t *testing.T) {
	for _, c := range []struct {
		name string
		size int
		want []int // how many items each take takes
	}{
		{"small", 1, []int{5}},
		{"together too large", maxTaken/2 - 1, []int{2, 2, 1}},
		{"each too large", maxTaken + 1, []int{1, 1, 1, 1, 1}},
	} {
		var o outbox
		for i := range 5 {
			o.items = append(o.items, item{data: make([]byte, c.size), signals: i + 1})
		}
		var got []int
		for next := 1; len(o.items) > 0; {
			taken := o.take()
			got = append(got, len(taken))
			for _, it := range taken {
				if it.signals != next {
					t.Errorf("%s: item %d is taken in the place of %d", c.name, it.signals, next)
				}
				next++
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}
