package document

import (
	"fmt"
	"strings"
	"testing"
)

// The examples of RFC 7396 whose results the protocol's deviations do not touch.
func TestMergePatchOfTheRFC(t *testing.T) {
	for _, tt := range []struct{ target, patch, want string }{
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`["a","b"]`, `["c","d"]`, `["c","d"]`},
		{`{"a":"b"}`, `["c"]`, `["c"]`},
		{`{"a":"foo"}`, `null`, `null`},
		{`{"a":"foo"}`, `"bar"`, `"bar"`},
		{`{"e":null}`, `{"a":1}`, `{"e":null,"a":1}`},
		{`[1,2]`, `{"a":"b","c":null}`, `{"a":"b"}`},
		{`{}`, `{"a":{"bb":{}}}`, `{"a":{"bb":{}}}`},
	} {
		checkMerge(t, tt.target, tt.patch, tt.want)
	}
}

// Protocol rule: objects that are newly added lose nulls on their first level only.
func TestMergePatchOfNewObjects(t *testing.T) {
	for _, tt := range []struct{ target, patch, want string }{
		{`{}`, `{"a":{"b":null,"c":1}}`, `{"a":{"c":1}}`},
		{`{}`, `{"a":{"b":{"c":null,"d":{"e":null}}}}`, `{"a":{"b":{"c":null,"d":{"e":null}}}}`},
		{`{"a":1}`, `{"a":{"b":null,"c":{"d":null}}}`, `{"a":{"c":{"d":null}}}`},
		{`{"a":[]}`, `{"a":{"b":null}}`, `{"a":{}}`},
		{`{"a":null}`, `{"a":{"b":null,"c":{"d":null}}}`, `{"a":{"c":{"d":null}}}`},
		{`{"a":{"b":{}}}`, `{"a":{"b":{"c":{"d":null}}}}`, `{"a":{"b":{"c":{}}}}`},
		{`{"a":{"b":{}}}`, `{"a":{"b":{"c":{"d":{"e":null}}}}}`, `{"a":{"b":{"c":{"d":{"e":null}}}}}`},
		{``, `{"a":null,"b":{"c":null}}`, `{"b":{"c":null}}`},
		{`1`, `{"a":null,"b":{"c":null}}`, `{"b":{"c":null}}`},
		{``, `1`, `1`},
		{`{}`, `{"a":[null,{"b":null}]}`, `{"a":[null,{"b":null}]}`},
	} {
		checkMerge(t, tt.target, tt.patch, tt.want)
	}
}

func TestMergePatchKeepsOrder(t *testing.T) {
	checkMerge(t, `{"a":1,"b":{"x":1},"c":3,"d":4}`, `{"n":1,"c":null,"b":{"y":2,"x":0},"m":{},"a":9}`,
		`{"a":9,"b":{"x":0,"y":2},"d":4,"n":1,"m":{}}`)
}

func TestMergePatchOfLargeObjects(t *testing.T) {
	var target, patch, want strings.Builder
	for i := range 200 {
		fmt.Fprintf(&target, `,"k%d":%d`, i, i)
		switch i % 3 {
		case 0:
			fmt.Fprintf(&want, `,"k%d":%d`, i, i)
		case 1:
			fmt.Fprintf(&patch, `,"k%d":null`, 199-i)
		case 2:
			fmt.Fprintf(&patch, `,"k%d":{"x":%d}`, 199-i, i)
		}
	}
	want.Reset()
	for i := range 200 {
		switch (199 - i) % 3 {
		case 0:
			fmt.Fprintf(&want, `,"k%d":%d`, i, i)
		case 2:
			fmt.Fprintf(&want, `,"k%d":{"x":%d}`, i, 199-i)
		}
	}
	checkMerge(t, "{"+target.String()[1:]+"}", "{"+patch.String()[1:]+"}", "{"+want.String()[1:]+"}")
}

func checkMerge(t *testing.T, target, patch, want string) {
	t.Helper()
	targetBytes, patchBytes := []byte(target), []byte(patch)
	got, err := MergePatch(targetBytes, patchBytes)
	if err != nil || string(got) != want {
		t.Errorf("%s by %s: got %s, %v, want %s", target, patch, got, err, want)
	}
	if string(targetBytes) != target || string(patchBytes) != patch {
		t.Errorf("%s by %s: input was changed", target, patch)
	}
}

func TestMergePatchAllocatesOnce(t *testing.T) {
	doc, patch := []byte(thing2K), []byte(`{"attributes":{"serialno":null},"features":{"lamp-7":{"properties":{"on":false,"new":{"x":1}}}}}`)
	if n := testing.AllocsPerRun(100, func() { _, _ = MergePatch(doc, patch) }); n != 1 {
		t.Errorf("%v allocations", n)
	}
}

