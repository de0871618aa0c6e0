package pebble

import (
	"fmt"
	"time"

	pebbledb "github.com/cockroachdb/pebble/v2"

	"github.com/twinway/twinway/internal/gateway/store"
)

const (
	// maxBatchBytes bounds a batch; Pebble's own bound is 4 GiB. It is far above what one change may come to, since a thing must
	// be deleted with all that it is found by, whatever the rules for that were when it was stored.
	maxBatchBytes = 1 << 30
	// entryOverhead is more than a key and a value take beside their bytes.
	entryOverhead = 16
)

// Apply implements store.Store.
func (s *Store) Apply(batch []store.Append) (store.Commit, error) {
	began := time.Now()
	size, err := checkBatch(batch)
	if err != nil {
		return nil, err
	}
	if err := s.failure(); err != nil {
		return nil, err
	}
	if len(batch) == 0 {
		return committed{}, nil
	}
	b := s.db.NewBatchWithSize(size)
	c := &commit{store: s, batch: b, began: began, appends: len(batch)}
	if err := s.apply(c, batch); err != nil {
		_ = b.Close()
		return nil, err
	}
	return c, nil
}

// apply checks the revisions and hands the batch to Pebble, with the entities'
// stripes locked.
func (s *Store) apply(c *commit, batch []store.Append) (err error) {
	set := s.stripes.set(batch)
	s.stripes.lock(set)
	defer s.stripes.unlock(set)
	c.dropped, err = s.fill(c.batch, batch)
	if err == nil {
		err = c.issue()
	}
	if err != nil {
		// The heads are ahead of the data base.
		for i := range batch {
			delete(s.stripes.of(batch[i].Key).heads, batch[i].Key)
		}
	}
	return err
}

func (s *Store) fill(b *pebbledb.Batch, batch []store.Append) (dropped int, err error) {
	if err := s.watermark.stamp(b); err != nil {
		return 0, err
	}
	limit := int64(s.options.HistoryMaxRecords())
	for i := range batch {
		a := &batch[i]
		h, err := s.head(a.Key)
		if err != nil {
			return 0, err
		}
		if h.revision != a.Expected {
			return 0, &store.ConflictError{Key: a.Key, Expected: a.Expected, Current: h.revision}
		}
		n, err := fillAppend(b, a, h, limit)
		if err != nil {
			return 0, err
		}
		dropped += n
	}
	return dropped, nil
}

// head returns what is remembered of an entity, for being changed. The
// entity's stripe is locked.
func (s *Store) head(key store.Key) (*head, error) {
	stripe := s.stripes.of(key)
	if h := stripe.heads[key]; h != nil {
		return h, nil
	}
	h, err := s.loadHead(key)
	if err != nil {
		return nil, err
	}
	return stripe.remember(key, h), nil
}

// fillAppend adds an append to a batch and moves the head forward. It returns
// how many events it drops.
func fillAppend(b *pebbledb.Batch, a *store.Append, h *head, limit int64) (dropped int, err error) {
	h.revision++
	if limit != 0 || h.kept > 0 {
		h.kept++
		op := b.SetDeferred(historyKeySize(a.Key), eventSize(&a.Event))
		appendHistoryKey(op.Key[:0], a.Key, h.revision)
		appendEvent(op.Value[:0], &a.Event)
		if err := op.Finish(); err != nil {
			return 0, err
		}
	}
	if dropped, err = trimHistory(b, a.Key, h, limit); err != nil {
		return 0, err
	}
	if err := moveDue(b, a.Key, h, a.Record.Due); err != nil {
		return 0, err
	}
	if err := changeIndex(b, a.Key, a.Index); err != nil {
		return 0, err
	}
	op := b.SetDeferred(stateKeySize(a.Key), stateSize(*h, &a.Record))
	appendStateKey(op.Key[:0], a.Key)
	appendState(op.Value[:0], *h, &a.Record)
	return dropped, op.Finish()
}

// checkBatch refuses appends that contradict themselves, and returns about how
// large the batch will be.
func checkBatch(batch []store.Append) (size int, err error) {
	for i := range batch {
		a := &batch[i]
		if err := checkKey(a.Key); err != nil {
			return 0, err
		}
		if a.Expected < 0 || a.Record.Revision != a.Expected+1 || a.Event.Revision != a.Expected+1 {
			return 0, fmt.Errorf("%w: %s: record %d and event %d do not follow on revision %d",
				store.ErrInvalid, a.Key.ID, a.Record.Revision, a.Event.Revision, a.Expected)
		}
		size += 3*(len(a.Key.ID)+revisionSize+entryOverhead) + 5*entryOverhead +
			len(a.Record.Doc) + len(a.Record.Meta) + len(a.Event.Payload)
		if !a.Record.Due.IsZero() {
			size += 2 * (dueKeySize(a.Key) + entryOverhead)
		}
		if len(a.Index.Add)+len(a.Index.Remove) > 0 {
			if err := checkIndex(a); err != nil {
				return 0, err
			}
			size += a.Index.Bytes(a.Key) + entryOverhead*(len(a.Index.Add)+len(a.Index.Remove))
		}
	}
	if size > maxBatchBytes {
		return 0, fmt.Errorf("%w: batch of %d bytes, at most %d are allowed", store.ErrInvalid, size, maxBatchBytes)
	}
	return size + batchHeaderSize + 2 + watermarkSize, nil
}
