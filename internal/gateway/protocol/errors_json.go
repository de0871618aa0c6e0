package protocol

// ErrJSONInvalid refuses text that is not JSON, or not of the form that a message or its value must have.
func ErrJSONInvalid(reason string) *Error {
	return &Error{
		Status: 400, Code: "json.invalid", Unaddressed: true,
		Message:     "The message is not valid JSON, or not of the expected form.",
		Description: reason,
	}
}

// ErrValueMissing refuses a command that needs a value and has none.
func ErrValueMissing() *Error {
	return &Error{
		Status: 400, Code: "json.invalid",
		Message:     "The command has no value.",
		Description: "Add the member \"value\" to the message.",
	}
}

// ErrValueInvalid refuses a value with a character or a depth that no value can have.
func ErrValueInvalid(reason string) *Error {
	return &Error{
		Status: 400, Code: "json.invalid",
		Message:     "The value cannot be taken.",
		Description: reason,
	}
}

// ErrEmptyText refuses a text message without text.
func ErrEmptyText() *Error {
	return &Error{
		Status: 400, Code: "json.format.invalid", Unaddressed: true,
		Message:     "The message is empty.",
		Description: "Send a JSON object with at least a topic and a path.",
	}
}

// ErrJSONFormatInvalid refuses a value of the wrong JSON type.
func ErrJSONFormatInvalid(reason string) *Error {
	return &Error{
		Status: 400, Code: "json.format.invalid",
		Message:     "The value has the wrong format.",
		Description: reason,
	}
}

// ErrControlParameter refuses a control message that is too long or has a parameter that cannot be read.
func ErrControlParameter(reason string) *Error {
	return &Error{
		Status: 400, Code: "json.format.invalid", Unaddressed: true,
		Message:     "The parameters of the control message cannot be read.",
		Description: reason,
	}
}

// ErrFieldMissing refuses a message without a member that it must have.
func ErrFieldMissing(name string) *Error {
	return &Error{
		Status: 400, Code: "json.field.missing", Unaddressed: true,
		Message:     "The member \"" + name + "\" is missing.",
		Description: "Add \"" + name + "\" to the message.",
	}
}

// ErrKeyInvalid refuses a key of attributes or properties, or the id of a feature.
func ErrKeyInvalid(key, reason string) *Error {
	return &Error{
		Status: 400, Code: "json.key.invalid", Unaddressed: true,
		Message:     "The key \"" + excerpt(key) + "\" is not valid.",
		Description: reason,
	}
}

// ErrPointerInvalid refuses a path that is no JSON pointer.
func ErrPointerInvalid(path string) *Error {
	return &Error{
		Status: 400, Code: "json.pointer.invalid", Unaddressed: true,
		Message:     "The path \"" + excerpt(path) + "\" is not a valid JSON pointer.",
		Description: "It must not have consecutive slashes, nor more than 100 segments.",
	}
}

// ErrFieldSelectorInvalid refuses a field selector that cannot be read.
func ErrFieldSelectorInvalid(selector string) *Error {
	return &Error{
		Status: 400, Code: "json.fieldselector.invalid", Unaddressed: true,
		Message:     "The field selector \"" + excerpt(selector) + "\" is not valid.",
		Description: "Separate the fields by commas without blanks, and close every parenthesis.",
	}
}
