package protocol

import (
	"strconv"
	"time"
)

// ErrLabelInvalid refuses the label of an acknowledgement.
func ErrLabelInvalid(label string) *Error {
	return &Error{
		Status: 400, Code: "acknowledgement:label.invalid", Unaddressed: true,
		Message:     "The acknowledgement label \"" + excerpt(label) + "\" is not valid.",
		Description: "A label has 3 to 165 letters, digits, dashes, underscores and colons.",
	}
}

// ErrLabelNotDeclared refuses an acknowledgement with a label that the session did not declare.
func ErrLabelNotDeclared(label string) *Error {
	return &Error{
		Status: 400, Code: "acknowledgement:label.not.declared", Unaddressed: true,
		Message:     "The acknowledgement label \"" + excerpt(label) + "\" was not declared by this session.",
		Description: "Declare it in \"declared-acks\" when connecting.",
	}
}

// ErrLabelNotUnique refuses the declaration of a label that someone else declared.
func ErrLabelNotUnique(label string) *Error {
	return &Error{
		Status: 409, Code: "acknowledgement:label.not.unique", Unaddressed: true,
		Message:     "The acknowledgement label \"" + excerpt(label) + "\" is declared by another subscriber.",
		Description: "Declare a label that nobody else uses.",
	}
}

// ErrLabelForbidden refuses an acknowledgement with a label that only the server issues.
func ErrLabelForbidden(label string) *Error {
	return &Error{
		Status: 400, Code: "acknowledgement:ditto.acklabel.forbidden",
		Message:     "The acknowledgement label \"" + excerpt(label) + "\" is reserved for the server.",
		Description: "Acknowledge with a label of your own.",
	}
}

// ErrAckCorrelationIDMissing refuses an acknowledgement that does not say what it acknowledges.
func ErrAckCorrelationIDMissing() *Error {
	return &Error{
		Status: 400, Code: "acknowledgement:correlation-id.missing",
		Message:     "The acknowledgement has no correlation id.",
		Description: "Send the \"correlation-id\" of the signal that it acknowledges.",
	}
}

// ErrAckDuplicateCorrelationID refuses a request for acknowledgements while another with its correlation id is open.
func ErrAckDuplicateCorrelationID(id string) *Error {
	return &Error{
		Status: 409, Code: "acknowledgement:request.duplicate.correlation-id",
		Message:     "Acknowledgements for the correlation id \"" + excerpt(id) + "\" are being waited for already.",
		Description: "Use a correlation id only once.",
	}
}

// ErrAckTimeout stands for an acknowledgement that did not come in time.
func ErrAckTimeout(label string, timeout time.Duration) *Error {
	return &Error{
		Status: 408, Code: "acknowledgement:request.timeout",
		Message:     "The acknowledgement \"" + excerpt(label) + "\" did not come within " + milliseconds(timeout) + ".",
		Description: "Whoever issues it was not connected, not entitled or too slow.",
	}
}

// ErrAckTooLarge refuses an acknowledgement that is larger than can be passed on.
func ErrAckTooLarge(label string) *Error {
	return &Error{
		Status: 413, Code: "messages:payload.toolarge",
		Message:     "The acknowledgement \"" + excerpt(label) + "\" is too large.",
		Description: "Send less with it.",
	}
}

// ErrTooManyAcks refuses a message that requests more acknowledgements than it can wait for.
func ErrTooManyAcks(limit int) *Error {
	return &Error{
		Status: 400, Code: codeHeaderInvalid,
		Message:     "The header \"" + HeaderRequestedAcks.String() + "\" has too many labels.",
		Description: "There may be " + strconv.Itoa(limit) + " of them.",
	}
}

// ErrTooManyWaits refuses a message because too many others have not been answered yet: of the session, or of all together.
func ErrTooManyWaits() *Error {
	return &Error{
		Status: 429, Code: "too.many.requests",
		Message:     "Too many messages are waiting for their answers.",
		Description: "Wait for some of the answers before sending more, or require none.",
	}
}

// ErrAckUnavailable stands for an acknowledgement that its issuer is not asked for, because it owes too many.
func ErrAckUnavailable(label string) *Error {
	return &Error{
		Status: 503, Code: "gateway:service.unavailable",
		Message:     "The acknowledgement \"" + excerpt(label) + "\" cannot be asked for.",
		Description: "Whoever issues it has too many others to give. Try again later.",
	}
}

// ErrCommandMismatch says that in time there was only an answer that is none to the command.
func ErrCommandMismatch(timeout time.Duration, reason string) *Error {
	err := ErrCommandTimeout(timeout)
	err.Description = "There was a response which does not fit the command: " + excerpt(reason)
	return err
}
