package placeholder

import (
	"strings"
	"unicode/utf8"
)

const (
	opening        = "{{"
	closing        = "}}"
	functionPrefix = "fn"
)

// Parse reads a template. Text without expressions is a template too. Two opening braces always begin an expression;
// closing braces outside of expressions, and single ones, are text.
//
// Errors are of type [*Error]: ErrSyntax, ErrTooComplex, ErrFunctionUnknown, ErrSignature.
func Parse(text string) (*Template, error) {
	if len(text) > MaxLength {
		return nil, &Error{Err: ErrTooComplex, Offset: MaxLength}
	}
	if !utf8.ValidString(text) {
		return nil, &Error{Err: ErrSyntax, Offset: -1}
	}
	p := parser{text: text}
	t := &Template{text: text}
	for {
		literal, _, found := strings.Cut(p.text[p.at:], opening)
		p.at += len(literal)
		if !found {
			t.segments = append(t.segments, segment{literal: literal})
			t.used = p.used
			return t, nil
		}
		if len(t.segments) == MaxExpressions {
			return nil, p.fail(ErrTooComplex, "")
		}
		p.at += len(opening)
		x, err := p.expression()
		if err != nil {
			return nil, err
		}
		t.segments = append(t.segments, segment{literal, x})
	}
}

// parser reads the text from at on.
type parser struct {
	text string
	at   int
	used []Placeholder
}

// fail returns an error about what begins where the parser is.
func (p *parser) fail(err error, what string) error {
	return &Error{Err: err, What: shorten(what), Offset: p.at}
}

// expression reads an expression and the braces that close it.
func (p *parser) expression() (*expression, error) {
	x := &expression{}
	for first := true; ; first = false {
		begin := p.at
		p.space()
		name, err := p.placeholder()
		if err != nil {
			return nil, err
		}
		switch {
		case name.Prefix == functionPrefix:
			if len(x.stages) == MaxFunctions {
				p.at = begin
				return nil, p.fail(ErrTooComplex, "")
			}
			s, err := p.function(name.Name, first)
			if err != nil {
				return nil, err
			}
			x.stages = append(x.stages, s)
		case first:
			x.start = &name
			p.used = append(p.used, name)
		default:
			p.at = begin
			return nil, p.fail(ErrSyntax, name.String())
		}
		p.space()
		if p.take(closing) {
			return x, nil
		}
		if !p.take("|") {
			return nil, p.fail(ErrSyntax, p.rest())
		}
	}
}

// function reads the parameters of a function whose name was read, and prepares it.
func (p *parser) function(name string, first bool) (stage, error) {
	begin := p.at
	f, ok := functions[name]
	if !ok {
		return nil, p.fail(ErrFunctionUnknown, name)
	}
	args, err := p.arguments()
	if err != nil {
		return nil, err
	}
	s := f(args, first)
	if s == nil {
		p.at = begin
		return nil, p.fail(ErrSignature, name)
	}
	return s, nil
}

// maxArguments is more than any function takes.
const maxArguments = 4

// arguments reads parameters with the parentheses around them.
func (p *parser) arguments() (args []argument, err error) {
	if !p.take("(") {
		return nil, p.fail(ErrSyntax, p.rest())
	}
	p.space()
	if p.take(")") {
		return nil, nil
	}
	for len(args) < maxArguments {
		p.space()
		arg, err := p.argument()
		if err != nil {
			return nil, err
		}
		args = append(args, arg)
		p.space()
		if p.take(")") {
			return args, nil
		}
		if !p.take(",") {
			break
		}
	}
	return nil, p.fail(ErrSyntax, p.rest())
}

func (p *parser) argument() (argument, error) {
	for _, quote := range []string{"'", `"`} {
		if !p.take(quote) {
			continue
		}
		constant, _, closed := strings.Cut(p.text[p.at:], quote)
		if !closed {
			return argument{}, p.fail(ErrSyntax, p.rest())
		}
		p.at += len(constant) + len(quote)
		return argument{constant: constant}, nil
	}
	begin := p.at
	name, err := p.placeholder()
	if err != nil {
		return argument{}, err
	}
	if name.Prefix == functionPrefix {
		p.at = begin
		return argument{}, p.fail(ErrSyntax, name.String())
	}
	p.used = append(p.used, name)
	return argument{placeholder: &name}, nil
}

// placeholder reads prefix and name, which the first colon separates.
func (p *parser) placeholder() (Placeholder, error) {
	rest := p.text[p.at:]
	end := strings.IndexFunc(rest, endsName)
	if end < 0 {
		end = len(rest)
	}
	prefix, name, found := strings.Cut(rest[:end], ":")
	if !found || name == "" || !isPrefix(prefix) {
		return Placeholder{}, p.fail(ErrSyntax, p.rest())
	}
	p.at += end
	return Placeholder{prefix, name}, nil
}

// endsName tells whether the character cannot be in the name of a placeholder or function.
func endsName(c rune) bool {
	return c <= ' ' || c == 0x7f || strings.ContainsRune(`|,'"(){}`, c)
}

func isPrefix(s string) bool {
	for _, c := range s {
		if (c < 'a' || c > 'z') && c != '-' {
			return false
		}
	}
	return s != ""
}

func (p *parser) space() {
	p.at = len(p.text) - len(strings.TrimLeft(p.text[p.at:], " \t\r\n"))
}

// take skips what comes next if it is the token.
func (p *parser) take(token string) bool {
	if !strings.HasPrefix(p.text[p.at:], token) {
		return false
	}
	p.at += len(token)
	return true
}

func (p *parser) rest() string { return p.text[p.at:] }

// maxExcerpt is how much of a template an error shows, in bytes.
const maxExcerpt = 48

func shorten(s string) string {
	if len(s) <= maxExcerpt {
		return s
	}
	return strings.ToValidUTF8(s[:maxExcerpt], "") + "…"
}
