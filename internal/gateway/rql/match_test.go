package rql

import (
	"errors"
	"slices"
	"testing"
	"time"
)

// matches evaluates an expression that must compile as a filter.
func matches(t *testing.T, text string, s *Subject) bool {
	t.Helper()
	p, err := CompileSignal(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	holds, err := p.Match(s)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return holds
}

func thing(text string) *Subject { return &Subject{Layers: []Layer{{Value: []byte(text)}}} }

// attribute is a thing with one attribute.
func attribute(value string) *Subject { return thing(`{"attributes":{"a":` + value + `}}`) }

func TestComparisons(t *testing.T) {
	tests := []struct {
		value    string // of the attribute
		operator string
		with     string
		want     bool
	}{
		// Numbers are compared as decimals.
		{`1`, "eq", `1.0`, true},
		{`10e-1`, "eq", `1`, true},
		{`0.1E+1`, "eq", `1`, true},
		{`-0`, "eq", `0`, true},
		{`-0.0e7`, "eq", `0`, true},
		{`9007199254740993`, "eq", `9007199254740992`, false},
		{`9007199254740993`, "gt", `9007199254740992`, true},
		{`0.1`, "lt", `0.1000000000000000000001`, true},
		{`2`, "lt", `10`, true},
		{`-1.5`, "gt", `-1.6`, true},
		{`-1.5`, "lt", `-1.45`, true},
		{`-2`, "lt", `-10`, false},
		{`1.5`, "ge", `1.50`, true},
		{`1.5`, "gt", `1.50`, false},
		{`1e999999999999999999999`, "gt", `9223372036854775807`, true},
		{`-1e999999999999999999999`, "lt", `-9223372036854775808`, true},
		{`1e-999999999999999999999`, "gt", `0`, true},
		{`1e-999999999999999999999`, "lt", `0.1`, true},
		{`0e999999999999999999999`, "eq", `0`, true},

		// A string and a number are compared as numbers if both are, and else as text.
		{`"1"`, "eq", `1`, true},
		{`"1.0"`, "eq", `1`, true},
		{`"+.1e1"`, "eq", `1`, true},
		{`1`, "eq", `"1.00"`, true},
		{`"10"`, "gt", `9`, true},
		{`10`, "gt", `"9"`, true},
		{`"x10"`, "eq", `10`, false},
		{`"x"`, "gt", `10`, true},
		{`"-x"`, "lt", `+5`, true}, // without the sign
		{`10`, "lt", `"x"`, true},
		{`" 1"`, "eq", `1`, false},
		{`"1e99999999999"`, "lt", `2`, true}, // no number, and text that begins with 1
		{`"1e9999999999"`, "gt", `2`, true},

		// Two strings are text, even if both stand for a number.
		{`"1"`, "eq", `"1.0"`, false},
		{`"10"`, "lt", `"9"`, true},

		// Booleans are compared with anything else as text.
		{`true`, "eq", `true`, true},
		{`true`, "eq", `"true"`, true},
		{`"true"`, "eq", `true`, true},
		{`"TRUE"`, "eq", `true`, false},
		{`true`, "gt", `false`, true},
		{`1`, "eq", `true`, false},
		{`"u"`, "gt", `true`, true},

		// Strings are ordered by UTF-16 code units: a character outside the first plane begins with a surrogate.
		{`"a"`, "lt", `"b"`, true},
		{`"a"`, "lt", `"ab"`, true},
		{`"Z"`, "lt", `"a"`, true},
		{`"😀"`, "lt", `"` + "\uE000" + `"`, true},
		{`"` + "\uFFFF" + `"`, "gt", `"😀"`, true},
		{`"😀"`, "gt", `"` + "\uD7FF" + `"`, true},
		{`"\u0001"`, "lt", `"` + "\u0002" + `"`, true},
		{`"a\"b"`, "eq", `"a\"b"`, true},
		{`"a\"b"`, "lt", `"a#"`, true},
		{`"a\nb"`, "eq", `"a\nb"`, true},
		{`"\ud83d"`, "lt", `"😀"`, true},
		{`"\ud83e"`, "gt", `"😀"`, true},
		{`"\ud83dx"`, "lt", `"😀"`, true},
		{`"\ud83d` + "\uFFFF" + `"`, "gt", `"😀"`, true},

		// Null equals null, and is in no order.
		{`null`, "eq", `null`, true},
		{`null`, "ne", `null`, false},
		{`null`, "ge", `null`, false},
		{`null`, "le", `null`, false},
		{`null`, "eq", `"null"`, false},
		{`null`, "lt", `"x"`, false},
		{`"null"`, "eq", `null`, false},
		{`0`, "eq", `null`, false},
		{`null`, "ne", `1`, true},
		{`null`, "like", `"*"`, false},

		// Objects never match.
		{`{}`, "eq", `"{}"`, false},
		{`{}`, "ne", `1`, true},
		{`{"b":1}`, "eq", `1`, false},
		{`{}`, "like", `"*"`, false},

		// One element of an array is enough, at any depth.
		{`[1,2]`, "eq", `2`, true},
		{`[1,2]`, "ne", `2`, false},
		{`[1,2]`, "ne", `3`, true},
		{`[1,[2,["x"]]]`, "eq", `"x"`, true},
		{`[1,[2,["x"]]]`, "gt", `1`, true},
		{`[]`, "eq", `null`, false},
		{`[]`, "ne", `1`, true},
		{`[null]`, "eq", `null`, true},
		{`[{"b":1}]`, "eq", `1`, false},
	}
	for _, tt := range tests {
		text := tt.operator + "(attributes/a," + tt.with + ")"
		if got := matches(t, text, attribute(tt.value)); got != tt.want {
			t.Errorf("%s is %t for %s", text, got, tt.value)
		}
	}
}

func TestMissingProperties(t *testing.T) {
	for text, want := range map[string]bool{
		`eq(attributes/a,1)`:           false,
		`eq(attributes/a,null)`:        false,
		`ne(attributes/a,1)`:           true,
		`ne(attributes/a,null)`:        true,
		`gt(attributes/a,1)`:           false,
		`le(attributes/a,1)`:           false,
		`in(attributes/a,1,2)`:         false,
		`like(attributes/a,"*")`:       false,
		`exists(attributes/a)`:         false,
		`empty(attributes/a)`:          true,
		`not(gt(attributes/a,1))`:      true,
		`eq(topic:action,"x")`:         false,
		`ne(topic:action,"x")`:         true,
		`exists(topic:action)`:         false,
		`empty(features/F)`:            true,
		`exists(features/F)`:           false,
		`eq(feature:id,"F")`:           false,
		`eq(_revision,1)`:              false,
		`empty(features/F/properties)`: true,
	} {
		for name, s := range map[string]*Subject{"nothing": {}, "no object": thing(`5`), "an array": thing(`[]`), "else": thing(`{"x":1}`)} {
			if got := matches(t, text, s); got != want {
				t.Errorf("%s is %t for %s", text, got, name)
			}
		}
	}
}

func TestMemberships(t *testing.T) {
	tests := []struct {
		value, with string
		want        bool
	}{
		{`1`, `1,2`, true},
		{`1.0`, `2,1`, true},
		{`3`, `1,2`, false},
		{`"1"`, `1,2`, true},
		{`"1"`, `"1.0"`, false}, // two strings
		{`1`, `"1.0"`, true},
		{`"x"`, `"y","x"`, true},
		{`"a\"b"`, `"a\"b"`, true},
		{`15e-1`, `1.5`, true},
		{`1.5`, `15`, false},
		{`1e256`, `1`, false},
		{`-1`, `1`, false},
		{`true`, `"true"`, true},
		{`"true"`, `false,true`, true},
		{`null`, `"null"`, false},
		{`[5,[1]]`, `1,2`, true},
		{`{"a":1}`, `1`, false},
		{`1e99999999999`, `"1e99999999999"`, true}, // no string can stand for the number: text
		{`1e99999999999`, `"10e99999999998"`, false},
		{`1e9999999999`, `"10e9999999998"`, true},
		{`"2024-03-01T00:00:00Z"`, `1,time:now`, true},
		{`"2024-03-01T00:00:00Z"`, `1,time:now-1s`, false},
	}
	for _, tt := range tests {
		s := attribute(tt.value)
		s.Now = time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)
		if got := matches(t, "in(attributes/a,"+tt.with+")", s); got != tt.want {
			t.Errorf("in(…,%s) is %t for %s", tt.with, got, tt.value)
		}
	}
}

