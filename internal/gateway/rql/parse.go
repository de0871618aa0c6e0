package rql

import (
	"strings"
	"unicode/utf8"
)

// Bounds of an expression.
const (
	// MaxLength is how long an expression may be, in bytes.
	MaxLength = 16 << 10
	// MaxDepth is how deep expressions may be nested.
	MaxDepth = 64
)

// Parse reads an expression. Errors are of type [*Error]: ErrSyntax, ErrTooComplex.
func Parse(text string) (Expression, error) {
	if len(text) > MaxLength {
		return nil, &Error{Err: ErrTooComplex, Offset: MaxLength}
	}
	if !utf8.ValidString(text) {
		return nil, &Error{Err: ErrSyntax, Expected: "UTF-8"}
	}
	p := parser{text: text}
	p.blanks()
	x, err := p.expression(1)
	if err != nil {
		return nil, err
	}
	if p.at < len(text) {
		return nil, p.expected("the end")
	}
	return x, nil
}

// parser reads the text from at on.
type parser struct {
	text string
	at   int
}

// expected returns an error about what the parser is at.
func (p *parser) expected(what string) error {
	return &Error{Err: ErrSyntax, Expected: what, Found: shorten(p.rest()), Offset: p.at}
}

func (p *parser) rest() string { return p.text[p.at:] }

// maxExcerpt is how much of an expression an error shows, in bytes.
const maxExcerpt = 24

func shorten(s string) string {
	if len(s) <= maxExcerpt {
		return s
	}
	return strings.ToValidUTF8(s[:maxExcerpt], "") + "…"
}

// blank is the white space that there may be.
const blank = " \t\r\n\f"

func (p *parser) blanks() {
	p.at = len(p.text) - len(strings.TrimLeft(p.rest(), blank))
}

// take skips what comes next if it is the token.
func (p *parser) take(token string) bool {
	if !strings.HasPrefix(p.rest(), token) {
		return false
	}
	p.at += len(token)
	return true
}

// tokenNames is what tokens are called in errors.
var tokenNames = map[string]string{
	"(": "an opening parenthesis", ")": "a closing parenthesis", ",": "a comma", `"`: "the closing quote", "'": "the closing quote",
}

// need skips the token, which must come next.
func (p *parser) need(token string) error {
	if !p.take(token) {
		return p.expected(tokenNames[token])
	}
	return nil
}

// expression reads an expression that is nested so deep.
func (p *parser) expression(depth int) (Expression, error) {
	if depth > MaxDepth {
		return nil, &Error{Err: ErrTooComplex, Offset: p.at}
	}
	name, _, _ := strings.Cut(p.rest(), "(")
	operands, known := operators[name]
	if !known {
		return nil, p.expected("an operator with its parentheses")
	}
	p.at += len(name)
	if err := p.need("("); err != nil {
		return nil, err
	}
	x, err := operands(p, name, depth)
	if err != nil {
		return nil, err
	}
	return x, p.need(")")
}

// operators holds what reads the operands of an operator, by its name.
var operators map[string]func(p *parser, name string, depth int) (Expression, error)

// It refers to itself through the operators with expressions in them.
func init() {
	operators = map[string]func(*parser, string, int) (Expression, error){
		membershipOperator: (*parser).membership,
		negationOperator:   (*parser).negation,
		string(Exists):     (*parser).presence,
		string(Empty):      (*parser).presence,
		string(And):        (*parser).combination,
		string(Or):         (*parser).combination,
	}
	for _, o := range []Operator{Equal, NotEqual, GreaterThan, GreaterOrEqual, LessThan, LessOrEqual, Like, LikeIgnoringCase} {
		operators[string(o)] = (*parser).comparison
	}
}

func (p *parser) comparison(name string, _ int) (Expression, error) {
	property, err := p.property()
	if err != nil {
		return nil, err
	}
	if err := p.need(","); err != nil {
		return nil, err
	}
	begin := p.at
	value, err := p.value()
	if err != nil {
		return nil, err
	}
	operator := Operator(name)
	if (operator == Like || operator == LikeIgnoringCase) && value.Kind != String {
		p.at = begin
		return nil, p.expected("a string")
	}
	return Comparison{operator, property, value}, nil
}

func (p *parser) membership(string, int) (Expression, error) {
	property, err := p.property()
	if err != nil {
		return nil, err
	}
	if err := p.need(","); err != nil {
		return nil, err
	}
	x := Membership{Property: property}
	for {
		begin := p.at
		value, err := p.value()
		if err != nil {
			return nil, err
		}
		if value.Kind == Null {
			p.at = begin
			return nil, p.expected("a value other than null")
		}
		x.Values = append(x.Values, value)
		if !p.take(",") {
			return x, nil
		}
	}
}

func (p *parser) presence(name string, _ int) (Expression, error) {
	property, err := p.property()
	return Presence{Test(name), property}, err
}

func (p *parser) negation(_ string, depth int) (Expression, error) {
	operand, err := p.expression(depth + 1)
	return Negation{operand}, err
}

func (p *parser) combination(name string, depth int) (Expression, error) {
	x := Combination{Connective: Connective(name)}
	for {
		operand, err := p.expression(depth + 1)
		if err != nil {
			return nil, err
		}
		x.Operands = append(x.Operands, operand)
		if !p.take(",") {
			return x, nil
		}
		p.blanks()
	}
}
