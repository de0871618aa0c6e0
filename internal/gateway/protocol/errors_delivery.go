package protocol

// ErrSendingFailed says that a signal did not reach an outside system. The status is that of an acknowledgement which tells so.
func ErrSendingFailed(status int, reason string) *Error {
	return &Error{
		Status: status, Code: "connectivity:message.sending.failed",
		Message:     "The signal was not delivered to the outside system.",
		Description: excerpt(reason),
	}
}

// ErrSignalUnmappable says that a signal has no form, or no address, in which an outside system could be told of it.
func ErrSignalUnmappable(reason string) *Error {
	return &Error{
		Status: 400, Code: "connectivity:message.mapping.failed",
		Message:     "The signal cannot be written as the message that the outside system wants.",
		Description: excerpt(reason),
	}
}
