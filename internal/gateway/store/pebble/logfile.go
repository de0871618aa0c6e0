package pebble

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
)

// Pebble's logs, the write-ahead log and the manifest, are sequences of blocks
// of 32 KiB, and blocks are sequences of chunks; a record is one chunk or
// several. A chunk does not cross the end of a block; where no chunk fits any
// more there are zeros. This file reads that format to look for damage.
//
//	manifest  crc 4, length 2, type 1 (1 to 4)
//	log       crc 4, length 2, type 1 (9 to 12), log number 4, synced offset 8
//
// All numbers are little endian. The checksum covers type, the rest of the
// header, and payload. A log number other than the file's means that the
// chunk is left over from the file's previous use.
const (
	logBlockSize       = 32 << 10
	manifestHeaderSize = 7
	walHeaderSize      = 19
)

// The place of a chunk in its record.
const (
	chunkFull = iota
	chunkFirst
	chunkMiddle
	chunkLast
)

// logFormat is the variant of the format that a file is in.
type logFormat struct {
	headerSize int
	firstType  byte
	number     uint32 // of the log; unused in a manifest
}

var manifestFormat = logFormat{headerSize: manifestHeaderSize, firstType: 1}

func walFormat(number uint64) logFormat {
	return logFormat{headerSize: walHeaderSize, firstType: 9, number: uint32(number)}
}

// chunk is one that has been found intact.
type chunk struct {
	place   byte
	synced  int64 // how much of the file was durable when it was written, at least
	payload []byte
	end     int // in its block
}

// begins says that the chunk is the first of a record.
func (c chunk) begins() bool { return c.place == chunkFull || c.place == chunkFirst }

// parse returns the chunk at an offset of a block, if an intact one is there.
func (f logFormat) parse(block []byte, at int) (chunk, bool) {
	end := f.end(block, at)
	if end > len(block) {
		return chunk{}, false
	}
	h := block[at:]
	c := chunk{place: h[6] - f.firstType, end: end}
	if c.place > chunkLast || !f.owns(h) {
		return chunk{}, false
	}
	if f.headerSize == walHeaderSize {
		c.synced = int64(binary.LittleEndian.Uint64(h[11:]))
	}
	if binary.LittleEndian.Uint32(h) != maskCRC(crc32.Checksum(block[at+6:end], castagnoli)) {
		return chunk{}, false
	}
	c.payload = block[at+f.headerSize : end]
	return c, true
}

// end returns where the chunk at an offset of a block ends, or should end.
func (f logFormat) end(block []byte, at int) int {
	end := at + f.headerSize
	if end <= len(block) {
		end += int(binary.LittleEndian.Uint16(block[at+4:]))
	}
	return end
}

// owns says that a chunk with this header was written to this log.
func (f logFormat) owns(header []byte) bool {
	return f.headerSize != walHeaderSize || binary.LittleEndian.Uint32(header[7:]) == f.number
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// maskCRC is what the format stores of a checksum.
func maskCRC(c uint32) uint32   { return (c>>15 | c<<17) + 0xa282ead8 }
func unmaskCRC(c uint32) uint32 { c -= 0xa282ead8; return c>>17 | c<<15 }

// logReader reads a log block by block.
type logReader struct {
	file   io.ReaderAt
	format logFormat
	index  int64 // of the block
	block  []byte
	buf    [logBlockSize]byte
}

// load reads a block; at the end of the file it is short or empty.
func (r *logReader) load(index int64) error {
	n, err := r.file.ReadAt(r.buf[:], index*logBlockSize)
	if err == io.EOF {
		err = nil
	}
	r.index, r.block = index, r.buf[:n]
	return err
}

func (r *logReader) offset(at int) int64 { return r.index*logBlockSize + int64(at) }

// recordHead is how much of a record is looked at.
const recordHead = 64

// records calls see with the beginning of every complete record, until something comes that is not an intact chunk in its place. It returns
// where that is; the reader is left at its block. whole says that it is the
// end of the file after a complete record.
func (r *logReader) records(see func(head []byte)) (stop int64, whole bool, err error) {
	var head []byte // of the record being read, nil between records
	buf := make([]byte, recordHead)
	for index := int64(0); ; index++ {
		if err := r.load(index); err != nil {
			return 0, false, err
		}
		at := 0
		for !r.noChunkFits(at) {
			c, ok := r.format.parse(r.block, at)
			if !ok || c.begins() != (head == nil) {
				return r.offset(at), false, nil
			}
			if c.begins() {
				head = buf[:copy(buf, c.payload)]
			}
			if c.place == chunkFull || c.place == chunkLast {
				see(head)
				head = nil
			}
			at = c.end
		}
		if len(r.block) < logBlockSize {
			return r.offset(at), head == nil && at == len(r.block), nil
		}
	}
}

// noChunkFits says that the rest of a block is the filling at its end.
func (r *logReader) noChunkFits(at int) bool {
	rest := r.block[at:]
	return len(rest) < r.format.headerSize && len(bytes.Trim(rest, "\x00")) == 0
}

// scan calls see with every intact chunk after an offset, at whichever place
// it is, until see returns false.
func (r *logReader) scan(after int64, see func(c chunk) bool) error {
	from := int(after%logBlockSize) + 1
	for index := after / logBlockSize; ; index++ {
		if err := r.load(index); err != nil || len(r.block) == 0 {
			return err
		}
		for at := from; at+r.format.headerSize <= len(r.block); at++ {
			if r.block[at+6]-r.format.firstType > chunkLast {
				continue // spares most of the calls
			}
			if c, ok := r.format.parse(r.block, at); ok && !see(c) {
				return nil
			}
		}
		from = 0
	}
}
