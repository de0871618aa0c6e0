package pebble

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/record"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// manifestBytes returns a manifest with some records, made by Pebble, and where the
// last one begins.
func manifestBytes(t *testing.T, last int) (file []byte, begin int) {
	t.Helper()
	var buf bytes.Buffer
	w := record.NewWriter(&buf)
	for _, n := range []int{10, 300, 40_000, 20, last} {
		begin = buf.Len()
		if _, err := w.WriteRecord(bytes.Repeat([]byte{byte(n) | 1}, n)); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	return buf.Bytes(), begin
}

func manifestFS(t *testing.T, file []byte) vfs.FS {
	t.Helper()
	fs := vfs.NewMem()
	if err := writeSynced(fs, "MANIFEST-000001", string(file)); err != nil {
		t.Fatal(err)
	}
	return fs
}

// Any single byte of a manifest that is wrong is noticed.
func TestManifestByteDamaged(t *testing.T) {
	file, _ := manifestBytes(t, 100)
	rng := rand.New(rand.NewPCG(1, 2))
	for trial := range 4000 {
		at := len(file) - 1 - trial // the end is the interesting part
		if trial >= 2000 {
			at = rng.IntN(len(file))
		}
		damaged := bytes.Clone(file)
		damaged[at] ^= byte(1 + rng.IntN(255))
		err := checkManifest(manifestFS(t, damaged), "MANIFEST-000001")
		if !refused(err) {
			t.Errorf("byte %d of %d changed: %v", at, len(file), err)
		} else if !strings.Contains(err.Error(), "MANIFEST-000001 is damaged at byte") {
			t.Errorf("the file is not named: %v", err)
		}
	}
}

// A manifest whose last record has been cut off is as good as new, whatever
// sectors of it are missing.
func TestManifestTorn(t *testing.T) {
	for _, last := range []int{1, 100, 600, 5000, 70_000} {
		file, begin := manifestBytes(t, last)
		rng := rand.New(rand.NewPCG(1, 2))
		for trial := range 300 {
			var torn []byte
			what := ""
			if trial%2 == 0 {
				n := begin + rng.IntN(len(file)-begin+1)
				torn, what = file[:n], fmt.Sprintf("cut off at %d", n)
			} else {
				torn = bytes.Clone(file)
				for at := begin; at < len(file); {
					next := min((at/4096+1)*4096, len(file))
					if rng.IntN(2) == 0 {
						clear(torn[at:next])
						what += fmt.Sprintf("%d-%d missing ", at, next)
					}
					at = next
				}
			}
			if err := checkManifest(manifestFS(t, torn), "MANIFEST-000001"); err != nil {
				t.Errorf("%d bytes, last record at %d, %s: %v", len(file), begin, what, err)
			}
		}
	}
}

// Every single bit of a chunk of the log that is wrong is recognised, and
// intact chunks, other logs' chunks and garbage are not.
func TestOneBitOff(t *testing.T) {
	format := walFormat(7)
	for _, n := range []int{0, 1, 23, 1000} {
		c := walChunk(7, n)
		if _, ok := format.parse(c, 0); !ok {
			t.Fatalf("%d bytes: not intact", n)
		}
		if format.oneBitOff(c, 0) || format.lengthDamaged(c, 0) {
			t.Errorf("%d bytes: intact chunk taken for damaged", n)
		}
		for bit := range len(c) * 8 {
			c[bit/8] ^= 1 << (bit % 8)
			if !format.oneBitOff(c, 0) && !format.lengthDamaged(c, 0) {
				t.Errorf("%d bytes: bit %d of byte %d is not noticed", n, bit%8, bit/8)
			}
			c[bit/8] ^= 1 << (bit % 8)
		}
		if other := walChunk(6, n); format.oneBitOff(other, 0) || format.lengthDamaged(other, 0) {
			t.Errorf("%d bytes: a chunk of another log taken for damaged", n)
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 10_000 {
		garbage := walChunk(7, 100)
		for i := range 50 {
			garbage[60+i] = byte(rng.Uint32())
		}
		if format.oneBitOff(garbage, 0) || format.lengthDamaged(garbage, 0) {
			t.Error("garbage taken for damage")
		}
	}
}

// walChunk makes a whole record of the log.
func walChunk(number uint32, n int) []byte {
	c := make([]byte, walHeaderSize+n)
	for i := range n {
		c[walHeaderSize+i] = byte(i*7 + 1)
	}
	putLE(c[4:6], uint64(n))
	c[6] = 9 + chunkFull
	putLE(c[7:11], uint64(number))
	putLE(c[:4], uint64(maskCRC(crc32.Checksum(c[6:], castagnoli))))
	return c
}

func putLE(b []byte, x uint64) {
	for i := range b {
		b[i] = byte(x >> (8 * i))
	}
}
