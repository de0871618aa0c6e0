package document

import "unicode/utf8"

// After returns the index after the value that begins at doc[i], or i if none does.
func After(doc []byte, i int) int { return skipValue(doc, i) }

// NameAt returns the index after the name of the member that begins at doc[i], quotes included, and where the member's
// value begins. It reports false if no member does.
func NameAt(doc []byte, i int) (end, value int, ok bool) {
	m, ok := nameAt(doc, i)
	return m.nameEnd, m.value, ok
}

// DecodeChar decodes the character that the inside of a JSON string begins with, and returns the number of bytes it took.
// The character may be half of a surrogate pair. Without text it returns utf8.RuneError and 0.
func DecodeChar(inside []byte) (rune, int) {
	if len(inside) > 0 && inside[0] == '\\' {
		return decodeEscape(inside)
	}
	return utf8.DecodeRune(inside)
}
