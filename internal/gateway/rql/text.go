package rql

import (
	"cmp"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/twinway/twinway/internal/gateway/document"
)

// compareText compares texts by their UTF-16 code units.
//
// Protocol rule: strings are ordered by code unit. The order of UTF-8 is that of characters, which differs where a
// character of two units meets one that comes after the surrogates.
func compareText(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return cmp.Compare(rank(a[i]), rank(b[i]))
		}
	}
	return cmp.Compare(len(a), len(b))
}

// rank moves the first bytes of U+E000 to U+FFFF behind those of the characters after them. No other bytes are as large.
func rank(c byte) byte {
	if c == 0xEE || c == 0xEF {
		return c | 0xF0
	}
	return c
}

// compareEscaped is compareText for an escaped text and one that is not.
func compareEscaped(escaped, text []byte) int {
	a, b := units{rest: escaped, decode: document.DecodeChar}, units{rest: text, decode: utf8.DecodeRune}
	for {
		x, moreA := a.next()
		y, moreB := b.next()
		switch {
		case !moreA && !moreB:
			return 0
		case !moreA:
			return -1
		case !moreB:
			return 1
		case x != y:
			return cmp.Compare(x, y)
		}
	}
}

// units goes through the UTF-16 code units of a text.
type units struct {
	rest   []byte
	decode func([]byte) (rune, int)
	low    rune // the second half of the character before rest; 0 if there is none
}

func (u *units) next() (unit rune, ok bool) {
	if u.low != 0 {
		unit, u.low = u.low, 0
		return unit, true
	}
	if len(u.rest) == 0 {
		return 0, false
	}
	r, n := u.decode(u.rest)
	u.rest = u.rest[n:]
	if utf16.RuneLen(r) != 2 {
		return r, true
	}
	unit, u.low = utf16.EncodeRune(r)
	return unit, true
}
