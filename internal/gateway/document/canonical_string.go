package document

import (
	"unicode/utf16"
	"unicode/utf8"
)

// string takes the string that must be at src[i] and returns the index after it.
func (c *canonicalizer) string(i int) (int, error) {
	if i >= len(c.src) || c.src[i] != '"' {
		return i, &Error{i, ErrSyntax}
	}
	for i++; ; {
		if i = skipPlain(c.src, i); i >= len(c.src) {
			return i, &Error{i, ErrSyntax}
		}
		switch b := c.src[i]; {
		case b == '"':
			return i + 1, nil
		case b == '\\':
			n, err := c.escape(i)
			if err != nil {
				return i, err
			}
			i += n
		default:
			n := multibyteLen(c.src[i:])
			if n == 0 {
				return i, &Error{i, ErrSyntax}
			}
			i += n
		}
	}
}

// escape takes the escape sequence, or the pair of them that stands for one character, at src[i] and returns its length.
func (c *canonicalizer) escape(i int) (int, error) {
	if escapeLen(c.src[i:]) == 0 {
		return 0, &Error{i, ErrSyntax}
	}
	switch c.src[i+1] {
	default:
		return 2, nil
	case '/':
		c.leaveOut(i, i+1)
		return 2, nil
	case 'u':
	}
	r, n := decodeEscape(c.src[i:])
	if r == 0 {
		return 0, &Error{i, ErrNUL}
	}
	var scratch [6]byte
	short := appendRune(scratch[:0], r)
	if string(short) != string(c.src[i:i+n]) {
		c.leaveOut(i, i+n)
		c.dst = append(c.dst, short...)
	}
	return n, nil
}

// appendRune appends what r is inside a canonical string.
func appendRune(dst []byte, r rune) []byte {
	switch {
	case utf16.IsSurrogate(r):
		return appendEscape(dst, r)
	case r < utf8.RuneSelf && !isPlain(byte(r)):
		return appendControl(dst, r)
	}
	return utf8.AppendRune(dst, r)
}
