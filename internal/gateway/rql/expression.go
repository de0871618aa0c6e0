package rql

// Expression is one of [Comparison], [Membership], [Presence], [Negation] and [Combination].
type Expression interface {
	isExpression()
}

// Operator says how a property and a value are compared.
type Operator string

// The operators of a [Comparison].
const (
	Equal              Operator = "eq"
	NotEqual           Operator = "ne"
	GreaterThan        Operator = "gt"
	GreaterOrEqual     Operator = "ge"
	LessThan           Operator = "lt"
	LessOrEqual        Operator = "le"
	Like               Operator = "like"
	LikeIgnoringCase   Operator = "ilike"
	membershipOperator          = "in"
	negationOperator            = "not"
)

// Comparison holds if the property compares to the value as the operator says.
type Comparison struct {
	Operator Operator
	Property Property
	// Value is a string if the operator is Like or LikeIgnoringCase.
	Value Value
}

// Membership holds if the property equals one of the values, of which there is at least one and none is null.
type Membership struct {
	Property Property
	Values   []Value
}

// Test says what of a property is looked at.
type Test string

// The tests of a [Presence].
const (
	// Exists holds if the property is there, be it null.
	Exists Test = "exists"
	// Empty holds if it is not there, null, or an empty string, array or object.
	Empty Test = "empty"
)

// Presence holds if the test of the property does.
type Presence struct {
	Test     Test
	Property Property
}

// Negation holds if its operand does not.
type Negation struct {
	Operand Expression
}

// Connective says how expressions are combined.
type Connective string

// The connectives of a [Combination].
const (
	And Connective = "and"
	Or  Connective = "or"
)

// Combination holds if all its operands do, or one of them. There is at least one.
type Combination struct {
	Connective Connective
	Operands   []Expression
}

func (Comparison) isExpression()  {}
func (Membership) isExpression()  {}
func (Presence) isExpression()    {}
func (Negation) isExpression()    {}
func (Combination) isExpression() {}

// Property names something that is looked at: attributes/temperature, thingId, topic:action.
type Property struct {
	// Name is the name without a slash before it. It is not empty.
	Name string
	// Offset is where the property begins in the text, in bytes.
	Offset int
}

// ValueKind says what a [Value] is.
type ValueKind int

// The kinds of values.
const (
	// Null is null; its text is null.
	Null ValueKind = iota
	// Boolean has the text true or false.
	Boolean
	// Number has the digits as its text. Without a point it fits into an int64.
	Number
	// String has the characters as its text.
	String
	// Placeholder stands for a time, and has the placeholder as its text: time:now-1h.
	Placeholder
)

// Value is what a property is compared with.
type Value struct {
	Kind ValueKind
	Text string
	// Time is set if the value is a Placeholder.
	Time *Time
}
