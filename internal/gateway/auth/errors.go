package auth

import (
	"errors"
	"fmt"
	"time"
)

var (
	// ErrNoCredentials says that the request carries no credentials that a provider understands.
	ErrNoCredentials = errors.New("auth: no credentials")

	// ErrWrongCredentials says that the request carries credentials that are malformed or let nobody in. It does not
	// say whether the user exists.
	ErrWrongCredentials = errors.New("auth: wrong credentials")

	// ErrBusy says that the credentials could not be verified in time because too many others are being verified. It
	// wraps the cause of the context's end, if that is what ended the wait.
	ErrBusy = errors.New("auth: too many verifications")
)

// RateLimitedError says that the credentials were not looked at because too many wrong ones came before, for the same
// user or from the same address.
type RateLimitedError struct {
	// RetryAfter is how long it takes until the next attempt is looked at. It is positive.
	RetryAfter time.Duration
}

// Error implements error.
func (e *RateLimitedError) Error() string {
	return fmt.Sprintf("auth: too many failed attempts, retry after %s", e.RetryAfter)
}
