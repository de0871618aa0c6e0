package protocol

// ErrCloudEventUnparsable refuses what is no CloudEvent.
func ErrCloudEventUnparsable(reason string) *Error {
	return &Error{
		Status: 400, Code: "gateway:cloudevent.unparsable", Unaddressed: true,
		Message:     "The request is no CloudEvent.",
		Description: reason,
	}
}

// ErrCloudEventPayloadMissing refuses a CloudEvent without data.
func ErrCloudEventPayloadMissing() *Error {
	return &Error{
		Status: 400, Code: "gateway:cloudevent.payload.missing", Unaddressed: true,
		Message:     "The CloudEvent has no data.",
		Description: "Its data must be a command in the JSON of the protocol.",
	}
}

// ErrCloudEventSchemaUnsupported refuses a CloudEvent whose data is described by something else than the protocol.
func ErrCloudEventSchemaUnsupported(schema string) *Error {
	return &Error{
		Status: 400, Code: "gateway:cloudevent.dataschema.unsupported", Unaddressed: true,
		Message:     "The data schema \"" + excerpt(schema) + "\" is not supported.",
		Description: "Leave it out, or name one that begins with ditto:.",
	}
}
