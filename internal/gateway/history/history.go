package history

import (
	"errors"
	"fmt"
	"sort"
	"time"

	"github.com/twinway/twinway/internal/gateway/journal"
	"github.com/twinway/twinway/internal/gateway/store"
)

// ErrNotKept says that a state of the past cannot be known: it is not kept any
// more, was never kept, or never was.
var ErrNotKept = errors.New("not kept in the history")

// Reader reads the past of the entities in a store. It is safe for concurrent
// use.
type Reader struct{ store store.Store }

// New returns a reader of the history that a store keeps.
func New(s store.Store) *Reader { return &Reader{store: s} }

// At returns the entity as it was after revision n; its Due is zero. It may
// have been deleted then.
//
// Errors: ErrNotKept, also for revisions that have never been; store.ErrCorrupt.
func (r *Reader) At(key store.Key, n int64) (*store.Record, error) {
	if n < 1 {
		return nil, ErrNotKept
	}
	var replay journal.Replay
	var damaged error
	begin := (n-1)/journal.Stride*journal.Stride + 1
	err := r.store.History(key, begin, n, func(e store.Event) bool {
		if damaged = replay.Add(e); errors.Is(damaged, journal.ErrGap) {
			damaged = nil // a later one may keep the entity whole
		}
		return damaged == nil
	})
	if err == nil {
		err = corrupt(key, damaged)
	}
	if err != nil {
		return nil, err
	}
	if record := replay.Record(); record != nil && record.Revision == n {
		return record, nil
	}
	return nil, ErrNotKept
}

// AsOf returns the entity as it was at a time: after the last event that is
// not after t. current is what it is now, and is returned if it was so at t
// already. Later events than current's revision are not looked at. Where the
// clock was set back between events, any of those that fit may be meant.
//
// Errors: ErrNotKept, also if t is before all that is kept; store.ErrCorrupt.
func (r *Reader) AsOf(key store.Key, t time.Time, current *store.Record) (*store.Record, error) {
	if current == nil {
		return nil, ErrNotKept
	}
	if !current.Modified.After(t) {
		return current, nil
	}
	var failed error
	// What is not kept any more is before all that is kept, and counts as
	// before t. The last that is not after t is then not kept if t is before.
	later := sort.Search(int(current.Revision), func(i int) bool {
		at, err := r.timeOf(key, int64(i)+1)
		failed = errors.Join(failed, err)
		return at.After(t)
	})
	if failed != nil {
		return nil, failed
	}
	return r.At(key, int64(later))
}

// timeOf returns when a revision came to be, the zero time if it is not kept.
func (r *Reader) timeOf(key store.Key, revision int64) (at time.Time, err error) {
	err = r.store.History(key, revision, revision, func(e store.Event) bool {
		at = e.Time
		return false
	})
	return at, err
}

// Event is a change in the history of an entity.
type Event struct {
	// Revision is that of the entity after the change, Time when it happened.
	Revision int64
	Time     time.Time
	journal.Change
}

// Events calls yield for the events that are kept with from <= revision <= to,
// in ascending order, until it returns false or limit of them were told. The
// event's value is only valid during the call. yield may use the store.
//
// Errors: store.ErrCorrupt.
func (r *Reader) Events(key store.Key, from, to int64, limit int, yield func(Event) bool) error {
	if limit <= 0 {
		return nil
	}
	var damaged error
	err := r.store.History(key, from, to, func(e store.Event) bool {
		var change journal.Change
		if change, damaged = journal.Read(e.Payload); damaged != nil {
			return false
		}
		limit--
		return yield(Event{Revision: e.Revision, Time: e.Time, Change: change}) && limit > 0
	})
	if err != nil {
		return err
	}
	return corrupt(key, damaged)
}

func corrupt(key store.Key, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("history of %s: %w: %w", key.ID, store.ErrCorrupt, err)
}
