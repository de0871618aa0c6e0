package pebble

import (
	"sync/atomic"
	"time"
)

// Metrics is what a store has done since it was opened, and its size.
type Metrics struct {
	// Batches, Appends and Bytes became durable; Bytes are those of the log.
	Batches, Appends, Bytes uint64
	// DroppedByCount and DroppedByAge count events that were deleted because
	// newer ones came, and because they were old. What age has dropped of an
	// entity may be counted again when newer ones come.
	DroppedByCount, DroppedByAge uint64
	// Stalls counts how often writes had to wait for compactions, Corruptions
	// how often damaged blocks were met.
	Stalls, Corruptions uint64
	// DiskBytes is what the directory takes, as far as Pebble knows.
	DiskBytes uint64
	// MemoryBytes is what blocks and writes take of Options.CacheSize.
	MemoryBytes uint64
	// CacheHits and CacheMisses count the blocks read.
	CacheHits, CacheMisses uint64
	// CompactionDebt is how many bytes compactions have to move until the
	// tables are in shape; ReadTables in how many an entity may have to be
	// looked up.
	CompactionDebt uint64
	ReadTables     int
}

type counters struct {
	batches, appends, bytes atomic.Uint64
	byCount, byAge          atomic.Uint64 // events dropped
	stalls, corruptions     atomic.Uint64
}

// committed counts a batch that is durable.
func (s *Store) committed(c *commit) {
	s.count.batches.Add(1)
	s.count.appends.Add(uint64(c.appends))
	s.count.bytes.Add(uint64(c.bytes))
	s.count.byCount.Add(uint64(c.dropped))
	if s.options.OnCommit != nil {
		s.options.OnCommit(CommitInfo{Appends: c.appends, Bytes: c.bytes, Dropped: c.dropped, Latency: time.Since(c.began)})
	}
}

// Metrics returns the current figures. It takes locks of the data base; call
// it as often as a monitor asks, not more.
func (s *Store) Metrics() Metrics {
	db := s.db.Metrics()
	return Metrics{
		Batches:        s.count.batches.Load(),
		Appends:        s.count.appends.Load(),
		Bytes:          s.count.bytes.Load(),
		DroppedByCount: s.count.byCount.Load(),
		DroppedByAge:   s.count.byAge.Load(),
		Stalls:         s.count.stalls.Load(),
		Corruptions:    s.count.corruptions.Load(),
		DiskBytes:      db.DiskSpaceUsage(),
		MemoryBytes:    uint64(max(db.BlockCache.Size, 0)) + db.MemTable.Size + db.MemTable.ZombieSize,
		CacheHits:      uint64(db.BlockCache.Hits),
		CacheMisses:    uint64(db.BlockCache.Misses),
		CompactionDebt: db.Compact.EstimatedDebt,
		ReadTables:     db.ReadAmp(),
	}
}
