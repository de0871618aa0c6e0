package rql

import (
	"slices"
	"unicode/utf8"

	"github.com/twinway/twinway/internal/gateway/document"
)

// Compile makes a predicate of an expression. Errors are of type [*Error]: ErrTooComplex for more than [MaxTerms] terms,
// patterns of more than [MaxPattern] characters or deeper nesting than [MaxDepth], ErrProperty for a property that leads
// nowhere.
func Compile(x Expression) (*Predicate, error) {
	return compile(x, false)
}

// compile makes a predicate, of an expression that may be one of a search.
func compile(x Expression, search bool) (*Predicate, error) {
	c := compiler{p: &Predicate{expression: x}, search: search}
	f, err := c.expression(x, 1)
	if err != nil {
		return nil, err
	}
	c.p.formula = f
	c.finish()
	return c.p, nil
}

// compiler makes a predicate.
type compiler struct {
	p        *Predicate
	search   bool
	terms    int // so far
	patterns int // characters so far
}

// finish gives everything its index. Placeholders come first, because their leaves are asked first.
func (c *compiler) finish() {
	leaves := 0
	for _, n := range c.p.placeholders {
		_, leaves = n.number(0, leaves)
	}
	c.p.nodes, _ = c.p.root.number(0, leaves)
	for _, n := range c.p.root.children {
		if slices.Contains(specialFields, n.token) {
			c.p.fields = append(c.p.fields, n)
		}
	}
}

func (c *compiler) expression(x Expression, depth int) (formula, error) {
	if depth > MaxDepth {
		return formula{}, &Error{Err: ErrTooComplex}
	}
	switch x := x.(type) {
	case Comparison:
		return c.comparison(x)
	case Membership:
		return c.membership(x)
	case Presence:
		return c.presence(x)
	case Negation:
		f, err := c.expression(x.Operand, depth+1)
		return f.negation(), err
	case Combination:
		return c.combination(x, depth)
	}
	return formula{}, &Error{Err: ErrSyntax, Expected: "an expression"}
}

func (c *compiler) combination(x Combination, depth int) (formula, error) {
	f := formula{any: x.Connective == Or}
	for _, operand := range x.Operands {
		o, err := c.expression(operand, depth+1)
		if err != nil {
			return formula{}, err
		}
		f.operands = append(f.operands, o)
	}
	return f, nil
}

// comparison compiles a comparison.
//
// Protocol rule: ne is the negation of eq, and therefore holds for what is missing.
func (c *compiler) comparison(x Comparison) (formula, error) {
	switch x.Operator {
	case Like, LikeIgnoringCase:
		return c.likeness(x)
	case NotEqual:
		return c.difference(x)
	case Equal, GreaterThan, GreaterOrEqual, LessThan, LessOrEqual:
	}
	return c.leaf(x.Property, &leaf{test: c.compareTo(x.Operator, x.Value)})
}

// difference compiles ne, which is the negation of eq.
//
// Protocol rules: it holds for what is missing, and in a search for nothing that is.
func (c *compiler) difference(x Comparison) (formula, error) {
	f, err := c.leaf(x.Property, &leaf{test: c.compareTo(Equal, x.Value)})
	if err != nil || !c.search {
		return f.negation(), err
	}
	there, err := c.leaf(x.Property, &leaf{least: null})
	return formula{operands: []formula{there, f.negation()}}, err
}

func (c *compiler) compareTo(operator Operator, v Value) test {
	of := &comparison{operator: operator, time: -1}
	if v.Time == nil {
		of.constant = newConstant(v)
	} else {
		c.p.times = append(c.p.times, v.Time)
		of.time = len(c.p.times) - 1
	}
	if c.search {
		return typed{of}
	}
	return of
}

func (c *compiler) likeness(x Comparison) (formula, error) {
	c.patterns += utf8.RuneCountInString(x.Value.Text)
	if c.patterns > MaxPattern {
		return formula{}, tooComplex(x.Property)
	}
	p := newPattern(x.Value.Text, x.Operator == LikeIgnoringCase)
	if c.search {
		return c.leaf(x.Property, &leaf{test: typedPattern{p}})
	}
	return c.leaf(x.Property, &leaf{test: p})
}

func tooComplex(p Property) error {
	return &Error{Err: ErrTooComplex, Found: shorten(p.Name), Offset: p.Offset}
}

// membership compiles a membership: one set of all values, but for times, which differ from one evaluation to the next.
func (c *compiler) membership(x Membership) (formula, error) {
	values := c.newSet()
	tests := []test{values}
	for _, v := range x.Values {
		if v.Time == nil {
			values.add(v)
			continue
		}
		tests = append(tests, c.compareTo(Equal, v))
	}
	f := formula{any: true}
	for _, t := range tests {
		o, err := c.leaf(x.Property, &leaf{test: t})
		if err != nil {
			return formula{}, err
		}
		f.operands = append(f.operands, o)
	}
	return f, nil
}

func (c *compiler) newSet() set {
	if c.search {
		return &typedSet{valueSet: newValueSet()}
	}
	return newValueSet()
}

// set is the test whether a scalar equals one of the values that were added.
type set interface {
	test
	add(v Value)
}

// presence compiles a test for presence.
//
// Protocol rule: what is null exists. A feature is empty if it has no definition, properties or desired properties.
func (c *compiler) presence(x Presence) (formula, error) {
	if x.Test == Exists {
		return c.leaf(x.Property, &leaf{least: null})
	}
	if p, err := x.Property.pointer(); err == nil && isFeature(p) && !x.Property.isPlaceholder() {
		return c.emptyFeature(x.Property, p)
	}
	f, err := c.leaf(x.Property, &leaf{least: something})
	return f.negation(), err
}

func (c *compiler) emptyFeature(property Property, p document.Pointer) (formula, error) {
	if err := c.count(property); err != nil {
		return formula{}, err
	}
	c.note(p)
	f := formula{any: true, negated: true}
	for _, member := range []string{"definition", "properties", "desiredProperties"} {
		l := &leaf{least: empty}
		n := c.place(append(slices.Clone(p), member))
		n.leaves = append(n.leaves, l)
		f.operands = append(f.operands, formula{leaf: l})
	}
	return f, nil
}

// leaf adds a leaf that asks about a property.
func (c *compiler) leaf(property Property, l *leaf) (formula, error) {
	n, err := c.nodeOf(property)
	if err != nil {
		return formula{}, err
	}
	n.leaves = append(n.leaves, l)
	return formula{leaf: l}, c.count(property)
}

// count counts a term.
func (c *compiler) count(property Property) error {
	if c.terms++; c.terms > MaxTerms {
		return tooComplex(property)
	}
	return nil
}

func (c *compiler) nodeOf(property Property) (*node, error) {
	if property.isPlaceholder() {
		return c.placeholder(property.Name), nil
	}
	p, err := property.pointer()
	if err != nil {
		return nil, err
	}
	c.note(p)
	return c.place(p), nil
}

func (c *compiler) placeholder(name string) *node {
	for _, n := range c.p.placeholders {
		if n.token == name {
			return n
		}
	}
	n := &node{token: name}
	c.p.placeholders = append(c.p.placeholders, n)
	return n
}

// note adds a pointer to those that the predicate looks at.
func (c *compiler) note(p document.Pointer) {
	for _, noted := range c.p.pointers {
		if slices.Equal(noted, p) {
			return
		}
	}
	c.p.pointers = append(c.p.pointers, p)
}
