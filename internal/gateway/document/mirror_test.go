package document

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestPrune(t *testing.T) {
	for _, c := range []struct{ name, mirror, before, after, want string }{
		{"nothing has changed", `{"a":{"unit":1}}`, `{"a":1}`, `{"a":1}`, `{"a":{"unit":1}}`},
		{"the part has another value", `{"a":{"unit":1}}`, `{"a":1}`, `{"a":2}`, `{"a":{"unit":1}}`},
		{"the part is gone", `{"a":{"unit":1},"b":{"unit":2}}`, `{"a":1,"b":2}`, `{"b":2}`, `{"b":{"unit":2}}`},
		{"nothing is left", `{"a":{"unit":1}}`, `{"a":1}`, `{}`, `{}`},
		{"a part of it is gone", `{"a":{"unit":1,"b":{"unit":2}}}`, `{"a":{"b":1,"c":2}}`, `{"a":{"c":2}}`, `{"a":{"unit":1}}`},
		{"all that is told of the part is of a part that is gone", `{"l":0,"a":{"b":{"unit":2}}}`, `{"a":{"b":1,"c":2}}`, `{"a":{"c":2}}`, `{"l":0}`},
		{"an object has become a scalar", `{"a":{"unit":1,"b":{"unit":2}}}`, `{"a":{"b":1}}`, `{"a":1}`, `{"a":{"unit":1}}`},
		{"a scalar has become an object", `{"a":{"unit":1}}`, `{"a":1}`, `{"a":{"unit":2}}`, `{"a":{"unit":1}}`},
		{"an object has become null", `{"a":{"b":{"unit":2}}}`, `{"a":{"b":1}}`, `{"a":null}`, `{}`},
		{"labels of the whole stay", `{"unit":1}`, `{"a":1}`, `{}`, `{"unit":1}`},
		{"empty labels stay", `{"a":{"unit":{}},"e":{}}`, `{"a":1,"e":{"x":1}}`, `{"a":2,"e":{}}`, `{"a":{"unit":{}},"e":{}}`},
		{"a part that came", `{"a":{"unit":1}}`, `{"a":1}`, `{"a":1,"b":2}`, `{"a":{"unit":1}}`},
		{"what is told is no object", `{"a":5}`, `{"a":{"b":1}}`, `{"a":{}}`, `{"a":5}`},
		{"what is told of a gone part is no object", `{"a":5}`, `{"a":1}`, `{}`, `{}`},
		{"escaped names", `{"\"":{"\\":{"u":1}},"k":1}`, `{"\"":{"\\":1}}`, `{"\"":{}}`, `{"k":1}`},
		{"no mirror", ``, `{"a":1}`, `{}`, ``},
		{"the document is gone", `{"a":{"u":1},"u":2}`, `{"a":1}`, ``, `{"u":2}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Prune([]byte(c.mirror), []byte(c.before), []byte(c.after)); string(got) != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// What keeps everything costs no memory beyond what it takes to find out, and nothing if the document is the same.
func TestPruneUnchangedDocument(t *testing.T) {
	mirror, doc := []byte(`{"a":{"unit":1}}`), []byte(`{"a":1}`)
	if allocs := testing.AllocsPerRun(100, func() { Prune(mirror, doc, doc) }); allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

func TestSetAll(t *testing.T) {
	for _, c := range []struct{ name, doc, places, value, want string }{
		{"into nothing", ``, `{"a":{"k":true}}`, `1`, `{"a":{"k":1}}`},
		{"beside what is there", `{"x":1,"a":{"l":2}}`, `{"a":{"k":true}}`, `{"v":1}`, `{"x":1,"a":{"l":2,"k":{"v":1}}}`},
		{"in place of what is there", `{"a":{"k":{"old":1},"l":2}}`, `{"a":{"k":true}}`, `{"v":1}`, `{"a":{"k":{"v":1},"l":2}}`},
		{"null is a value", `{"a":{"k":1}}`, `{"a":{"k":true}}`, `null`, `{"a":{"k":null}}`},
		{"many", `{"a":1}`, `{"a":{"k":true},"b":{"c":{"k":true},"k":true}}`, `1`, `{"a":{"k":1},"b":{"c":{"k":1},"k":1}}`},
		{"in place of no object", `{"a":[{"k":1}]}`, `{"a":{"k":true}}`, `1`, `{"a":{"k":1}}`},
		{"everything", `{"a":1}`, `true`, `2`, `2`},
		{"nowhere", `{"a":1}`, `{}`, `2`, `{"a":1}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := SetAll([]byte(c.doc), []byte(c.places), []byte(c.value), 100)
			if string(got) != c.want || !ok {
				t.Errorf("got %s, %t, want %s", got, ok, c.want)
			}
		})
	}
}

