package index

import (
	"bytes"
	"cmp"
	"encoding/json"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/twinway/twinway/internal/gateway/document"
)

// TestOrderOfValues compares the order of encoded values with that of the values.
func TestOrderOfValues(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200_000 {
		a, b := canonical(t, randomScalar(random)), canonical(t, randomScalar(random))
		want, got := compareValues(a, b), bytes.Compare(appendValue(nil, a), appendValue(nil, b))
		if got != want && (got != 0 || len(a) <= 2*maxPairs || len(b) <= 2*maxPairs) {
			t.Fatalf("%s and %s: %d, want %d", a, b, got, want)
		}
		if x, y := appendValue(nil, a), appendValue(nil, b); got != 0 && (bytes.HasPrefix(x, y) || bytes.HasPrefix(y, x)) {
			t.Fatalf("%s and %s: one begins with the other", a, b)
		}
	}
}

// compareValues compares scalars: by type, then as expressions do.
func compareValues(a, b []byte) int {
	rank := func(raw []byte) int {
		return slices.Index([]string{"n", "f", "t", "0", `"`}, strings.Trim(string(raw[:1]), "-123456789")+zero(raw))
	}
	if c := cmp.Compare(rank(a), rank(b)); c != 0 {
		return c
	}
	switch document.KindOf(a) {
	case document.Number:
		x, _ := new(big.Rat).SetString(string(a))
		y, _ := new(big.Rat).SetString(string(b))
		return x.Cmp(y)
	case document.String:
		return slices.Compare(units(a), units(b))
	}
	return 0
}

// zero stands for the first character of any number.
func zero(raw []byte) string {
	if document.KindOf(raw) == document.Number && raw[0] != '0' {
		return "0"
	}
	return ""
}

// units returns the UTF-16 code units of a JSON string, halves of pairs included.
func units(raw []byte) (all []uint16) {
	for inside := raw[1 : len(raw)-1]; len(inside) > 0; {
		r, n := document.DecodeChar(inside)
		inside = inside[n:]
		if utf16.RuneLen(r) == 2 {
			high, low := utf16.EncodeRune(r)
			all = append(all, uint16(high), uint16(low))
		} else {
			all = append(all, uint16(r))
		}
	}
	return all
}

func TestOrderOfNumbers(t *testing.T) {
	texts := []string{
		"-1e400", "-1e200", "-1000000000000000000000000000000000000000000001", "-1e44", "-101", "-100.5", "-100", "-99", "-10", "-1.5", "-1", "-0.1",
		"-1e-200", "-1e-400", "0", "1e-400", "1e-200", "0.001", "0.01", "0.1", "0.11", "0.9", "1", "1.0001", "1.5", "2", "9", "9.9", "10", "11", "99", "100",
		"100.5", "101", "1e44", "1000000000000000000000000000000000000000000001", "1e200", "1e400", "1e99999999999999999999",
	}
	digits := strings.Repeat("7", 2*maxPairs)
	texts = slices.Insert(texts, len(texts)-1, digits+"e400", digits+"7e399") // the longer one is cut
	for i := 1; i < len(texts); i++ {
		if a, b := appendValue(nil, []byte(texts[i-1])), appendValue(nil, []byte(texts[i])); bytes.Compare(a, b) >= 0 {
			t.Errorf("%s is not before %s", texts[i-1], texts[i])
		}
	}
	for _, same := range [][2]string{{"1", "1.0"}, {"10", "1e1"}, {"0", "-0.0"}, {"0.5", "5E-1"}, {"-120", "-1.20e2"}} {
		if a, b := appendValue(nil, []byte(same[0])), appendValue(nil, []byte(same[1])); !bytes.Equal(a, b) {
			t.Errorf("%s is not %s", same[0], same[1])
		}
	}
}

