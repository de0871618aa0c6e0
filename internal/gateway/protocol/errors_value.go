package protocol

// ErrThingIDInvalid refuses the id of a thing.
func ErrThingIDInvalid(id, reason string) *Error {
	return &Error{
		Status: 400, Code: "things:id.invalid", Unaddressed: true,
		Message:     "The thing id \"" + excerpt(id) + "\" is not valid.",
		Description: reason,
	}
}

// ErrThingIDNotSettable refuses a thing whose id is not that of the topic.
func ErrThingIDNotSettable(got, want string) *Error {
	return &Error{
		Status: 400, Code: "things:id.notsettable", Unaddressed: true,
		Message:     "The thing id \"" + excerpt(got) + "\" in the value is not \"" + excerpt(want) + "\", that of the topic.",
		Description: "Leave the id out of the value, or let it be the same.",
	}
}

// ErrThingIDNotDeletable refuses a patch that removes the id of a thing.
func ErrThingIDNotDeletable() *Error {
	return &Error{
		Status: 400, Code: "things:id.notdeletable", Unaddressed: true,
		Message:     "The id of a thing cannot be deleted.",
		Description: "Leave thingId out of the patch.",
	}
}

// ErrThingIDsMissing refuses to retrieve several things without ids.
func ErrThingIDsMissing() *Error {
	return &Error{
		Status: 400, Code: "things:things.ids.missing",
		Message:     "There are no ids of things to retrieve.",
		Description: "Name at least one in \"thingIds\".",
	}
}

// ErrMergeInvalid refuses a patch that cannot be applied to a thing.
func ErrMergeInvalid(reason string) *Error {
	return &Error{
		Status: 400, Code: "things:merge.invalid",
		Message:     "The patch cannot be applied.",
		Description: reason,
	}
}

// ErrDefinitionInvalid refuses the identifier of a definition.
func ErrDefinitionInvalid(definition string) *Error {
	return &Error{
		Status: 400, Code: "things:definition.identifier.invalid", Unaddressed: true,
		Message:     "The definition identifier \"" + excerpt(definition) + "\" is not valid.",
		Description: "It must be of the form namespace:name:version, or an http or https URL.",
	}
}

// ErrFeatureDefinitionEmpty refuses the definition of a feature that has no identifier.
func ErrFeatureDefinitionEmpty() *Error {
	return &Error{
		Status: 400, Code: "things:feature.definition.empty", Unaddressed: true,
		Message:     "The definition of a feature must not be empty.",
		Description: "Name at least one identifier, or leave the definition out.",
	}
}

// ErrFieldSelectionInvalid refuses the selection of a field that cannot be added to signals.
func ErrFieldSelectionInvalid(field string) *Error {
	return &Error{
		Status: 400, Code: "things:field.selection.invalid", Unaddressed: true,
		Message:     "The field \"" + excerpt(field) + "\" cannot be selected.",
		Description: "Select members of a thing, or below its attributes and features.",
	}
}

// ErrPlaceholderUnresolved refuses a value with a placeholder for which there is nothing.
func ErrPlaceholderUnresolved(placeholder string) *Error {
	return &Error{
		Status: 400, Code: "placeholder:unresolved",
		Message:     "The placeholder \"" + excerpt(placeholder) + "\" could not be resolved.",
		Description: "Use a placeholder that is known where it stands.",
	}
}
