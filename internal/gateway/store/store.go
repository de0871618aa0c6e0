package store

import "time"

// Store is the durable journal of all entities. See the package comment for
// the guarantees that every implementation gives.
type Store interface {
	// Load returns the current record of an entity, applied and perhaps not
	// durable yet. A deleted entity is returned with Deleted set. The record
	// and its bytes belong to the caller.
	//
	// Errors: ErrNotFound when the entity never existed, ErrCorrupt.
	Load(key Key) (Record, error)

	// Apply appends a batch atomically and returns without waiting for the
	// disk. A key may occur several times; its appends then build on each
	// other in the order given. The batch may be reused once Apply has
	// returned. An empty batch is allowed and changes nothing.
	//
	// Errors: ErrConflict (a *ConflictError) when an entity is not at the
	// revision expected, ErrInvalid when an append contradicts itself,
	// ErrCorrupt, ErrFailed. After an error nothing of the batch is applied.
	Apply(batch []Append) (Commit, error)

	// History calls yield for the events of an entity with from <= revision
	// <= to that are still kept, in ascending order, until yield returns
	// false. An entity that never existed has no events. The payload is only
	// valid during the call of yield. What is applied meanwhile is not seen,
	// and yield may call the store.
	//
	// Errors: ErrCorrupt.
	History(key Key, from, to int64, yield func(Event) bool) error

	// Due calls yield for the entities whose current record has a Due that is
	// after after, unless that is zero, and not after until, with that Due in
	// UTC, the earliest first and equal ones in any order, until yield returns
	// false or limit of them were told. An until in the far future and a limit
	// of 1 tell what is due next. Like Load it shows what is applied and perhaps not durable yet.
	// What is applied meanwhile is not seen, and yield may call the store.
	//
	// Errors: ErrCorrupt.
	Due(after, until time.Time, limit int, yield func(Key, time.Time) bool) error

	// Snapshot returns a view of what is there now: like Load it shows what is
	// applied and perhaps not durable yet.
	//
	// Errors: ErrClosed.
	Snapshot() (View, error)

	// Close makes everything applied durable and releases the store. Views
	// that are still open are closed; that is an error, but does no harm.
	Close() error
}

// Commit is a batch on its way to the disk.
type Commit interface {
	// Wait returns nil when every append of the batch, and of all batches
	// applied before it, is durable. Each commit must be waited for exactly
	// once, also when nobody is interested in the result any more.
	//
	// Errors: ErrFailed; the failure is final for the whole store.
	Wait() error
}