func TestSetAllStopsWhenItIsTooMuch(t *testing.T) {
	places := []byte(`{"a":{"k":true},"b":{"k":true},"c":{"k":true},"d":{"k":true}}`)
	value := []byte(`"` + strings.Repeat("x", 98) + `"`)
	got, ok := SetAll(nil, places, value, 250)
	if ok || len(got) > 350 || len(got) <= 250 {
		t.Errorf("%t after %d bytes", ok, len(got))
	}
	flat := []byte(`{"a":true,"b":true,"c":true,"d":true,"e":true,"f":true}`)
	if got, ok := SetAll(nil, flat, value, 250); ok || len(got) > 350 {
		t.Errorf("%t after %d bytes in one object", ok, len(got))
	}
	whole, ok := SetAll(nil, places, value, len(`{"a":{"k":},"b":{"k":},"c":{"k":},"d":{"k":}}`)+400)
	if !ok {
		t.Errorf("not all of %d bytes", len(whole))
	}
	if _, ok = SetAll(nil, places, value, len(whole)-1); ok {
		t.Errorf("%d bytes are at most %d", len(whole), len(whole)-1)
	}
}

func TestMirrorSelector(t *testing.T) {
	const doc = `{"a":{"x":1,"y":{"z":2}},"b":1,"e":{},"unit":1}`
	const mirror = `{"unit":{"unit":"u","by":1},"by":0,"a":{"unit":"m","x":{"unit":"s","by":2},"y":{"z":{"unit":"t"},"by":3}},"b":{"unit":"l"},"e":{"unit":"n"}}`
	for _, c := range []struct{ selector, pick, drop string }{
		{"*", mirror, `{}`},
		{"/", mirror, `{}`},
		{"none", `{}`, mirror},
		{"by", `{"by":0}`, strings.Replace(mirror, `,"by":0`, ``, 1)},
		{"a", `{"a":{"unit":"m","x":{"unit":"s","by":2},"y":{"z":{"unit":"t"},"by":3}}}`,
			`{"unit":{"unit":"u","by":1},"by":0,"b":{"unit":"l"},"e":{"unit":"n"}}`},
		{"a/x,b/unit", `{"a":{"x":{"unit":"s","by":2}},"b":{"unit":"l"}}`,
			`{"unit":{"unit":"u","by":1},"by":0,"a":{"unit":"m","y":{"z":{"unit":"t"},"by":3}},"e":{"unit":"n"}}`},
		{"a(x/by,y)", `{"a":{"x":{"by":2},"y":{"z":{"unit":"t"},"by":3}}}`,
			`{"unit":{"unit":"u","by":1},"by":0,"a":{"unit":"m","x":{"unit":"s"}},"b":{"unit":"l"},"e":{"unit":"n"}}`},
		{"a/*/by", `{"a":{"x":{"by":2},"y":{"by":3}}}`,
			`{"unit":{"unit":"u","by":1},"by":0,"a":{"unit":"m","x":{"unit":"s"},"y":{"z":{"unit":"t"}}},"b":{"unit":"l"},"e":{"unit":"n"}}`},
		// Of every part, but not of the whole, which has parts. What is told of the part called unit is no label.
		{"*/unit", `{"unit":{"unit":"u"},"a":{"unit":"m","x":{"unit":"s"},"y":{"z":{"unit":"t"}}},"b":{"unit":"l"},"e":{"unit":"n"}}`,
			`{"unit":{"by":1},"by":0,"a":{"x":{"by":2},"y":{"by":3}}}`},
		{"*/by,b", `{"unit":{"by":1},"a":{"x":{"by":2},"y":{"by":3}},"b":{"unit":"l"}}`,
			`{"unit":{"unit":"u"},"by":0,"a":{"unit":"m","x":{"unit":"s"},"y":{"z":{"unit":"t"}}},"e":{"unit":"n"}}`},
		{"*/*", `{"unit":{"unit":"u","by":1},"a":{"unit":"m","x":{"unit":"s","by":2},"y":{"z":{"unit":"t"},"by":3}},"b":{"unit":"l"},"e":{"unit":"n"}}`, `{"by":0}`},
	} {
		t.Run(c.selector, func(t *testing.T) {
			s := mirrorSelector(t, c.selector)
			if got := s.Pick([]byte(mirror), []byte(doc)); string(got) != c.pick {
				t.Errorf("picked %s, want %s", got, c.pick)
			}
			if got := s.Drop([]byte(mirror), []byte(doc)); string(got) != c.drop {
				t.Errorf("left %s, want %s", got, c.drop)
			}
		})
	}
}

