package index

import (
	"strings"
	"time"

	"github.com/twinway/twinway/internal/gateway/rql"
)

// Kind says what a [Plan] is.
type Kind int

// The kinds of plans.
const (
	// Everything: the filter says nothing about where to look.
	Everything Kind = iota
	// Nothing: the filter holds for no thing.
	Nothing
	// Entries: things with an entry in the ranges.
	Entries
	// IDs: things whose ids are in the range.
	IDs
	// All: things that all operands find. There are at least two.
	All
	// Any: things that one of the operands finds. There are at least two.
	Any
)

// Plan says where to look for things. Those that it does not find need not be looked at.
type Plan struct {
	Kind     Kind
	Operands []Plan
	// Range is that of the keys or ids.
	Range Range
	// AnyFeature says that the entries are those of any feature. There is no range then but one for each feature.
	AnyFeature bool
	// Single says that all entries of the range have one value: they are in the order of the ids.
	Single bool

	names        []string // of the property
	lower, upper []byte   // of the values
	below        []byte   // the path below a feature
}

// Range is all keys from Lower on, and before Upper, or to the last if that is nil.
type Range struct{ Lower, Upper []byte }

// NewPlan returns where to look for the things for which an expression holds in a search at a time, by the rules by which things
// have entries: of what need not have any, it says nothing.
func NewPlan(x rql.Expression, now time.Time, rules Rules) Plan {
	p := planner{now, rules}
	return p.plan(x, false)
}

type planner struct {
	now   time.Time
	rules Rules
}

// plan plans for an expression, or for its negation.
func (p *planner) plan(x rql.Expression, negated bool) Plan {
	switch x := x.(type) {
	case rql.Comparison:
		if negated {
			return Plan{}
		}
		return p.comparison(x)
	case rql.Membership:
		if negated {
			return Plan{}
		}
		return p.membership(x)
	case rql.Presence:
		// What is not empty is there. What is not there, or may be empty, is nowhere.
		if negated == (x.Test == rql.Empty) {
			return p.presence(x.Property.Name)
		}
		return Plan{}
	case rql.Negation:
		return p.plan(x.Operand, !negated)
	case rql.Combination:
		operands := make([]Plan, len(x.Operands))
		for i, o := range x.Operands {
			operands[i] = p.plan(o, negated)
		}
		if (x.Connective == rql.And) != negated {
			return all(operands)
		}
		return anyOf(operands)
	}
	return Plan{}
}

// all returns the plan for what all operands find.
func all(operands []Plan) Plan { return combined(All, operands, Everything, Nothing) }

// anyOf returns the plan for what one of the operands finds.
func anyOf(operands []Plan) Plan { return combined(Any, operands, Nothing, Everything) }

// combined combines plans: one that is decisive is the whole, and those that say nothing are left out.
func combined(k Kind, operands []Plan, neutral, decisive Kind) Plan {
	var left []Plan
	for _, o := range operands {
		switch o.Kind {
		case decisive:
			return o
		case neutral:
		default:
			left = append(left, o)
		}
	}
	switch len(left) {
	case 0:
		return Plan{Kind: neutral}
	case 1:
		return left[0]
	}
	return Plan{Kind: k, Operands: left}
}

func (p *planner) membership(x rql.Membership) Plan {
	operands := make([]Plan, len(x.Values))
	for i, v := range x.Values {
		operands[i] = p.comparison(rql.Comparison{Operator: rql.Equal, Property: x.Property, Value: v})
	}
	return anyOf(operands)
}

// presence plans for what is there, be it null.
func (p *planner) presence(name string) Plan {
	if isField(name) {
		return Plan{} // every thing has it, or it has no entries
	}
	return p.entries(name, nil, nil, false)
}

// isField reports whether a property is one that has no entries.
func isField(name string) bool {
	return name == "thingId" || name == "namespace" || name == "_revision"
}

func (p *planner) comparison(x rql.Comparison) Plan {
	name := x.Property.Name
	v := valueOf(x.Value, p.now)
	switch {
	case name == "thingId" || name == "namespace":
		return identity(name, x.Operator, v)
	case isField(name):
		return Plan{}
	case x.Operator == rql.NotEqual:
		return p.presence(name)
	case x.Operator == rql.Like || x.Operator == rql.LikeIgnoringCase:
		return p.likeness(name, x.Operator, v.text)
	case v.kind == rql.Null && x.Operator != rql.Equal:
		return Plan{Kind: Nothing}
	}
	lower, upper := v.bounds(x.Operator)
	return p.entries(name, lower, upper, x.Operator == rql.Equal)
}

// likeness plans for a pattern: strings that begin with what comes before its first wildcard.
func (p *planner) likeness(name string, op rql.Operator, pattern string) Plan {
	prefix, _, wild := cutWildcard(pattern)
	if op == rql.LikeIgnoringCase {
		prefix = beforeLetters(prefix)
		wild = true
	}
	if !wild {
		lower, upper := value{kind: rql.String, text: prefix}.bounds(rql.Equal)
		return p.entries(name, lower, upper, true)
	}
	lower, _ := appendChars([]byte{valueText}, []byte(prefix), decodeRune)
	return p.entries(name, lower, after(lower), false)
}

// cutWildcard cuts a pattern at its first wildcard.
func cutWildcard(pattern string) (before, rest string, wild bool) {
	i := strings.IndexAny(pattern, "*?")
	if i < 0 {
		return pattern, "", false
	}
	return pattern[:i], pattern[i:], true
}

// beforeLetters returns what a text has before its first letter.
func beforeLetters(text string) string {
	i := strings.IndexFunc(text, func(r rune) bool { return r|0x20 >= 'a' && r|0x20 <= 'z' })
	if i < 0 {
		return text
	}
	return text[:i]
}
