package document

import (
	"encoding/binary"
	"math/bits"
)

// Chars returns the length of raw in UTF-16 code units, the unit in which the protocol limits sizes.
func Chars(raw []byte) int {
	// Every character counts once, by its first byte, and a character of four bytes counts twice.
	n, i := len(raw), 0
	for ; i+8 <= len(raw); i += 8 {
		x := binary.LittleEndian.Uint64(raw[i:])
		if x&highBits == 0 {
			continue
		}
		n -= bits.OnesCount64(x & ^(x << 1) & highBits)                      // 10xxxxxx continues a character
		n += bits.OnesCount64(x & (x << 1) & (x << 2) & (x << 3) & highBits) // 1111xxxx begins one of four bytes
	}
	for _, c := range raw[i:] {
		if c&0xC0 == 0x80 {
			n--
		} else if c >= 0xF0 {
			n++
		}
	}
	return n
}
