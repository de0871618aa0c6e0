package pebble

import (
	pebbledb "github.com/cockroachdb/pebble/v2"

	"github.com/twinway/twinway/internal/gateway/store"
)

// trimLimit bounds how many events one append deletes from a history: some
// runs, so that what is left begins with one.
const trimLimit = 4 * store.HistoryRun

// trimHistory deletes the oldest runs of a history that is too long, as many
// as leave limit events, and returns how many events those had.
func trimHistory(b *pebbledb.Batch, key store.Key, h *head, limit int64) (dropped int, err error) {
	if limit < 0 || h.kept <= limit {
		return 0, nil
	}
	first, keep := h.revision-h.kept+1, h.revision+1
	if limit > 0 {
		keep = runBegin(keep - limit)
	}
	keep = min(keep, runBegin(first+trimLimit))
	for ; first < keep; first++ {
		op := b.DeleteDeferred(historyKeySize(key))
		appendHistoryKey(op.Key[:0], key, first)
		if err := op.Finish(); err != nil {
			return 0, err
		}
		h.kept--
		dropped++
	}
	return dropped, nil
}

// runBegin returns the revision with which the run begins that a revision is
// in, runEnd the one with which it ends.
func runBegin(revision int64) int64 { return (revision-1)/store.HistoryRun*store.HistoryRun + 1 }
func runEnd(revision int64) int64   { return runBegin(revision) + store.HistoryRun - 1 }
