package protocol

const codeHeaderInvalid = "header.invalid"

// ErrHeaderInvalid refuses a header that has a value which it cannot have. A value that may be secret must not be in the
// reason.
func ErrHeaderInvalid(name, reason string) *Error {
	return &Error{
		Status: 400, Code: codeHeaderInvalid, Unaddressed: true,
		Message:     "The value of the header \"" + excerpt(name) + "\" is not valid.",
		Description: reason,
	}
}

// errHeaderValue refuses a header that is not what is wanted.
func errHeaderValue(known HeaderName, name string, value []byte, wanted string) *Error {
	if catalogue[known].typ == timeoutValue {
		return ErrTimeoutInvalid(textOf(value))
	}
	return ErrHeaderInvalid(name, "It must be "+wanted+".")
}

// errHeaders refuses headers as a whole.
func errHeaders(reason string) *Error {
	return &Error{
		Status: 400, Code: codeHeaderInvalid, Unaddressed: true,
		Message:     "The headers are not valid.",
		Description: reason,
	}
}

// ErrHeaderConflict refuses a header that contradicts others.
func ErrHeaderConflict(name HeaderName, reason string) *Error {
	return &Error{
		Status: 400, Code: codeHeaderInvalid,
		Message:     "The header \"" + name.String() + "\" contradicts other headers.",
		Description: reason,
	}
}

// ErrHeaderNotSupported refuses a header that has no meaning for the command.
func ErrHeaderNotSupported(name HeaderName) *Error {
	return &Error{
		Status: 400, Code: "header.notsupported",
		Message:     "The header \"" + name.String() + "\" is not supported for this command.",
		Description: "Send the command without it.",
	}
}

// ErrResponseRequired refuses a query that wants no answer.
func ErrResponseRequired() *Error {
	return &Error{
		Status: 400, Code: "command.headers.invalid",
		Message:     "A query cannot do without a response.",
		Description: "Send the command without the header \"response-required\", or with the value true.",
	}
}

// ErrTimeoutInvalid refuses the value of the header timeout.
func ErrTimeoutInvalid(timeout string) *Error {
	return &Error{
		Status: 400, Code: "timeout.invalid", Unaddressed: true,
		Message:     "The timeout \"" + excerpt(timeout) + "\" is not valid.",
		Description: "A timeout is a whole number that is not negative, with one of the units ms, s, m, h, d, w, mo and y or without.",
	}
}

// ErrMediaTypeUnsupported refuses a merge whose content type, which may be empty, is not that of a merge patch.
func ErrMediaTypeUnsupported(contentType string) *Error {
	return &Error{
		Status: 415, Code: "mediatype.unsupported",
		Message:     "The content type \"" + excerpt(contentType) + "\" is not supported for this command.",
		Description: "Set the header \"content-type\" to " + MergePatchJSON + ".",
	}
}

// ErrRQLInvalid refuses a predicate that is not RQL.
func ErrRQLInvalid(expression, reason string) *Error {
	return &Error{
		Status: 400, Code: "rql.expression.invalid", Unaddressed: true,
		Message:     "The expression \"" + excerpt(expression) + "\" is not valid RQL.",
		Description: reason,
	}
}
