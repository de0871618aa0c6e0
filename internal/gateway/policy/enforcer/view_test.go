package enforcer

import (
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/document"
)

func TestView(t *testing.T) {
	secret := entry("s", "thing:/ +R", "thing:/attributes/secret -R", "thing:/attributes/secret/hint +R")
	onlyX := entry("s", "thing:/attributes/x +R")
	for _, test := range []struct {
		name  string
		entry Entry
		path  string
		doc   string
		want  string // empty: nothing
	}{
		{"leaves are judged one by one", secret, "/",
			`{"thingId":"n:t","attributes":{"a":1,"secret":{"x":1,"hint":"h"}},"features":{}}`,
			`{"thingId":"n:t","attributes":{"a":1,"secret":{"hint":"h"}},"features":{}}`},
		{"of a part", secret, "/attributes/secret", `{"x":1,"hint":"h"}`, `{"hint":"h"}`},
		{"a part that is hidden", secret, "/attributes/secret/x", `{"a":1}`, ``},
		{"a scalar that is hidden, with something granted below", secret, "/attributes/secret", `1`, ``},
		{"scalars of every kind", entry("s", "thing:/ +R", "thing:/z -R"), "/",
			`{"a":1,"b":null,"c":true,"d":"}","e":{},"f":[],"z":0}`, `{"a":1,"b":null,"c":true,"d":"}","e":{},"f":[]}`},
		{"everything", entry("s", "thing:/ +R", "thing:/z -W"), "/", `{"a":1,"z":2}`, `{"a":1,"z":2}`},
		{"writing is not reading", entry("s", "thing:/ +WX"), "/", `{"a":1}`, ``},

		{"members that are always visible", onlyX, "/", `{"thingId":"n:t","policyId":"n:t","attributes":{"x":1,"y":2}}`,
			`{"thingId":"n:t","attributes":{"x":1}}`},
		{"they are, even if nothing else is there", onlyX, "/", `{"policyId":"n:t","thingId":"n:t"}`, `{"thingId":"n:t"}`},
		{"they are whole", onlyX, "/", `{"thingId":{"a":[1]}}`, `{"thingId":{"a":[1]}}`},
		{"they are at the root only", onlyX, "/attributes", `{"thingId":1,"x":{"thingId":1}}`, `{"x":{"thingId":1}}`},
		{"they are not further down", onlyX, "/", `{"attributes":{"thingId":1}}`, ``},
		{"they are not if nothing is permitted", entry("s", "thing:/ +W"), "/", `{"thingId":1}`, ``},
		{"they are not added", onlyX, "/", `{"attributes":{"x":1}}`, `{"attributes":{"x":1}}`},

		{"objects that become empty vanish", onlyX, "/", `{"attributes":{"y":{"z":1}},"features":{}}`, ``},
		{"empty objects are leaves", onlyX, "/attributes", `{"x":{},"y":{}}`, `{"x":{}}`},
		{"an empty object above what is granted", onlyX, "/attributes", `{}`, ``},
		{"an empty object above what is revoked", secret, "/attributes", `{}`, `{}`},
		{"an object that was not empty is not kept for being effective itself", entry("s", "thing:/ +R", "thing:/a -R"), "/", `{"a":1}`, ``},

		{"arrays are transparent", entry("s", "thing:/a +R", "thing:/a/k -R"), "/a",
			`[1,{"k":1,"l":2},{"k":1},[{"k":1}],[[2]],{},[]]`, `[1,{"l":2},[[2]],{},[]]`},
		{"arrays of what is hidden", entry("s", "thing:/a/k +R"), "/a", `[1,{"k":1,"l":2},[],{},[{"k":2}],[{"l":2}]]`, `[{"k":1},[{"k":2}]]`},
		{"arrays that become empty vanish", entry("s", "thing:/a/k +R"), "/", `{"a":[1,{"l":1},[]]}`, ``},
		{"empty arrays are leaves", entry("s", "thing:/ +R", "thing:/a -R", "thing:/a/k +R"), "/", `{"a":[],"b":[]}`, `{"b":[]}`},

		{"names that are escaped", entry("s", `thing:/a"b +R`, "thing:/\n +R"), "/", `{"\n":{"x":1},"a\"b":1,"c":2}`, `{"\n":{"x":1},"a\"b":1}`},
		{"names with slashes", entry("s", "thing:/a/b +R"), "/", `{"a/b":1,"a":{"b":2,"c":3},"/a//b/":4,"a/c":5}`, `{"a/b":1,"a":{"b":2},"/a//b/":4}`},
		{"an empty name stands for no segment", entry("s", "thing:/a +R"), "/", `{"":{"a":1,"b":2}}`, `{"":{"a":1}}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := Compile([]Entry{test.entry}).Everywhere([]string{"s"})
			view, ok := r.View(Thing, pointer(t, test.path), []byte(test.doc), "thingId", "_revision")
			if string(view) != test.want || ok != (test.want != "") {
				t.Errorf("view %t %s, want %s", ok, view, test.want)
			}
			view, ok = r.Event(pointer(t, test.path), []byte(test.doc), "thingId", "_revision")
			if string(view) != test.want || ok != (test.want != "") {
				t.Errorf("event %t %s, want %s", ok, view, test.want)
			}
		})
	}
}

func TestViewOfAPolicyAgreesWithPaths(t *testing.T) {
	r := Compile([]Entry{entry("s", "policy:/entries/L/resources/thing:/attributes/x +R")}).Everywhere([]string{"s"})
	doc := `{"policyId":"n:p","entries":{"L":{"subjects":{"s":{"type":"t"}},"resources":{"thing:/attributes/x":{"grant":["READ"],"revoke":[]},` +
		`"thing:/attributes":{"grant":[],"revoke":["READ"]}}},"M":{"resources":{"thing:/attributes/x":{"grant":[],"revoke":[]}}}}}`
	want := `{"policyId":"n:p","entries":{"L":{"resources":{"thing:/attributes/x":{"grant":["READ"],"revoke":[]}}}}}`
	if view, ok := r.View(Policy, nil, []byte(doc), "policyId"); !ok || string(view) != want {
		t.Errorf("%t %s, want %s", ok, view, want)
	}
	if _, ok := r.View(Thing, nil, []byte(doc), "policyId"); ok {
		t.Error("rights on a policy show a thing")
	}
}

func TestEventsWithoutValue(t *testing.T) {
	r := Compile([]Entry{entry("s", "thing:/ +R", "thing:/attributes/secret -R", "thing:/attributes/secret/hint +R")}).Everywhere([]string{"s"})
	for path, want := range map[string]bool{
		"/": true, "/attributes": true, "/attributes/a": true, "/attributes/secret": false, "/attributes/secret/x": false,
		"/attributes/secret/hint": true, "/attributes/secret/hint/x": true,
	} {
		if view, ok := r.Event(pointer(t, path), nil, "thingId"); ok != want || view != nil {
			t.Errorf("%s: %t %s", path, ok, view)
		}
	}
}

func TestWhatMayAllBeReadIsNotCopied(t *testing.T) {
	r := Compile([]Entry{entry("s", "thing:/ +R", "thing:/attributes/secret -R")}).Everywhere([]string{"s"})
	for path, doc := range map[string]string{
		"/features": `{"f":{}}`,            // nothing is revoked below
		"/":         `{"thingId":"n:t"}`,   // what is revoked is not there
		"/x":        `[{"secret":"here"}]`, // nor is this it
	} {
		raw := []byte(doc)
		view, ok := r.View(Thing, pointer(t, path), raw)
		if !ok || len(view) != len(raw) || &view[0] != &raw[0] {
			t.Errorf("%s: %t %s", path, ok, view)
		}
	}
}

func TestWhatIsTooDeepIsLeftOut(t *testing.T) {
	r := Compile([]Entry{entry("s", "thing:/ +R", "thing:/z -R")}).Everywhere([]string{"s"})
	for _, test := range []struct {
		levels int
		want   bool
	}{{2 * document.MaxDepth, true}, {maxDepth + 2, false}, {100_000, false}} {
		doc := `{"":` + strings.Repeat(`[`, test.levels) + strings.Repeat(`]`, test.levels) + `}`
		if _, ok := r.View(Thing, nil, []byte(doc)); ok != test.want {
			t.Errorf("%d levels: %t", test.levels, ok)
		}
	}
}
