package document

import (
	"strings"
	"testing"
)

func TestGet(t *testing.T) {
	doc := `{"a":{"b":[1,{"c":2}],"":0,"x\ny":"q\"","\u0001":1,"ä":null},"a~b":"t{,}\"]","e":{}}`
	for _, tt := range []struct {
		path Pointer
		want string // empty: absent
	}{
		{nil, doc},
		{Pointer{"a", "b"}, `[1,{"c":2}]`},
		{Pointer{"a", "b", "c"}, ``},
		{Pointer{"a", "b", "1"}, ``},
		{Pointer{"a", ""}, `0`},
		{Pointer{"a", "x\ny"}, `"q\""`},
		{Pointer{"a", "x\ny", "z"}, ``},
		{Pointer{"a", `x\ny`}, ``},
		{Pointer{"a", "\x01"}, `1`},
		{Pointer{"a", "ä"}, `null`},
		{Pointer{"a~b"}, `"t{,}\"]"`},
		{Pointer{"e"}, `{}`},
		{Pointer{"e", "e"}, ``},
		{Pointer{"A"}, ``},
		{Pointer{"\xff"}, ``},
	} {
		got, ok := Get([]byte(doc), tt.path)
		if ok != (tt.want != "") || string(got) != tt.want {
			t.Errorf("%q: got %s, %v, want %s", tt.path, got, ok, tt.want)
		}
	}
	if _, ok := Get(nil, nil); ok {
		t.Error("an absent document was found")
	}
}

func TestSet(t *testing.T) {
	for _, tt := range []struct {
		name, doc, path, value, want string
	}{
		{"replace", `{"a":1,"b":{"c":[1]},"d":2}`, "b/c", `"x"`, `{"a":1,"b":{"c":"x"},"d":2}`},
		{"replace an object", `{"a":{"b":1}}`, "a", `{}`, `{"a":{}}`},
		{"replace the root", `{"a":1}`, "", `[2]`, `[2]`},
		{"add to an object", `{"a":1}`, "b", `2`, `{"a":1,"b":2}`},
		{"add to an empty object", `{"a":{},"b":1}`, "a/x", `2`, `{"a":{"x":2},"b":1}`},
		{"add with what leads there", `{"a":{"b":1},"z":0}`, "a/c/d/e", `2`, `{"a":{"b":1,"c":{"d":{"e":2}}},"z":0}`},
		{"through a scalar", `{"a":1,"b":2}`, "a/c/d", `3`, `{"a":{"c":{"d":3}},"b":2}`},
		{"through null", `{"a":null}`, "a/b", `1`, `{"a":{"b":1}}`},
		{"through an array", `{"a":[{"0":1}]}`, "a/0", `1`, `{"a":{"0":1}}`},
		{"scalar root", `1`, "a/b", `2`, `{"a":{"b":2}}`},
		{"no document", ``, "a/b", `2`, `{"a":{"b":2}}`},
		{"no document, root", ``, "/", `2`, `2`},
		{"name in need of escapes", `{"a\"b":1}`, `a"b/c\d`, `2`, `{"a\"b":{"c\\d":2}}`},
		{"brackets in strings", `{"a":"}]{[\\\"","b":{"c":"\\"}}`, "b/d", `1`, `{"a":"}]{[\\\"","b":{"c":"\\","d":1}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			doc := []byte(tt.doc)
			got := Set(doc, mustPointer(t, tt.path), []byte(tt.value))
			if string(got) != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if string(doc) != tt.doc {
				t.Errorf("doc was changed to %s", doc)
			}
		})
	}
}

func TestSetOfInvalidUTF8(t *testing.T) {
	doc := Set([]byte(`{}`), Pointer{"\xff"}, []byte(`1`))
	doc = Set(doc, Pointer{"\xff"}, []byte(`2`))
	if want := "{\"\ufffd\":2}"; string(doc) != want {
		t.Errorf("got %s, want %s", doc, want)
	}
}

func TestSetAllocatesOnce(t *testing.T) {
	doc, value := []byte(thing2K), []byte(`{"x":1}`)
	for _, path := range []string{"attributes/model", "attributes/new", "features/x/properties/y/z", "attributes/\"\n", "attributes/größe", "thingId/x", "/"} {
		p := mustPointer(t, path)
		if n := testing.AllocsPerRun(100, func() { Set(doc, p, value) }); n != 1 {
			t.Errorf("%s: %v allocations", path, n)
		}
	}
}

func TestDelete(t *testing.T) {
	for _, tt := range []struct{ name, doc, path, want string }{
		{"the first", `{"a":1,"b":2,"c":3}`, "a", `{"b":2,"c":3}`},
		{"one in the middle", `{"a":1,"b":[2,"x"],"c":3}`, "b", `{"a":1,"c":3}`},
		{"the last", `{"a":1,"b":2,"c":{}}`, "c", `{"a":1,"b":2}`},
		{"the only one", `{"a":{"b":{"c":1}},"d":1}`, "a/b/c", `{"a":{"b":{}},"d":1}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			doc := []byte(tt.doc)
			got, ok := Delete(doc, mustPointer(t, tt.path))
			if !ok || string(got) != tt.want {
				t.Errorf("got %s, %v, want %s", got, ok, tt.want)
			}
			if string(doc) != tt.doc {
				t.Errorf("doc was changed to %s", doc)
			}
		})
	}
	doc := []byte(`{"a":[1]}`)
	for _, path := range []string{"b", "a/0", "a/b", "b/c"} {
		if got, ok := Delete(doc, mustPointer(t, path)); ok || !sameSlice(got, doc) {
			t.Errorf("%s: got %s, %v", path, got, ok)
		}
	}
	if got, ok := Delete(doc, nil); got != nil || !ok {
		t.Errorf("the root: got %s, %v", got, ok)
	}
	if got, ok := Delete(nil, nil); got != nil || ok {
		t.Errorf("nothing: got %s, %v", got, ok)
	}
}

