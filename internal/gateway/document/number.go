package document

import "bytes"

// equalNumbers reports whether two numbers have the same value, exactly and without expanding exponents.
func equalNumbers(a, b []byte) bool {
	x, y := newDecimal(a), newDecimal(b)
	if len(x.digits) == 0 || len(y.digits) == 0 { // zero
		return len(x.digits) == len(y.digits)
	}
	return x.negative == y.negative && x.sameDigits(y) && x.sameMagnitude(y)
}

// decimal is a number 0.d₁d₂d₃… × 10ⁿ without leading or trailing zeros.
type decimal struct {
	negative bool
	digits   []byte // may hold the decimal point
	point    int    // n without the exponent as it was written
	exponent []byte // as it was written; may be empty
}

func newDecimal(raw []byte) decimal {
	var d decimal
	raw, d.negative = bytes.CutPrefix(raw, []byte{'-'})
	if e := bytes.IndexAny(raw, "eE"); e >= 0 {
		raw, d.exponent = raw[:e], raw[e+1:]
	}
	d.point = bytes.IndexByte(raw, '.')
	if d.point < 0 {
		d.point = len(raw)
	}
	d.digits = bytes.TrimLeft(raw, "0.")
	lead := len(raw) - len(d.digits) // zeros, and the point if the number is below one
	if lead > d.point {
		lead--
	}
	d.point -= lead
	d.digits = bytes.TrimRight(d.digits, "0.")
	return d
}

// sameDigits compares the digits of two numbers other than zero.
func (d decimal) sameDigits(o decimal) bool {
	i, j := 0, 0
	for {
		if i < len(d.digits) && d.digits[i] == '.' {
			i++
		}
		if j < len(o.digits) && o.digits[j] == '.' {
			j++
		}
		if i == len(d.digits) || j == len(o.digits) {
			return i == len(d.digits) && j == len(o.digits)
		}
		if d.digits[i] != o.digits[j] {
			return false
		}
		i++
		j++
	}
}

// sameMagnitude compares the powers of ten.
func (d decimal) sameMagnitude(o decimal) bool {
	negative, digits := splitExponent(d.exponent)
	otherNegative, otherDigits := splitExponent(o.exponent)
	shift := d.point - o.point
	switch shortest := min(len(digits), len(otherDigits)); {
	case max(len(digits), len(otherDigits)) <= 18:
		return smallInt(negative, digits)+int64(shift) == smallInt(otherNegative, otherDigits)
	case negative != otherNegative || shortest < 17:
		return false // too far apart for any shift, which is no more than a document is long
	case negative:
		shift = -shift
	}
	return bytes.Equal(addToDigits(digits, shift), otherDigits)
}

// splitExponent returns the sign of an exponent and its digits without leading zeros.
func splitExponent(exponent []byte) (negative bool, digits []byte) {
	negative = bytes.HasPrefix(exponent, []byte{'-'})
	return negative, bytes.TrimLeft(exponent, "+-0")
}

// smallInt returns the number that at most 18 digits stand for.
func smallInt(negative bool, digits []byte) (n int64) {
	for _, c := range digits {
		n = n*10 + int64(c-'0')
	}
	if negative {
		return -n
	}
	return n
}

// addToDigits returns the digits of a decimal number plus n, which must not make it negative.
func addToDigits(digits []byte, n int) []byte {
	sum := append([]byte{'0'}, digits...)
	for i := len(sum) - 1; i >= 0 && n != 0; i-- {
		n += int(sum[i] - '0')
		digit := (n%10 + 10) % 10
		sum[i] = '0' + byte(digit)
		n = (n - digit) / 10
	}
	return bytes.TrimLeft(sum, "0")
}
