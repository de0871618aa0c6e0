package protocol

import "strconv"

// CodeIllegalAdaptable is the code of what a device sent in answer, or as an event, that is not of the expected shape.
const CodeIllegalAdaptable = "protocoladapter:illegal.adaptable"

// ErrMessagePathInvalid refuses a message whose path does not fit its subject, or is none that messages have.
func ErrMessagePathInvalid(path, subject string) *Error {
	return &Error{
		Status: 400, Code: "protocoladapter:invalid.path",
		Message:     "The path \"" + excerpt(path) + "\" is not valid for a message with the subject \"" + excerpt(subject) + "\".",
		Description: "It must be inbox or outbox, optionally of a feature, then messages and the subject as it is in the topic.",
	}
}

// ErrMessageFeatureIDInvalid refuses a message to or from a feature that cannot be one.
func ErrMessageFeatureIDInvalid(feature string) *Error {
	return &Error{
		Status: 400, Code: "messages:featureid.invalid",
		Message:     "The feature id \"" + excerpt(feature) + "\" is not valid.",
		Description: "It has 1 to 256 characters, and neither slashes nor control characters.",
	}
}

// ErrMessageTooLarge refuses a message because of its payload. Sizes are in characters.
func ErrMessageTooLarge(size, limit int) *Error {
	return &Error{
		Status: 413, Code: "messages:payload.toolarge",
		Message: "The payload has a size of " + strconv.Itoa(size) + ", but at most " + strconv.Itoa(limit) +
			" is allowed.",
		Description: "Send less in one message.",
	}
}

// ErrMessageTextInvalid refuses a payload that is not text of the character set that its content type names.
func ErrMessageTextInvalid(contentType string) *Error {
	return &Error{
		Status: 400, Code: "messages:messageformat.invalid",
		Message:     "The payload is not text of the content type \"" + excerpt(contentType) + "\".",
		Description: "Send UTF-8, or ISO-8859-1 if the content type says so. Anything else is best sent as application/octet-stream.",
	}
}

// ErrMessageNotAllowed refuses to send a message for lack of permission.
func ErrMessageNotAllowed(id, path string) *Error {
	return &Error{
		Status: 403, Code: "messages:send.notallowed",
		Message:     "The message " + excerpt(path) + " must not be sent for the thing \"" + excerpt(id) + "\".",
		Description: "Check that you have the permission WRITE on it.",
	}
}

// ErrEventNotAllowed refuses an event of a device for lack of permission.
func ErrEventNotAllowed(id string, path Path) *Error {
	return &Error{
		Status: 403, Code: "things:event.notallowed",
		Message:     "An event at " + excerpt(path.String()) + " must not be sent for the thing \"" + excerpt(id) + "\".",
		Description: "Check that you have the permission WRITE on it.",
	}
}

// ErrIllegalAdaptable refuses what a device sent in answer, or as an event, because it is not of the expected shape.
func ErrIllegalAdaptable(topic *Topic, reason string) *Error {
	return &Error{
		Status: 422, Code: CodeIllegalAdaptable, TopicPath: excerpt(topic.String()),
		Message:     "The message is not what its topic promises.",
		Description: reason,
	}
}
