package protocol

import "time"

// ErrAuthenticationFailed refuses who cannot be authenticated. The reason must not help to guess.
func ErrAuthenticationFailed(reason string) *Error {
	return &Error{
		Status: 401, Code: "gateway:authentication.failed", Unaddressed: true,
		Message:     "The authentication failed.",
		Description: reason,
	}
}

// ErrAuthenticationUnavailable says that what is needed to authenticate cannot be reached.
func ErrAuthenticationUnavailable() *Error {
	return &Error{
		Status: 503, Code: "gateway:authentication.provider.unavailable", Unaddressed: true,
		Message:     "Authentication is not available at the moment.",
		Description: "Try again later.",
	}
}

// ErrVersionNotSupported refuses a version of the API other than 2.
func ErrVersionNotSupported(version string) *Error {
	return &Error{
		Status: 404, Code: "api.version.notsupported", Unaddressed: true,
		Message:     "There is no version \"" + excerpt(version) + "\" of the API.",
		Description: "The version is 2.",
	}
}

// ErrHeadersTooLarge refuses a handshake with too many or too large headers or subjects.
func ErrHeadersTooLarge(reason string) *Error {
	return &Error{
		Status: 431, Code: "headers.too.large", Unaddressed: true,
		Message:     "The headers are too large.",
		Description: reason,
	}
}

// ErrDuplicateHeader refuses a handshake that gives a header two values.
func ErrDuplicateHeader(name string) *Error {
	return &Error{
		Status: 400, Code: "gateway:duplicate.header.field", Unaddressed: true,
		Message:     "The header \"" + excerpt(name) + "\" is given more than once.",
		Description: "Give it once, either as header or as query parameter.",
	}
}

// ErrNamespaceNotAccessible refuses what rules on namespaces do not let pass.
func ErrNamespaceNotAccessible(namespace string) *Error {
	return &Error{
		Status: 403, Code: "gateway:namespace.notaccessible",
		Message:     "The namespace \"" + excerpt(namespace) + "\" is not accessible.",
		Description: "Use another namespace, or ask for access to this one.",
	}
}

// ErrServiceUnavailable says that the server takes nothing for a while. RetryAfter may be 0.
func ErrServiceUnavailable(retryAfter time.Duration) *Error {
	return &Error{
		Status: 503, Code: "gateway:service.unavailable", Unaddressed: true, RetryAfter: retryAfter,
		Message:     "The service is not available at the moment.",
		Description: "Try again later.",
	}
}
