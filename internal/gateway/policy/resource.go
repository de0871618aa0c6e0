package policy

import (
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// allowed reports whether the protocol has a command for the action at the path.
func allowed(action protocol.Action, kind protocol.ResourceKind) bool {
	switch action {
	case protocol.Create:
		return kind == protocol.Root
	case protocol.Modify, protocol.Retrieve:
		return true
	case protocol.Delete:
		switch kind {
		case protocol.Root, protocol.PolicyEntry, protocol.PolicySubject, protocol.PolicyResource,
			protocol.PolicyAllowedAdditions, protocol.PolicyReferences, protocol.PolicyImports, protocol.PolicyImport:
			return true
		}
	}
	return false
}

// container returns the entry or import that must exist for a modification at the path, if one must.
//
// Protocol rule: modify creates entries, subjects, resources and imports, but nothing around them.
func container(path protocol.Path) (protocol.Path, bool) {
	if len(path.Pointer) <= 2 {
		return protocol.Path{}, false
	}
	around := protocol.Path{Kind: protocol.PolicyEntry, Pointer: path.Pointer[:2]}
	if path.Kind == protocol.PolicyImportEntries || path.Kind == protocol.PolicyImportTransitiveImports {
		around.Kind = protocol.PolicyImport
	}
	return around, true
}

// named reports whether the path leads to something that has a name and therefore can be created by a modify.
func named(kind protocol.ResourceKind) bool {
	switch kind {
	case protocol.PolicyEntry, protocol.PolicySubject, protocol.PolicyResource, protocol.PolicyImport:
		return true
	}
	return false
}

// tagged reports whether the response to a modification at the path has an entity tag.
func tagged(kind protocol.ResourceKind) bool {
	return kind != protocol.PolicyImportable && kind != protocol.PolicyNamespaces
}
