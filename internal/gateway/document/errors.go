package document

import (
	"errors"
	"strconv"
)

// What can be wrong with text that should be JSON. They arrive wrapped in an [*Error], which adds the place.
var (
	// ErrSyntax says that the text is not JSON (RFC 8259) or not UTF-8.
	ErrSyntax = errors.New("invalid JSON")
	// ErrDepth says that arrays and objects are nested more than [MaxDepth] levels deep.
	ErrDepth = errors.New("JSON is nested too deeply")
	// ErrNUL says that a string holds the character U+0000, which documents may not.
	ErrNUL = errors.New("JSON string holds the character U+0000")
)

// Error is what functions that read text from outside return when they refuse it.
type Error struct {
	// Offset is the index of the first byte that could not be accepted.
	Offset int
	// Err is ErrSyntax, ErrDepth or ErrNUL.
	Err error
}

// Error implements error.
func (e *Error) Error() string {
	return e.Err.Error() + " at byte " + strconv.Itoa(e.Offset)
}

// Unwrap gives errors.Is access to the reason.
func (e *Error) Unwrap() error { return e.Err }
