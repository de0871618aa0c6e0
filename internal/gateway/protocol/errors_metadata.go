package protocol

// ErrMetadataHeadersConflict refuses a command with more than one of the headers for metadata.
func ErrMetadataHeadersConflict() *Error {
	return &Error{
		Status: 400, Code: "things:metadata.headersconflict",
		Message:     "The headers for metadata exclude each other.",
		Description: "Send only one of put-metadata, get-metadata and delete-metadata.",
	}
}

// ErrMetadataNotModifiable refuses metadata that comes both in the value and in a header.
func ErrMetadataNotModifiable() *Error {
	return &Error{
		Status: 400, Code: "things:metadata.notmodifiable",
		Message:     "The metadata of a thing cannot be set by its value and by a header at once.",
		Description: "Leave one of them out.",
	}
}

// ErrMetadataInvalid refuses a command for its header put-metadata.
func ErrMetadataInvalid(reason string) *Error {
	return &Error{
		Status: 400, Code: codeHeaderInvalid,
		Message:     "The value of the header \"" + HeaderPutMetadata.String() + "\" is not valid.",
		Description: reason,
	}
}

// ErrMetadataKeyInvalid refuses a command for a key in its header put-metadata.
func ErrMetadataKeyInvalid(key, reason string) *Error {
	return ErrMetadataInvalid("The key \"" + excerpt(key) + "\" cannot be used: " + reason + ".")
}
