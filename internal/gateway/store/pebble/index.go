package pebble

import (
	"fmt"

	pebbledb "github.com/cockroachdb/pebble/v2"

	"github.com/twinway/twinway/internal/gateway/store"
)

// checkIndex refuses changes of the index that are none of a thing's, or that
// have entries of a wrong size.
func checkIndex(a *store.Append) error {
	if a.Key.Kind != store.Thing {
		return fmt.Errorf("%w: %s: entries of an index for an entity that is no thing", store.ErrInvalid, a.Key.ID)
	}
	for _, entries := range [2][][]byte{a.Index.Remove, a.Index.Add} {
		for _, entry := range entries {
			if len(entry) == 0 || len(entry) > store.MaxIndexEntry {
				return fmt.Errorf("%w: %s: entry of an index of %d bytes, between 1 and %d are allowed",
					store.ErrInvalid, a.Key.ID, len(entry), store.MaxIndexEntry)
			}
		}
	}
	return nil
}

// changeIndex adds to a batch what becomes of a thing's entries. Since an entry
// is added once before it is removed, the two can go together as soon as they
// meet: values that change often never reach the tables.
func changeIndex(b *pebbledb.Batch, key store.Key, change store.IndexChange) error {
	for _, entry := range change.Remove {
		op := b.SingleDeleteDeferred(indexKeySize(entry, key))
		appendIndexKey(op.Key[:0], entry, key)
		if err := op.Finish(); err != nil {
			return err
		}
	}
	return addIndex(b, key, change.Add)
}

// addIndex adds entries of a thing to a batch.
func addIndex(b *pebbledb.Batch, key store.Key, entries [][]byte) error {
	for _, entry := range entries {
		op := b.SetDeferred(indexKeySize(entry, key), 0)
		appendIndexKey(op.Key[:0], entry, key)
		if err := op.Finish(); err != nil {
			return err
		}
	}
	return nil
}
