package protocol

import (
	"strconv"
	"strings"
	"time"
)

// ErrRouteNotFound refuses a path that leads nowhere.
func ErrRouteNotFound(path string) *Error {
	return &Error{
		Status: 404, Code: "gateway:route.notfound", Unaddressed: true,
		Message:     "There is nothing at \"" + excerpt(path) + "\".",
		Description: "Check the path. The API description lists what there is.",
	}
}

// ErrMethodNotAllowed refuses a method that a path does not have.
func ErrMethodNotAllowed(method string) *Error {
	return &Error{
		Status: 405, Code: "gateway:method.notallowed", Unaddressed: true,
		Message:     "The method " + excerpt(method) + " is not allowed here.",
		Description: "Use one of those that the header Allow names.",
	}
}

// ErrBodyTooLarge refuses a body of more than so many bytes.
func ErrBodyTooLarge(limit int64) *Error {
	return &Error{
		Status: 413, Code: "gateway:body.toolarge", Unaddressed: true,
		Message:     "The body of the request is too large.",
		Description: "It may have " + strconv.FormatInt(limit, 10) + " bytes.",
	}
}

// ErrBodyUnread refuses a request whose body did not come.
func ErrBodyUnread() *Error {
	return &Error{
		Status: 400, Code: "gateway:body.unreadable", Unaddressed: true,
		Message:     "The body of the request could not be read.",
		Description: "Send it again.",
	}
}

// ErrParametersInvalid refuses parameters, of a query or a form, that cannot be read.
func ErrParametersInvalid() *Error {
	return &Error{
		Status: 400, Code: "gateway:parameters.invalid", Unaddressed: true,
		Message:     "The parameters of the request could not be read.",
		Description: "Check their percent-encoding.",
	}
}

// ErrBodyTypeUnsupported refuses a body of a media type that cannot be read.
func ErrBodyTypeUnsupported(got string, wanted ...string) *Error {
	return &Error{
		Status: 415, Code: "mediatype.unsupported", Unaddressed: true,
		Message:     "The media type \"" + excerpt(got) + "\" is not supported here.",
		Description: "Send one of: " + strings.Join(wanted, ", ") + ".",
	}
}

// ErrRequestTimeoutInvalid refuses a timeout that a request may not have.
func ErrRequestTimeoutInvalid(timeout string, longest time.Duration) *Error {
	return &Error{
		Status: 400, Code: "gateway:timeout.invalid", Unaddressed: true,
		Message:     "The timeout \"" + excerpt(timeout) + "\" is not valid.",
		Description: "It may be from 0 to " + strconv.Itoa(int(longest/time.Second)) + "s.",
	}
}

// ErrURITooLong refuses a URI of more than so many bytes.
func ErrURITooLong(limit int) *Error {
	return &Error{
		Status: 414, Code: "gateway:uri.toolong", Unaddressed: true,
		Message:     "The URI of the request is too long.",
		Description: "It may have " + strconv.Itoa(limit) + " bytes. What is long can be sent in headers or, where there is one, in a form.",
	}
}

// ErrContentEncodingUnsupported refuses a body that is encoded.
func ErrContentEncodingUnsupported(encoding string) *Error {
	return &Error{
		Status: 415, Code: "gateway:contentencoding.unsupported", Unaddressed: true,
		Message:     "The content encoding \"" + excerpt(encoding) + "\" is not supported.",
		Description: "Send the body as it is.",
	}
}
