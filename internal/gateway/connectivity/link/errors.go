package link

import "errors"

// ErrLost is returned for what is asked of a client that is lost or closed.
var ErrLost = errors.New("the connection is lost")

// Refusal is an error that is the user's to mend: wrong credentials, a certificate that is not trusted, a name that does not exist.
// It is tried again nevertheless, as the user may do so at the other end.
type Refusal struct {
	// Cause says what is wrong, without secrets.
	Cause error
}

// Error implements error.
func (r *Refusal) Error() string { return r.Cause.Error() }

// Unwrap returns the cause.
func (r *Refusal) Unwrap() error { return r.Cause }

// RefusedSubscription says that the other end does not take a Subscription.
type RefusedSubscription struct {
	// Name is that of the Subscription.
	Name string
	// Cause says why.
	Cause error
}

// Error implements error.
func (r *RefusedSubscription) Error() string {
	return "subscription " + r.Name + ": " + r.Cause.Error()
}

// Unwrap returns the cause.
func (r *RefusedSubscription) Unwrap() error { return r.Cause }
