package enrich

import (
	"errors"
	"testing"

	"github.com/twinway/twinway/internal/gateway/document"
)

// FuzzFields: whatever the text, it is refused or selects an object, nothing that the reader may not see is in it, and the same
// text selects the same.
func FuzzFields(f *testing.F) {
	for _, seed := range []string{
		"thingId,attributes(a,b/c),features/*/properties/x,_policy,_metadata/attributes/*", "features/{{feature:id}}/properties(x,y)",
		"attributes/{{ header:x | fn:default('a,b(c)') }}", "{{resource:path}}", "a{{entity:id}}b{{time:now-1h[d]}}(c,d)", "*", "((,))", "{{", "~0~1",
	} {
		f.Add(seed, "/features/f", `{"properties":1}`)
		f.Add(seed, "/", `{"features":{"f":1,"g":2}}`)
	}
	f.Fuzz(func(t *testing.T, text, path, value string) {
		fields, invalid := Parse(text)
		if invalid != nil {
			if fields != nil || invalid.Status != 400 || len(invalid.Message) > 1000 {
				t.Fatalf("%q: %v, %+v", text, fields, invalid)
			}
			return
		}
		at, err := document.ParsePointer(path)
		raw, invalidValue := document.Canonical([]byte(value))
		if err != nil || invalidValue != nil {
			return
		}
		signal := signalOf(t, "modified /")
		signal.Path, signal.Value = at, raw
		object, failed := fields.Select(theLamp, signal)
		again, _ := fields.Select(theLamp, signal)
		if string(object) != string(again) {
			t.Fatalf("%q selects %s, and then %s", text, object, again)
		}
		switch {
		case failed != nil:
			if object != nil || !errors.Is(failed, ErrTooManyEntries) && !errors.Is(failed, ErrTooLarge) {
				t.Fatalf("%q: %s, %v", text, object, failed)
			}
		case object != nil:
			canonical, err := document.Canonical(object)
			if err != nil || string(canonical) != string(object) || document.KindOf(object) != document.Object || len(object) == len("{}") {
				t.Fatalf("%q selects %s", text, object)
			}
			if _, seen := document.Get(object, document.Pointer{"attributes", "secret"}); seen {
				t.Fatalf("%q selects what may not be seen: %s", text, object)
			}
		}
	})
}
