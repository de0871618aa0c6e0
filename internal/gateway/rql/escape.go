package rql

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	escapeLength = len(`\uXXXX`)
	replacement  = utf8.RuneError
)

// codeUnit returns the UTF-16 code unit that the text begins with as an escape sequence.
func codeUnit(text string) (rune, bool) {
	if len(text) < escapeLength || !strings.HasPrefix(text, `\u`) {
		return 0, false
	}
	n, err := strconv.ParseUint(text[len(`\u`):escapeLength], 16, 16)
	return rune(n), err == nil
}

// decodePair returns the character of a surrogate pair, or the replacement character if it is none.
func decodePair(high, low rune) rune { return utf16.DecodeRune(high, low) }

// single returns the character of a code unit that stands alone.
func single(unit rune) rune {
	if utf16.IsSurrogate(unit) {
		return replacement
	}
	return unit
}
