package document

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestValid(t *testing.T) {
	for _, text := range []string{
		`null`, `true`, `false`, `0`, `-0`, `12`, `-1.50`, `1e5`, `1E+05`, `0.1e-9`, `""`, `"x"`, `[]`, `{}`,
		` [ 1 , "a" , { } ] `, "\t{\r\n\"a\" : [ ] , \"a\" : null }\n",
		`"\"\\\/\b\f\n\r\t\u0041\uD83D\ude00\ud800"`, `"\u0000"`, "\"\x7f\u0080äé€😀\"", `{"":{"":[[],{}]}}`,
		`"` + strings.Repeat("long enough for eight bytes at once", 3) + `"`,
		strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth),
		strings.Repeat(`{"a":`, MaxDepth) + "1" + strings.Repeat("}", MaxDepth),
	} {
		if err := Valid([]byte(text)); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestInvalid(t *testing.T) {
	for _, tt := range []struct {
		text   string
		offset int
	}{
		{``, 0}, {`  `, 2}, {`nul`, 0}, {`nulL`, 0}, {`True`, 0}, {`+1`, 0}, {`01`, 1}, {`-`, 1}, {`-a`, 1}, {`1.`, 2}, {`.5`, 0},
		{`1.e5`, 2}, {`1e`, 2}, {`1e+`, 3}, {`1e+x`, 3}, {`NaN`, 0}, {`0x10`, 1}, {`1 2`, 2}, {`'a'`, 0},
		{`"`, 1}, {`"abc`, 4}, {`"a\`, 2}, {`"a\x"`, 2}, {`"\u12"`, 1}, {`"\u12g4"`, 1}, {"\"a\nb\"", 2}, {"\"\x00\"", 1}, {"\"\x1f\"", 1},
		{"\"\xff\"", 1}, {"\"ab\xc3\"", 3}, {"\"\xc0\x80\"", 1}, {"\"\xed\xa0\x80\"", 1}, {"\"\xf5\x80\x80\x80\"", 1}, {"\"\xe2\x82\"", 1},
		{`[`, 1}, {`[1`, 2}, {`[1,`, 3}, {`[1,]`, 3}, {`[,1]`, 1}, {`[1 2]`, 3}, {`[1}`, 2}, {`]`, 0},
		{`{`, 1}, {`{1:2}`, 1}, {`{"a"`, 4}, {`{"a" `, 5}, {`{"a":`, 5}, {`{"a":1, `, 8}, {`{"a"}`, 4}, {`{"a":}`, 5}, {`{"a" 1}`, 5}, {`{"a":1,}`, 7}, {`{,}`, 1}, {`{"a":1]`, 6}, {`{"a":1`, 6},
		{`{a:1}`, 1}, {"[1,\v2]", 3}, {"\ufeff1", 0}, {`[1]]`, 3}, {`{} {}`, 3},
	} {
		checkError(t, tt.text, Valid([]byte(tt.text)), ErrSyntax, tt.offset)
		_, err := Canonical([]byte(tt.text))
		checkError(t, tt.text, err, ErrSyntax, tt.offset)
	}
}

func TestDepth(t *testing.T) {
	for _, open := range []string{`[`, `{"a":`, `[{"a":`} {
		text := strings.Repeat(open, MaxDepth+1)
		offset := MaxDepth * len(open)
		if len(open) > 5 { // two levels each
			offset = MaxDepth / 2 * len(open)
		}
		checkError(t, text, Valid([]byte(text)), ErrDepth, offset)
		_, err := Canonical([]byte(text))
		checkError(t, text, err, ErrDepth, offset)
	}
	siblings := "[" + strings.Repeat("[],{},", 2*MaxDepth) + "0]"
	if err := Valid([]byte(siblings)); err != nil {
		t.Errorf("values side by side are not deep: %v", err)
	}
}

func checkError(t *testing.T, text string, err, want error, offset int) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || !errors.Is(err, want) || e.Offset != offset {
		t.Errorf("%q: got %v, want %v at byte %d", text, err, want, offset)
	}
}

func TestSkipStopsAfterTheValue(t *testing.T) {
	for _, tt := range []struct {
		text string
		end  int
	}{
		{`{"a":[1]},x`, 9}, {`12,`, 2}, {`"a" `, 3}, {`null]`, 4}, {`0123`, 1}, {`[1] `, 3},
	} {
		end, err := Skip([]byte("--"+tt.text), 2)
		if err != nil || end != 2+tt.end {
			t.Errorf("%q: got %d, %v, want %d", tt.text, end-2, err, tt.end)
		}
	}
	if _, err := Skip([]byte(" 1"), 0); !errors.Is(err, ErrSyntax) {
		t.Errorf("leading space: got %v", err)
	}
}

func TestScanningDoesNotAllocate(t *testing.T) {
	thing := []byte(thing2K)
	path := Pointer{"features", "lamp-7", "properties", "reading", "value"}
	for name, f := range map[string]func(){
		"Skip":      func() { _, _ = Skip(thing, 0) },
		"Valid":     func() { _ = Valid(thing) },
		"Canonical": func() { _, _ = Canonical(thing) },
		"Get":       func() { _, _ = Get(thing, path) },
		"Hash":      func() { _ = Hash(thing) },
		"Chars":     func() { _ = Chars(thing) },
	} {
		if n := testing.AllocsPerRun(100, f); n > 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func FuzzValid(f *testing.F) {
	f.Add([]byte(`{"a":[1,-2.5e+3,"\u00e4\"ö",true,null,{}]}`))
	f.Add([]byte("\"\xed\xa0\x80\""))
	f.Add([]byte(thing2K))
	f.Fuzz(func(t *testing.T, b []byte) {
		err := Valid(b)
		if errors.Is(err, ErrDepth) {
			if deepest(b) <= MaxDepth {
				t.Fatalf("%q is not that deep", b)
			}
			return
		}
		if want := json.Valid(b) && utf8.Valid(b); (err == nil) != want {
			t.Fatalf("%q: got %v, want valid %v", b, err, want)
		}
		end, err2 := Skip(b, SkipSpace(b, 0))
		if err == nil && (err2 != nil || SkipSpace(b, end) != len(b)) {
			t.Fatalf("%q: Skip stops at %d with %v", b, end, err2)
		}
		if err != nil {
			return
		}
		if deepest(b) > MaxDepth {
			t.Fatalf("%q is too deep", b)
		}
		start := SkipSpace(b, 0)
		if skimmed := skipValue(b, start); KindOf(b[start:]) >= String && skimmed != end {
			t.Fatalf("%q: skimming ends at %d, scanning at %d", b, skimmed, end)
		}
	})
}

// deepest counts the levels of nesting in valid JSON.
func deepest(b []byte) int {
	depth, most, quoted := 0, 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
			most = max(most, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return most
}
