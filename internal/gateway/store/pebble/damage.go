package pebble

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/twinway/twinway/internal/gateway/store"
)

// checkManifest refuses a manifest that is damaged. Pebble reads it up to the
// first damage and goes on as if that were its end, with tables and logs that
// are long gone, and so loses data. The end of what it reads is the true end
// if no record follows, because each is synced before the next is written,
// and what is there is not a whole record with something wrong in it.
func checkManifest(fs vfs.FS, name string) error {
	file, err := fs.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	r := logReader{file: file, format: manifestFormat}
	stop, whole, err := r.records(func([]byte) {})
	if err != nil || whole {
		return err
	}
	at := int(stop % logBlockSize)
	damaged := r.format.lengthDamaged(r.block, at) || r.format.notTorn(r.block, at)
	if !damaged {
		err = r.scan(stop, func(c chunk) bool { damaged = c.begins(); return !damaged })
	}
	if damaged {
		return damageError(fs, name, stop, "it cannot be told which files belong to the data base")
	}
	return err
}

// checkLog refuses a newest log that is damaged before the point up to which
// it must be readable, see watermark. Pebble itself compares the damage's
// offset with those that later blocks of the log mention; that misses damage
// in the last block, and comes late when much is written at once.
func checkLog(fs vfs.FS, name string) error {
	number, ok := logNumber(fs.PathBase(name))
	if !ok {
		return fmt.Errorf("%s: not the name of a log", name)
	}
	file, err := fs.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	var readable uint64 // the sequence number after what can be read
	r := logReader{file: file, format: walFormat(number)}
	stop, whole, err := r.records(func(head []byte) {
		if end, ok := batchEnd(head); ok {
			readable = end
		}
	})
	if err != nil || whole {
		return err
	}
	at := int(stop % logBlockSize)
	damaged := r.format.lengthDamaged(r.block, at) || r.format.oneBitOff(r.block, at)
	if !damaged {
		err = r.scan(stop, func(c chunk) bool {
			acknowledged, ok := readWatermark(c.payload)
			damaged = c.synced > stop || ok && c.begins() && readable > 0 && acknowledged > readable
			return !damaged
		})
	}
	if damaged {
		return damageError(fs, name, stop, "changes after it were acknowledged and would be lost")
	}
	return err
}

func damageError(fs vfs.FS, name string, at int64, meaning string) error {
	return fmt.Errorf("%w: %s is damaged at byte %d; %s", store.ErrCorrupt, fs.PathBase(name), at, meaning)
}

// logNumber returns the number of a log's file name.
func logNumber(base string) (uint64, bool) {
	digits, ok := strings.CutSuffix(base, ".log")
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	return n, err == nil
}
