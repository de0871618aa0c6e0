package index

import (
	"unicode/utf16"
	"unicode/utf8"

	"github.com/twinway/twinway/internal/gateway/document"
)

// MaxText is how much of a string is in an entry, in bytes of its form there. Strings that begin with the same bytes are not
// told apart beyond.
const MaxText = 256

// appendText appends a JSON string.
func appendText(dst, raw []byte) []byte {
	inside := raw
	if len(raw) > 1 {
		inside = raw[1 : len(raw)-1]
	}
	dst, whole := appendChars(dst, inside, document.DecodeChar)
	if !whole {
		return append(dst, escape, shortened, end)
	}
	return append(dst, end)
}

// appendChars appends characters, as many as there is room for, and reports whether that were all.
func appendChars(dst, text []byte, decode func([]byte) (rune, int)) (_ []byte, whole bool) {
	begin := len(dst)
	for len(text) > 0 {
		if len(dst)-begin >= MaxText {
			return dst, false
		}
		if c := text[0]; c < utf8.RuneSelf && c != '\\' {
			dst = appendByte(dst, c)
			text = text[1:]
			continue
		}
		r, n := decode(text)
		dst = appendRune(dst, r)
		text = text[max(n, 1):]
	}
	return dst, true
}

// appendRune appends a character so that the order of bytes is that of UTF-16 code units: those beyond the first plane become
// the two halves of their pair, each in three bytes.
func appendRune(dst []byte, r rune) []byte {
	if utf16.RuneLen(r) == 2 {
		high, low := utf16.EncodeRune(r)
		return appendUnit(appendUnit(dst, high), low)
	}
	if utf16.IsSurrogate(r) {
		return appendUnit(dst, r)
	}
	if r < utf8.RuneSelf {
		return appendByte(dst, byte(r))
	}
	return utf8.AppendRune(dst, r)
}

func appendUnit(dst []byte, r rune) []byte {
	return append(dst, 0xE0|byte(r>>12), 0x80|byte(r>>6&0x3F), 0x80|byte(r&0x3F))
}
