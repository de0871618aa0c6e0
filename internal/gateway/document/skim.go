package document

import (
	"encoding/binary"
	"math/bits"
)

// The functions here find the ends of values in text that is known to be canonical, looking no closer than that takes.
// In other text they stop somewhere, at the end of it at the latest.

// skipValue returns the index after the value that begins at b[i], or i if none does.
func skipValue(b []byte, i int) int {
	if i >= len(b) {
		return i
	}
	switch b[i] {
	case '"':
		return skipText(b, i)
	case '{', '[':
		return skipNested(b, i)
	}
	for i < len(b) && b[i] != ',' && b[i] != '}' && b[i] != ']' {
		i++
	}
	return i
}

// skipNested returns the index after the object or array that begins at b[i].
func skipNested(b []byte, i int) int {
	depth := 1
	quoted := byte(0) // 0xFF if b[i] is inside a string
	for i++; i+8 <= len(b); {
		x := binary.LittleEndian.Uint64(b[i:])
		if zeroBytes(x^lowBits*'\\') != 0 {
			if i, depth, quoted = skipSlowly(b, i, i+8, depth, quoted); depth == 0 {
				return i
			}
			continue
		}
		// One bit per byte from here on. A byte is inside a string if an odd number of quotes begins it.
		inside := byteMask(zeroBytes(x ^ lowBits*'"'))
		inside ^= inside << 1
		inside ^= inside << 2
		inside ^= inside << 4
		inside ^= quoted
		x |= lowBits * ('a' - 'A') // [ becomes {, and ] becomes }
		opening := byteMask(zeroBytes(x^lowBits*'{')) &^ inside
		closing := byteMask(zeroBytes(x^lowBits*'}')) &^ inside
		after := depth - bits.OnesCount8(closing)
		if after <= 0 { // the end may be among these bytes
			if i, depth, quoted = skipSlowly(b, i, i+8, depth, quoted); depth == 0 {
				return i
			}
			continue
		}
		depth = after + bits.OnesCount8(opening)
		quoted = byte(int8(inside) >> 7)
		i += 8
	}
	i, _, _ = skipSlowly(b, i, len(b), depth, quoted)
	return i
}

// skipSlowly takes the bytes of b from i to end and no more than one after that, but stops where depth becomes 0.
func skipSlowly(b []byte, i, end, depth int, quoted byte) (int, int, byte) {
	for ; i < end; i++ {
		c := b[i]
		switch {
		case c == '"':
			quoted = ^quoted
		case quoted != 0:
			if c == '\\' {
				i++
			}
		case c|0x20 == '{':
			depth++
		case c|0x20 == '}':
			if depth--; depth == 0 {
				return i + 1, 0, quoted
			}
		}
	}
	return min(i, len(b)), depth, quoted
}

// zeroBytes sets the high bit of every byte that is zero in x, and no other bit.
func zeroBytes(x uint64) uint64 {
	return ^((x&^highBits + ^uint64(highBits)) | x | ^uint64(highBits))
}

// byteMask gathers the high bits of all bytes, that of the lowest byte in the lowest bit. All other bits must be zero.
func byteMask(x uint64) byte { return byte(x * 0x0002040810204081 >> 56) }

// skipText returns the index after the string that begins at b[i].
func skipText(b []byte, i int) int {
	for i++; i < len(b); {
		if i+8 <= len(b) {
			x := binary.LittleEndian.Uint64(b[i:])
			quote := x ^ lowBits*'"'
			slash := x ^ lowBits*'\\'
			found := ((quote-lowBits)&^quote | (slash-lowBits)&^slash) & highBits
			if found == 0 {
				i += 8
				continue
			}
			i += bits.TrailingZeros64(found) >> 3
		}
		switch b[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
		i++
	}
	return len(b)
}