func TestPatterns(t *testing.T) {
	tests := []struct {
		value, like string
		want        bool
	}{
		{`""`, ``, true},
		{`""`, `*`, true},
		{`""`, `?`, false},
		{`"abc"`, `abc`, true},
		{`"abc"`, `ab`, false}, // anchored at both ends
		{`"abc"`, `bc`, false},
		{`"abc"`, `a*`, true},
		{`"abc"`, `*c`, true},
		{`"abc"`, `a*b*c`, true},
		{`"abc"`, `a***c`, true},
		{`"abc"`, `a?c`, true},
		{`"abc"`, `a??c`, false},
		{`"abc"`, `*?*?*?*`, true},
		{`"abc"`, `*?*?*?*?*`, false},
		{`"aXbXc"`, `a*X?`, true},
		{`"ABC"`, `abc`, false},
		{`"a*c"`, `a\\*c`, false}, // nothing escapes a *
		{`"a.c"`, `a.c`, true},
		{`"abc"`, `a.c`, false},
		{`"a😀c"`, `a?c`, true}, // one character
		{`"a\"c"`, `a?c`, true},
		{`"a\u0001c"`, `a?c`, true},
		{`"a\ud83dc"`, `a?c`, true},
		{`"a\"c"`, `a\"c`, true},
		{`"a\nc"`, `a?c`, false}, // the end of a line is neither * nor ?
		{`"a\nc"`, `a*c`, false},
		{`"a\nc"`, `*`, false},
		{`"a\nc"`, `a\nc`, true},
		{`"xa\ncx"`, `*a\nc*`, true},
		{`"a\rc"`, `a*c`, false},
		{`"a` + "\u2028" + `c"`, `a*c`, false},
		{`12`, `1?`, true},
		{`1.50`, `*.50`, true}, // as it stands in the document
		{`true`, `t*e`, true},
		{`["x",["yz"]]`, `y?`, true},
	}
	for _, tt := range tests {
		if got := matches(t, `like(attributes/a,"`+tt.like+`")`, attribute(tt.value)); got != tt.want {
			t.Errorf("like %q is %t for %s", tt.like, got, tt.value)
		}
	}
	for like, want := range map[string]bool{"*AbC": true, "*aBc": true, "ÄABC": true, "äabc": false, "?abc": true} {
		if got := matches(t, `ilike(attributes/a,"`+like+`")`, attribute(`"ÄaBc"`)); got != want {
			t.Errorf("ilike %q is %t", like, got)
		}
	}
}

