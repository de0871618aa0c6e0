package rql

import (
	"bytes"
	"encoding/json"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/twinway/twinway/internal/gateway/document"
)

// naive evaluates expressions as the protocol describes them, on trees, without a thought of what it costs. It shares no
// code with what it is compared with.
type naive struct {
	t    *testing.T
	doc  any // map[string]any, []any, string, json.Number, bool or nil; missing if there is no document
	says Facts
	now  time.Time
}

// missing is no value at all.
type missing struct{}

func newNaive(t *testing.T, s *Subject) *naive {
	n := &naive{t: t, doc: missing{}, says: s.Facts, now: s.Now}
	for _, l := range s.Layers {
		n.doc = n.merged(n.doc, n.layer(l))
	}
	for _, name := range []string{"_namespace", "_revision", "_modified", "_created"} {
		if s.Facts == nil {
			break
		}
		if raw, ok := s.Facts.AppendField(nil, name); ok {
			doc, isObject := n.doc.(map[string]any)
			if !isObject {
				doc = map[string]any{}
			}
			doc = maps.Clone(doc)
			doc[name] = n.parse(raw)
			n.doc = doc
		}
	}
	return n
}

func (n *naive) parse(raw []byte) any {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		n.t.Fatalf("%s: %v", raw, err)
	}
	return v
}

// layer is the document that a layer alone would be.
func (n *naive) layer(l Layer) any {
	if l.Value == nil {
		return missing{}
	}
	v := n.parse(l.Value)
	if l.Patch {
		if v == nil {
			return missing{}
		}
		v = withoutNulls(v)
	}
	for _, name := range slices.Backward(l.At) {
		v = map[string]any{name: v}
	}
	return v
}

// withoutNulls removes what a merge deletes, but nothing from arrays.
func withoutNulls(v any) any {
	object, ok := v.(map[string]any)
	if !ok {
		return v
	}
	kept := map[string]any{}
	for name, member := range object {
		if member != nil {
			kept[name] = withoutNulls(member)
		}
	}
	return kept
}

// merged fills the gaps of a with b.
func (n *naive) merged(a, b any) any {
	if a == (any)(missing{}) {
		return b
	}
	x, isObject := a.(map[string]any)
	y, both := b.(map[string]any)
	if !isObject || !both {
		return a
	}
	result := maps.Clone(x)
	for name, member := range y {
		if have, ok := x[name]; ok {
			member = n.merged(have, member)
		}
		result[name] = member
	}
	return result
}

func (n *naive) holds(x Expression) bool {
	switch x := x.(type) {
	case Comparison:
		switch x.Operator {
		case NotEqual:
			return !n.any(x.Property, func(v any) bool { return n.equal(v, x.Value) })
		case Equal:
			return n.any(x.Property, func(v any) bool { return n.equal(v, x.Value) })
		case Like, LikeIgnoringCase:
			return n.any(x.Property, func(v any) bool { return naiveLike(v, x.Value.Text, x.Operator == LikeIgnoringCase) })
		}
		return n.any(x.Property, func(v any) bool {
			order, ok := n.order(v, x.Value)
			return ok && map[Operator]bool{
				GreaterThan: order > 0, GreaterOrEqual: order >= 0, LessThan: order < 0, LessOrEqual: order <= 0,
			}[x.Operator]
		})
	case Membership:
		return slices.ContainsFunc(x.Values, func(value Value) bool {
			return n.any(x.Property, func(v any) bool { return n.equal(v, value) })
		})
	case Presence:
		if x.Test == Exists {
			return len(n.values(x.Property.Name)) > 0
		}
		return n.empty(x.Property.Name)
	case Negation:
		return !n.holds(x.Operand)
	case Combination:
		count := 0
		for _, operand := range x.Operands {
			if n.holds(operand) {
				count++
			}
		}
		return count == len(x.Operands) || x.Connective == Or && count > 0
	}
	n.t.Fatalf("expression %T", x)
	return false
}

