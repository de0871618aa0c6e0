package pebble

import (
	"context"
	"log/slog"
	"time"

	pebbledb "github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/twinway/twinway/internal/gateway/store"
)

// Defaults of Options.
const (
	DefaultCacheSize         = 256 << 20
	DefaultHistoryMaxRecords = 100
)

// Options says where and how a store is kept.
type Options struct {
	// Dir is the directory of the store; it is made if it does not exist.
	Dir string
	// FS is the file system of Dir; nil means the operating system's.
	FS vfs.FS
	// CacheSize bounds the memory for blocks read from disk and for writes
	// that are not in tables yet, together, in bytes. Of it, up to three
	// quarters are taken by writes when there are many. What the store
	// remembers of entities that were appended to comes on top: a sixteenth as
	// much, or 3 MiB if that is more. 0 means DefaultCacheSize.
	CacheSize int64
	// HistoryMaxRecords returns how many events of an entity are kept: 0 means
	// none, less means all. It is asked at every Apply and must not block; see
	// the package comment for what happens when the answer changes. nil means
	// DefaultHistoryMaxRecords.
	HistoryMaxRecords func() int
	// HistoryMaxAge returns how old events may become, 0 for any age. What is
	// older is deleted in the background, at the latest an hour later if there
	// is not much; see the package comment. It must not block. nil means 0.
	HistoryMaxAge func() time.Duration
	// Index returns the entries by which a thing is found, as
	// store.IndexChange has them, each once, in any order. It is called by Open when the
	// index has to be made anew, for every thing that is not deleted. The
	// record and its bytes are only valid during the call. nil means none.
	Index func(store.Record) [][]byte
	// IndexRules stands for what Index returns: if it says something else than
	// when the index was made, the index is made anew.
	IndexRules string
	// Clock returns the time by which events get old: the same as in their
	// times. nil means time.Now.
	Clock func() time.Time
	// Sleep waits for a time, and returns an error if ctx ends before. It is
	// what everything in the background waits with; nil means by a timer.
	Sleep func(ctx context.Context, d time.Duration) error
	// Logger takes what the store has to say; nil discards it. What Pebble
	// does in the background is logged at level Debug.
	Logger *slog.Logger
	// OnCommit is called by Wait for every batch that has become durable, if
	// it is not nil. It must not block.
	OnCommit func(CommitInfo)
	// OnSweep is called when events were deleted because they were old, with
	// how many, if it is not nil. It must not block.
	OnSweep func(events int)
	// OnFatal is called once, in a goroutine of its own, when an open store
	// has failed, if it is not nil. The store never recovers; the owner should
	// end the process.
	OnFatal func(error)
}

// CommitInfo describes a batch that has become durable.
type CommitInfo struct {
	// Appends is the number of appends, Bytes what they take in the log.
	Appends, Bytes int
	// Dropped is how many events it has deleted to make room.
	Dropped int
	// Latency is the time from the beginning of Apply to the return of Wait.
	Latency time.Duration
}

func (o Options) withDefaults() Options {
	if o.FS == nil {
		o.FS = vfs.Default
	}
	if o.CacheSize <= 0 {
		o.CacheSize = DefaultCacheSize
	}
	if o.HistoryMaxRecords == nil {
		o.HistoryMaxRecords = func() int { return DefaultHistoryMaxRecords }
	}
	if o.HistoryMaxAge == nil {
		o.HistoryMaxAge = func() time.Duration { return 0 }
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// The size of a table of writes in memory. Larger ones mean fewer and larger
// tables on disk and less to compact, and longer logs to read when a store is
// opened after a crash: of up to three of them. Beyond the largest here hardly
// less is compacted, and memory is better spent on what is read.
const (
	minMemTable = 64 << 10
	maxMemTable = 32 << 20
)

func (o Options) memTableSize() uint64 {
	return uint64(min(max(o.CacheSize/4, minMemTable), maxMemTable))
}

// pebble returns the settings of the data base, all but its surroundings.
func (o Options) pebble() *pebbledb.Options {
	p := &pebbledb.Options{
		// Named, not FormatNewest: an update of the library must not make a
		// directory unreadable for the version before.
		FormatMajorVersion: pebbledb.FormatValueSeparation,
		// Memory for writes counts against the cache.
		CacheSize:    o.CacheSize,
		MemTableSize: o.memTableSize(),
		// One table of writes being filled, two being written out.
		MemTableStopWritesThreshold: 3,
		// Two cores: a second compaction only if the first does not keep up.
		CompactionConcurrencyRange: func() (lower, upper int) { return 1, 2 },
		// Compact when two flushes lie on top of each other, which is what 4
		// means: with each single one up to a quarter more is written. Entities
		// are read no slower, since filters spare them the tables they are not
		// in; a search has one more to look into. Stop writes late.
		L0CompactionThreshold: 4,
		L0StopWritesThreshold: 64,
		MaxOpenFiles:          1000,
	}
	p.FlushSplitBytes = 2 << 20
	p.ApplyCompressionSettings(func() pebbledb.DBCompressionSettings { return pebbledb.DBCompressionFastest })
	for i := range p.Levels {
		// Records are 500 bytes to a few KiB; larger blocks would mean more to
		// read and decompress for one, smaller ones larger indexes.
		p.Levels[i].BlockSize = 8 << 10
		p.Levels[i].IndexBlockSize = 64 << 10
		p.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
	}
	return p
}
