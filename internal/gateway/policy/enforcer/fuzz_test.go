package enforcer

import (
	"maps"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/document"
)

// FuzzView checks that views are parts of what they are views of, under policies that are written one key after the other and
// whatever the documents are.
func FuzzView(f *testing.F) {
	f.Add("thing:/\nthing:/a", "\x01\x11", "b", `{"a":1,"b":[{"c":null},[]],"":{"a/b":{}}}`)
	f.Add("thing:/a/b\nthing:/a//b/c\nthing\npolicy:/", "\x01\x08\x07\x3f", "", `{"a/b":1,"a":{"b":{"c":2,"d":[1]}}}`)
	f.Add("thing:~0/\x00/\xff:\n:\n//", "\x01\x01\x01", "/a//~0", `{"~":{"\u0000":"\ud800"}}`)
	f.Add("thing:/a\nthing:/", "\x11\x01", "/", `{"thingId":{"a":1},"a":{"thingId":2}}`)
	f.Fuzz(func(t *testing.T, keys, permissions, path, src string) {
		e := Entry{Subjects: []string{"s"}}
		for i, key := range strings.Split(keys, "\n") {
			if i < len(permissions) {
				e.Resources = append(e.Resources, Resource{key, Permissions(permissions[i] & 7), Permissions(permissions[i] >> 3)})
			}
		}
		r := Compile([]Entry{e}).Everywhere(e.Subjects)
		at := document.Pointer(strings.Split(path, "/"))
		r.View(Thing, at, []byte(src)) // must not fail, whatever it is
		doc, err := document.Canonical([]byte(src))
		if err != nil {
			return
		}
		view, ok := r.View(Thing, at, doc, "thingId")
		if event, same := r.Event(at, doc, "thingId"); string(event) != string(view) || same != ok {
			t.Fatalf("event %t %s, view %t %s", same, event, ok, view)
		}
		if !ok {
			return
		}
		if err := document.Valid(view); err != nil || !part(view, doc) {
			t.Fatalf("%s is no part of %s: %v", view, doc, err)
		}
		again, ok := r.View(Thing, at, view, "thingId")
		if !ok || string(again) != string(view) {
			t.Fatalf("the view of %s is %s", view, again)
		}
	})
}

// part reports whether view is doc with members and elements left out.
func part(view, doc []byte) bool {
	kind := document.KindOf(doc)
	switch {
	case kind != document.KindOf(view):
		return false
	case kind == document.Object:
		names := maps.Collect(document.Members(doc))
		for name, value := range document.Members(view) {
			if whole, ok := names[name]; !ok || !part(value, whole) {
				return false
			}
		}
		return true
	case kind == document.Array:
		var elements [][]byte
		for value := range document.Elements(doc) {
			elements = append(elements, value)
		}
		for value := range document.Elements(view) {
			for len(elements) > 0 && !part(value, elements[0]) {
				elements = elements[1:]
			}
			if len(elements) == 0 {
				return false
			}
			elements = elements[1:]
		}
		return true
	}
	return string(view) == string(doc)
}
