package rql

import (
	"encoding/json"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

// naiveSearch evaluates expressions as searches understand them, on trees, as the protocol's text has it. It shares no code
// with what it is compared with.
type naiveSearch struct {
	t    *testing.T
	doc  any
	now  time.Time
	told map[string]any // special fields by their names in expressions
}

func newNaiveSearch(t *testing.T, doc string, told map[string]any, now time.Time) *naiveSearch {
	t.Helper()
	n := &naiveSearch{t: t, now: now, told: told}
	d := json.NewDecoder(strings.NewReader(doc))
	d.UseNumber()
	if err := d.Decode(&n.doc); err != nil {
		t.Fatalf("%s: %v", doc, err)
	}
	return n
}

func (n *naiveSearch) holds(x Expression) bool {
	switch x := x.(type) {
	case Comparison:
		return n.compares(x)
	case Membership:
		return slices.ContainsFunc(x.Values, func(v Value) bool {
			return n.compares(Comparison{Operator: Equal, Property: x.Property, Value: v})
		})
	case Presence:
		return n.presence(x)
	case Negation:
		return !n.holds(x.Operand)
	case Combination:
		if x.Connective == And {
			return !slices.ContainsFunc(x.Operands, func(o Expression) bool { return !n.holds(o) })
		}
		return slices.ContainsFunc(x.Operands, n.holds)
	}
	n.t.Fatalf("%T", x)
	return false
}

func (n *naiveSearch) compares(x Comparison) bool {
	if x.Operator == NotEqual {
		x.Operator = Equal
		return len(n.at(x.Property.Name)) > 0 && !n.compares(x)
	}
	return slices.ContainsFunc(scalars(n.at(x.Property.Name)), func(v any) bool { return n.one(v, x.Operator, x.Value) })
}

// one compares one scalar.
func (n *naiveSearch) one(v any, op Operator, with Value) bool {
	text := with.Text
	if with.Kind == Placeholder {
		text = with.Time.At(n.now)
	}
	var order int
	switch v := v.(type) {
	case nil:
		return op == Equal && with.Kind == Null
	case bool:
		if with.Kind != Boolean {
			return false
		}
		order = number(v) - number(text == "true")
	case json.Number:
		if with.Kind != Number {
			return false
		}
		a, _ := new(big.Rat).SetString(v.String())
		b, _ := new(big.Rat).SetString(text)
		order = a.Cmp(b)
	case string:
		if with.Kind != String && with.Kind != Placeholder {
			return false
		}
		if op == Like || op == LikeIgnoringCase {
			return like(v, text, op == LikeIgnoringCase)
		}
		order = slices.Compare(utf16.Encode([]rune(v)), utf16.Encode([]rune(text)))
	}
	switch op {
	case Equal:
		return order == 0
	case GreaterThan:
		return order > 0
	case GreaterOrEqual:
		return order >= 0
	case LessThan:
		return order < 0
	case LessOrEqual:
		return order <= 0
	}
	return false
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

func like(text, pattern string, fold bool) bool {
	re := strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(regexp.QuoteMeta(pattern))
	if fold {
		re = "(?i)" + re
	}
	return regexp.MustCompile(`^(?:` + re + `)$`).MatchString(text)
}

func (n *naiveSearch) presence(x Presence) bool {
	if x.Test == Exists {
		return len(n.at(x.Property.Name)) > 0
	}
	name := x.Property.Name
	if parts := strings.Split(name, "/"); len(parts) == 2 && parts[0] == "features" {
		for _, member := range []string{"definition", "properties", "desiredProperties"} {
			if slices.ContainsFunc(n.at(name+"/"+member), func(v any) bool { return v != nil }) {
				return false
			}
		}
		return true
	}
	return !slices.ContainsFunc(n.at(name), hasContent)
}

func hasContent(v any) bool {
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
}

// at returns all values that a property has.
func (n *naiveSearch) at(name string) []any {
	if v, ok := n.told[name]; ok {
		return []any{v}
	}
	values := []any{n.doc}
	for i, token := range strings.Split(name, "/") {
		token = strings.NewReplacer("~0", "~", "~1", "/").Replace(token)
		var next []any
		for _, v := range values {
			next = append(next, step(v, token, i == 1 && strings.HasPrefix(name, "features/*"))...)
		}
		values = next
	}
	return values
}

// step returns what a value has under a name; an array has what its elements have.
func step(v any, token string, each bool) (found []any) {
	switch v := v.(type) {
	case []any:
		for _, element := range v {
			found = append(found, step(element, token, each)...)
		}
	case map[string]any:
		for name, member := range v {
			if name == token || each {
				found = append(found, member)
			}
		}
	}
	return found
}

// scalars returns the values without arrays around them, and without objects.
func scalars(values []any) (found []any) {
	for _, v := range values {
		switch v := v.(type) {
		case []any:
			found = append(found, scalars(v)...)
		case map[string]any:
		default:
			found = append(found, v)
		}
	}
	return found
}
