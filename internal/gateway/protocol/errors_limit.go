package protocol

import "time"

// ErrTooManyRequests refuses what exceeds the rate that a session or user may have.
func ErrTooManyRequests(retryAfter time.Duration) *Error {
	return &Error{
		Status: 429, Code: "too.many.requests", RetryAfter: retryAfter,
		Message:     "There were too many requests in a short time.",
		Description: "Send fewer messages, or wait before trying again.",
	}
}

// ErrTooManyModifications refuses a modification of a thing for which too many wait already.
func ErrTooManyModifications(id string) *Error {
	return &Error{
		Status: 429, Code: "things:thing.toomanymodifyingrequests",
		Message:     "Too many modifications of the thing \"" + excerpt(id) + "\" are waiting.",
		Description: "Wait for the responses to those before sending more.",
	}
}

// ErrThingUnavailable says that a thing can neither be read nor changed at the moment.
func ErrThingUnavailable(id string) *Error {
	return &Error{
		Status: 503, Code: "things:thing.unavailable",
		Message:     "The thing \"" + excerpt(id) + "\" is not available.",
		Description: "Try again later. A modification may have happened or not.",
	}
}

// ErrCommandTimeout says that the answer to a command did not come in time.
func ErrCommandTimeout(timeout time.Duration) *Error {
	return &Error{
		Status: 408, Code: "command.timeout",
		Message:     "The command was not answered within its timeout of " + milliseconds(timeout) + ".",
		Description: "It may have been executed. Try again, or with a longer timeout.",
	}
}

// ErrInternal says that something failed which should not have. Details belong into the log.
func ErrInternal() *Error {
	return &Error{
		Status: 500, Code: "gateway:internalerror", Unaddressed: true,
		Message:     "An error occurred that should not have.",
		Description: "Try again, and tell the operator if it happens again.",
	}
}
