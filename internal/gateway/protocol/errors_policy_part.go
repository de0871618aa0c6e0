package protocol

// policyPart is what a part of a policy is called in codes, depending on what is said of it. Some parts have no codes of
// their own; those of the entry stand for them.
type policyPart struct {
	absent, unreadable, unwritable string
}

var policyParts = [...]policyPart{
	Root:                          {"policy", "policy", "policy"},
	PolicyEntries:                 {"policy", "policy", "policy"},
	PolicyEntry:                   {"entry", "entry", "entry"},
	PolicySubjects:                {"subjects", "subjects", "subjects"},
	PolicySubject:                 {"subject", "subject", "subject"},
	PolicyResources:               {"resources", "entry", "resources"},
	PolicyResource:                {"resource", "entry", "resource"},
	PolicyImportable:              {"entry", "entry", "entry"},
	PolicyNamespaces:              {"entry", "entry", "entry"},
	PolicyAllowedAdditions:        {"entry", "entry", "entry"},
	PolicyReferences:              {"entry", "entry", "entry"},
	PolicyImports:                 {"imports", "imports", "imports"},
	PolicyImport:                  {"import", "import", "import"},
	PolicyImportEntries:           {"import", "entry", "entry"},
	PolicyImportTransitiveImports: {"import", "entry", "entry"},
}

// policyPartOf returns what the part at the path is called. Parts of things are none of policies.
func policyPartOf(path Path) policyPart {
	if int(path.Kind) < len(policyParts) && policyParts[path.Kind] != (policyPart{}) {
		return policyParts[path.Kind]
	}
	return policyParts[Root]
}

// ErrPolicyPartNotFound says that a policy, with this id, has nothing at the path.
func ErrPolicyPartNotFound(id string, path Path) *Error {
	return policyPartNotFound(policyPartOf(path).absent, id, path)
}

// ErrPolicyPartNotReadable is [ErrPolicyPartNotFound] for what must not be seen, whether there is anything or not.
func ErrPolicyPartNotReadable(id string, path Path) *Error {
	return policyPartNotFound(policyPartOf(path).unreadable, id, path)
}

func policyPartNotFound(part, id string, path Path) *Error {
	if path.Kind == Root {
		return ErrPolicyNotFound(id)
	}
	code := "policies:" + part + ".notfound"
	return ofPolicy(code, notFound(code, "The resource "+excerpt(path.String())+" of the policy", id))
}

// ErrPolicyPartNotModifiable refuses a change of a policy, or of what it has at the path, for lack of permission.
func ErrPolicyPartNotModifiable(id string, path Path) *Error {
	what := "The policy"
	if path.Kind != Root {
		what = "The resource " + excerpt(path.String()) + " of the policy"
	}
	code := "policies:" + policyPartOf(path).unwritable + ".notmodifiable"
	return ofPolicy(code, notModifiable(code, what, id))
}
