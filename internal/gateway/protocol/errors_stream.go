package protocol

import (
	"strconv"
	"time"
)

// ErrStreamNotFound says that there is no subscription for persisted events with the id.
func ErrStreamNotFound(id string) *Error {
	return &Error{
		Status: 404, Code: "streaming.subscription.not.found",
		Message:     "There is no subscription with the id \"" + excerpt(id) + "\".",
		Description: "It may have ended, or belong to another session. Subscribe again.",
	}
}

// ErrStreamProtocol says that a request breaks the rules of a subscription for persisted events.
func ErrStreamProtocol(id, reason string) *Error {
	return &Error{
		Status: 400, Code: "streaming.subscription.protocol.error",
		Message:     "The request for the subscription \"" + excerpt(id) + "\" is not allowed.",
		Description: reason,
	}
}

// ErrStreamTimeout says that a subscription for persisted events has ended because its client has not been heard of.
func ErrStreamTimeout(id string, after time.Duration) *Error {
	return &Error{
		Status: 408, Code: "streaming.subscription.timeout",
		Message:     "Nothing was requested of the subscription \"" + excerpt(id) + "\" for " + after.String() + ".",
		Description: "Subscribe again, and request or cancel in time.",
	}
}

// ErrTooManyStreams refuses a subscription of a session that has as many as it may have.
func ErrTooManyStreams(limit int) *Error {
	return &Error{
		Status: 429, Code: "too.many.requests",
		Message:     "The session has " + strconv.Itoa(limit) + " open subscriptions of this kind already.",
		Description: "Request the rest of one of them, or cancel it.",
	}
}

// ErrEntityIDInvalid refuses the id of the entity whose persisted events are asked for.
func ErrEntityIDInvalid(id string) *Error {
	return &Error{
		Status: 400, Code: "namespacedentity.id.invalid", Unaddressed: true,
		Message:     "The id \"" + excerpt(id) + "\" is not valid.",
		Description: "It must be a namespace and a name, as the topic has them.",
	}
}
