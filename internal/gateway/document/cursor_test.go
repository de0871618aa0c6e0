package document

import (
	"testing"
	"unicode/utf8"
)

func TestCursor(t *testing.T) {
	doc := []byte(`{"a\"":[1,{"b":2}],"c":"x"}`)
	end, value, ok := NameAt(doc, 1)
	if !ok || string(doc[1:end]) != `"a\""` || string(doc[value:After(doc, value)]) != `[1,{"b":2}]` {
		t.Fatalf("name %q, value from %d, %t", doc[1:end], value, ok)
	}
	for _, i := range []int{0, value, len(doc) - 1, len(doc)} {
		if _, _, ok := NameAt(doc, i); ok {
			t.Errorf("there is no name at %d", i)
		}
	}
	if end := After(doc, len(doc)); end != len(doc) {
		t.Errorf("after the end comes %d", end)
	}
}

func TestDecodeChar(t *testing.T) {
	for _, tt := range []struct {
		inside string
		want   rune
		n      int
	}{
		{"ab", 'a', 1}, {"😀b", '😀', 4}, {`\nb`, '\n', 2}, {`\"`, '"', 2},
		{`\u0001b`, 1, 6}, {`\ud83dx`, 0xD83D, 6}, {`\ud83d\ude00`, '😀', 12}, {"", utf8.RuneError, 0},
	} {
		if r, n := DecodeChar([]byte(tt.inside)); r != tt.want || n != tt.n {
			t.Errorf("%s: %U in %d bytes", tt.inside, r, n)
		}
	}
}