func TestStripNulls(t *testing.T) {
	for _, tt := range []struct{ value, want string }{
		{`{"a":null,"b":{"c":null,"d":{"e":null},"f":1}}`, `{"b":{"d":{},"f":1}}`},
		{`{"a":[null,{"b":null}],"c":null}`, `{"a":[null,{"b":null}]}`},
		{`{"a":":null"}`, `{"a":":null"}`},
		{`null`, `null`},
		{`[{"a":null}]`, `[{"a":null}]`},
	} {
		if got := StripNulls([]byte(tt.value)); string(got) != tt.want {
			t.Errorf("%s: got %s, want %s", tt.value, got, tt.want)
		}
	}
	value := []byte(`{"a":1}`)
	if got := StripNulls(value); !sameSlice(got, value) {
		t.Errorf("got a copy: %s", got)
	}
}

func TestStripEmpty(t *testing.T) {
	for _, tt := range []struct{ value, want string }{
		{`{"a":null,"b":{"c":null,"d":{"e":null},"f":1}}`, `{"b":{"f":1}}`},
		{`{"a":{},"b":{"c":{"d":{}}},"e":[{},null],"f":""}`, `{"e":[{},null],"f":""}`},
		{`{"a":{"b":null}}`, `{}`},
		{`{"a":":null{}"}`, `{"a":":null{}"}`},
		{`null`, `null`},
	} {
		if got := StripEmpty([]byte(tt.value)); string(got) != tt.want {
			t.Errorf("%s: got %s, want %s", tt.value, got, tt.want)
		}
	}
	value := []byte(`{"a":[{}]}`)
	if got := StripEmpty(value); !sameSlice(got, value) {
		t.Errorf("got a copy: %s", got)
	}
}

func FuzzMergePatch(f *testing.F) {
	f.Add([]byte(`{"a":{"b":1},"c":[null],"d":null}`), []byte(`{"a":{"b":null,"n":{"x":null,"y":{"z":null}}},"c":null}`))
	f.Add([]byte(`{"a1":1,"a2":2,"b":{"a1":3}}`), []byte(`{"{{ ~a.~ }}":null,"a1":7,"b":{"{{ /.*/ }}":null,"c":{"{{ ~x~ }}":null}}}`))
	f.Add([]byte(thing2K), []byte(`{"features":{"{{ ~lamp-[0-4]~ }}":null,"lamp-3":{"properties":null,"x":1}},"attributes":[]}`))
	f.Fuzz(func(t *testing.T, target, patch []byte) {
		target, patch = fuzzDocument(t, target), fuzzDocument(t, patch)
		if patch == nil {
			return
		}
		got, err := MergePatch(target, patch)
		if err != nil {
			if !strings.Contains(string(patch), `"{{`) {
				t.Fatalf("%s by %s: %v", target, patch, err)
			}
			return
		}
		if canonical, err := Canonical(got); err != nil || !sameSlice(canonical, got) {
			t.Fatalf("%s by %s: %s is not canonical: %v", target, patch, got, err)
		}
		var before tree
		if target != nil {
			before = parseTree(t, target)
		}
		changes := parseTree(t, patch)
		if want := text(naiveMerge(before, changes)); !Equal(got, []byte(want)) {
			t.Fatalf("%s by %s: got %s, want %s", target, patch, got, want)
		}
		checkMinimal(t, target, patch, got)
		if strings.Contains(string(patch), `"{{`) {
			return
		}
		// Without nulls the deviations make no difference.
		target, got = StripNulls(target), StripNulls(got)
		before = nil
		if target != nil {
			before = parseTree(t, target)
		}
		if want := text(naiveRFC(before, changes)); !Equal(got, []byte(want)) {
			t.Fatalf("%s by %s: got %s, but RFC 7396 %s", target, patch, got, want)
		}
	})
}

// checkMinimal checks the minimal form of a patch that turns target into result.
func checkMinimal(t *testing.T, target, patch, result []byte) {
	t.Helper()
	minimal, changed := Minimize(target, patch)
	if changed == Equal(target, result) {
		t.Fatalf("%s by %s to %s: changed is %v", target, patch, result, changed)
	}
	if !changed {
		if string(minimal) != "{}" {
			t.Fatalf("%s by %s changes nothing, but got %s", target, patch, minimal)
		}
		return
	}
	if strings.Contains(string(target), `"{{`) {
		return // a member that looks like a pattern cannot be named in a patch
	}
	if again, err := MergePatch(target, minimal); err != nil || !Equal(again, result) {
		t.Fatalf("%s by %s to %s: minimal patch %s leads to %s, %v", target, patch, result, minimal, again, err)
	}
	if again, changed := Minimize(target, minimal); !changed || string(again) != string(minimal) {
		t.Fatalf("%s by %s: minimal patch %s could be %s", target, patch, minimal, again)
	}
}
