package document

import (
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

func TestMembers(t *testing.T) {
	var got []string
	for name, value := range Members([]byte(`{"a":1,"b\n\u0001":{"c":[1,"}"]},"":"x,y","\ud800":null}`)) {
		got = append(got, name, string(value))
	}
	want := []string{"a", "1", "b\n\x01", `{"c":[1,"}"]}`, "", `"x,y"`, "\xed\xa0\x80", "null"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, text := range []string{`{}`, `[]`, `["a"]`, `1`, ``, `"a"`} {
		for name := range Members([]byte(text)) {
			t.Errorf("%s has a member %q", text, name)
		}
	}
	for range Members([]byte(`{"a":1,"b":2}`)) {
		break // must not go on
	}
}

func TestElements(t *testing.T) {
	var got []string
	for value := range Elements([]byte(`[1,"a]",[2,[3]],{"b":[]},null,{}]`)) {
		got = append(got, string(value))
	}
	if diff := cmp.Diff([]string{`1`, `"a]"`, `[2,[3]]`, `{"b":[]}`, `null`, `{}`}, got); diff != "" {
		t.Error(diff)
	}
	for _, text := range []string{`{}`, `[]`, `{"a":1}`, `1`, ``} {
		for value := range Elements([]byte(text)) {
			t.Errorf("%s has an element %s", text, value)
		}
	}
	for range Elements([]byte(`[1,2]`)) {
		break
	}
}

func TestKindOf(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{`{}`, "object"}, {`[1]`, "array"}, {`"x"`, "string"}, {`-1`, "number"}, {`0`, "number"}, {`9`, "number"}, {`true`, "boolean"},
		{`false`, "boolean"}, {`null`, "null"}, {``, "invalid"}, {` 1`, "invalid"}, {`x`, "invalid"}, {`+`, "invalid"},
	} {
		if got := KindOf([]byte(tt.text)).String(); got != tt.want {
			t.Errorf("%q: got %s, want %s", tt.text, got, tt.want)
		}
	}
}

func TestHashIsStable(t *testing.T) {
	// It is part of entity tags, which outlive the process. The first is the published check value of CRC-32C.
	for text, want := range map[string]uint32{`123456789`: 0xe3069283, `{"a":1}`: 0xcff7d56a, ``: 0} {
		if got := Hash([]byte(text)); got != want {
			t.Errorf("%s: got %#x, want %#x", text, got, want)
		}
	}
}

func FuzzChars(f *testing.F) {
	f.Add("aäé€😀\x00 and more than eight bytes 😀😀ß")
	f.Add("short ß😀")
	f.Fuzz(func(t *testing.T, s string) {
		s = string([]rune(s)) // UTF-8
		if got, want := Chars([]byte(s)), len(utf16.Encode([]rune(s))); got != want {
			t.Fatalf("%q: got %d, want %d", s, got, want)
		}
	})
}