func TestLongPatterns(t *testing.T) {
	text := ""
	for i := range 200 {
		text += string(rune('a' + i%26))
	}
	for pattern, want := range map[string]bool{
		text: true, text[:130] + "*" + text[150:]: true, "*" + text[1:]: true, text[:64] + "?" + text[65:]: true,
		text[:63] + "?" + text[65:]: false, text + "?": false, text[:199]: false, text[:128] + "*x" + text[140:]: false,
	} {
		if got := matches(t, `like(attributes/a,"`+pattern+`")`, attribute(`"`+text+`"`)); got != want {
			t.Errorf("like %q is %t", pattern, got)
		}
	}
}

func TestPresence(t *testing.T) {
	tests := []struct {
		value         string
		exists, empty bool
	}{
		{`1`, true, false}, {`0`, true, false}, {`false`, true, false}, {`"x"`, true, false}, {`{"b":null}`, true, false}, {`[null]`, true, false},
		{`[[]]`, true, false}, {`null`, true, true}, {`""`, true, true}, {`[]`, true, true}, {`{}`, true, true},
	}
	for _, tt := range tests {
		s := attribute(tt.value)
		if exists, empty := matches(t, `exists(attributes/a)`, s), matches(t, `empty(attributes/a)`, s); exists != tt.exists || empty != tt.empty {
			t.Errorf("%s: exists %t, empty %t", tt.value, exists, empty)
		}
	}
}

func TestArraysOnTheWay(t *testing.T) {
	s := attribute(`[{"b":1},[{"b":{"c":"x"}}],{"b":[]},5,{"d":[{"e":null},{"e":""}]}]`)
	for text, want := range map[string]bool{
		`eq(attributes/a/b,1)`: true, `eq(attributes/a/b/c,"x")`: true, `eq(attributes/a/c,"x")`: false, `exists(attributes/a/b/c)`: true,
		`exists(attributes/a/x)`: false, `empty(attributes/a/x)`: true, `empty(attributes/a/b)`: false,
		// Neither of two values is anything.
		`empty(attributes/a/d/e)`: true, `exists(attributes/a/d/e)`: true, `eq(attributes/a/d/e,null)`: true,
		// An index is no name.
		`exists(attributes/a/0)`: false,
	} {
		if got := matches(t, text, s); got != want {
			t.Errorf("%s is %t", text, got)
		}
	}
}

