package protocol

import "strconv"

// ErrThingNotFound says that there is no thing with the id, or none that may be seen.
func ErrThingNotFound(id string) *Error {
	return notFound("things:thing.notfound", "The thing", id)
}

// ErrThingConflict refuses to create a thing that exists.
func ErrThingConflict(id string) *Error {
	return &Error{
		Status: 409, Code: "things:thing.conflict",
		Message:     "The thing \"" + excerpt(id) + "\" exists already.",
		Description: "Modify it, or choose another id.",
	}
}

// CodeThingNotCreatable says that a thing cannot be created because there is a policy that would have to be made, too.
const CodeThingNotCreatable = "things:thing.notcreatable"

// ErrThingNotCreatable refuses to create a thing because of its policy.
func ErrThingNotCreatable(id, policyID string) *Error {
	return &Error{
		Status: 400, Code: CodeThingNotCreatable,
		Message:     "The thing \"" + excerpt(id) + "\" cannot be created with the policy \"" + excerpt(policyID) + "\".",
		Description: "Name a policy that exists and that you may read, or have one made that does not exist yet.",
	}
}

// ErrThingNotCreatableBecause refuses to create a thing because its policy cannot be made. It has the status of the cause.
func ErrThingNotCreatableBecause(id, policyID string, cause *Error) *Error {
	e := ErrThingNotCreatable(id, policyID)
	e.Status = cause.Status
	e.Description = cause.Message
	if cause.Description != "" {
		e.Description += " " + cause.Description
	}
	return e
}

// ErrThingUnreadable says that a thing cannot be read because its policy does not exist.
func ErrThingUnreadable(id, policyID string) *Error {
	e := ErrThingNotFound(id)
	e.Description = withoutPolicy(policyID)
	return e
}

// ErrThingUnwritable says that a thing cannot be changed because its policy does not exist.
func ErrThingUnwritable(id, policyID string) *Error {
	e := ErrThingNotModifiable(id)
	e.Description = withoutPolicy(policyID)
	return e
}

func withoutPolicy(policyID string) string {
	return "Its policy \"" + excerpt(policyID) + "\" does not exist. Create that again."
}

// ErrThingNotModifiable refuses a change of a thing for lack of permission.
func ErrThingNotModifiable(id string) *Error {
	return notModifiable("things:thing.notmodifiable", "The thing", id)
}

// ErrThingNotDeletable refuses to delete a thing for lack of permission.
func ErrThingNotDeletable(id string) *Error {
	e := notModifiable("things:thing.notdeletable", "", "")
	e.Message = "The thing \"" + excerpt(id) + "\" cannot be deleted."
	return e
}

// ErrThingTooLarge refuses a change that would make a thing too large. Sizes are in characters of its JSON text.
func ErrThingTooLarge(size, limit int) *Error {
	return &Error{
		Status: 413, Code: "things:thing.toolarge",
		Message:     "The thing would have a size of " + strconv.Itoa(size) + ", but at most " + strconv.Itoa(limit) + " is allowed.",
		Description: "Store less in it.",
	}
}

// ErrThingIndexTooLarge refuses a change that would make a thing be found by too much. The limit is in bytes.
func ErrThingIndexTooLarge(limit int) *Error {
	return &Error{
		Status: 413, Code: "things:thing.toolarge",
		Message:     "What the thing would be found by takes more than the " + strconv.Itoa(limit) + " bytes that are allowed.",
		Description: "Store fewer values in it, or have less of it indexed.",
	}
}

// ErrHistoryNotFound says that the thing has no such revision, or none at that time.
func ErrHistoryNotFound(id string) *Error {
	return &Error{
		Status: 404, Code: "things:thing.history.notfound",
		Message:     "The thing \"" + excerpt(id) + "\" was not found in the history.",
		Description: "Ask for a revision or time that lies in its past and is still kept.",
	}
}

// ErrPreconditionFailed refuses a command because of if-match or if-none-match. Current is "" if there is no entity tag.
func ErrPreconditionFailed(header, wanted, current string) *Error {
	state := "there is none"
	if current != "" {
		state = "it is " + current
	}
	return &Error{
		Status: 412, Code: "things:precondition.failed",
		Message:     "The header \"" + header + "\" demands an entity tag by " + excerpt(wanted) + ", but " + state + ".",
		Description: "Retrieve the current state and try again.",
	}
}

// ErrPreconditionSkipped refuses a modification that would change nothing and is not wanted then.
func ErrPreconditionSkipped() *Error {
	return &Error{
		Status: 412, Code: "things:precondition.failed",
		Message:     "The value is equal to what is stored, and by the header \"if-equal\" is skipped.",
		Description: "Nothing was changed.",
	}
}

// ErrNotModified tells that what is to be retrieved is what the client has.
func ErrNotModified() *Error {
	return &Error{
		Status: 304, Code: "things:precondition.notmodified",
		Message:     "The entity tag is one of those in the header \"if-none-match\".",
		Description: "What you have is current.",
	}
}

// ErrConditionInvalid refuses a condition that cannot be evaluated.
func ErrConditionInvalid(condition, reason string) *Error {
	return &Error{
		Status: 400, Code: "things:condition.invalid",
		Message:     "The condition \"" + excerpt(condition) + "\" is not valid.",
		Description: reason,
	}
}

// ErrConditionFailed refuses a command whose condition does not hold.
func ErrConditionFailed(condition string) *Error {
	return &Error{
		Status: 412, Code: "things:condition.failed",
		Message:     "The condition \"" + excerpt(condition) + "\" does not hold for the thing.",
		Description: "Retrieve the current state and try again.",
	}
}

// ErrConditionUnreadable refuses a command whose condition looks at a part of the thing for lack of permission.
func ErrConditionUnreadable(condition, part string) *Error {
	return &Error{
		Status: 412, Code: "things:condition.failed",
		Message:     "The condition \"" + excerpt(condition) + "\" cannot be evaluated for lack of permission.",
		Description: "You may not read all of " + excerpt(part) + ", on which it depends.",
	}
}

// ErrLiveChannelConditionNotAllowed refuses a command that is no retrieve and has a condition for going to the device.
func ErrLiveChannelConditionNotAllowed() *Error {
	return &Error{
		Status: 405, Code: "things:live.channelcondition.notallowed",
		Message:     "The header \"live-channel-condition\" is only allowed for retrieves.",
		Description: "Send the command without it.",
	}
}
