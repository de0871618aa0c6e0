package rql

import (
	"regexp"
	"strconv"
	"strings"
)

// endsName are the characters that end a name of a property unless they are escaped.
const endsName = `,)"\`

// property reads the name of a property.
func (p *parser) property() (Property, error) {
	begin := p.at
	name, err := p.characters(endsName, `"`)
	if err != nil {
		return Property{}, err
	}
	name = strings.TrimPrefix(name, "/")
	if name == "" {
		return Property{}, p.expected("a property")
	}
	return Property{name, begin}, nil
}

// characters reads up to one of the characters in ends, and resolves escape sequences on the way. The quote may be escaped.
func (p *parser) characters(ends, quote string) (string, error) {
	text := p.upTo(ends)
	if !strings.HasPrefix(p.rest(), `\`) {
		return text, nil // as most are
	}
	var b strings.Builder
	b.WriteString(text)
	for strings.HasPrefix(p.rest(), `\`) {
		r, err := p.escaped(quote)
		if err != nil {
			return "", err
		}
		b.WriteRune(r)
		b.WriteString(p.upTo(ends))
	}
	return b.String(), nil
}

// upTo passes over what comes before the first of the characters in ends.
func (p *parser) upTo(ends string) string {
	rest := p.rest()
	n := strings.IndexAny(rest, ends)
	if n < 0 {
		n = len(rest)
	}
	p.at += n
	return rest[:n]
}

// escapes holds what a letter behind a backslash stands for.
var escapes = map[byte]rune{'\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escaped reads an escape sequence. Halves of a surrogate pair that stand alone become the replacement character.
func (p *parser) escaped(quote string) (rune, error) {
	rest := p.rest()[1:]
	switch {
	case rest == "":
	case strings.HasPrefix(rest, quote):
		p.at += 2
		return rune(quote[0]), nil
	case rest[0] == 'u':
		return p.unicode()
	case escapes[rest[0]] != 0:
		p.at += 2
		return escapes[rest[0]], nil
	}
	return 0, p.expected("an escape sequence")
}

// unicode reads an escape sequence of a UTF-16 code unit, or two of a surrogate pair.
func (p *parser) unicode() (rune, error) {
	high, ok := codeUnit(p.rest())
	if !ok {
		return 0, p.expected("an escape sequence")
	}
	p.at += escapeLength
	low, paired := codeUnit(p.rest())
	if r := decodePair(high, low); paired && r != replacement {
		p.at += escapeLength
		return r, nil
	}
	return single(high), nil
}

var (
	decimalSyntax = regexp.MustCompile(`^[+-]?(0|[1-9][0-9]*)\.[0-9]+`)
	integerSyntax = regexp.MustCompile(`^[+-]?(0|[1-9][0-9]*)`)
)

// value reads a value and the blanks after it.
func (p *parser) value() (Value, error) {
	v, err := p.literal()
	p.blanks()
	return v, err
}

func (p *parser) literal() (Value, error) {
	rest := p.rest()
	switch {
	case strings.HasPrefix(rest, `"`):
		return p.quoted(`"`)
	case strings.HasPrefix(rest, `'`):
		return p.quoted(`'`)
	case strings.HasPrefix(rest, timePrefix):
		return p.placeholder()
	}
	if text := decimalSyntax.FindString(rest); text != "" {
		p.at += len(text)
		return Value{Kind: Number, Text: text}, nil
	}
	if text := integerSyntax.FindString(rest); text != "" {
		return p.integer(text)
	}
	for text, kind := range map[string]ValueKind{"true": Boolean, "false": Boolean, "null": Null} {
		if p.take(text) {
			return Value{Kind: kind, Text: text}, nil
		}
	}
	return Value{}, p.expected("a value")
}

// integer reads a number without a point, which fits into an int64 and is not the zero below zero.
func (p *parser) integer(text string) (Value, error) {
	if _, err := strconv.ParseInt(text, 10, 64); err != nil || text == "-0" {
		return Value{}, p.expected("a number of at most 64 bits")
	}
	p.at += len(text)
	return Value{Kind: Number, Text: text}, nil
}

func (p *parser) quoted(quote string) (Value, error) {
	p.at += len(quote)
	text, err := p.characters(quote+`\`, quote)
	if err != nil {
		return Value{}, err
	}
	return Value{Kind: String, Text: text}, p.need(quote)
}

func (p *parser) placeholder() (Value, error) {
	begin := p.at
	text, err := p.characters(endsName, `"`)
	if err != nil {
		return Value{}, err
	}
	t, ok := ParseTime(strings.TrimPrefix(text, timePrefix))
	if !ok {
		p.at = begin
		return Value{}, p.expected("a time such as time:now-1h[d]")
	}
	return Value{Kind: Placeholder, Text: text, Time: &t}, nil
}
