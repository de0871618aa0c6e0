package gateway_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"math/big"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// This file says what a filter holds for and in what order things are, from the rules of the protocol alone and on trees. It
// shares no code with what it is compared with.

// term is a filter: a term, or a combination of filters.
type term struct {
	op       string // as it is written
	property path
	values   []literal
	operands []*term
}

// path is the names of a property, as they are in documents.
type path []string

// literal is a value in a filter: nil, a bool, a decimal, a string, or a moment.
type literal any

// moment is a time that is moved from now, as it is written.
type moment string

// decimal is a number with its text.
type decimal struct {
	text  string
	exact *big.Rat
}

func number(text string) decimal {
	exact, ok := new(big.Rat).SetString(text)
	if !ok {
		panic(text)
	}
	return decimal{text, exact}
}

// tree decodes a document. Numbers become decimals.
func tree(text []byte) any {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return nil
	}
	return decimals(v)
}

func decimals(v any) any {
	switch v := v.(type) {
	case json.Number:
		return number(v.String())
	case []any:
		for i := range v {
			v[i] = decimals(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = decimals(v[name])
		}
	}
	return v
}

// face is what somebody sees of a thing.
type face struct {
	doc   any                        // nil for nothing
	told  map[string]any             // special fields by their names in filters
	raw   map[string]json.RawMessage // what retrieves show, by selected fields
	whole *face                      // all that there is, by which things are sorted
}

// holds evaluates a filter.
func (f *face) holds(x *term) bool {
	switch x.op {
	case "and":
		return !slices.ContainsFunc(x.operands, func(o *term) bool { return !f.holds(o) })
	case "or":
		return slices.ContainsFunc(x.operands, f.holds)
	case "not":
		return !f.holds(x.operands[0])
	case "exists":
		return len(f.at(x.property)) > 0
	case "empty":
		return f.empty(x.property)
	case "in": // any eq
		return slices.ContainsFunc(x.values, func(v literal) bool { return f.any(x.property, "eq", v) })
	case "ne": // the field must exist
		return len(f.at(x.property)) > 0 && !f.any(x.property, "eq", x.values[0])
	}
	return f.any(x.property, x.op, x.values[0])
}

// empty is: missing, null, "", [], {}. A feature is empty that has neither definition, properties nor desiredProperties.
func (f *face) empty(p path) bool {
	if len(p) == 2 && p[0] == "features" {
		return !slices.ContainsFunc([]string{"definition", "properties", "desiredProperties"}, func(member string) bool {
			return slices.ContainsFunc(f.at(append(slices.Clone(p), member)), func(v any) bool { return v != nil })
		})
	}
	return !slices.ContainsFunc(f.at(p), func(v any) bool {
		switch v := v.(type) {
		case nil:
			return false
		case string:
			return v != ""
		case []any:
			return len(v) > 0
		case map[string]any:
			return len(v) > 0
		}
		return true
	})
}

// any tells whether one of the values at a property compares, arrays being what is in them.
func (f *face) any(p path, op string, with literal) bool {
	var scalars, others []any
	for _, v := range f.at(p) {
		flat(v, &scalars, &others)
	}
	return slices.ContainsFunc(scalars, func(v any) bool { return compares(v, op, with) })
}

// compares compares one value. Numbers compare with numbers only, strings with strings, booleans with booleans.
func compares(v any, op string, with literal) bool {
	if m, ok := with.(moment); ok {
		with = m.at(time.Now())
	}
	if v == nil || with == nil {
		return op == "eq" && v == nil && with == nil
	}
	if rankOf(v) != rankOf(with) && !(isBool(v) && isBool(with)) {
		return false
	}
	if op == "like" || op == "ilike" {
		text, ok := v.(string)
		return ok && likes(text, with.(string), op == "ilike")
	}
	c := exactly(v, with)
	switch op {
	case "eq":
		return c == 0
	case "gt":
		return c > 0
	case "ge":
		return c >= 0
	case "lt":
		return c < 0
	}
	return c <= 0
}

func isBool(v any) bool { _, ok := v.(bool); return ok }

func exactly(a, b any) int {
	switch a := a.(type) {
	case decimal:
		return a.exact.Cmp(b.(decimal).exact)
	case string:
		return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b.(string))))
	}
	return rankOf(a) - rankOf(b)
}

// likes matches a pattern: * is any sequence and ? one character, neither of which ends a line.
func likes(text, pattern string, fold bool) bool {
	if fold {
		text, pattern = lower(text), lower(pattern)
	}
	t := []rune(text)
	reach := make([]bool, len(t)+1) // what the pattern so far can have matched
	reach[0] = true
	for _, c := range pattern {
		next := make([]bool, len(t)+1)
		for i := range reach {
			free := i > 0 && !strings.ContainsRune("\n\r\u0085\u2028\u2029", t[i-1])
			switch c {
			case '*':
				next[i] = reach[i] || free && next[i-1]
			case '?':
				next[i] = free && reach[i-1]
			default:
				next[i] = i > 0 && reach[i-1] && t[i-1] == c
			}
		}
		reach = next
	}
	return reach[len(t)]
}

func lower(text string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, text)
}

// at returns all values of a property. A property in an array is one of each element; features/* is every feature.
func (f *face) at(p path) []any {
	if v, ok := f.told[p[0]]; ok && len(p) == 1 {
		return []any{v}
	}
	from, names := f.doc, p
	if p[0] == "_metadata" {
		from, names = f.told["_metadata"], p[1:]
	}
	return below(from, names, p[0] == "features")
}

