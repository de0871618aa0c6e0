package document

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestCanonical(t *testing.T) {
	for _, tt := range []struct{ name, src, want string }{
		{"white space goes", " {\t\"a\" :\r\n[ 1 , 2 ] , \"b\" : { } , \"c\":[ ] } ", `{"a":[1,2],"b":{},"c":[]}`},
		{"white space around a scalar", " 1 ", `1`},
		{"white space in a string stays", `{"a b": " c "}`, `{"a b":" c "}`},
		{"numbers stay", `[1.0, -0, 1E+05, 10000000000000000000000000000000]`, `[1.0,-0,1E+05,10000000000000000000000000000000]`},
		{"needless escapes go", `"\u0041\/\u00E4\u20AC\u007f\uD83D\ude00"`, "\"A/ä€\x7f😀\""},
		{"needed escapes are short", `"\u0022\u005c\u0008\u000C\u000a\u000D\u0009"`, `"\"\\\b\f\n\r\t"`},
		{"other controls in lower case", `"\u001F\u0001"`, `"\u001f\u0001"`},
		{"halves of surrogate pairs stay", `"\uD83D \uDE00\uD83D"`, `"\ud83d \ude00\ud83d"`},
		{"twins", `{"a":1,"b":2,"a":3}`, `{"a":3,"b":2}`},
		{"triplets", `{"a":1,"a":2,"a":3}`, `{"a":3}`},
		{"twins spelt differently", `{"a":1,"\u0061":2}`, `{"a":2}`},
		{"twins written with needed escapes", `{"\n":1,"\u000a":2}`, `{"\n":2}`},
		{"twins far inside", `[{"x":{"a":[1],"b":0,"a":{"c":1,"c":2}}},{"a":1}]`, `[{"x":{"a":{"c":2},"b":0}},{"a":1}]`},
		{"twins after white space", `{ "x" : 1 , "a" : { "b" : 1 , "b" : 2 } , "x" : 3 }`, `{"x":3,"a":{"b":2}}`},
		{"a twin before canonical text", `{"a":1,"a":2,"b":{"c":[1,2,3]}}`, `{"a":2,"b":{"c":[1,2,3]}}`},
		{"same name at different levels", `{"a":{"a":{"a":1}},"b":{"a":1}}`, `{"a":{"a":{"a":1}},"b":{"a":1}}`},
		{"halves of surrogate pairs are different names", `{"\ud800":1,"\ud801":2,"\uD800":3}`, `{"\ud800":3,"\ud801":2}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			src := []byte(tt.src)
			got, err := Canonical(src)
			if err != nil || string(got) != tt.want {
				t.Errorf("got %s, %v\nwant %s", got, err, tt.want)
			}
			if string(src) != tt.src {
				t.Errorf("src was changed to %s", src)
			}
			if again, err := Canonical(got); err != nil || !sameSlice(again, got) {
				t.Errorf("canonical text was not returned itself: %s, %v", again, err)
			}
		})
	}
}

func TestCanonicalTwinsInLargeObject(t *testing.T) {
	for _, n := range []int{16, 17, 18, 64, 65, 1000} {
		var src, want strings.Builder
		for i := range n {
			fmt.Fprintf(&src, `"k%d":%d,`, i, i)
			if i != 3 {
				fmt.Fprintf(&want, `,"k%d":%d`, i, i)
			} else {
				want.WriteString(`,"k3":"new"`)
			}
		}
		got, err := Canonical([]byte("{" + src.String() + `"k3":"new"}`))
		if err != nil || string(got) != "{"+want.String()[1:]+"}" {
			t.Errorf("%d members: got %s, %v", n, got, err)
		}
		unique := []byte("{" + strings.TrimSuffix(src.String(), ",") + "}")
		if got, err := Canonical(unique); err != nil || !sameSlice(got, unique) {
			t.Errorf("%d members without twins: %v", n, err)
		}
	}
}

func TestCanonicalRefusesNUL(t *testing.T) {
	for src, offset := range map[string]int{`"\u0000"`: 1, `{"a":["b\u0000"]}`: 8, `{"a\u0000":1}`: 3} {
		_, err := Canonical([]byte(src))
		checkError(t, src, err, ErrNUL, offset)
	}
}

func sameSlice(a, b []byte) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

func FuzzCanonical(f *testing.F) {
	f.Add([]byte(` { "a" : 1 , "\u0061" : [ 2 , { } ] , "b":"\/\u00e4\ud83d\ude00\u001F" } `))
	f.Add([]byte(`{"a":{"b":1,"c":{"x":1,"x":2},"b":3},"a":[1,2,{"y":0,"y":null}]}`))
	f.Add([]byte(`{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j":1,"k":1,"l":1,"m":1,"n":1,"o":1,"p":1,"q":1,"a":2}`))
	f.Add([]byte(thing2K))
	f.Fuzz(func(t *testing.T, src []byte) {
		original := string(src)
		got, err := Canonical(src)
		if string(src) != original {
			t.Fatalf("%q was changed to %q", original, src)
		}
		if err != nil {
			if want := Valid(src); !errors.Is(err, ErrNUL) && (want == nil || err.Error() != want.Error()) {
				t.Fatalf("%q: got %v, but Valid %v", src, err, want)
			}
			if errors.Is(err, ErrNUL) && !strings.Contains(original, `\u0000`) {
				t.Fatalf("%q: got %v", src, err)
			}
			return
		}
		if err := Valid(src); err != nil {
			t.Fatalf("%q was accepted, but %v", src, err)
		}
		if again, err := Canonical(got); err != nil || !sameSlice(again, got) {
			t.Fatalf("%q: %q is not canonical: %q, %v", src, got, again, err)
		}
		if strings.Contains(strings.ToLower(original), `\ud`) {
			return // encoding/json cannot keep halves of surrogate pairs apart
		}
		if want := text(parseTree(t, src)); string(got) != want {
			t.Fatalf("%q: got %q, want %q", src, got, want)
		}
	})
}
