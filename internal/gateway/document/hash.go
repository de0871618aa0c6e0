package document

import "hash/crc32"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Hash returns a hash of the text of raw that is the same in every process. Equal documents whose members are ordered or
// whose numbers are written differently have different hashes.
func Hash(raw []byte) uint32 { return crc32.Checksum(raw, castagnoli) }
