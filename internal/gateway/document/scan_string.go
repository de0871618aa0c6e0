package document

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// skipString validates the string that must begin at b[i] and returns the index after it.
func skipString(b []byte, i int) (int, error) {
	if i >= len(b) || b[i] != '"' {
		return i, &Error{i, ErrSyntax}
	}
	i++
	for {
		i = skipPlain(b, i)
		if i >= len(b) {
			return i, &Error{i, ErrSyntax}
		}
		switch c := b[i]; {
		case c == '"':
			return i + 1, nil
		case c == '\\':
			n := escapeLen(b[i:])
			if n == 0 {
				return i, &Error{i, ErrSyntax}
			}
			i += n
		default:
			n := multibyteLen(b[i:])
			if n == 0 {
				return i, &Error{i, ErrSyntax}
			}
			i += n
		}
	}
}

// multibyteLen returns the length of the character outside ASCII that b begins with, or 0 if there is none.
func multibyteLen(b []byte) int {
	_, n := utf8.DecodeRune(b)
	if n == 1 {
		return 0 // ASCII or not UTF-8
	}
	return n
}

const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
)

// skipPlain returns the index of the first byte of b at or after i that is special in a string: a quote, a backslash, a
// control character or part of a character outside ASCII.
func skipPlain(b []byte, i int) int {
	for i+8 <= len(b) {
		// Eight bytes at a time. In each of the terms the lowest high bit that is set marks a byte that qualifies;
		// only bits above it can be wrong.
		x := binary.LittleEndian.Uint64(b[i:])
		quote := x ^ lowBits*'"'
		slash := x ^ lowBits*'\\'
		special := (x | (x-lowBits*' ')&^x | (quote-lowBits)&^quote | (slash-lowBits)&^slash) & highBits
		if special != 0 {
			return i + bits.TrailingZeros64(special)>>3
		}
		i += 8
	}
	for i < len(b) && isPlain(b[i]) {
		i++
	}
	return i
}

// escapeLen returns the length of the escape sequence that b begins with, or 0 if it is none.
func escapeLen(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if _, ok := hex4(b); ok {
			return 6
		}
	}
	return 0
}

// isPlain reports whether c stands for itself in a JSON string and is ASCII.
func isPlain(c byte) bool { return c >= ' ' && c < utf8.RuneSelf && c != '"' && c != '\\' }
