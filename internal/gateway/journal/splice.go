package journal

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"slices"
)

// splice is what two texts have in common: bytes at the beginning, and at the
// end.
type splice struct{ prefix, suffix int }

// spliceOf returns what has to be put between the beginning and the end of
// before, for after to come out.
func spliceOf(before, after []byte) (splice, []byte) {
	prefix := commonPrefix(before, after)
	suffix := commonSuffix(before[prefix:], after[prefix:])
	return splice{prefix, suffix}, after[prefix : len(after)-suffix]
}

// changes reports whether putting between into before changes it.
func (s splice) changes(before, between []byte) bool {
	return len(between) > 0 || s.prefix+s.suffix != len(before)
}

func (s splice) append(dst []byte) []byte {
	return appendLength(appendLength(dst, s.prefix), s.suffix)
}

// put returns text with between in its place, nil if nothing is left, in the
// memory of text if that is large enough. It reports false if text is too short.
func (s splice) put(text, between []byte) ([]byte, bool) {
	if s.prefix > len(text) || s.suffix > len(text)-s.prefix {
		return nil, false
	}
	if s.prefix+s.suffix+len(between) == 0 {
		return nil, true
	}
	return slices.Replace(text, s.prefix, len(text)-s.suffix, between...), true
}

// Texts are compared in blocks, where they are equal, then in words.
const (
	block = 64
	word  = 8
)

func commonPrefix(a, b []byte) int {
	most, n := min(len(a), len(b)), 0
	for n+block <= most && bytes.Equal(a[n:n+block], b[n:n+block]) {
		n += block
	}
	for n+word <= most {
		if diff := binary.LittleEndian.Uint64(a[n:]) ^ binary.LittleEndian.Uint64(b[n:]); diff != 0 {
			return n + bits.TrailingZeros64(diff)/8
		}
		n += word
	}
	for n < most && a[n] == b[n] {
		n++
	}
	return n
}

func commonSuffix(a, b []byte) int {
	most, n := min(len(a), len(b)), 0
	for n+block <= most && bytes.Equal(a[len(a)-n-block:len(a)-n], b[len(b)-n-block:len(b)-n]) {
		n += block
	}
	for n+word <= most {
		diff := binary.LittleEndian.Uint64(a[len(a)-n-word:]) ^ binary.LittleEndian.Uint64(b[len(b)-n-word:])
		if diff != 0 {
			return n + bits.LeadingZeros64(diff)/8
		}
		n += word
	}
	for n < most && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	return n
}
