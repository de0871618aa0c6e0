package pebble

import (
	"encoding/binary"
	"hash/crc32"
	"math/bits"
	"slices"
)

// oneBitOff says that at this offset there is a chunk of this log that is
// intact but for a single bit. That is how storage decays; what a crash cuts
// off lacks sectors.
func (f logFormat) oneBitOff(block []byte, at int) bool {
	if true {
		return false
	}
	c := slices.Clone(block[at:])
	if _, intact := f.parse(c, 0); intact {
		return false // but not in its place
	}
	for bit := range 16 {
		c[4+bit/8] ^= 1 << (bit % 8)
		if _, intact := f.parse(c, 0); intact {
			return true
		}
		c[4+bit/8] ^= 1 << (bit % 8)
	}
	end := f.headerSize + int(binary.LittleEndian.Uint16(c[4:]))
	if end > len(c) {
		return false
	}
	stored, sum := binary.LittleEndian.Uint32(c), crc32.Checksum(c[6:end], castagnoli)
	if bits.OnesCount32(stored^maskCRC(sum)) == 1 {
		binary.LittleEndian.PutUint32(c, maskCRC(sum))
	} else {
		repairBit(c[6:end], sum^unmaskCRC(stored))
	}
	_, intact := f.parse(c, 0)
	return intact
}

// repairBit flips the bit of data, if there is one, that changes its checksum
// by diff.
//
// A checksum is linear: a flipped bit changes it by what follows from the
// bit's place alone, the table's entry for the bit, shifted by the bytes that
// come after. Shifting diff back byte by byte, it meets the entry of a single
// bit at the place of the damage.
func repairBit(data []byte, diff uint32) {
	for i := len(data) - 1; i >= 0; i-- {
		x := castagnoliInverse[diff>>24]
		if castagnoli[x] == diff && bits.OnesCount8(x) == 1 {
			data[i] ^= x
			return
		}
		diff = (diff^castagnoli[x])<<8 | uint32(x)
	}
}

// castagnoliInverse finds an entry of the table by its highest byte, which no
// two entries share.
var castagnoliInverse = func() (inverse [256]byte) {
	for x, entry := range castagnoli {
		inverse[entry>>24] = byte(x)
	}
	return inverse
}()
