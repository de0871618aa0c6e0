package rql

import (
	"slices"

	"github.com/twinway/twinway/internal/gateway/document"
)

// The names by which a search knows the namespace of a thing, and all features.
const (
	searchNamespace  = "namespace"
	specialNamespace = "_namespace"
	anyFeature       = "*"
)

// CheckSearch checks that all properties of an expression are ones that a search knows. The error is an [*Error] with
// ErrProperty.
func CheckSearch(x Expression) error {
	return check(x, func(name string, presence bool) bool {
		return name == searchNamespace || name != specialNamespace && isThingProperty(name, presence)
	})
}

// place returns the node of a pointer. Protocol rule: in a search * stands for every feature, and the namespace has a name of
// its own.
func (c *compiler) place(p document.Pointer) *node {
	switch {
	case !c.search:
	case len(p) == 1 && p[0] == searchNamespace:
		p = document.Pointer{specialNamespace}
	case len(p) > 1 && p[0] == "features" && p[1] == anyFeature:
		features := c.p.root.at(p[:1])
		if features.each == nil {
			features.each = &node{token: anyFeature}
		}
		return features.each.at(p[2:])
	}
	return c.p.root.at(p)
}

// typed is a comparison with values of its own type only.
//
// Protocol rule: nothing is converted in a search.
type typed struct{ *comparison }

func (t typed) holds(v *scalar, times []constant) (ok bool, cost int) {
	with := &t.constant
	if t.time >= 0 {
		with = &times[t.time]
	}
	if with.kind.document() != v.kind {
		return false, 1
	}
	return t.comparison.holds(v, times)
}

// document returns the kind of values in documents.
func (k ValueKind) document() document.Kind {
	switch k {
	case Null:
		return document.Null
	case Boolean:
		return document.Bool
	case Number:
		return document.Number
	case String, Placeholder:
	}
	return document.String
}

// typedPattern is a pattern that only strings match.
type typedPattern struct{ *pattern }

func (t typedPattern) holds(v *scalar, times []constant) (ok bool, cost int) {
	if v.kind != document.String {
		return false, 1
	}
	return t.pattern.holds(v, times)
}

// typedSet is a set of values with their types.
type typedSet struct {
	*valueSet
	booleans []string
}

func (t *typedSet) holds(v *scalar, _ []constant) (ok bool, cost int) {
	cost = 2 + min(len(v.text), t.longestText+t.longestKey)/textPerUnit
	switch v.kind {
	case document.Bool:
		return slices.Contains(t.booleans, string(v.text)), cost
	case document.String:
		return t.hasText(v), cost
	case document.Number:
		return t.hasNumber(v), cost
	case document.Invalid, document.Null, document.Array, document.Object:
	}
	return false, cost
}

// add adds a value to what has its type.
func (t *typedSet) add(v Value) {
	switch c := newConstant(v); v.Kind {
	case Boolean:
		t.booleans = append(t.booleans, v.Text)
	case String:
		t.addText(&c)
	case Number:
		t.addNumber(&c, origin{number: true})
	case Null, Placeholder:
	}
}
