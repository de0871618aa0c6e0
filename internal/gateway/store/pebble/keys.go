package pebble

import (
	"bytes"
	"fmt"

	pebbledb "github.com/cockroachdb/pebble/v2"

	"github.com/twinway/twinway/internal/gateway/store"
)

// indexBounds are those of keys of the index, which they say without the
// table.
func indexBounds(lower, upper []byte) *pebbledb.IterOptions {
	o := &pebbledb.IterOptions{LowerBound: append([]byte{tableIndex}, lower...), UpperBound: []byte{tableIndex + 1}}
	if upper != nil {
		o.UpperBound = append([]byte{tableIndex}, upper...)
	}
	if bytes.Compare(o.LowerBound, o.UpperBound) > 0 {
		o.LowerBound = o.UpperBound // Pebble wants them in order
	}
	return o
}

// keys are an iterator of Pebble's on the index.
type keys struct {
	view *view
	it   *pebbledb.Iterator // nil when closed
	seek []byte             // where to, with the table
}

// First implements store.Keys.
func (k *keys) First() bool { return k.it != nil && k.it.First() }

// Last implements store.Keys.
func (k *keys) Last() bool { return k.it != nil && k.it.Last() }

// SeekGE implements store.Keys.
func (k *keys) SeekGE(key []byte) bool { return k.it != nil && k.it.SeekGE(k.at(key)) }

// SeekLT implements store.Keys.
func (k *keys) SeekLT(key []byte) bool { return k.it != nil && k.it.SeekLT(k.at(key)) }

func (k *keys) at(key []byte) []byte {
	k.seek = append(append(k.seek[:0], tableIndex), key...)
	return k.seek
}

// Next implements store.Keys.
func (k *keys) Next() bool { return k.it != nil && k.it.Next() }

// Prev implements store.Keys.
func (k *keys) Prev() bool { return k.it != nil && k.it.Prev() }

// Key implements store.Keys.
func (k *keys) Key() []byte {
	if k.it == nil || !k.it.Valid() {
		return nil
	}
	return k.it.Key()[1:]
}

// Error implements store.Keys.
func (k *keys) Error() error {
	if k.it == nil {
		return fmt.Errorf("index: %w", store.ErrClosed)
	}
	if err := k.it.Error(); err != nil {
		return readError("index", err)
	}
	return nil
}

// Close implements store.Keys.
func (k *keys) Close() error {
	if k.it == nil {
		return nil
	}
	k.view.forget(k)
	return k.close()
}

// close closes the iterator, whose view knows. That it reports what Error has
// said before is no news.
func (k *keys) close() error {
	err := k.it.Close()
	k.it = nil
	if err != nil {
		return readError("index", err)
	}
	return nil
}