func TestEmptyFeatures(t *testing.T) {
	for feature, want := range map[string]bool{
		`{}`: true, `null`: true, `5`: true, `{"x":1}`: true, `{"properties":null}`: true,
		`{"properties":{}}`: false, `{"definition":["a:b:1"]}`: false, `{"desiredProperties":{"x":1}}`: false,
	} {
		s := thing(`{"features":{"F":` + feature + `}}`)
		if got := matches(t, `empty(features/F)`, s); got != want {
			t.Errorf("empty is %t for %s", got, feature)
		}
		if !matches(t, `exists(features/F)`, s) {
			t.Errorf("%s does not exist", feature)
		}
	}
	s := thing(`{"features":{"F":{"properties":{},"desiredProperties":{"x":0}}}}`)
	for text, want := range map[string]bool{`empty(features/F/properties)`: true, `empty(features/F/desiredProperties)`: false} {
		if got := matches(t, text, s); got != want {
			t.Errorf("%s is %t", text, got)
		}
	}
}

func TestNamesOfProperties(t *testing.T) {
	s := thing(`{"thingId":"a:b","attributes":{"a/b":1,"c~d":2,"e\"f":3," g ":4,"ä":5},"_metadata":{"attributes":{"x":{"y":6}}}}`)
	for _, text := range []string{
		`eq(/thingId,"a:b")`, `eq(attributes/a~1b,1)`, `eq(attributes/c~0d,2)`, `eq(attributes/c~d,2)`, `eq(attributes/e\"f,3)`, `eq(attributes/ g ,4)`,
		`eq(attributes/\u00e4,5)`, `eq(_metadata/attributes/x/y,6)`,
	} {
		if !matches(t, text, s) {
			t.Errorf("%s does not hold", text)
		}
	}
}

// TestManyNames has more members asked for than are looked up in a list.
func TestManyNames(t *testing.T) {
	s := thing(`{"attributes":{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"j":10}}`)
	text := `and(eq(attributes/a,1),eq(attributes/b,2),eq(attributes/c,3),eq(attributes/d,4),eq(attributes/e,5),eq(attributes/f,6),` +
		`eq(attributes/g,7),eq(attributes/h,8),eq(attributes/i,9),eq(attributes/j,10))`
	if !matches(t, text, s) {
		t.Error("not all are found")
	}
}

