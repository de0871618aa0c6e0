package wire

import (
	"strings"
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

// A body that has nothing to tell leaves no trace, whatever it appended and
// wherever the burst had to grow for it.
func TestBurstLeavesOutWhatIsNotToBeTold(t *testing.T) {
	for _, room := range []int{0, 1000} {
		b := NewBurst(3, room)
		add := func(s string, ok bool) {
			if got := b.Add(func(dst []byte) ([]byte, bool) { return append(dst, s...), ok }); got != ok {
				t.Errorf("Add reports %v, want %v", got, ok)
			}
		}
		add("a", true)
		add(strings.Repeat("x", 500), false)
		add("b", true)
		b.Add(func([]byte) ([]byte, bool) { return nil, false })
		if diff := cmp.Diff(string(burst("a", "b").Bytes()), string(b.Bytes())); diff != "" || b.Len() != 2 {
			t.Errorf("%d frames: %s", b.Len(), diff)
		}
	}
}

func TestBurstOfFramesOfAnother(t *testing.T) {
	from := burst("a", strings.Repeat("b", 200), "c")
	var b Burst
	for _, i := range []int{2, 0, 1} {
		b.AddFrame(from.Frame(i))
	}
	want := burst("c", "a", strings.Repeat("b", 200))
	if diff := cmp.Diff(string(want.Bytes()), string(b.Bytes())); diff != "" || b.Len() != 3 {
		t.Errorf("%d frames: %s", b.Len(), diff)
	}
	_ = append(from.Frame(0), "overwrites"...)
	if diff := cmp.Diff(string(burst("a", strings.Repeat("b", 200), "c").Bytes()), string(from.Bytes())); diff != "" {
		t.Errorf("appending to a frame modified its burst: %s", diff)
	}
}

// The text of a frame is its payload, however long the header is that says how long that is.
func TestTextsOfABurst(t *testing.T) {
	var texts []string
	for _, n := range []int{0, 1, 125, 126, 127, 1<<16 - 1, 1 << 16, 1 << 17} {
		texts = append(texts, strings.Repeat("x", n))
	}
	b := burst(texts...)
	for i, want := range texts {
		if got := string(b.Text(i)); got != want {
			t.Errorf("the text of %d bytes has %d", len(want), len(got))
		}
	}
}
