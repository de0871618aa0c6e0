package protocol

// ErrReferenceNotSupported refuses a placeholder that refers to another kind of entity than things.
func ErrReferenceNotSupported(kind string) *Error {
	return &Error{
		Status: 400, Code: "placeholder:placeholder.reference.notsupported", Unaddressed: true,
		Message:     "A reference to \"" + excerpt(kind) + "\" is not supported.",
		Description: "Refer to the policy of a thing with ref:things/<thing id>/policyId.",
	}
}

// ErrReferenceFieldUnknown refuses a placeholder that refers to another field of a thing than its policy id.
func ErrReferenceFieldUnknown(field string) *Error {
	return &Error{
		Status: 400, Code: "placeholder:placeholder.reference.unknownfield", Unaddressed: true,
		Message:     "A reference to the field \"" + excerpt(field) + "\" is not known.",
		Description: "Refer to the policy of a thing with ref:things/<thing id>/policyId.",
	}
}
