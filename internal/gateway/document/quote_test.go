package document

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestQuoting(t *testing.T) {
	for _, tt := range []struct{ s, raw string }{
		{"", `""`},
		{"plain", `"plain"`},
		{`a"b\c/d`, `"a\"b\\c/d"`},
		{"\b\f\n\r\t", `"\b\f\n\r\t"`},
		{"\x00\x01\x1f\x7f", "\"\\u0000\\u0001\\u001f\x7f\""},
		{"äé€😀\u2028<&>", "\"äé€😀\u2028<&>\""},
		{"\xed\xa0\x80", `"\ud800"`},
		{"a\xed\xbf\xbfb", `"a\udfffb"`},
		{"\xed\xb0\x80\xed\xa0\x80", `"\udc00\ud800"`},
	} {
		if got := string(AppendString([]byte("x"), tt.s)); got != "x"+tt.raw {
			t.Errorf("AppendString(%q) = %s, want %s", tt.s, got[1:], tt.raw)
		}
		if got, err := Unquote([]byte(tt.raw)); err != nil || got != tt.s {
			t.Errorf("Unquote(%s) = %q, %v, want %q", tt.raw, got, err, tt.s)
		}
	}
}

func TestUnquoteOfOtherSpellings(t *testing.T) {
	for raw, want := range map[string]string{
		`"\u0041\/\u00E4\u20ac\u2028"`: "A/ä€\u2028",
		`"\uD83D\uDE00"`:               "😀",
		`"\ud83dx\ude00"`:              "\xed\xa0\xbdx\xed\xb8\x80",
		`"\ud83d\ud83d\ude00"`:         "\xed\xa0\xbd😀",
		`"\ud83d\n"`:                   "\xed\xa0\xbd\n",
	} {
		if got, err := Unquote([]byte(raw)); err != nil || got != want {
			t.Errorf("Unquote(%s) = %q, %v, want %q", raw, got, err, want)
		}
	}
	for _, raw := range []string{``, `"`, `a`, `"a`, `"a"b`, ` "a"`, `"\x"`, "\"\n\"", "\"\xff\""} {
		if _, err := Unquote([]byte(raw)); !errors.Is(err, ErrSyntax) {
			t.Errorf("Unquote(%q): got %v, want %v", raw, err, ErrSyntax)
		}
	}
}

func TestAppendStringMakesUTF8(t *testing.T) {
	for s, want := range map[string]string{
		"a\xffb":                   "\"a\ufffdb\"",
		"\xc3":                     "\"\ufffd\"",
		"\xed\xa0\xbd\xed\xb8\x80": `"😀"`, // two halves that met
		"\xed\xa0":                 "\"\ufffd\ufffd\"",
		"\xff\xa0\x80":             "\"\ufffd\ufffd\ufffd\"",
	} {
		if got := string(AppendString(nil, s)); got != want {
			t.Errorf("AppendString(%q) = %s, want %s", s, got, want)
		}
	}
}

func FuzzQuote(f *testing.F) {
	f.Add("a\"\\\x00\n\x1fä😀")
	f.Add("\xed\xa0\xbd\xed\xb8\x80\xff")
	f.Add("plain, ä and all")
	f.Fuzz(func(t *testing.T, s string) {
		raw := AppendString(nil, s)
		if plain := string(raw) == `"`+s+`"`; IsPlain(s) != plain {
			t.Errorf("%q is plain: %v, and it is written as %s", s, !plain, raw)
		}
		if err := Valid(raw); err != nil {
			t.Fatalf("%q: %v", raw, err)
		}
		back, err := Unquote(raw)
		if err != nil {
			t.Fatal(err)
		}
		if again := string(AppendString(nil, back)); again != string(raw) {
			t.Fatalf("%q: quoted %s, then %s", s, raw, again)
		}
		if !utf8.ValidString(s) {
			return
		}
		if back != s {
			t.Fatalf("got %q, want %q", back, s)
		}
		other, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Unquote(other); err != nil || got != s {
			t.Fatalf("Unquote(%s) = %q, %v", other, got, err)
		}
		if !strings.Contains(s, "\x00") {
			if got, err := Canonical(other); err != nil || string(got) != string(raw) {
				t.Fatalf("Canonical(%s) = %s, %v, want %s", other, got, err, raw)
			}
		}
	})
}

// What most texts are takes no more memory than it has bytes.
func TestAppendStringMakesRoomOnce(t *testing.T) {
	const text = "org.eclipse.ditto:a name that is as long as most"
	if n := testing.AllocsPerRun(100, func() { AppendString(nil, text) }); n > 1 {
		t.Errorf("%v allocations", n)
	}
}
