package pebble

import (
	"time"

	pebbledb "github.com/cockroachdb/pebble/v2"
)

// commit is a batch on its way to the disk.
type commit struct {
	store   *Store
	batch   *pebbledb.Batch // nil once waited for
	began   time.Time
	appends int
	dropped int // events
	bytes   int
	// end is the sequence number after the batch. Pebble does not tell it of
	// one that is too large for its table of writes; then it is small, and the
	// next batch stands for this one.
	end uint64
}

// issue hands the batch to Pebble. An error has nothing to do with the disk;
// those come from Wait.
func (c *commit) issue() error {
	c.bytes = c.batch.Len() // Pebble takes what is large out of the batch
	if err := c.store.db.ApplyNoSyncWait(c.batch, pebbledb.Sync); err != nil {
		return err
	}
	c.end = uint64(c.batch.SeqNum()) + uint64(c.batch.Count())
	return nil
}

// Wait implements store.Commit.
func (c *commit) Wait() error {
	s := c.store
	if c.batch != nil {
		if err := c.batch.SyncWait(); err != nil {
			s.failstop.stop(err)
		}
	}
	// A failure that is not visible now came after this batch was durable.
	if err := s.failure(); err != nil {
		return err
	}
	if c.batch == nil {
		return nil
	}
	s.watermark.raise(c.end)
	s.committed(c)
	err := c.batch.Close() // returns it to Pebble's pool
	c.batch = nil
	return err
}

// committed is the commit of an empty batch.
type committed struct{}

// Wait implements store.Commit.
func (committed) Wait() error { return nil }
