package document

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestOverlay(t *testing.T) {
	for _, tt := range []struct{ below, above, want string }{
		{`{"a":1}`, `{"b":2}`, `{"a":1,"b":2}`},
		{`{"a":1,"b":2}`, `{"a":3}`, `{"a":3,"b":2}`},
		{`{"a":{"b":1,"c":{"d":1}}}`, `{"a":{"c":{"e":2},"b":0}}`, `{"a":{"b":0,"c":{"d":1,"e":2}}}`},
		{`{"a":{"b":1}}`, `{"a":null}`, `{"a":null}`},
		{`{"a":{"b":1}}`, `{"a":{"b":null}}`, `{"a":{"b":null}}`},
		{`{"a":[1,2]}`, `{"a":[3]}`, `{"a":[3]}`},
		{`{"a":1}`, `{"a":{"b":1}}`, `{"a":{"b":1}}`},
		{`{}`, `{"a":1}`, `{"a":1}`},
		{`{"a":1}`, `{}`, `{"a":1}`},
		{`{"a":1}`, `5`, `5`},
		{`5`, `{"a":1}`, `{"a":1}`},
		{`{"ü\"":{"x":1}}`, `{"ü\"":{"y":2}}`, `{"ü\"":{"x":1,"y":2}}`},
	} {
		below, above := []byte(tt.below), []byte(tt.above)
		if got := string(Overlay(below, above)); got != tt.want {
			t.Errorf("%s over %s: got %s, want %s", tt.above, tt.below, got, tt.want)
		}
		if string(below) != tt.below || string(above) != tt.above {
			t.Errorf("%s over %s: the input was modified", tt.above, tt.below)
		}
	}
}

// Objects with many members are joined like small ones.
func TestOverlayOfLargeObjects(t *testing.T) {
	var below, above, want strings.Builder
	for i := range 200 {
		fmt.Fprintf(&below, `"m%d":%d,`, i, i)
		fmt.Fprintf(&above, `"m%d":%d,`, i+100, -i)
	}
	for i := range 100 {
		fmt.Fprintf(&want, `"m%d":%d,`, i, i)
	}
	want.WriteString(above.String())
	object := func(b *strings.Builder) []byte { return []byte("{" + strings.TrimSuffix(b.String(), ",") + "}") }
	if got := Overlay(object(&below), object(&above)); string(got) != string(object(&want)) {
		t.Errorf("got %s", got)
	}
}

func TestOverlayAllocatesOnce(t *testing.T) {
	below, above := []byte(`{"a":{"b":1,"c":2},"d":3}`), []byte(`{"a":{"c":4,"e":5},"f":6}`)
	if n := testing.AllocsPerRun(100, func() { _ = Overlay(below, above) }); n != 1 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzOverlay compares with what the standard library's maps make of it.
func FuzzOverlay(f *testing.F) {
	f.Add([]byte(`{"a":{"b":1},"c":2}`), []byte(`{"a":{"b":null,"d":[]},"e":{}}`))
	f.Fuzz(func(t *testing.T, below, above []byte) {
		below, err := Canonical(below)
		if err != nil {
			return
		}
		if above, err = Canonical(above); err != nil {
			return
		}
		got := Overlay(below, above)
		if again, err := Canonical(got); err != nil || string(again) != string(got) {
			t.Fatalf("%s over %s: %s is not canonical: %v", above, below, got, err)
		}
		if bytes.Contains(got, []byte(`\ud`)) {
			return // the standard library takes one half of a surrogate pair for another
		}
		var lower, upper, result any
		if json.Unmarshal(below, &lower) != nil || json.Unmarshal(above, &upper) != nil {
			return
		}
		if err := json.Unmarshal(got, &result); err != nil || !reflect.DeepEqual(naiveOverlay(lower, upper), result) {
			t.Fatalf("%s over %s: got %s (%v)", above, below, got, err)
		}
	})
}

func naiveOverlay(below, above any) any {
	lower, ok := below.(map[string]any)
	upper, also := above.(map[string]any)
	if !ok || !also {
		return above
	}
	for name, value := range upper {
		if old, has := lower[name]; has {
			value = naiveOverlay(old, value)
		}
		lower[name] = value
	}
	return lower
}
