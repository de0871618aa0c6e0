package pebble

import (
	"errors"
	"fmt"
	"sync"

	pebbledb "github.com/cockroachdb/pebble/v2"

	"github.com/twinway/twinway/internal/gateway/store"
)

// views are the views of a store that are open.
type views struct {
	mu     sync.Mutex
	open   map[*view]struct{}
	closed bool
}

// Snapshot implements store.Store.
func (s *Store) Snapshot() (store.View, error) {
	s.views.mu.Lock()
	defer s.views.mu.Unlock()
	if s.views.closed {
		return nil, fmt.Errorf("view: %w", store.ErrClosed)
	}
	v := &view{store: s, snapshot: s.db.NewSnapshot()}
	if s.views.open == nil {
		s.views.open = map[*view]struct{}{}
	}
	s.views.open[v] = struct{}{}
	return v, nil
}

// close closes the views that are still open, which Pebble insists on, and
// lets no more be made.
func (s *views) close() error {
	s.mu.Lock()
	open := s.open
	s.open, s.closed = nil, true
	s.mu.Unlock()
	if len(open) == 0 {
		return nil
	}
	err := fmt.Errorf("%d views were open", len(open))
	for v := range open {
		err = errors.Join(err, v.Close())
	}
	return err
}

// forget takes a view from those that are open.
func (s *views) forget(v *view) {
	s.mu.Lock()
	delete(s.open, v)
	s.mu.Unlock()
}

// view is a snapshot of Pebble's, and the iterators that were made of it.
//
// Lock order: a view's lock and that of the views are never held together.
type view struct {
	store *Store

	mu       sync.RWMutex // held for reading while the snapshot is used
	snapshot *pebbledb.Snapshot
	keys     map[*keys]struct{}
}

// Load implements store.View.
func (v *view) Load(key store.Key) (store.Record, error) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if v.snapshot == nil {
		return store.Record{}, fmt.Errorf("state of %s: %w", key.ID, store.ErrClosed)
	}
	return load(v.snapshot, key)
}

// Keys implements store.View.
func (v *view) Keys(lower, upper []byte) (store.Keys, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.snapshot == nil {
		return nil, fmt.Errorf("index: %w", store.ErrClosed)
	}
	it, err := v.snapshot.NewIter(indexBounds(lower, upper))
	if err != nil {
		return nil, readError("index", err)
	}
	k := &keys{view: v, it: it}
	if v.keys == nil {
		v.keys = map[*keys]struct{}{}
	}
	v.keys[k] = struct{}{}
	return k, nil
}

// Close implements store.View.
func (v *view) Close() error {
	v.store.views.forget(v)
	v.mu.Lock()
	snapshot, open := v.snapshot, v.keys
	v.snapshot, v.keys = nil, nil
	v.mu.Unlock()
	if snapshot == nil {
		return nil
	}
	var err error
	for k := range open {
		err = errors.Join(err, k.close())
	}
	return errors.Join(err, snapshot.Close())
}

// forget takes keys from those that are open.
func (v *view) forget(k *keys) {
	v.mu.Lock()
	delete(v.keys, k)
	v.mu.Unlock()
}
