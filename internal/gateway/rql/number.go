package rql

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
