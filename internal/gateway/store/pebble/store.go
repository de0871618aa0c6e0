package pebble

import (
	"errors"
	"fmt"
	"sync/atomic"

	pebbledb "github.com/cockroachdb/pebble/v2"

	"github.com/twinway/twinway/internal/gateway/store"
)

// Store is a store in a directory. Use Open to make one.
type Store struct {
	options   Options
	lock      *pebbledb.Lock
	failstop  *failstop
	db        *pebbledb.DB
	stripes   stripes
	watermark watermark
	count     counters
	sweeper   sweeper
	views     views
	opened    atomic.Bool           // a failure before that is an error of Open
	failed    atomic.Pointer[error] // why the store has failed
}

var _ store.Store = (*Store)(nil)

func newStore(o Options, lock *pebbledb.Lock) *Store {
	s := &Store{options: o, lock: lock}
	s.stripes.init(o.stripeHeads())
	s.sweeper.store = s
	return s
}

// fail makes the store fail; only the first reason counts. It is called with
// locks of Pebble held and must not call Pebble.
func (s *Store) fail(err error) {
	if !s.failed.CompareAndSwap(nil, &err) {
		return
	}
	s.options.Logger.Error("store: failed, nothing more will be stored", "dir", s.options.Dir, "error", err)
	if s.options.OnFatal != nil && s.opened.Load() {
		go s.options.OnFatal(s.failure())
	}
}

// failure returns why the store takes no more writes, or nil.
func (s *Store) failure() error {
	if err := s.failed.Load(); err != nil {
		return fmt.Errorf("%w: %w", store.ErrFailed, *err)
	}
	return nil
}

// Close makes everything applied durable, in tables, so that nothing is left
// to be read from the log, and releases the directory.
//
// Errors: store.ErrFailed if the store had failed or does now; that views were
// still open.
func (s *Store) Close() error {
	s.sweeper.end()
	err := s.views.close()
	if s.failure() == nil {
		err = errors.Join(err, s.db.Flush())
	}
	err = errors.Join(err, s.db.Close(), s.lock.Close())
	if failure := s.failure(); failure != nil {
		err = failure
	}
	if err != nil {
		return fmt.Errorf("close store: %w", err)
	}
	return nil
}

// readError tells damage from other failures to read.
func readError(what string, err error) error {
	if errors.Is(err, errValue) || pebbledb.IsCorruptionError(err) {
		return fmt.Errorf("%s: %w: %w", what, store.ErrCorrupt, err)
	}
	return fmt.Errorf("%s: %w", what, err)
}