// empty says whether there is nothing but nulls and what has no content.
func (n *naive) empty(name string) bool {
	if regexp.MustCompile(`^features/[^/]+$`).MatchString(name) {
		for _, part := range []string{"/definition", "/properties", "/desiredProperties"} {
			for _, v := range n.values(name + part) {
				if v != nil {
					return false
				}
			}
		}
		return true
	}
	for _, v := range n.values(name) {
		switch v := v.(type) {
		case nil:
		case string:
			if v != "" {
				return false
			}
		case []any:
			if len(v) > 0 {
				return false
			}
		case map[string]any:
			if len(v) > 0 {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// values are what there is at a property; several if there are arrays on the way.
func (n *naive) values(name string) []any {
	if strings.Contains(strings.SplitN(name, "/", 2)[0], ":") {
		if n.says != nil {
			if text, ok := n.says.Placeholder(name); ok {
				return []any{text}
			}
		}
		return nil
	}
	if n.doc == (any)(missing{}) {
		return nil
	}
	return below(n.doc, strings.Split(name, "/"))
}

func below(v any, path []string) []any {
	if len(path) == 0 {
		return []any{v}
	}
	var found []any
	switch v := v.(type) {
	case map[string]any:
		if member, ok := v[strings.ReplaceAll(strings.ReplaceAll(path[0], "~1", "/"), "~0", "~")]; ok {
			found = below(member, path[1:])
		}
	case []any:
		for _, element := range v {
			found = append(found, below(element, path)...)
		}
	}
	return found
}

// any says whether something holds for one of the values at a property, with arrays replaced by what is in them.
func (n *naive) any(p Property, holds func(any) bool) bool {
	return slices.ContainsFunc(flat(n.values(p.Name)), holds)
}

func flat(values []any) []any {
	var result []any
	for _, v := range values {
		if array, ok := v.([]any); ok {
			result = append(result, flat(array)...)
		} else {
			result = append(result, v)
		}
	}
	return result
}

func (n *naive) equal(v any, with Value) bool {
	if with.Kind == Null {
		return v == nil
	}
	order, ok := n.order(v, with)
	return ok && order == 0
}

func (n *naive) order(v any, with Value) (int, bool) {
	text := with.Text
	if with.Kind == Placeholder {
		text = naiveTime(*with.Time, n.now)
	}
	switch v := v.(type) {
	case nil, map[string]any:
		return 0, false
	case json.Number:
		if a, ok := naiveNumber(string(v), true); ok && with.Kind != Null && with.Kind != Boolean {
			if b, ok := naiveNumber(text, false); ok {
				return a.compare(b), true
			}
		}
		return naiveText(string(v), text), with.Kind != Null
	case string:
		if with.Kind == Number {
			if a, ok := naiveNumber(v, false); ok {
				b, _ := naiveNumber(text, false)
				return a.compare(b), true
			}
			text = strings.TrimPrefix(text, "+")
		}
		return naiveText(v, text), with.Kind != Null
	case bool:
		if with.Kind == Number {
			text = strings.TrimPrefix(text, "+")
		}
		return naiveText(strconv.FormatBool(v), text), with.Kind != Null
	}
	n.t.Fatalf("value %T", v)
	return 0, false
}

// naiveText compares texts by their UTF-16 code units.
func naiveText(a, b string) int {
	return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
}

// naiveDecimal is digits × 10^exponent.
type naiveDecimal struct{ digits, exponent *big.Int }

var naiveSyntax = regexp.MustCompile(`^([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?$`)

// naiveNumber reads a number. Those that are not in a document have exponents of at most 10 digits.
func naiveNumber(text string, inDocument bool) (naiveDecimal, bool) {
	m := naiveSyntax.FindStringSubmatch(text)
	if m == nil || m[2]+m[3] == "" || !inDocument && len(strings.TrimLeft(m[4], "+-")) > 10 {
		return naiveDecimal{}, false
	}
	digits, _ := new(big.Int).SetString(m[1]+m[2]+m[3], 10)
	exponent := new(big.Int)
	if m[4] != "" {
		exponent.SetString(m[4], 10)
	}
	exponent.Sub(exponent, big.NewInt(int64(len(m[3]))))
	return naiveDecimal{digits, exponent}, true
}

func (d naiveDecimal) compare(o naiveDecimal) int {
	if d.digits.Sign() != o.digits.Sign() || d.digits.Sign() == 0 {
		return d.digits.Sign() - o.digits.Sign()
	}
	a, b := d.digits.Text(10), o.digits.Text(10)
	// The place of the first digit decides, if it is not the same.
	topA := new(big.Int).Add(d.exponent, big.NewInt(int64(len(a))))
	topB := new(big.Int).Add(o.exponent, big.NewInt(int64(len(b))))
	if c := topA.Cmp(topB); c != 0 && len(strings.TrimLeft(a, "-")) > 0 {
		return c * d.digits.Sign()
	}
	for len(a) < len(b) {
		a += "0"
	}
	for len(b) < len(a) {
		b += "0"
	}
	return strings.Compare(strings.TrimLeft(a, "-"), strings.TrimLeft(b, "-")) * d.digits.Sign()
}

// naiveLike makes a regular expression of a pattern.
func naiveLike(v any, pattern string, fold bool) bool {
	text := ""
	switch v := v.(type) {
	case string:
		text = v
	case json.Number:
		text = string(v)
	case bool:
		text = strconv.FormatBool(v)
	default:
		return false
	}
	var b strings.Builder
	for _, r := range pattern {
		switch {
		case r == '*':
			b.WriteString(`[^\n\r\x{85}\x{2028}\x{2029}]*`)
		case r == '?':
			b.WriteString(`[^\n\r\x{85}\x{2028}\x{2029}]`)
		case fold && r < 0x80 && strings.ToLower(string(r)) != strings.ToUpper(string(r)):
			b.WriteString("[" + strings.ToLower(string(r)) + strings.ToUpper(string(r)) + "]")
		default:
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	return regexp.MustCompile(`\A(?:` + b.String() + `)\z`).MatchString(text)
}

// naiveTime says what a time stands for, by way of its digits.
func naiveTime(t Time, now time.Time) string {
	now = now.UTC()
	n := int(t.Offset)
	switch t.Unit {
	case "ms":
		now = now.Add(time.Duration(n) * time.Millisecond)
	case "s":
		now = now.Add(time.Duration(n) * time.Second)
	case "m":
		now = now.Add(time.Duration(n) * time.Minute)
	case "h":
		now = now.Add(time.Duration(n) * time.Hour)
	case "d":
		now = now.AddDate(0, 0, n)
	case "w":
		now = now.AddDate(0, 0, 7*n)
	case "mo":
		now = naiveMonths(now, n)
	case "y":
		now = naiveMonths(now, 12*n)
	}
	const layout = "2006-01-02T15:04:05.000Z"
	if t.Truncate == "w" {
		for now.Weekday() != time.Monday {
			now = now.AddDate(0, 0, -1)
		}
	}
	if t.Truncate != "" {
		keep := map[TimeUnit]int{"y": 4, "mo": 7, "w": 10, "d": 10, "h": 13, "m": 16, "s": 19, "ms": 23}[t.Truncate]
		text := now.Format(layout)[:keep] + "0000-01-01T00:00:00.000Z"[keep:]
		now, _ = time.Parse(layout, text)
	}
	if t.Millis {
		return strconv.FormatInt(now.UnixMilli(), 10)
	}
	return now.Format(time.RFC3339Nano)
}

func naiveMonths(at time.Time, n int) time.Time {
	for day := at.Day(); ; day-- {
		moved := time.Date(at.Year(), at.Month()+time.Month(n), day, at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), time.UTC)
		if moved.Day() == day {
			return moved
		}
	}
}

// pointerOf makes a pointer of names separated by slashes.
func pointerOf(text string) document.Pointer {
	if text == "" {
		return nil
	}
	return strings.Split(text, "/")
}
