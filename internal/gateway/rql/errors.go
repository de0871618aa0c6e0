package rql

import (
	"errors"
	"strconv"
)

// What can be wrong with an expression. They arrive wrapped in an [*Error].
var (
	// ErrSyntax says that the text is no expression.
	ErrSyntax = errors.New("invalid RQL expression")
	// ErrTooComplex says that the text is longer than [MaxLength], nested deeper than [MaxDepth], or has more than [MaxTerms]
	// terms or patterns of more than [MaxPattern] characters.
	ErrTooComplex = errors.New("RQL expression too complex")
	// ErrProperty says that nothing has such a property.
	ErrProperty = errors.New("unknown property")
)

// ErrTooMuchWork says that a predicate was not evaluated to the end, because that would have taken more than [MaxWork].
var ErrTooMuchWork = errors.New("evaluation of the RQL expression takes too much work")

// Error says where in an expression something is wrong.
type Error struct {
	// Err is one of the errors of this package.
	Err error
	// Expected says what should be at the place; it may be empty.
	Expected string
	// Found is what is there instead, shortened; empty at the end of the text.
	Found string
	// Offset is the index of the place in the text, in bytes.
	Offset int
}

// Error implements error.
func (e *Error) Error() string {
	text := e.Err.Error() + " at byte " + strconv.Itoa(e.Offset)
	if e.Expected != "" {
		text += ": expected " + e.Expected
	}
	if e.Found != "" {
		text += ", found " + strconv.Quote(e.Found)
	}
	return text
}

// Unwrap gives errors.Is access to the reason.
func (e *Error) Unwrap() error { return e.Err }
