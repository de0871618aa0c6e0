package store

import (
	"errors"
	"fmt"
)

// Errors of a store. All are final for the call that returns them; test with
// errors.Is.
var (
	// ErrNotFound says that the entity never existed.
	ErrNotFound = errors.New("entity not found in the store")
	// ErrConflict says that an entity is not at the revision that an append
	// expected. The error is a *ConflictError.
	ErrConflict = errors.New("revision conflict")
	// ErrInvalid says that an append is malformed: key, revisions that do not
	// follow on Expected, entries of an index for what is no thing, or a size
	// beyond what the store takes.
	ErrInvalid = errors.New("invalid append")
	// ErrFailed says that a write could not be made durable, now or earlier.
	// The store takes no more writes; reads may show what is not durable.
	ErrFailed = errors.New("store failed")
	// ErrCorrupt says that what is on disk is not what was written.
	ErrCorrupt = errors.New("store corrupt")
	// ErrLocked says that another process, or another store of this one, has
	// the directory open.
	ErrLocked = errors.New("store locked")
	// ErrClosed says that a view, its keys, or the store, is closed.
	ErrClosed = errors.New("store or view closed")
	// ErrVersion says that the directory was written in a format that this
	// build does not know.
	ErrVersion = errors.New("unknown store format")
)

// ConflictError tells which append of a batch was refused.
type ConflictError struct {
	// Key is the entity.
	Key Key
	// Expected is what the append expected and Current what it found, 0 if the
	// entity never existed.
	Expected, Current int64
}

// Error implements error.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("revision conflict: %s is at revision %d, not %d", e.Key.ID, e.Current, e.Expected)
}

// Is makes errors.Is(err, ErrConflict) true.
func (e *ConflictError) Is(target error) bool { return target == ErrConflict }
