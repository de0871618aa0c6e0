package rql

import (
	"bytes"
	"strings"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
)

// constant is what scalars are compared with.
type constant struct {
	kind ValueKind // not a Placeholder
	// text is what it stands for.
	text []byte
	// canonical is the text as it stands between the quotes of a canonical document.
	canonical []byte
	// number is the number that it is or stands for, if isNumeric.
	number    document.Decimal
	isNumeric bool
}

func newConstant(v Value) constant {
	c := constant{kind: v.Kind, text: []byte(v.Text)}
	c.canonical = c.text
	switch v.Kind {
	case String:
		if !document.IsPlain(v.Text) {
			c.canonical = []byte(inside(v.Text))
		}
	case Number:
		c.text = []byte(strings.TrimPrefix(v.Text, "+"))
	case Null, Boolean, Placeholder:
	}
	c.readNumber()
	return c
}

func (c *constant) readNumber() {
	if c.isNumeric = (c.kind == Number || c.kind == String) && isNumber(c.text); c.isNumeric {
		c.number = document.ParseDecimal(c.text)
	}
}

// setTime makes c what t stands for at a time. The texts are kept in the room that c has.
func (c *constant) setTime(t *Time, now time.Time) {
	c.kind = String
	c.text = t.AppendAt(c.text[:0], now)
	c.canonical = c.text
	c.readNumber()
}

// compare tells how a scalar compares to the constant: -1, 0 or 1. It reports false if it does not.
//
// Protocol rule: numbers are compared as decimals, and so are a number and a string that stands for one. What else differs
// in type is compared as text. Null comes neither before nor after anything.
func (c *constant) compare(v *scalar) (order int, ok bool) {
	switch {
	case c.kind == Null || v.kind == document.Null || v.kind == document.Invalid:
		return 0, false
	case c.isNumeric && (c.kind == Number || v.kind == document.Number) && v.hasNumber():
		return v.number.Compare(&c.number), true
	case v.isEscaped():
		return compareEscaped(v.text, c.text), true
	}
	return compareText(v.text, c.text), true
}

// equals tells whether a scalar is equal to the constant. Null is equal to null alone.
func (c *constant) equals(v *scalar) bool {
	switch {
	case c.kind == Null:
		return v.kind == document.Null
	case c.kind == String && v.kind == document.String:
		return bytes.Equal(v.text, c.canonical)
	}
	order, ok := c.compare(v)
	return ok && order == 0
}
