package index

import (
	"bytes"
	"testing"
)

// TestOrderKey says which value things are sorted by.
func TestOrderKey(t *testing.T) {
	thing := thingOf(t, `{"thingId":"a:b","attributes":{"n":5,"l":[3,[1,"x"],{"k":2}],"o":{},"e":[],"m":[[],3],"null":null,"ol":[{"k":1},{"k":[0,4]}]}}`)
	thing.Meta = canonical(t, `{"attributes":{"n":{"unit":"K"}}}`)
	for property, want := range map[string][2]string{
		"attributes/n": {"5", "5"}, "attributes/l": {"1", `"x"`}, "attributes/l/k": {"2", "2"}, "attributes/o": {"{}", "{}"}, "attributes/e": {"[]", "[]"}, "attributes/m": {"3", "3"},
		"attributes/null": {"null", "null"}, "attributes/ol/k": {"0", "4"}, "attributes/missing": {"", ""}, "attributes/n/x": {"", ""},
		"_created": {`"2026-01-02T03:04:05Z"`, `"2026-01-02T03:04:05Z"`}, "_metadata/attributes/n/unit": {`"K"`, `"K"`},
	} {
		for i, descending := range []bool{false, true} {
			o := NewOrder(property, descending)
			got := o.Key(&thing)
			if want[i] == "" {
				if got != nil {
					t.Errorf("%s: %q", property, got)
				}
				continue
			}
			if !bytes.Equal(got, appendValue(nil, []byte(want[i]))) {
				t.Errorf("%s, descending %v: %q", property, descending, got)
			}
			entry := append(bytes.Clone(o.Range().Lower), got...)
			found := false
			for _, e := range entriesOf(thing) {
				found = found || bytes.Equal(e, entry)
			}
			if !found {
				t.Errorf("%s: the thing has no entry with its key", property)
			}
		}
	}
}