func TestLayers(t *testing.T) {
	tests := []struct {
		name   string
		layers []Layer
		text   string
		want   bool
	}{
		{"the first wins", []Layer{
			{Value: []byte(`{"attributes":{"a":1}}`)}, {Value: []byte(`{"attributes":{"a":2}}`)},
		}, `and(eq(attributes/a,1),ne(attributes/a,2))`, true},
		{"others fill gaps", []Layer{
			{Value: []byte(`{"attributes":{"a":{"b":1}}}`)}, {Value: []byte(`{"attributes":{"a":{"c":2}},"thingId":"x:y"}`)},
		}, `and(eq(attributes/a/b,1),eq(attributes/a/c,2),eq(thingId,"x:y"))`, true},
		{"arrays are not merged", []Layer{
			{Value: []byte(`{"attributes":{"a":[1]}}`)}, {Value: []byte(`{"attributes":{"a":[2]}}`)},
		}, `eq(attributes/a,2)`, false},
		{"nor are objects in them", []Layer{
			{Value: []byte(`{"attributes":{"a":[{"b":1}]}}`)}, {Value: []byte(`{"attributes":{"a":{"c":2}}}`)},
		}, `exists(attributes/a/c)`, false},
		{"an object hides what is none", []Layer{
			{Value: []byte(`{"attributes":{"a":{}}}`)}, {Value: []byte(`{"attributes":{"a":5}}`)},
		}, `eq(attributes/a,5)`, false},
		{"what is no object hides one", []Layer{
			{Value: []byte(`{"attributes":{"a":null}}`)}, {Value: []byte(`{"attributes":{"a":{"b":1}}}`)},
		}, `or(exists(attributes/a/b),ne(attributes/a,null))`, false},
		{"what is hidden does not show a third", []Layer{
			{Value: []byte(`{"attributes":{"a":{}}}`)}, {Value: []byte(`{"attributes":{"a":5}}`)}, {Value: []byte(`{"attributes":{"a":{"b":1}}}`)},
		}, `eq(attributes/a/b,1)`, true},
		{"a part", []Layer{
			{At: pointerOf("attributes/a/b"), Value: []byte(`1`)}, {Value: []byte(`{"attributes":{"a":{"b":2,"c":3}}}`)},
		}, `and(eq(attributes/a/b,1),eq(attributes/a/c,3))`, true},
		{"there are objects on the way to a part", []Layer{
			{At: pointerOf("features/F/properties/x"), Value: []byte(`1`)},
		}, `and(exists(features/F),exists(features/F/properties),not(empty(features/F)),not(empty(features/F/properties)))`, true},
		{"which hide what is none", []Layer{
			{At: pointerOf("attributes/a/b"), Value: []byte(`1`)}, {Value: []byte(`{"attributes":{"a":5}}`)},
		}, `eq(attributes/a,5)`, false},
		{"a part below what is no object", []Layer{
			{Value: []byte(`{"attributes":{"a":5}}`)}, {At: pointerOf("attributes/a/b"), Value: []byte(`1`)},
		}, `exists(attributes/a/b)`, false},
		{"without a value there is nothing on the way", []Layer{{At: pointerOf("features/F")}}, `exists(features/F)`, false},
		{"a part with an escaped name", []Layer{{At: pointerOf(`attributes/a"b`), Value: []byte(`1`)}}, `eq(attributes/a\"b,1)`, true},
		{"nulls of a patch are absent", []Layer{
			{Value: []byte(`{"attributes":{"a":null,"b":{"c":null}}}`), Patch: true},
			{Value: []byte(`{"attributes":{"a":1}}`)},
		}, `and(eq(attributes/a,1),exists(attributes/b),empty(attributes/b),not(exists(attributes/b/c)))`, true},
		{"what comes after a null", []Layer{
			{At: pointerOf("attributes/a"), Value: []byte(`{"b":null,"c":1}`), Patch: true},
		}, `empty(attributes/a)`, false},
		{"but not those of arrays", []Layer{
			{Value: []byte(`{"attributes":{"a":[null,{"b":null}]}}`), Patch: true},
		}, `and(eq(attributes/a,null),eq(attributes/a/b,null))`, true},
		{"a patch that is null", []Layer{
			{At: pointerOf("attributes/a"), Value: []byte(`null`), Patch: true},
		}, `or(exists(attributes/a),exists(attributes/a/b))`, false},
		{"a value that is null", []Layer{
			{At: pointerOf("attributes/a"), Value: []byte(`null`)},
		}, `eq(attributes/a,null)`, true},
		{"patterns of a patch are absent", []Layer{
			{At: pointerOf("attributes/a"), Value: []byte(`{"{{ ~x.*~ }}":null}`), Patch: true},
		}, `and(exists(attributes/a),empty(attributes/a))`, true},
		{"what looks like one is not", []Layer{
			{At: pointerOf("attributes/a"), Value: []byte(`{"{{ x }}":1}`), Patch: true},
		}, `eq(attributes/a/{{ x }},1)`, true},
	}
	for _, tt := range tests {
		if got := matches(t, tt.text, &Subject{Layers: tt.layers}); got != tt.want {
			t.Errorf("%s: %s is %t", tt.name, tt.text, got)
		}
	}
}

func TestFacts(t *testing.T) {
	s := thing(`{"_revision":1,"_modified":"old","thingId":"x:y","_created":"then"}`)
	s.Facts = facts{
		"_revision": `42`, "_modified": `{"no":"text"}`, "topic:action": "modified", "resource:path": `/features/"F"`, "entity:id": "a:b",
		"thingId": `"never:asked"`,
	}
	for text, want := range map[string]bool{
		`eq(_revision,42)`: true, `eq(_revision,1)`: false, `gt(_revision,41)`: true, `eq(_created,"then")`: true, `eq(thingId,"x:y")`: true,
		`exists(_modified)`: true, `eq(_modified,"old")`: false, `exists(_namespace)`: false,
		`eq(topic:action,"modified")`: true, `like(resource:path,"/features/*")`: true, `eq(resource:path,"/features/\"F\"")`: true,
		`exists(entity:id)`: true, `empty(entity:id)`: false, `exists(entity:name)`: false, `in(topic:action,"x","modified")`: true,
		`and(eq(topic:action,"modified"),eq(entity:id,"a:b"),eq(_revision,42),eq(thingId,"x:y"))`: true,
	} {
		if got := matches(t, text, s); got != want {
			t.Errorf("%s is %t", text, got)
		}
	}
}

