package document

import (
	"strings"
	"testing"
)

// useAsDocument calls all functions that want canonical text with text that need not be: they may return anything.
func useAsDocument(a, b []byte, p Pointer) {
	Get(a, p)
	Set(a, p, b)
	Delete(a, p)
	_, _ = MergePatch(a, b)
	Minimize(a, b)
	Diff(a, b)
	StripNulls(a)
	Equal(a, b)
	Hash(a)
	Chars(a)
	KindOf(a)
	for range Members(a) {
	}
	for range Elements(a) {
	}
	if sel, err := ParseSelector(strings.Trim(p.String(), "/")); err == nil {
		sel.Apply(a)
	}
}

func TestDamagedDocumentsAreHarmless(t *testing.T) {
	doc := `{"a":{"b":[1,{"c":"x\"y"}],"{{ ~a~ }}":null},"d":-1.5e+3,"e":[true,null,[]],"ä":{}}`
	for i := range len(doc) {
		for _, damaged := range []string{doc[:i], doc[i:], doc[:i] + doc[i+1:], doc[:i] + "}" + doc[i:], doc[:i] + `"` + doc[i:], doc[:i] + "\\" + doc[i:]} {
			for _, p := range []Pointer{nil, {"a"}, {"a", "b"}, {"e"}, {"x", "y"}, {"d", "\n"}} {
				useAsDocument([]byte(damaged), []byte(doc), p)
				useAsDocument([]byte(doc), []byte(damaged), p)
				useAsDocument([]byte(damaged), []byte(damaged), p)
			}
		}
	}
}

func FuzzHarmless(f *testing.F) {
	for _, s := range []string{`{"a":1,"b":{"c":[1,2]}}`, `{"a":`, `{"a`, `[[[`, `{"a"}`, `{"a":}`, `{,}`, `["\`, `1e`, `-`, `{"{{ ~a~ }}":null}`, ``} {
		f.Add([]byte(s), []byte(`{"b":{"c":null}}`), "a/b")
		f.Add([]byte(`{"b":{"c":[{}]}}`), []byte(s), "b/c")
	}
	f.Fuzz(func(_ *testing.T, a, b []byte, path string) {
		if p, err := ParsePointer(path); err == nil {
			useAsDocument(a, b, p)
		}
	})
}
