package placeholder

import (
	"errors"
	"strconv"
)

// What can be wrong with a template. They arrive wrapped in an [*Error].
var (
	// ErrSyntax says that the text is no template.
	ErrSyntax = errors.New("placeholder: invalid syntax")
	// ErrTooComplex says that the text is longer than [MaxLength], has more than [MaxExpressions] expressions, or more
	// than [MaxFunctions] functions in one of them.
	ErrTooComplex = errors.New("placeholder: too complex")
	// ErrFunctionUnknown says that there is no function of the name.
	ErrFunctionUnknown = errors.New("placeholder: unknown function")
	// ErrSignature says that a function cannot have the parameters that it is given, or not begin an expression.
	ErrSignature = errors.New("placeholder: function with the wrong parameters")
)

// What can go wrong when a template is resolved. [ErrPlaceholderUnknown] arrives wrapped in an [*Error].
var (
	// ErrPlaceholderUnknown says that the source does not know a placeholder at all.
	ErrPlaceholderUnknown = errors.New("placeholder: unknown placeholder")
	// ErrDeleted says that an expression resolved to fn:delete.
	ErrDeleted = errors.New("placeholder: deleted")
	// ErrTooManyResults says that there would be more than [MaxResults] results, or that too much text would have to be
	// made for them.
	ErrTooManyResults = errors.New("placeholder: too many results")
)

// Error says where in a template something is wrong.
type Error struct {
	// Err is one of the errors of this package.
	Err error
	// What is the part of the template that is wrong, shortened; it may be empty.
	What string
	// Offset is the index of the part in the template, in bytes; -1 if the error is not about one place.
	Offset int
}

// Error implements error.
func (e *Error) Error() string {
	text := e.Err.Error()
	if e.What != "" {
		text += " " + strconv.Quote(e.What)
	}
	if e.Offset >= 0 {
		text += " at byte " + strconv.Itoa(e.Offset)
	}
	return text
}

// Unwrap gives errors.Is access to the reason.
func (e *Error) Unwrap() error { return e.Err }
