package history

import (
	"errors"
	"sort"

	"github.com/twinway/twinway/internal/gateway/journal"
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
	same, err := r.sameLife(key, found, current)
	switch {
	case err != nil:
		return nil, err
	case !same:
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
	return r.sameLife(key, then, current)
}

// sameLife reports whether an entity was there then and has not been deleted
// until now.
func (r *Reader) sameLife(key store.Key, then, now *store.Record) (bool, error) {
	switch {
	case then.Deleted, now.Deleted, !then.Created.Equal(now.Created):
		return false, nil
	case then.Revision == now.Revision, !then.Modified.Equal(then.Created):
		return true, nil
	}
	return r.outlived(key, then, now.Revision)
}

// deletes reports whether a change was that the entity was deleted. That several parts of it were is told at the same path, with
// a value that says which.
func deletes(c journal.Change) bool {
	return c.Action == protocol.Deleted && c.Path == "/" && c.Value == nil
}

// outlived reports whether an entity was not deleted, up to a revision behind
// then's, at the moment at which it was created. What was decided together has
// the same time, so that the life after that one would have begun at that
// moment, too. If that is not kept any more it is not known.
func (r *Reader) outlived(key store.Key, then *store.Record, to int64) (lasted bool, err error) {
	next := then.Revision
	var damaged error
	err = r.store.History(key, next+1, to, func(e store.Event) bool {
		next++
		if e.Revision != next {
			return false
		}
		if lasted = !e.Time.Equal(then.Created); lasted {
			return false
		}
		var change journal.Change
		change, damaged = journal.Read(e.Payload)
		if damaged != nil || deletes(change) {
			return false
		}
		lasted = next == to
		return true
	})
	if err == nil {
		err = corrupt(key, damaged)
	}
	return lasted && err == nil, err
}
