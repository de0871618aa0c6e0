package protocol

// ErrEnforcementFailed refuses a message about something that its sender does not speak for.
func ErrEnforcementFailed(id string) *Error {
	return &Error{
		Status: 400, Code: "connectivity:connection.id.enforcement.failed",
		Message:     "The message about \"" + excerpt(id) + "\" came from somewhere that does not speak for it.",
		Description: "Send it from where the enforcement of the source expects it.",
	}
}

// ErrMessageMappingFailed refuses a message that cannot be made a command of.
func ErrMessageMappingFailed(reason string) *Error {
	return &Error{
		Status: 400, Code: "connectivity:message.mapping.failed", Unaddressed: true,
		Message:     "The message cannot be made a command of.",
		Description: reason,
	}
}

// ErrMessageSubjectsUnresolved refuses a message that does not say on whose authority it is to be taken.
func ErrMessageSubjectsUnresolved(template string) *Error {
	return &Error{
		Status: 400, Code: "connectivity:connection.configuration.invalid", Unaddressed: true,
		Message:     "The authorization subject \"" + excerpt(template) + "\" has no value for the message.",
		Description: "Send the headers that the source takes its authorization subjects from.",
	}
}
