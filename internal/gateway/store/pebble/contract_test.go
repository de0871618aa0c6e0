package pebble

import (
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/store/storetest"
)

func keepAll() int { return -1 }

func mustOpen(t testing.TB, o Options) *Store {
	t.Helper()
	s, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Opener {
		dir := t.TempDir()
		return func(t *testing.T) store.Store {
			return mustOpen(t, Options{Dir: dir, HistoryMaxRecords: keepAll})
		}
	})
}

// With the smallest cache, everything is written out and compacted all the
// time.
func TestContractSmallTables(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Opener {
		fs := vfs.NewMem()
		return func(t *testing.T) store.Store {
			return mustOpen(t, Options{Dir: "/a/b", FS: fs, CacheSize: 1, HistoryMaxRecords: keepAll})
		}
	})
}
