package pebble

import (
	"errors"
	"time"

	pebbledb "github.com/cockroachdb/pebble/v2"

	"github.com/twinway/twinway/internal/gateway/store"
)

const (
	// rebuildBatch is how large a batch of entries becomes, in bytes.
	rebuildBatch = 1 << 20
	// rebuildNews is how often the log says how far it is.
	rebuildNews = 5 * time.Second
)

// rebuildIndex makes the index anew from all states. Nobody else uses the
// store yet. It is durable when it returns without an error, but for what
// failure says; the directory is not marked as having it.
func (s *Store) rebuildIndex(found marker) error {
	if found.index != "" {
		// From here on until it is whole, no rules tell what is in the index.
		if err := writeMarker(s.options.FS, s.options.Dir, marker{complete: true}); err != nil {
			return err
		}
	}
	if err := s.dropIndex(); err != nil {
		return readError("index", err)
	}
	if s.options.Index == nil {
		return nil
	}
	r := rebuild{store: s, began: time.Now()}
	r.told = r.began
	if err := r.run(); err != nil {
		return readError("index", err)
	}
	// What was written is neither synced nor in tables so far.
	return s.db.Flush()
}

// dropIndex deletes all of the index that there is.
func (s *Store) dropIndex() error {
	it, err := s.db.NewIter(indexBounds(nil, nil))
	if err != nil {
		return err
	}
	some := it.First()
	if err := it.Close(); err != nil || !some {
		return err
	}
	if err := s.db.DeleteRange([]byte{tableIndex}, []byte{tableIndex + 1}, pebbledb.NoSync); err != nil {
		return err
	}
	return s.db.Flush()
}

// rebuild goes through all things and writes their entries.
type rebuild struct {
	store       *Store
	batch       *pebbledb.Batch
	began, told time.Time
	things      int
}

func (r *rebuild) run() (err error) {
	s := r.store
	s.options.Logger.Info("store: makes its index, which it has not or by other rules", "dir", s.options.Dir)
	it, err := s.db.NewIter(&pebbledb.IterOptions{
		LowerBound: []byte{tableState, byte(store.Thing)},
		UpperBound: []byte{tableState, byte(store.Thing) + 1},
	})
	if err != nil {
		return err
	}
	r.batch = s.db.NewBatchWithSize(rebuildBatch)
	defer func() { err = errors.Join(err, it.Close(), r.batch.Close()) }()
	for ok := it.First(); ok; ok = it.Next() {
		if err := r.add(it); err != nil {
			return err
		}
	}
	if err := errors.Join(it.Error(), r.write()); err != nil {
		return err
	}
	s.options.Logger.Info("store: made its index", "things", r.things, "took", time.Since(r.began).Round(time.Millisecond))
	return nil
}

// add adds the entries of the thing at the iterator.
func (r *rebuild) add(it *pebbledb.Iterator) error {
	kind, id, err := decodeStateKey(it.Key())
	if err != nil {
		return err
	}
	value, err := it.ValueAndErr()
	if err != nil {
		return err
	}
	record, err := viewState(value)
	if err != nil || record.Deleted {
		return err
	}
	key := store.Key{Kind: kind, ID: string(id)}
	a := store.Append{Key: key, Index: store.IndexChange{Add: r.store.options.Index(record)}}
	if err := errors.Join(checkIndex(&a), addIndex(r.batch, key, a.Index.Add)); err != nil {
		return err
	}
	r.things++
	if r.batch.Len() < rebuildBatch {
		return nil
	}
	return r.write()
}

// write writes what was added, without waiting for the disk, and says how far
// it is.
func (r *rebuild) write() error {
	s := r.store
	if err := s.failure(); err != nil {
		return err
	}
	if err := s.db.Apply(r.batch, pebbledb.NoSync); err != nil {
		return err
	}
	r.batch.Reset()
	if now := time.Now(); now.Sub(r.told) >= rebuildNews {
		r.told = now
		s.options.Logger.Info("store: is making its index", "things", r.things, "for", now.Sub(r.began).Round(time.Second))
	}
	return nil
}
