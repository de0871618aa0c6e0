package pebble

import (
	"encoding/binary"
	"errors"
	"io"
	"sync"

	pebbledb "github.com/cockroachdb/pebble/v2"

	"github.com/twinway/twinway/internal/gateway/store"
)

// keyBuffers lends memory for keys.
var keyBuffers = sync.Pool{New: func() any { return new([]byte) }}

// Load implements store.Store.
func (s *Store) Load(key store.Key) (store.Record, error) { return load(s.db, key) }

// load reads a record from the data base or a snapshot of it.
func load(from pebbledb.Reader, key store.Key) (store.Record, error) {
	value, closer, err := getState(from, key)
	if err != nil {
		return store.Record{}, err
	}
	record, err := decodeState(value)
	if err = errors.Join(err, closer.Close()); err != nil {
		return store.Record{}, readError("state of "+key.ID, err)
	}
	return record, nil
}

// loadHead reads the head of an entity, a zero one if it never existed.
func (s *Store) loadHead(key store.Key) (head, error) {
	value, closer, err := getState(s.db, key)
	if errors.Is(err, store.ErrNotFound) {
		return head{}, nil
	}
	if err != nil {
		return head{}, err
	}
	h, err := decodeHead(value)
	if err = errors.Join(err, closer.Close()); err != nil {
		return head{}, readError("state of "+key.ID, err)
	}
	return h, nil
}

// getState returns the encoded state, valid until the closer is closed.
func getState(from pebbledb.Reader, key store.Key) ([]byte, io.Closer, error) {
	if checkKey(key) != nil {
		return nil, nil, store.ErrNotFound // it cannot have been appended
	}
	buf := keyBuffers.Get().(*[]byte)
	defer keyBuffers.Put(buf)
	*buf = appendStateKey((*buf)[:0], key)
	value, closer, err := from.Get(*buf)
	switch {
	case errors.Is(err, pebbledb.ErrNotFound):
		return nil, nil, store.ErrNotFound
	case err != nil:
		return nil, nil, readError("state of "+key.ID, err)
	}
	return value, closer, nil
}

// History implements store.Store.
func (s *Store) History(key store.Key, from, to int64, yield func(store.Event) bool) error {
	if checkKey(key) != nil || to < 1 || from > to {
		return nil
	}
	it, err := s.db.NewIter(&pebbledb.IterOptions{
		LowerBound: appendHistoryKey(nil, key, max(from, 1)),
		UpperBound: appendHistoryEnd(nil, key, to),
	})
	if err != nil {
		return readError("history of "+key.ID, err)
	}
	err = yieldEvents(it, yield)
	if err = errors.Join(err, it.Close()); err != nil {
		return readError("history of "+key.ID, err)
	}
	return nil
}

func yieldEvents(it *pebbledb.Iterator, yield func(store.Event) bool) error {
	for ok := it.First(); ok; ok = it.Next() {
		value, err := it.ValueAndErr()
		if err != nil {
			return err
		}
		k := it.Key()
		event, err := decodeEvent(value, int64(binary.BigEndian.Uint64(k[len(k)-revisionSize:])))
		if err != nil {
			return err
		}
		if !yield(event) {
			return nil
		}
	}
	return nil // Close returns the error that ended the iteration
}