func TestMirrorSelectorOfALeaf(t *testing.T) {
	s := mirrorSelector(t, "*/unit")
	for _, leaf := range []string{`1`, `null`, `[1]`, `{}`, ``} {
		if got := s.Pick([]byte(`{"unit":"m","by":1}`), []byte(leaf)); string(got) != `{"unit":"m"}` {
			t.Errorf("of %s: picked %s", leaf, got)
		}
	}
	for _, none := range []string{``, `null`, `5`, `[{"unit":1}]`} {
		if got := s.Pick([]byte(none), []byte(`1`)); string(got) != `{}` {
			t.Errorf("picked %s of what is told by %s", got, none)
		}
	}
}

func mirrorSelector(t *testing.T, text string) MirrorSelector {
	t.Helper()
	s, err := ParseSelector(text)
	if err != nil {
		t.Fatal(err)
	}
	return s.Mirror()
}

// mirrorWords are the names of random documents, so few that names are parts here and labels there.
var mirrorWords = []string{"a", "b", "c", "d\"", "é"}

func randomObject(r *rand.Rand, depth int) tree {
	if depth == 0 || r.IntN(4) == 0 {
		return [...]tree{nil, true, "s", []tree{}}[r.IntN(4)]
	}
	o := newObject()
	for range r.IntN(4) {
		o.set(mirrorWords[r.IntN(len(mirrorWords))], randomObject(r, depth-1))
	}
	return o
}

func naivePrune(mirror, before, after tree) tree {
	m, ok := mirror.(*object)
	if !ok {
		return mirror
	}
	was, _ := before.(*object)
	is, _ := after.(*object)
	out := newObject()
	for _, name := range m.names {
		told := m.values[name]
		if was == nil {
			out.set(name, told)
			continue
		}
		old, wasThere := was.values[name]
		var now tree
		isThere := false
		if is != nil {
			now, isThere = is.values[name]
		}
		if wasThere && !isThere {
			continue
		}
		if wasThere {
			rest := naivePrune(told, old, now)
			if o, ok := rest.(*object); ok && len(o.names) == 0 && len(told.(*object).names) > 0 {
				continue
			}
			told = rest
		}
		out.set(name, told)
	}
	return out
}

func TestPruneAsTheNaiveDoes(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 100_000 {
		mirror, before, after := randomObject(r, 4), randomObject(r, 3), randomObject(r, 3)
		got := Prune([]byte(text(mirror)), []byte(text(before)), []byte(text(after)))
		if want := text(naivePrune(mirror, before, after)); string(got) != want {
			t.Fatalf("mirror %s, before %s, after %s:\ngot  %s\nwant %s", text(mirror), text(before), text(after), got, want)
		}
	}
}

// paths calls yield for each value in a tree that is no object, and each empty object, with the way to it.
func paths(v tree, at Pointer, yield func(Pointer, tree)) {
	o, ok := v.(*object)
	if !ok || len(o.names) == 0 {
		yield(at, v)
		return
	}
	for _, name := range o.names {
		paths(o.values[name], append(slices.Clip(at), name), yield)
	}
}

// isLabelOf reports whether some step of the way through the mirror is the label of a part of doc.
func isLabelOf(p Pointer, label string, doc tree) bool {
	for n, name := range p {
		o, ok := doc.(*object)
		hasParts := ok && len(o.names) > 0
		var next tree
		if ok {
			next, ok = o.values[name]
		}
		if !ok {
			return name == label && (n > 0 || !hasParts)
		}
		doc = next
	}
	return false
}

// What is picked and what is left are together what was there, and what is picked is what is selected.
func TestMirrorSelectorAsTheNaiveDoes(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 50_000 {
		mirror, doc := randomObject(r, 4), randomObject(r, 3)
		label, prefix := mirrorWords[r.IntN(3)], mirrorWords[r.IntN(3)]+"/"+mirrorWords[r.IntN(3)]
		s := mirrorSelector(t, fmt.Sprintf("*/%s,%s", label, prefix))
		source := []byte(text(mirror))
		if KindOf(source) != Object {
			continue
		}
		pick, drop := parseTree(t, s.Pick(source, []byte(text(doc)))), parseTree(t, s.Drop(source, []byte(text(doc))))
		paths(mirror, nil, func(p Pointer, _ tree) {
			if len(p) == 0 {
				return
			}
			wanted := isLabelOf(p, label, doc) || strings.HasPrefix(strings.Join(p, "/")+"/", prefix+"/")
			_, picked := naiveGet(pick, p)
			_, left := naiveGet(drop, p)
			if picked != wanted || left == wanted {
				t.Fatalf("%s of %s, which mirrors %s, by */%s and %s: picked %t, left %t", p, source, text(doc), label, prefix, picked, left)
			}
		})
	}
}
