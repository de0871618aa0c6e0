package document

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseSelector(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"thingId", "/thingId"},
		{"/thingId,policyId", "/thingId /policyId"},
		{"thingId,attributes(location/lat,model),features/lamp/properties", "/thingId /attributes/location/lat /attributes/model /features/lamp/properties"},
		{"a(b(c,d),e(f)),g", "/a/b/c /a/b/d /a/e/f /g"},
		{"a/(/b,c/)", "/a/b /a/c"},
		{"(a,b)", "/a /b"},
		{"a(b)", "/a/b"},
		{"features/*/properties/x", "/features/*/properties/x"},
		{"a b, c", "/a b / c"},
		{"a~0b", "/a~0b"},
		{"/", "/"},
	} {
		sel, err := ParseSelector(tt.text)
		if err != nil {
			t.Errorf("%q: %v", tt.text, err)
		}
		var got []string
		for _, p := range sel.Pointers() {
			got = append(got, p.String())
		}
		if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%q: %s", tt.text, diff)
		}
	}
}

func TestParseSelectorRefuses(t *testing.T) {
	for _, text := range []string{
		"", ",", "a,", ",a", "a,,b", "a(", "a)", "a(b", "a(b))", "a()", "a(,b)", "a(b,)", "a(b)c", "a(b)(c)", "a(b)/c", "()", ")(", "a//b", "a(b//c)",
		arranged(maxSelectorWays + 1), strings.Repeat("a", maxSelectorLen+1), strings.Repeat("a,", maxSelectorPointers) + "a",
		strings.Repeat("a/", MaxDepth/2) + "(" + strings.Repeat("a/", MaxDepth/2) + "a)",
		strings.Repeat("(", MaxDepth+1) + "a" + strings.Repeat(")", MaxDepth+1),
	} {
		if _, err := ParseSelector(text); !errors.Is(err, ErrSelector) {
			t.Errorf("%.50q: got %v", text, err)
		}
	}
	for _, text := range []string{
		arranged(maxSelectorWays), "*/a,*/b,*/c,*/d,*/e,*/f,*/g,*/h,*/i", strings.Repeat("a", maxSelectorLen), strings.Repeat("a,", maxSelectorPointers-1) + "a",
		strings.Repeat("a/", MaxDepth/2) + "(" + strings.Repeat("a/", MaxDepth/2-1) + "a)",
		strings.Repeat("(", MaxDepth) + "a" + strings.Repeat(")", MaxDepth),
	} {
		if _, err := ParseSelector(text); err != nil {
			t.Errorf("%.50q: %v", text, err)
		}
	}
}

// arranged returns a selector whose n pointers have their wildcards in different places.
func arranged(n int) string {
	var pointers []string
	for i := range n {
		pointers = append(pointers, strings.Repeat("a/", i)+"*")
	}
	return strings.Join(pointers, ",")
}

func TestSelectorApply(t *testing.T) {
	doc := `{"thingId":"a:b","attributes":{"x":1,"y":{"z":2,"w":[{"v":3}]},"q\n":4},"features":{"f":{"properties":{"p":1,"q":2}},"g":{"properties":{"q":3}},"h":{}}}`
	for _, tt := range []struct{ selector, want string }{
		{"thingId", `{"thingId":"a:b"}`},
		{"attributes(y/z,x),thingId", `{"thingId":"a:b","attributes":{"x":1,"y":{"z":2}}}`},
		{"attributes", `{"attributes":{"x":1,"y":{"z":2,"w":[{"v":3}]},"q\n":4}}`},
		{"attributes/x,attributes", `{"attributes":{"x":1,"y":{"z":2,"w":[{"v":3}]},"q\n":4}}`},
		{"attributes/q\n", `{"attributes":{"q\n":4}}`},
		{"absent,attributes/absent,attributes/x/absent", `{}`},
		{"attributes/y/w/v", `{}`},
		{"attributes/y/w", `{"attributes":{"y":{"w":[{"v":3}]}}}`},
		{"features/*/properties/p", `{"features":{"f":{"properties":{"p":1}}}}`},
		{"features/*/properties/q,features/f/properties/p", `{"features":{"f":{"properties":{"p":1,"q":2}},"g":{"properties":{"q":3}}}}`},
		{"features/*", `{"features":{"f":{"properties":{"p":1,"q":2}},"g":{"properties":{"q":3}},"h":{}}}`},
		{"*/*/z", `{"attributes":{"y":{"z":2}}}`},
		{"features/h", `{"features":{"h":{}}}`},
		{"/", doc},
	} {
		sel, err := ParseSelector(tt.selector)
		if err != nil {
			t.Fatal(err)
		}
		if got := sel.Apply([]byte(doc)); string(got) != tt.want {
			t.Errorf("%s: got %s, want %s", tt.selector, got, tt.want)
		}
	}
	if got := (Selector{}).Apply([]byte(doc)); string(got) != `{}` {
		t.Errorf("zero selector: got %s", got)
	}
	sel, _ := ParseSelector("a")
	if got := sel.Apply([]byte(`null`)); string(got) != `null` {
		t.Errorf("null: got %s", got)
	}
}

func FuzzSelector(f *testing.F) {
	f.Add("a(b,c/*),*/d,e", []byte(`{"a":{"b":1,"c":{"x":1,"y":[]},"d":2},"e":{},"f":{"d":{"z":null}}}`))
	f.Add("features/*/properties/reading(unit,value/x),attributes", []byte(thing2K))
	f.Fuzz(func(t *testing.T, s string, obj []byte) {
		sel, err := ParseSelector(s)
		obj = fuzzDocument(t, obj)
		if err != nil || KindOf(obj) != Object || strings.ToValidUTF8(s, "") != s {
			return
		}
		got := sel.Apply(obj)
		want, ok := naiveSelect(parseTree(t, obj), sel.Pointers())
		if !ok {
			want = newObject()
		}
		if string(got) != text(want) {
			t.Fatalf("%s of %s: got %s, want %s", s, obj, got, text(want))
		}
	})
}
