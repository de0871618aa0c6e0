package wire

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBurst(t *testing.T) {
	b := burst("a", "bb", "ccc")
	for _, c := range []struct {
		name string
		got  Burst
		want Burst
	}{
		{"first of none", b.First(0), Burst{}},
		{"first two", b.First(2), burst("a", "bb")},
		{"more than there are", b.First(9), b},
		{"without the middle", b.Without(func(i int) bool { return i == 1 }), burst("a", "ccc")},
		{"without any", b.Without(func(int) bool { return true }), Burst{}},
	} {
		if diff := cmp.Diff(string(c.want.Bytes()), string(c.got.Bytes())); diff != "" || c.got.Len() != c.want.Len() {
			t.Errorf("%s: %d frames, want %d: %s", c.name, c.got.Len(), c.want.Len(), diff)
		}
	}
}
