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

	// ErrDuplicate says that the subjects of a pre-authenticated request are given more than once.
	ErrDuplicate = errors.New("auth: pre-authenticated subjects given more than once")

	// ErrTooManySubjects says that the credentials stand for more than [MaxSubjects] subjects, or for very long ones.
	ErrTooManySubjects = errors.New("auth: too many or too long subjects")
)

// What can be wrong with a token.
var (
	// ErrMultipleTokens says that the request carries more than one token.
	ErrMultipleTokens = errors.New("auth: more than one token")

	// ErrTokenInvalid says that the token lets nobody in: it is malformed, not signed as it must be, not valid now or not
	// for this gateway, or it stands for no subject. The text of an error that wraps it says which.
	ErrTokenInvalid = errors.New("auth: invalid token")

	// ErrIssuerUnknown says that the token comes from an issuer that is not configured.
	ErrIssuerUnknown = errors.New("auth: unknown issuer of the token")

	// ErrConditionFailed says that the token does not fulfil a prerequisite of its issuer's configuration.
	ErrConditionFailed = errors.New("auth: prerequisite not fulfilled by the token")

	// ErrKeysUnavailable says that the token could not be verified because the issuer's keys could not be fetched. It
	// wraps the cause, which is about the issuer and not about the token.
	ErrKeysUnavailable = errors.New("auth: keys of the issuer unavailable")
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
