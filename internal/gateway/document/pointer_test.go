package document

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParsePointer(t *testing.T) {
	for _, tt := range []struct {
		text   string
		want   Pointer
		string string
	}{
		{"", nil, "/"},
		{"/", nil, "/"},
		{"a", Pointer{"a"}, "/a"},
		{"/a", Pointer{"a"}, "/a"},
		{"/a/", Pointer{"a"}, "/a"},
		{"a/b/c", Pointer{"a", "b", "c"}, "/a/b/c"},
		{"/a~0b/~0", Pointer{"a~b", "~"}, "/a~0b/~0"},
		{"/~01", Pointer{"~1"}, "/~01"},
		{"/a~1b", Pointer{"a~1b"}, "/a~01b"},
		{"/a~", Pointer{"a~"}, "/a~0"},
		{"/ /ä\"", Pointer{" ", "ä\""}, "/ /ä\""},
	} {
		got, err := ParsePointer(tt.text)
		if err != nil {
			t.Errorf("%q: %v", tt.text, err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%q: %s", tt.text, diff)
		}
		if got.String() != tt.string {
			t.Errorf("%q: as text %q, want %q", tt.text, got, tt.string)
		}
	}
	for _, text := range []string{"//", "//a", "/a//b", "a//", "///", strings.Repeat("/a", MaxDepth+1)} {
		if _, err := ParsePointer(text); !errors.Is(err, ErrPointer) {
			t.Errorf("%q: got %v, want %v", text, err, ErrPointer)
		}
	}
	if _, err := ParsePointer(strings.Repeat("/a", MaxDepth)); err != nil {
		t.Errorf("%d tokens: %v", MaxDepth, err)
	}
}

func FuzzPointer(f *testing.F) {
	f.Add("/a~0b/c~1/~")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParsePointer(s)
		if err != nil {
			return
		}
		again, err := ParsePointer(p.String())
		if err != nil || !cmp.Equal(p, again) {
			t.Fatalf("%q: %q, then %q, %v", s, p, again, err)
		}
	})
}