func mustPointer(t testing.TB, text string) Pointer {
	t.Helper()
	p, err := ParsePointer(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// FuzzAccess compares changes at a pointer with the same changes of a tree.
func FuzzAccess(f *testing.F) {
	f.Add([]byte(`{"a":{"b":1,"c":[{}]},"d":"}"}`), "a/b", []byte(`{"x":null}`))
	f.Add([]byte(`{"a":{"":1,"c":[{}]},"d":"}"}`), "a/c/e", []byte(`1`))
	f.Add([]byte(thing2K), "features/lamp-7/properties/reading/value", []byte(`[1]`))
	f.Add([]byte(`{"a\\\"b":[],"ä\n":{"x":"y"}}`), "ä\n/a\"b/c", []byte(`""`))
	f.Fuzz(func(t *testing.T, src []byte, path string, value []byte) {
		doc, value := fuzzDocument(t, src), fuzzDocument(t, value)
		p, err := ParsePointer(path)
		if err != nil || doc == nil || value == nil || strings.ToValidUTF8(path, "") != path {
			return
		}
		before := parseTree(t, doc)
		wantRaw, wantOK := naiveGet(before, p)
		got, ok := Get(doc, p)
		if ok != wantOK || ok && string(got) != text(wantRaw) {
			t.Fatalf("Get(%s, %s) = %s, %v", doc, p, got, ok)
		}
		shorter, deleted := Delete(doc, p)
		if deleted != wantOK {
			t.Fatalf("Delete(%s, %s): %v", doc, p, deleted)
		}
		if deleted && len(p) > 0 {
			naiveDelete(before, p)
			if want := text(before); string(shorter) != want {
				t.Fatalf("Delete(%s, %s) = %s, want %s", doc, p, shorter, want)
			}
		}
		set := Set(doc, p, value)
		if want := text(naiveSet(parseTree(t, doc), p, parseTree(t, value))); string(set) != want {
			t.Fatalf("Set(%s, %s, %s) = %s, want %s", doc, p, value, set, want)
		}
		if got, ok := Get(set, p); !ok || string(got) != string(value) {
			t.Fatalf("Get after Set(%s, %s, %s) = %s, %v", doc, p, value, got, ok)
		}
	})
}

// fuzzDocument returns src as a document, or nil if it is none that encoding/json can read without loss.
func fuzzDocument(_ *testing.T, src []byte) []byte {
	doc, err := Canonical(src)
	if err != nil || strings.Contains(string(doc), `\ud`) {
		return nil
	}
	return doc
}