// TestChanges changes things at random, and compares with the entries of the thing from the start.
func TestChanges(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 20_000 {
		from, to := thingOf(t, randomThing(random)), thingOf(t, randomThing(random))
		if random.IntN(2) == 0 {
			to.Doc = document.Set(from.Doc, document.Pointer{"attributes", pick(random, "a", "b", "z")}, canonical(t, randomValue(random, 2)))
			to.Modified = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
		}
		if random.IntN(4) == 0 {
			to.Meta = canonical(t, `{"attributes":{"a":{"unit":`+randomScalar(random)+`}}}`)
		}
		switch random.IntN(20) {
		case 0:
			from = Thing{}
		case 1:
			to = Thing{}
		}
		lost, gained := Changes(from, to)
		got := slices.DeleteFunc(entriesOf(from), func(e []byte) bool {
			return slices.ContainsFunc(lost, func(l []byte) bool { return bytes.Equal(l, e) })
		})
		got = append(got, gained...)
		slices.SortFunc(got, bytes.Compare)
		if want := entriesOf(to); !slices.EqualFunc(got, want, bytes.Equal) {
			t.Fatalf("%s\n%s\n%q\n%q", from.Doc, to.Doc, got, want)
		}
	}
}

// TestChangesOfLittle checks that what stays is not among the changes.
func TestChangesOfLittle(t *testing.T) {
	from := thingOf(t, `{"thingId":"a:b","policyId":"a:b","attributes":{"x":1,"y":{"z":[1,2,3]}},"features":{"f":{"properties":{"p":0}}}}`)
	to := thingOf(t, `{"thingId":"a:b","policyId":"a:b","attributes":{"y":{"z":[1,2,4,4]},"x":1},"features":{"f":{"properties":{"p":1}}}}`)
	lost, gained := Changes(from, to)
	if len(lost) != 2 || len(gained) != 2 {
		t.Errorf("%q %q", lost, gained)
	}
	if lost, gained := Changes(from, from); len(lost)+len(gained) != 0 {
		t.Errorf("%q %q", lost, gained)
	}
}

// TestEntries lists the entries of a thing.
func TestEntries(t *testing.T) {
	thing := thingOf(t, `{"thingId":"a:b","policyId":"a:p","definition":"x:y:1","attributes":{"n":1,"o":{"p":null},"l":[true,{"k":"v"}]},
		"features":{"f":{"definition":["d:e:1"],"properties":{"q":false}}}}`)
	thing.Meta = canonical(t, `{"attributes":{"n":{"unit":"K"}}}`)
	var got []string
	for _, e := range entriesOf(thing) {
		path, value, _ := bytes.Cut(e, []byte{end})
		kind := byte(0)
		if len(value) > 0 {
			kind = value[0]
		}
		got = append(got, strings.ReplaceAll(string(path), string(rune(separator)), "/")+map[byte]string{
			0: "", valueNull: " null", valueFalse: " false", valueTrue: " true", valueNumber: " number", valueText: " text", valueObject: " object", valueArray: " array",
		}[kind])
	}
	want := []string{
		"", "_created text", "_metadata/attributes object", "_metadata/attributes/n object", "_metadata/attributes/n/unit text", "_modified text",
		"attributes/l true", "attributes/l object", "attributes/l array", "attributes/l/k text", "attributes/n number", "attributes/o object", "attributes/o/p null",
		"definition text", "features/f object", "features/f/definition text", "features/f/definition array", "features/f/properties object",
		"features/f/properties/q false", "policyId text",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// TestBounds checks how long entries can become.
func TestBounds(t *testing.T) {
	long := strings.Repeat("\U0001F600", 256)
	text, err := json.Marshal(map[string]any{
		"attributes": map[string]any{long + long: long, strings.Repeat("\x01", 500): strings.Repeat("\x01", 500)},
		"features":   map[string]any{long: map[string]any{"properties": map[string]any{long: map[string]any{long: json.Number("-" + strings.Repeat("9", 500) + "e-999")}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	thing := thingOf(t, string(text))
	longest, features := 0, 0
	for _, e := range entriesOf(thing) {
		longest = max(longest, len(e))
		if bytes.HasPrefix(e, featuresPath) {
			if feature, _ := NextFeature(e); string(feature) != string(appendName(nil, long)) {
				t.Errorf("the feature of %q", e)
			}
			features++
		}
	}
	if longest > MaxKey || features != 4 {
		t.Errorf("%d bytes, %d entries of the feature", longest, features)
	}
}
