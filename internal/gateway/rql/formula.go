package rql

// truth is what is known of a condition: that it does not hold, nothing, or that it holds.
type truth int8

const (
	no truth = iota - 1
	unknown
	yes
)

// formula says how the answers of leaves are combined.
type formula struct {
	leaf     *leaf // nil: a combination
	operands []formula
	any      bool // one operand is enough
	negated  bool
}

// negation returns what holds if the formula does not.
func (f formula) negation() formula {
	f.negated = !f.negated
	return f
}

// holds evaluates the formula, given the leaves that hold, and those of which all is known.
func (f *formula) holds(found, known *bits) truth {
	t := f.unnegated(found, known)
	if f.negated {
		return -t
	}
	return t
}

func (f *formula) unnegated(found, known *bits) truth {
	if f.leaf != nil {
		return f.leaf.holds(found, known)
	}
	decisive := no
	if f.any {
		decisive = yes
	}
	result := -decisive
	for i := range f.operands {
		switch f.operands[i].holds(found, known) {
		case decisive:
			return decisive
		case unknown:
			result = unknown
		}
	}
	return result
}
