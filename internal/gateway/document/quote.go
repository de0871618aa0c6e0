package document

import (
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// AppendString appends s to dst as a canonical JSON string. Bytes that are not UTF-8 become U+FFFD, except that halves of
// surrogate pairs as [Unquote] decodes them become the escape sequence they came from.
func AppendString(dst []byte, s string) []byte {
	dst = append(slices.Grow(dst, len(s)+len(`""`)), '"') // as much as most take
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if isPlain(c) {
			i++
			continue
		}
		if c < utf8.RuneSelf {
			dst = appendControl(append(dst, s[start:i]...), rune(c))
			i++
			start = i
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r != utf8.RuneError || n > 1 {
			i += n
			continue
		}
		dst = append(dst, s[start:i]...)
		r, n = decodeSurrogate(s[i:])
		if r == utf8.RuneError {
			dst = utf8.AppendRune(dst, r)
		} else if low, m := decodeSurrogate(s[i+n:]); utf16.DecodeRune(r, low) != utf8.RuneError {
			dst = utf8.AppendRune(dst, utf16.DecodeRune(r, low))
			n += m
		} else {
			dst = appendEscape(dst, r)
		}
		i += n
		start = i
	}
	return append(append(dst, s[start:]...), '"')
}

// appendControl appends the canonical escape sequence of a quote, backslash or control character.
func appendControl(dst []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(dst, '\\', byte(r))
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return appendEscape(dst, r)
}

func appendEscape(dst []byte, r rune) []byte {
	return append(dst, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
}

// decodeSurrogate decodes half of a surrogate pair in the three bytes that UTF-8 would give it if it were a character.
// Without one it returns utf8.RuneError and 1.
func decodeSurrogate(s string) (rune, int) {
	if len(s) < 3 || s[0] != 0xED || s[1]&0xE0 != 0xA0 || s[2]&0xC0 != 0x80 {
		return utf8.RuneError, 1
	}
	return 0xD000 | rune(s[1]&0x3F)<<6 | rune(s[2]&0x3F), 3
}

func appendSurrogate(dst []byte, r rune) []byte {
	return append(dst, 0xED, 0x80|byte(r>>6&0x3F), 0x80|byte(r&0x3F))
}

// Unquote decodes raw, which must be exactly one JSON string, canonical or not. An escaped half of a surrogate pair
// without its other half becomes the three bytes that UTF-8 would give it if it were a character, so that different
// strings stay different and [AppendString] restores it. Errors are of type [*Error].
func Unquote(raw []byte) (string, error) {
	end, err := skipString(raw, 0)
	if err != nil {
		return "", err
	}
	if end != len(raw) {
		return "", &Error{end, ErrSyntax}
	}
	return unquote(raw), nil
}

// unquote decodes a string that is known to be valid.
func unquote(raw []byte) string {
	body := body(raw)
	esc := indexEscape(body)
	if esc < 0 {
		return string(body)
	}
	out := make([]byte, 0, len(body))
	for esc >= 0 {
		r, n := decodeEscape(body[esc:])
		out = append(out, body[:esc]...)
		if utf16.IsSurrogate(r) {
			out = appendSurrogate(out, r)
		} else {
			out = utf8.AppendRune(out, r)
		}
		body = body[esc+n:]
		esc = indexEscape(body)
	}
	return string(append(out, body...))
}

// body returns what is between the quotes of a string.
func body(raw []byte) []byte {
	if len(raw) < 2 {
		return nil
	}
	return raw[1 : len(raw)-1]
}

func indexEscape(b []byte) int {
	for i, c := range b {
		if c == '\\' {
			return i
		}
	}
	return -1
}

// decodeEscape decodes the escape sequence, or the pair of them that stands for one character, that b begins with.
// It returns the character, which may be half of a surrogate pair, and the number of bytes it took.
func decodeEscape(b []byte) (rune, int) {
	if len(b) < 2 {
		return utf8.RuneError, len(b)
	}
	switch c := b[1]; c {
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'u':
	default:
		return rune(c), 2
	}
	r, ok := hex4(b)
	if !ok {
		return utf8.RuneError, 2
	}
	if utf16.IsSurrogate(r) && len(b) >= 12 && b[6] == '\\' && b[7] == 'u' {
		if low, ok := hex4(b[6:]); ok {
			if full := utf16.DecodeRune(r, low); full != utf8.RuneError {
				return full, 12
			}
		}
	}
	return r, 6
}

// hex4 decodes the four hexadecimal digits after the first two bytes of b.
func hex4(b []byte) (r rune, ok bool) {
	if len(b) < 6 {
		return 0, false
	}
	for _, c := range b[2:6] {
		switch {
		case isDigit(c):
			c -= '0'
		case c|0x20-'a' <= 5:
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
