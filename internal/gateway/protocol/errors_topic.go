package protocol

const codeUnknownTopicPath = "protocoladapter:unknown.topicpath"

// ErrTopicUnknown refuses a topic that is not of the protocol's grammar.
func ErrTopicUnknown(topic, reason string) *Error {
	return &Error{
		Status: 400, Code: codeUnknownTopicPath, Unaddressed: true,
		Message:     "The topic \"" + excerpt(topic) + "\" is not supported.",
		Description: reason,
	}
}

// ErrTopicNotServed refuses a topic that is well-formed, but which no client may send or this server does not serve.
func ErrTopicNotServed(t Topic) *Error {
	return ErrTopicUnknown(t.String(), "This kind of message is not accepted from clients.")
}

// ErrUnknownTopicPath refuses a combination of a topic and a path, each of which the protocol knows.
func ErrUnknownTopicPath(topic, path string) *Error {
	return &Error{
		Status: 400, Code: codeUnknownTopicPath,
		Message:     "The topic \"" + excerpt(topic) + "\" is not supported for the path \"" + excerpt(path) + "\".",
		Description: "Use another action, or another path.",
	}
}

// ErrPathUnknown refuses a path that leads to nothing a thing can have.
func ErrPathUnknown(path string) *Error {
	return &Error{
		Status: 400, Code: "protocoladapter:unknown.path", Unaddressed: true,
		Message:     "The path \"" + excerpt(path) + "\" is unknown.",
		Description: "A thing has /policyId, /definition, /attributes and /features.",
	}
}

// ErrSubjectInvalid refuses the subject of a message.
func ErrSubjectInvalid(subject string) *Error {
	return &Error{
		Status: 400, Code: "messages:subject.invalid",
		Message:     "The message subject \"" + excerpt(subject) + "\" is not valid.",
		Description: "A subject has 1 to 256 characters and no control characters.",
	}
}
