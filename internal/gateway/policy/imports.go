package policy

import (
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/policy/model"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// checkImports checks the imports that the command writes: that they are possible, and that the requester may take over what
// they take over.
func (d *decision) checkImports(next *model.Policy) *protocol.Error {
	if !d.writesImports() {
		return nil
	}
	for i := range next.Imports {
		if imp := &next.Imports[i]; d.writesImport(imp.ID) && !d.who.mayImport(imp) {
			return protocol.ErrPolicyNotFound(imp.ID)
		}
	}
	return next.CheckImports(d.settings.MaxImports)
}

// writesImports reports whether the command says what is imported from any policy.
func (d *decision) writesImports() bool {
	switch d.Path.Kind {
	case protocol.Root, protocol.PolicyImports, protocol.PolicyImport, protocol.PolicyImportEntries,
		protocol.PolicyImportTransitiveImports:
		return d.Action != protocol.Delete
	}
	return false
}

// writesImport reports whether a command that writes imports says what is imported from the policy with the id.
func (d *decision) writesImport(id string) bool {
	return len(d.Path.Pointer) < 2 || d.Path.Pointer[1] == id
}

// mayImport reports whether the requester may read all entries that an import takes over.
//
// A policy of which the requester may read nothing is as good as absent, also if nothing would be taken over: otherwise
// an import would tell that it exists.
func (r *Requester) mayImport(imp *model.Import) bool {
	source, ok := r.directory().Policy(imp.ID)
	if !ok || !r.reads(imp.ID, nil) {
		return false
	}
	rights := r.directory().Rights(imp.ID)
	for _, entry := range imp.Taken(source) {
		if !rights.Unrestricted(enforcer.Policy, document.Pointer{"entries", entry.Label}, enforcer.Read) {
			return false
		}
	}
	return true
}
