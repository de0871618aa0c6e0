package history

import (
	"errors"
	"sort"

	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/store"
)

// Former returns the entity as it was at a moment of the life it has now,
// which is that of current. An entity that was deleted and made again begins a
// new life: who made it has no say in who may know what it was before.
//
// Errors: ErrNotKept, also if the entity did not exist then, or not yet;
// store.ErrCorrupt.
func (r *Reader) Former(key store.Key, m protocol.Moment, current *store.Record) (*store.Record, error) {
	if current == nil || m.Revision > current.Revision {
		return nil, ErrNotKept
	}
	var found *store.Record
	var err error
	if m.Revision != 0 {
		found, err = r.At(key, m.Revision)
	} else {
		found, err = r.AsOf(key, m.Time, current)
	}
	if err != nil {
		return nil, err
	}
	if !sameLife(found, current) {
		return nil, ErrNotKept
	}
	return found, nil
}

// Begin returns the first revision, from the given one on, that is kept and of
// the life that the entity has now, which is that of current. It costs a
// binary search over the revisions.
//
// Errors: ErrNotKept if there is none up to current's, store.ErrCorrupt.
func (r *Reader) Begin(key store.Key, from int64, current *store.Record) (int64, error) {
	from = max(from, 1)
	if current == nil || current.Deleted || from > current.Revision {
		return 0, ErrNotKept
	}
	var failed error
	begin := from + int64(sort.Search(int(current.Revision-from+1), func(i int) bool {
		of, err := r.of(key, from+int64(i), current)
		if err != nil {
			failed = err
		}
		return of
	}))
	switch {
	case failed != nil:
		return 0, failed
	case begin > current.Revision:
		return 0, ErrNotKept
	}
	return begin, nil
}

// of reports whether a revision is kept and of the same life as current.
func (r *Reader) of(key store.Key, revision int64, current *store.Record) (bool, error) {
	then, err := r.At(key, revision)
	switch {
	case errors.Is(err, ErrNotKept):
		return false, nil
	case err != nil:
		return false, err
	}
	return sameLife(then, current), nil
}

// sameLife reports whether an entity was there then and has not been deleted
// until now.
func sameLife(then, now *store.Record) bool {
	return !then.Deleted && !now.Deleted && then.Created.Equal(now.Created)
}
