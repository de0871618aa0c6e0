package protocol

import "strconv"

// policyError is an error of policies about a policy that the command names.
func policyError(status int, code, message, description string) *Error {
	return &Error{Status: status, Code: "policies:" + code, Policy: true, Message: message, Description: description}
}

// ErrPolicyIDNotSettable refuses a policy whose id is not that of the topic.
func ErrPolicyIDNotSettable(got, want string) *Error {
	e := policyError(400, "id.notsettable",
		"The policy id \""+excerpt(got)+"\" in the value is not \""+excerpt(want)+"\", that of the topic.",
		"Leave the id out of the value, or let it be the same.")
	e.Unaddressed = true
	return e
}

// ErrPolicyEntryInvalid refuses an entry, or a part of one.
func ErrPolicyEntryInvalid(reason string) *Error {
	return policyError(400, "entry.invalid", "The policy entry is not valid.", reason)
}

// ErrPolicyLabelInvalid refuses the label of an entry.
func ErrPolicyLabelInvalid(label string) *Error {
	return policyError(400, "label.invalid", "The label \""+excerpt(label)+"\" is not valid.",
		"A label has 1 to 256 characters, neither slashes nor control characters, and does not begin with imported or nsimported.")
}

// ErrPolicySubjectIDInvalid refuses the id of a subject.
func ErrPolicySubjectIDInvalid(id string) *Error {
	return policyError(400, "subjectid.invalid", "The subject id \""+excerpt(id)+"\" is not valid.",
		"It must be of the form issuer:subject, with at most 256 characters and no control characters.")
}

// ErrPolicySubjectExpiryInvalid refuses the expiry of a subject.
func ErrPolicySubjectExpiryInvalid(expiry, reason string) *Error {
	return policyError(400, "subjectexpiry.invalid", "The subject expiry \""+excerpt(expiry)+"\" is not valid.", reason)
}

// ErrPolicySubjectAnnouncementInvalid refuses the announcement of a subject.
func ErrPolicySubjectAnnouncementInvalid(reason string) *Error {
	return policyError(400, "subjectannouncement.invalid", "The announcement of the subject is not valid.", reason)
}

// ErrPolicyImportInvalid refuses the import of a policy, or a reference to what is imported.
func ErrPolicyImportInvalid(importedID, reason string) *Error {
	return policyError(400, "import.invalid", "The import of the policy \""+excerpt(importedID)+"\" is not valid.", reason)
}

// ErrPolicyImportsTooLarge refuses to import more policies than are allowed.
func ErrPolicyImportsTooLarge(count, limit int) *Error {
	return policyError(400, "imports.toolarge",
		"The policy would import "+strconv.Itoa(count)+" policies, but at most "+strconv.Itoa(limit)+" are allowed.",
		"Import fewer policies.")
}

// ErrPolicyTooLarge refuses a change that would make a policy too large. Sizes are in bytes of its JSON text.
func ErrPolicyTooLarge(size, limit int) *Error {
	return policyError(413, "policy.toolarge",
		"The policy would have a size of "+strconv.Itoa(size)+", but at most "+strconv.Itoa(limit)+" is allowed.",
		"Store less in it.")
}

// lockout is what to do about a change after which nobody could change the policy.
const lockout = "At least one subject that does not expire must keep the permission WRITE on policy:/."

// ErrPolicyModificationInvalid refuses a change of a policy after which nobody could change it.
func ErrPolicyModificationInvalid(id string) *Error {
	return policyError(403, "policy.modificationinvalid",
		"The modification of the policy \""+excerpt(id)+"\" is not valid.", lockout)
}

// ErrPolicyEntryModificationInvalid refuses a change of an entry after which nobody could change the policy.
func ErrPolicyEntryModificationInvalid(id, label string) *Error {
	return policyError(403, "entry.modificationinvalid",
		"The modification of the entry \""+excerpt(label)+"\" of the policy \""+excerpt(id)+"\" is not valid.", lockout)
}

// ErrPolicyEntryReferenceConflict refuses to take away an entry that another one refers to.
func ErrPolicyEntryReferenceConflict(label, referrer string) *Error {
	return policyError(409, "entry.referenceconflict",
		"The entry \""+excerpt(label)+"\" is referred to by the entry \""+excerpt(referrer)+"\".",
		"Remove the reference first.")
}

// ErrPolicyImportReferenceConflict refuses to take away an import, or a part of one, that an entry refers to.
func ErrPolicyImportReferenceConflict(importedID, referrer string) *Error {
	return policyError(409, "import.referenceconflict",
		"The import of \""+excerpt(importedID)+"\" is referred to by the entry \""+excerpt(referrer)+"\".",
		"Remove the reference first.")
}
