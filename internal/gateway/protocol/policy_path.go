package protocol

import (
	"slices"
	"strings"

	"github.com/twinway/twinway/internal/gateway/document"
)

// policyPathSegments is the most that a path in a policy has: entries, label, subjects or resources, and what is in there.
const policyPathSegments = 4

// ParsePolicyPath reads the path of an envelope about a policy. The leading slash is optional, and one trailing slash is
// ignored.
//
// Protocol rule: what follows subjects/ and resources/ is the id of a subject or the key of a resource to the end of the
// text, slashes included, and is one segment of the pointer. Nothing in the path is escaped.
//
// It does not check labels, ids and keys. Errors: json.pointer.invalid for an empty segment, protocoladapter:unknown.path
// for what policies do not have.
func ParsePolicyPath(s string) (Path, *Error) {
	text := strings.TrimPrefix(s, "/")
	if text == "" {
		return Path{}, nil
	}
	pointer := document.Pointer(strings.SplitN(text, "/", policyPathSegments))
	if last := len(pointer) - 1; last > 0 && pointer[last] == "" {
		pointer = pointer[:last]
	}
	if slices.Contains(pointer, "") {
		return Path{}, ErrPointerInvalid(s)
	}
	kind, ok := policyKindOf(pointer)
	if !ok {
		return Path{}, ErrPolicyPathUnknown(s)
	}
	return Path{Kind: kind, Pointer: pointer}, nil
}

// policyKindOf is kindOf for policies. The pointer is not empty.
func policyKindOf(p document.Pointer) (ResourceKind, bool) {
	switch p[0] {
	case "entries":
		if len(p) <= 2 {
			return containerOr(p, 1, PolicyEntries, PolicyEntry), true
		}
		return entryPartKind(p)
	case "imports":
		if len(p) <= 2 {
			return containerOr(p, 1, PolicyImports, PolicyImport), true
		}
		return importPartKind(p)
	}
	return 0, false
}

// entryPartKind is policyKindOf below the label of an entry.
func entryPartKind(p document.Pointer) (ResourceKind, bool) {
	switch p[2] {
	case "subjects":
		return containerOr(p, 3, PolicySubjects, PolicySubject), true
	case "resources":
		return containerOr(p, 3, PolicyResources, PolicyResource), true
	case "importable":
		return PolicyImportable, len(p) == 3
	case "namespaces":
		return PolicyNamespaces, len(p) == 3
	case "allowedAdditions":
		return PolicyAllowedAdditions, len(p) == 3
	case "references":
		return PolicyReferences, len(p) == 3
	}
	return 0, false
}

// importPartKind is policyKindOf below the id of an imported policy.
func importPartKind(p document.Pointer) (ResourceKind, bool) {
	switch p[2] {
	case "entries":
		return PolicyImportEntries, len(p) == 3
	case "transitiveImports":
		return PolicyImportTransitiveImports, len(p) == 3
	}
	return 0, false
}

// appendVerbatim is Append for a path in a policy.
func (p Path) appendVerbatim(dst []byte) []byte {
	for _, segment := range p.Pointer {
		dst = append(dst, '/')
		dst = append(dst, segment...)
	}
	return dst
}
