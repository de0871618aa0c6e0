package engine

import "errors"

// Errors that commands are completed with.
var (
	// ErrTimeout says that the deadline of a task has passed.
	ErrTimeout = errors.New("command timed out")
	// ErrClosed says that the engine is shutting down.
	ErrClosed = errors.New("engine closed")
	// ErrUnavailable says that the store could not do its part. It wraps the
	// store's error.
	ErrUnavailable = errors.New("store unavailable")
)
