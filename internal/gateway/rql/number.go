package rql

import (
	"bytes"
	"cmp"
	"math"
)

// decimal is a number 0.d₁d₂d₃… × 10ⁿ without leading or trailing zeros.
type decimal struct {
	negative bool
	digits   []byte // as they stand in the text, with the point if it is among them; none if the number is zero
	// magnitude is n. If the text has a larger exponent than fits, it is the largest or smallest there is.
	magnitude int64
}

// newDecimal reads a number as JSON has it. It may have a plus sign, and lack digits on one side of the point.
func newDecimal(text []byte) decimal {
	var d decimal
	d.negative = text[0] == '-'
	if d.negative || text[0] == '+' {
		text = text[1:]
	}
	exponent := []byte(nil)
	if e := bytes.IndexAny(text, "eE"); e >= 0 {
		text, exponent = text[:e], text[e+1:]
	}
	point := bytes.IndexByte(text, '.')
	if point < 0 {
		point = len(text)
	}
	first := 0 // the first digit other than zero
	for first < len(text) && (text[first] == '0' || text[first] == '.') {
		first++
	}
	last := len(text) // after the last digit other than zero
	for last > first && (text[last-1] == '0' || text[last-1] == '.') {
		last--
	}
	d.digits = text[first:last]
	if first > point {
		first-- // the point is no digit
	}
	d.magnitude = addExponent(int64(point-first), exponent)
	return d
}

// maxExponent is how many digits of an exponent an int64 has room for, with the place of the point added to it.
const maxExponent = 18

// addExponent adds the number that an exponent stands for, or ends at the limits.
func addExponent(n int64, exponent []byte) int64 {
	negative := bytes.HasPrefix(exponent, []byte{'-'})
	digits := bytes.TrimLeft(exponent, "+-0")
	switch {
	case len(digits) <= maxExponent:
	case negative:
		return math.MinInt64
	default:
		return math.MaxInt64
	}
	e := int64(0)
	for _, c := range digits {
		e = e*10 + int64(c-'0')
	}
	if negative {
		e = -e
	}
	return n + e
}

// compare returns -1, 0 or 1. It is exact unless both numbers have exponents of more than maxExponent digits.
func (d *decimal) compare(o *decimal) int {
	a, b := d.sign(), o.sign()
	if a != b || a == 0 {
		return cmp.Compare(a, b)
	}
	if d.magnitude != o.magnitude {
		return a * cmp.Compare(d.magnitude, o.magnitude)
	}
	return a * compareDigits(d.digits, o.digits)
}

func (d *decimal) sign() int {
	switch {
	case len(d.digits) == 0:
		return 0
	case d.negative:
		return -1
	}
	return 1
}

// compareDigits compares digits behind a point. The points among them do not count.
func compareDigits(a, b []byte) int {
	i, j := 0, 0
	for {
		if i < len(a) && a[i] == '.' {
			i++
		}
		if j < len(b) && b[j] == '.' {
			j++
		}
		if i == len(a) || j == len(b) {
			return cmp.Compare(len(a)-i, len(b)-j)
		}
		if a[i] != b[j] {
			return cmp.Compare(a[i], b[j])
		}
		i++
		j++
	}
}

// appendKey appends what all spellings of the number have in common, and no other number has.
func (d *decimal) appendKey(dst []byte) []byte {
	dst = append(dst, byte('1'+d.sign()))
	if len(d.digits) == 0 {
		return dst
	}
	for i := range 8 {
		dst = append(dst, byte(d.magnitude>>(8*i)))
	}
	for _, c := range d.digits {
		if c != '.' {
			dst = append(dst, c)
		}
	}
	return dst
}

// maxTextExponent is how many digits the exponent of a number in a string may have.
const maxTextExponent = 10

// isNumber tells whether a string stands for a number: digits with an optional sign, point and exponent.
//
// Protocol rule: a string is compared with a number as the number that it stands for, if there is one. The reference reads
// it as a decimal of the JVM, which has exponents of 32 bits.
func isNumber(text []byte) bool {
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		text = text[1:]
	}
	whole := digitsIn(text)
	text = text[whole:]
	fraction := 0
	if len(text) > 0 && text[0] == '.' {
		fraction = digitsIn(text[1:])
		text = text[1+fraction:]
	}
	if whole+fraction == 0 {
		return false
	}
	return len(text) == 0 || (text[0] == 'e' || text[0] == 'E') && isExponent(text[1:])
}

func isExponent(text []byte) bool {
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		text = text[1:]
	}
	n := digitsIn(text)
	return n > 0 && n == len(text) && n <= maxTextExponent
}

// digitsIn returns how many digits the text begins with.
func digitsIn(text []byte) int {
	n := 0
	for n < len(text) && text[n]-'0' <= 9 {
		n++
	}
	return n
}
