package pebble

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"math/bits"
	"slices"
)

// Damage looks different from a write that a crash has cut off. Storage decays
// in bits, mostly single ones. What is cut off lacks sectors: a file that
// grows is shorter there, or has zeros; a file that is used again has what was
// there before.

const sectorSize = 512

// lengthDamaged says that the chunk at this offset is intact but for its
// length, the one thing that the checksum does not cover.
func (f logFormat) lengthDamaged(block []byte, at int) bool {
	header := at + f.headerSize
	if header > len(block) || block[at+6]-f.firstType > chunkLast || !f.owns(block[at:]) {
		return false
	}
	stored, sum := binary.LittleEndian.Uint32(block[at:]), crc32.Checksum(block[at+6:header], castagnoli)
	for end := header; ; end++ {
		if maskCRC(sum) == stored {
			return end != f.end(block, at)
		}
		if end == len(block) {
			return false
		}
		sum = crc32.Update(sum, castagnoli, block[end:end+1])
	}
}

// notTorn says that the chunk at this offset is not intact, but whole: it ends
// before the file does and no sector of it is missing. That only works for a
// file that has not been used before.
func (f logFormat) notTorn(block []byte, at int) bool {
	end := f.end(block, at)
	if end > len(block) {
		return false
	}
	for at < end {
		next := min((at/sectorSize+1)*sectorSize, end)
		if len(bytes.Trim(block[at:next], "\x00")) == 0 {
			return false
		}
		at = next
	}
	return true
}

// oneBitOff says that the chunk at this offset is intact but for a single bit.
func (f logFormat) oneBitOff(block []byte, at int) bool {
	end := f.end(block, at)
	if end > len(block) {
		return false
	}
	c := slices.Clone(block[at:end])
	if _, intact := f.parse(c, 0); intact {
		return false // but not in its place
	}
	stored, sum := binary.LittleEndian.Uint32(c), crc32.Checksum(c[6:], castagnoli)
	if bits.OnesCount32(stored^maskCRC(sum)) == 1 {
		binary.LittleEndian.PutUint32(c, maskCRC(sum))
	} else {
		repairBit(c[6:], sum^unmaskCRC(stored))
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
