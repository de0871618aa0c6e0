package document

import (
	"bytes"
	"cmp"
	"math"
)

// Decimal is a number 0.d₁d₂d₃… × 10ⁿ without leading or trailing zeros.
type Decimal struct {
	Negative bool
	// Digits are as they stand in the text, with the point if it is among them; none if the number is zero.
	Digits []byte
	// Magnitude is n. If the text has a larger exponent than fits, it is the largest or smallest there is.
	Magnitude int64
}

// ParseDecimal reads a number as JSON has it. It may have a plus sign, and lack digits on one side of the point. The result
// aliases the text, which must not be empty.
func ParseDecimal(text []byte) Decimal {
	var d Decimal
	d.Negative = text[0] == '-'
	if d.Negative || text[0] == '+' {
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
	d.Digits = text[first:last]
	if first > point {
		first-- // the point is no digit
	}
	d.Magnitude = addExponent(int64(point-first), exponent)
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

// Compare returns -1, 0 or 1. It is exact unless both numbers have exponents of more than maxExponent digits.
func (d *Decimal) Compare(o *Decimal) int {
	a, b := d.Sign(), o.Sign()
	if a != b || a == 0 {
		return cmp.Compare(a, b)
	}
	if d.Magnitude != o.Magnitude {
		return a * cmp.Compare(d.Magnitude, o.Magnitude)
	}
	return a * compareDigits(d.Digits, o.Digits)
}

// Sign returns -1, 0 or 1.
func (d *Decimal) Sign() int {
	switch {
	case len(d.Digits) == 0:
		return 0
	case d.Negative:
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

// AppendKey appends what all spellings of the number have in common, and no other number has.
func (d *Decimal) AppendKey(dst []byte) []byte {
	dst = append(dst, byte('1'+d.Sign()))
	if len(d.Digits) == 0 {
		return dst
	}
	for i := range 8 {
		dst = append(dst, byte(d.Magnitude>>(8*i)))
	}
	for _, c := range d.Digits {
		if c != '.' {
			dst = append(dst, c)
		}
	}
	return dst
}
