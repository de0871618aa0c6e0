package protocol

// ErrPolicyNotFound says that there is no policy with the id, or none that may be seen.
func ErrPolicyNotFound(id string) *Error {
	e := notFound("policies:policy.notfound", "The policy", id)
	e.Policy = true
	return e
}

// ErrPolicyIDInvalid refuses the id of a policy.
func ErrPolicyIDInvalid(id string) *Error {
	return &Error{
		Status: 400, Code: "policies:id.invalid", Unaddressed: true, Policy: true,
		Message:     "The policy id \"" + excerpt(id) + "\" is not valid.",
		Description: "It must be of the form namespace:name, with at most 256 characters.",
	}
}

// ErrPolicyIDNotDeletable refuses a patch that removes a thing's policy id.
func ErrPolicyIDNotDeletable() *Error {
	return &Error{
		Status: 400, Code: "things:policyId.notdeletable", Unaddressed: true,
		Message:     "The policy id of a thing cannot be deleted.",
		Description: "Set it to the id of another policy.",
	}
}

// ErrPolicyIDMissing refuses a thing that names no policy where it must.
func ErrPolicyIDMissing(id string) *Error {
	return &Error{
		Status: 400, Code: "things:policy.id.missing",
		Message:     "The thing \"" + excerpt(id) + "\" has no policy id.",
		Description: "Add policyId to the thing.",
	}
}

// ErrPolicyInvalid refuses the policy in the value of a command that creates a thing.
func ErrPolicyInvalid(reason string) *Error {
	return &Error{
		Status: 400, Code: "things:policy.invalid",
		Message:     "The policy in the thing is not valid.",
		Description: reason,
	}
}

// ErrPolicyConflicting refuses a thing that comes with a policy and with one to be copied.
func ErrPolicyConflicting() *Error {
	return &Error{
		Status: 400, Code: "things:policy.conflicting", Unaddressed: true,
		Message:     "A thing cannot be created with a policy and a copy of another one.",
		Description: "Send either _policy or _copyPolicyFrom.",
	}
}

// ErrPolicyPathUnknown refuses a path that leads to nothing a policy can have.
func ErrPolicyPathUnknown(path string) *Error {
	e := ErrPathUnknown(path)
	e.Description = "A policy has /entries and /imports."
	return e
}

// ErrPolicyConflict refuses to create a policy that exists.
func ErrPolicyConflict(id string) *Error {
	return &Error{
		Status: 409, Code: "policies:policy.conflict", Policy: true,
		Message:     "The policy \"" + excerpt(id) + "\" exists already.",
		Description: "Modify it, or choose another id.",
	}
}

// ErrPolicyNotCreatable refuses to create a policy that its creator could not modify.
func ErrPolicyNotCreatable(id string) *Error {
	return &Error{
		Status: 403, Code: "policies:policy.notcreatable", Policy: true,
		Message: "The policy \"" + excerpt(id) + "\" cannot be created.",
		Description: "It must grant you the permission WRITE on policy:/ and everything below, or you must send the header \"" +
			HeaderAllowPolicyLockout.String() + "\" with the value true.",
	}
}

// ErrPolicyTooManyModifications refuses a modification of a policy for which too many wait already.
func ErrPolicyTooManyModifications(id string) *Error {
	return &Error{
		Status: 429, Code: "policies:policy.toomanymodifyingrequests", Policy: true,
		Message:     "Too many modifications of the policy \"" + excerpt(id) + "\" are waiting.",
		Description: "Wait for the responses to those before sending more.",
	}
}

// ErrPolicyUnavailable says that a policy can neither be read nor changed at the moment.
func ErrPolicyUnavailable(id string) *Error {
	return &Error{
		Status: 503, Code: "policies:policy.unavailable", Policy: true,
		Message:     "The policy \"" + excerpt(id) + "\" is not available.",
		Description: "Try again later. A modification may have happened or not.",
	}
}

// ErrPolicyHistoryNotFound says that the policy has no such revision, or none at that time.
func ErrPolicyHistoryNotFound(id string) *Error {
	return &Error{
		Status: 404, Code: "policies:policy.history.notfound", Policy: true,
		Message:     "The policy \"" + excerpt(id) + "\" was not found in the history.",
		Description: "Ask for a revision or time that lies in its past and is still kept.",
	}
}

// ErrPolicyPreconditionFailed is [ErrPreconditionFailed] for policies.
func ErrPolicyPreconditionFailed(header, wanted, current string) *Error {
	return ofPolicy("policies:precondition.failed", ErrPreconditionFailed(header, wanted, current))
}

// ErrPolicyPreconditionSkipped is [ErrPreconditionSkipped] for policies.
func ErrPolicyPreconditionSkipped() *Error {
	return ofPolicy("policies:precondition.failed", ErrPreconditionSkipped())
}

// ErrPolicyNotModified is [ErrNotModified] for policies.
func ErrPolicyNotModified() *Error {
	return ofPolicy("policies:precondition.notmodified", ErrNotModified())
}

// ofPolicy makes an error one of policies, with a code of theirs.
func ofPolicy(code string, e *Error) *Error {
	e.Code, e.Policy = code, true
	return e
}

// ErrPolicyViewInvalid refuses to show a policy in a way that there is not.
func ErrPolicyViewInvalid(view string) *Error {
	return &Error{
		Status: 400, Code: "policies:view.invalid", Policy: true,
		Message:     "There is no view \"" + excerpt(view) + "\" of a policy.",
		Description: "Set the header \"" + HeaderPolicyView.String() + "\" to original or resolved, or leave it out.",
	}
}

// ErrPolicyActionFailed refuses an action on a policy or one of its entries, or tells that it failed. The status says why.
func ErrPolicyActionFailed(status int, action, reason string) *Error {
	return &Error{
		Status: status, Code: "policies:action.failed", Policy: true,
		Message:     "The action \"" + excerpt(action) + "\" failed.",
		Description: reason,
	}
}

// ErrEntityNotCreatable refuses to create a thing or policy that the operator does not allow there.
func ErrEntityNotCreatable(id string) *Error {
	return &Error{
		Status: 403, Code: "entity.notcreatable",
		Message:     "You are not allowed to create \"" + excerpt(id) + "\".",
		Description: "Choose another namespace, or ask the operator to allow it.",
	}
}
