package pebble

import (
	"encoding/binary"
	"sync/atomic"

	pebbledb "github.com/cockroachdb/pebble/v2"
)

// watermark is how far the log is known to be durable, as a sequence number of
// Pebble: every batch with smaller ones has been waited for successfully. It
// is written into every batch, for the log only; so a batch in the log proves
// how far the log before it must be readable.
type watermark struct{ durable atomic.Uint64 }

// The first entry of a batch in the log: 8 bytes sequence number, 4 bytes
// count, and the kind of the entry, which here is data for the log alone, its
// length, a letter, and the watermark.
const (
	batchHeaderSize = 12
	logDataKind     = 3
	watermarkLetter = 'W'
	watermarkSize   = 1 + 8
)

// raise moves the watermark forward.
func (w *watermark) raise(to uint64) {
	for {
		now := w.durable.Load()
		if now >= to || w.durable.CompareAndSwap(now, to) {
			return
		}
	}
}

// stamp writes the watermark into a batch that is still empty.
func (w *watermark) stamp(b *pebbledb.Batch) error {
	var data [watermarkSize]byte
	data[0] = watermarkLetter
	binary.LittleEndian.PutUint64(data[1:], w.durable.Load())
	return b.LogData(data[:], nil)
}

// batchEnd returns the sequence number after a batch in the log.
func batchEnd(record []byte) (uint64, bool) {
	if len(record) < batchHeaderSize {
		return 0, false
	}
	return binary.LittleEndian.Uint64(record) + uint64(binary.LittleEndian.Uint32(record[8:])), true
}

// readWatermark returns the watermark of a batch in the log.
func readWatermark(record []byte) (uint64, bool) {
	const end = batchHeaderSize + 2 + watermarkSize
	if len(record) < end || record[12] != logDataKind || record[13] != watermarkSize || record[14] != watermarkLetter {
		return 0, false
	}
	return binary.LittleEndian.Uint64(record[15:end]), true
}