func below(v any, names []string, features bool) (found []any) {
	if len(names) == 0 {
		return []any{v}
	}
	switch v := v.(type) {
	case []any:
		for _, element := range v {
			found = append(found, below(element, names, features)...)
		}
	case map[string]any:
		if features && len(names) > 1 && names[0] == "features" && names[1] == "*" {
			all, _ := v["features"].(map[string]any)
			for _, one := range all {
				found = append(found, below(one, names[2:], false)...)
			}
			return found
		}
		if member, ok := v[names[0]]; ok {
			return below(member, names[1:], false)
		}
	}
	return found
}

// flat takes arrays apart. What is an object or an array is told apart from scalars.
func flat(v any, scalars, others *[]any) {
	switch v := v.(type) {
	case []any:
		for _, element := range v {
			flat(element, scalars, others)
		}
		*others = append(*others, v)
	case map[string]any:
		*others = append(*others, v)
	default:
		*scalars = append(*scalars, v)
	}
}

// order is a property by which things are sorted.
type order struct {
	property   path
	descending bool
}

// absence is what a thing has that lacks the property by which it is sorted. It comes first.
type absence struct{}

// keys returns what a thing is sorted by: of several values the least, or the greatest in descending order. Objects and arrays
// count if there is nothing else.
func (f *face) keys(orders []order) []any {
	keys := make([]any, len(orders))
	for i, o := range orders {
		var scalars, others []any
		for _, v := range f.at(o.property) {
			flat(v, &scalars, &others)
		}
		if len(scalars) == 0 {
			scalars = others
		}
		keys[i] = absence{}
		for j, v := range scalars {
			if c := sortsBefore(v, keys[i]); j == 0 || (c < 0) != o.descending && c != 0 {
				keys[i] = v
			}
		}
	}
	return keys
}

// hit is a thing that was found.
type hit struct {
	id   string
	keys []any
}

// sorted sorts hits. Things that are equal in all properties are in the order of their ids, which is that of bytes.
func sorted(hits []hit, orders []order) (ids []string) {
	slices.SortFunc(hits, func(a, b hit) int {
		for i, o := range orders {
			c := sortsBefore(a.keys[i], b.keys[i])
			if o.property[0] == "thingId" {
				c = cmp.Compare(a.id, b.id)
			}
			if o.descending {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return cmp.Compare(a.id, b.id)
	})
	for _, h := range hits {
		ids = append(ids, h.id)
	}
	return ids
}

// sortsBefore compares values of any types. Of long strings and numbers only the beginning counts.
func sortsBefore(a, b any) int {
	if c := cmp.Compare(rankOf(a), rankOf(b)); c != 0 {
		return c
	}
	switch a := a.(type) {
	case decimal:
		return beginning(a).exact.Cmp(beginning(b.(decimal)).exact)
	case string:
		return cmp.Compare(beginningOf(a), beginningOf(b.(string)))
	}
	return 0
}

// rankOf is the order of types.
func rankOf(v any) int {
	switch v := v.(type) {
	case absence:
		return 0
	case nil:
		return 1
	case bool:
		if v {
			return 3
		}
		return 2
	case decimal:
		return 4
	case string:
		return 5
	case map[string]any:
		return 6
	}
	return 7
}

// The beginnings that the index has of values.
const (
	indexedDigits = 80
	indexedBytes  = 256
)

// beginning returns a number that stands for all that begin with the same digits.
func beginning(d decimal) decimal {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(d.text), "e")
	digits := 0
	for i, c := range mantissa {
		if '0' <= c && c <= '9' && (digits > 0 || c != '0') {
			digits++
		}
		if digits == indexedDigits && strings.Trim(mantissa[i+1:], "0.") != "" {
			whole, _, _ := strings.Cut(mantissa[i+1:], ".")
			rest := "5" + strings.Repeat("0", max(len(whole)-1, 0))
			if whole == "" || strings.Contains(mantissa[:i], ".") {
				rest = strings.Repeat(".", 1-strings.Count(mantissa[:i+1], ".")) + "5"
			}
			if exponent != "" {
				rest += "e" + exponent
			}
			return number(mantissa[:i+1] + rest)
		}
	}
	return d
}

// beginningOf returns a text whose bytes are in the order of UTF-16 code units, and which is the same for all strings that
// begin with the same characters. It is for text without control characters.
func beginningOf(s string) string {
	var b []byte
	for _, r := range s {
		if len(b) >= indexedBytes {
			return string(b) + "\x01"
		}
		if high, low := utf16.EncodeRune(r); high != utf8.RuneError {
			for _, unit := range []rune{high, low} {
				b = append(b, 0xE0|byte(unit>>12), 0x80|byte(unit>>6&0x3F), 0x80|byte(unit&0x3F))
			}
			continue
		}
		b = utf8.AppendRune(b, r)
	}
	return string(b) + "\x00"
}

// at returns the time as text.
func (m moment) at(now time.Time) string {
	moves := map[moment]time.Duration{"time:now": 0, "time:now-1h": -time.Hour, "time:now+1h": time.Hour, "time:now+2d": 48 * time.Hour}
	return now.Add(moves[m]).UTC().Format("2006-01-02T15:04:05.000Z")
}
