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