// TestFactsHideLayers: also where both are objects.
func TestFactsHideLayers(t *testing.T) {
	s := thing(`{"thingId":"x:y","_modified":{"a":1,"b":2}}`)
	s.Facts = facts{"_modified": `{"a":3}`}
	p := mustCompile(t, `and(exists(thingId),eq(_modified/a,3),not(exists(_modified/b)))`)
	if holds, err := p.Match(s); !holds || err != nil {
		t.Errorf("%t, %v", holds, err)
	}
}

// TestFactsAreEnough: a document that cannot change the answer is not looked at.
func TestFactsAreEnough(t *testing.T) {
	p, err := CompileSignal(`and(eq(topic:action,"created"),gt(_revision,5),eq(attributes/a,1))`)
	if err != nil {
		t.Fatal(err)
	}
	for name, known := range map[string]facts{"placeholder": {"topic:action": "deleted", "_revision": "6"}, "field": {"topic:action": "created", "_revision": "5"}} {
		e := new(evaluation)
		e.begin(p, time.Time{})
		e.work = MaxWork
		e.askFacts(known)
		e.know(0, p.root.begin)
		if e.holds() != no {
			t.Errorf("%s: it is not known that the predicate does not hold", name)
		}
	}
}

func TestMatchIsRepeatable(t *testing.T) {
	p, err := CompileSignal(`or(and(gt(attributes/a,time:now),exists(attributes/b)),eq(attributes/c,1))`)
	if err != nil {
		t.Fatal(err)
	}
	holds := thing(`{"attributes":{"c":1}}`)
	fails := thing(`{"attributes":{"a":"zzz","c":2}}`)
	for range 3 {
		for s, want := range map[*Subject]bool{holds: true, fails: false} {
			if got, err := p.Match(s); got != want || err != nil {
				t.Fatalf("%t, %v for %s", got, err, s.Layers[0].Value)
			}
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	tests := []struct {
		text   string
		err    error
		offset int
	}{
		{`eq(attributes/a, 1)`, ErrSyntax, 16},
		{`eq(attributes,1)`, ErrProperty, 3},
		{`and(exists(features/F),eq(features/F,1))`, ErrProperty, 26},
		{`eq(namespace,"x")`, ErrProperty, 3},
		{`eq(header:x,"x")`, ErrProperty, 3},
		{`eq(time:now,"x")`, ErrProperty, 3},
		{`exists(features)`, ErrProperty, 7},
		{`eq(attributes/a//b,1)`, ErrProperty, 3},
		{`or(eq(attributes/a,1),eq(attributes/b/,1))`, ErrProperty, 25},
	}
	for _, tt := range tests {
		for name, compile := range map[string]func(string) (*Predicate, error){"signal": CompileSignal, "condition": CompileCondition} {
			p, err := compile(tt.text)
			typed, ok := errors.AsType[*Error](err)
			if p != nil || !ok || !errors.Is(err, tt.err) || typed.Offset != tt.offset {
				t.Errorf("%s of a %s: %v", tt.text, name, err)
			}
		}
	}
}

func TestConditionsAreAboutThings(t *testing.T) {
	for _, text := range []string{
		`and(eq(thingId,"a:b"),exists(policyId),exists(definition),eq(_namespace,"a"),gt(_revision,1),gt(_modified,time:now-1h),exists(_created))`,
		`and(eq(attributes/a,1),eq(features/F/properties/x,1),exists(features/F/definition),exists(features/F),eq(_metadata/attributes/a/x,1))`,
	} {
		if _, err := CompileCondition(text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, property := range []string{"topic:action", "resource:path", "entity:id", "thing:id", "feature:id"} {
		if _, err := CompileSignal(`exists(` + property + `)`); err != nil {
			t.Error(err)
		}
		if _, err := CompileCondition(`exists(` + property + `)`); !errors.Is(err, ErrProperty) {
			t.Errorf("%s: %v", property, err)
		}
	}
}

func TestPointersAndText(t *testing.T) {
	const text = `and(eq(/attributes/a~1b,1),ne(topic:action,"x"),empty(features/F),or(eq(_revision,1),in(attributes/a~1b,1,time:now)))`
	p, err := CompileSignal(text)
	if err != nil {
		t.Fatal(err)
	}
	if p.String() != text {
		t.Errorf("the text is %s", p)
	}
	want := [][]string{{"attributes", "a/b"}, {"features", "F"}, {"_revision"}}
	if len(p.Pointers()) != len(want) {
		t.Fatalf("pointers %q", p.Pointers())
	}
	for i, pointer := range p.Pointers() {
		if !slices.Equal(pointer, want[i]) {
			t.Errorf("pointer %q", pointer)
		}
	}
}
