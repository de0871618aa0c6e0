package rql

import "github.com/twinway/twinway/internal/gateway/document"

// Predicate is a compiled expression. It does not change and may be shared.
type Predicate struct {
	text       string
	expression Expression
	formula    formula
	pointers   []document.Pointer
	// root is the document, with what the leaves ask of it.
	root node
	// nodes is how many there are from the root on.
	nodes int
	// placeholders are asked of [Facts]; each has the name of the placeholder. They have the leaves with the lowest indexes.
	placeholders []*node
	// fields are the members of the root that are asked of [Facts] first.
	fields []*node
	// times are resolved when an evaluation begins.
	times []*Time
}

// CompileSignal reads the filter of a subscription, whose properties are those that [CheckSignal] knows. Errors are of type
// [*Error].
func CompileSignal(text string) (*Predicate, error) { return compileText(text, CheckSignal) }

// CompileCondition reads the condition of a command, whose properties are those that [CheckThing] knows. Errors are of type
// [*Error].
func CompileCondition(text string) (*Predicate, error) { return compileText(text, CheckThing) }

// CompileSearch reads the filter of a search, whose properties are those that [CheckSearch] knows. It means what such filters
// mean: see the package. Errors are of type [*Error].
func CompileSearch(text string) (*Predicate, error) {
	return compileAs(text, CheckSearch, func(x Expression) (*Predicate, error) { return compile(x, true) })
}

func compileText(text string, check func(Expression) error) (*Predicate, error) {
	return compileAs(text, check, Compile)
}

func compileAs(text string, check func(Expression) error, compile func(Expression) (*Predicate, error)) (*Predicate, error) {
	x, err := Parse(text)
	if err != nil {
		return nil, err
	}
	if err := check(x); err != nil {
		return nil, err
	}
	p, err := compile(x)
	if err != nil {
		return nil, err
	}
	p.text = text
	return p, nil
}

// String returns the text that the predicate was made of; it is empty if it was made of an [Expression].
func (p *Predicate) String() string { return p.text }

// Expression returns what the predicate was made of. It must not be modified.
func (p *Predicate) Expression() Expression { return p.expression }

// Pointers returns the parts of a thing that the predicate looks at, each once, in the order of the expression. Properties
// that are no part of a thing, such as topic:action, are not among them. The result must not be modified.
func (p *Predicate) Pointers() []document.Pointer { return p.pointers }
