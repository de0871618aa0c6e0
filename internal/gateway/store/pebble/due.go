package pebble

import (
	"errors"
	"time"

	pebbledb "github.com/cockroachdb/pebble/v2"

	"github.com/twinway/twinway/internal/gateway/store"
)

// Due implements store.Store.
func (s *Store) Due(after, until time.Time, limit int, yield func(store.Key, time.Time) bool) error {
	if limit <= 0 || !after.IsZero() && !after.Before(until) {
		return nil
	}
	lower := []byte{tableDue}
	if !after.IsZero() {
		lower = appendDueEnd(nil, after)
	}
	it, err := s.db.NewIter(&pebbledb.IterOptions{
		LowerBound: lower,
		UpperBound: appendDueEnd(nil, until),
	})
	if err != nil {
		return readError("what is due", err)
	}
	err = yieldDue(it, limit, yield)
	if err = errors.Join(err, it.Close()); err != nil {
		return readError("what is due", err)
	}
	return nil
}

func yieldDue(it *pebbledb.Iterator, limit int, yield func(store.Key, time.Time) bool) error {
	for ok := it.First(); ok; ok = it.Next() {
		due, key, err := decodeDueKey(it.Key())
		if err != nil {
			return err
		}
		limit--
		if !yield(key, due) || limit == 0 {
			return nil
		}
	}
	return nil // Close returns the error that ended the iteration
}

// moveDue adds to a batch that an entity is due at another time than before,
// and moves the head forward.
func moveDue(b *pebbledb.Batch, key store.Key, h *head, due time.Time) error {
	if h.due.Equal(due) {
		return nil
	}
	if !h.due.IsZero() {
		op := b.DeleteDeferred(dueKeySize(key))
		appendDueKey(op.Key[:0], h.due, key)
		if err := op.Finish(); err != nil {
			return err
		}
	}
	h.due = due.UTC()
	if h.due.IsZero() {
		return nil
	}
	op := b.SetDeferred(dueKeySize(key), 0)
	appendDueKey(op.Key[:0], h.due, key)
	return op.Finish()
}
