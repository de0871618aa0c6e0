package model

import (
	"slices"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// CheckReferences checks what the entries of the policy refer to, but not how much that is: see [Policy.CheckBudget].
//
// Errors: policies:entry.invalid for references that occur twice, to the entry itself, and to entries of the policy that do
// not exist or may never be imported; policies:import.invalid for what is not imported; policies:policy.notfound for an
// imported policy that does not exist.
func (p *Policy) CheckReferences(src Source) *protocol.Error {
	r := newResolver(p, src)
	for i := range p.Entries {
		if err := r.checkReferences(p, &p.Entries[i]); err != nil {
			return err
		}
	}
	return nil
}

// CheckReferencesOf is CheckReferences for one entry of the policy.
func (p *Policy) CheckReferencesOf(e *Entry, src Source) *protocol.Error {
	return newResolver(p, src).checkReferences(p, e)
}

// HasReferences reports whether any entry refers to others.
func (p *Policy) HasReferences() bool {
	return slices.ContainsFunc(p.Entries, func(e Entry) bool { return len(e.References) > 0 })
}

// checkReferences checks the references of an entry of the policy.
func (r *resolver) checkReferences(p *Policy, e *Entry) *protocol.Error {
	var checked distinct[Reference]
	for _, ref := range e.References {
		if !checked.add(ref) {
			return protocol.ErrPolicyEntryInvalid("The entry refers twice to " + ref.Entry + ".")
		}
		if err := r.checkReference(p, e, ref); err != nil {
			return err
		}
	}
	return nil
}

// checkReference checks a reference of an entry of the policy.
func (r *resolver) checkReference(p *Policy, e *Entry, ref Reference) *protocol.Error {
	if ref.Import == "" {
		return r.checkLocalReference(p, e, ref)
	}
	by := p.Import(ref.Import)
	if by == nil {
		return protocol.ErrPolicyImportInvalid(ref.Import, "An entry refers to it, but it is not among the imports.")
	}
	imported := r.lookUp(ref.Import)
	if imported == nil {
		return protocol.ErrPolicyNotFound(ref.Import)
	}
	if !r.takes(by, imported, ref.Entry) {
		return protocol.ErrPolicyImportInvalid(ref.Import, "An entry refers to "+ref.Entry+", which is not imported.")
	}
	return nil
}

// takes reports whether an import takes over the entry of the imported policy with the label.
func (r *resolver) takes(by *Import, imported *Policy, label string) bool {
	taken, known := r.taken[by]
	if !known {
		taken = map[string]bool{}
		for _, e := range by.Taken(imported) {
			taken[e.Label] = true
		}
		r.taken[by] = taken
	}
	return taken[label]
}

func (r *resolver) checkLocalReference(p *Policy, e *Entry, ref Reference) *protocol.Error {
	target := r.entry(p, ref.Entry)
	switch {
	case ref.Entry == e.Label:
		return protocol.ErrPolicyEntryInvalid("The entry " + ref.Entry + " refers to itself.")
	case target == nil:
		return protocol.ErrPolicyEntryInvalid("The entry refers to " + ref.Entry + ", which does not exist.")
	case target.Importable == Never:
		return protocol.ErrPolicyEntryInvalid("The entry refers to " + ref.Entry + ", which is never importable.")
	}
	return nil
}

// CheckImports checks which policies the policy imports, but not how much that is: see [Policy.CheckBudget]. Limit is how
// many there may be. Some of it [Reader] has checked, but not for a policy that was read under another id.
//
// Errors: policies:imports.toolarge; policies:import.invalid if the policy imports itself, directly or by a transitive
// import.
func (p *Policy) CheckImports(limit int) *protocol.Error {
	if len(p.Imports) > limit {
		return protocol.ErrPolicyImportsTooLarge(len(p.Imports), limit)
	}
	for i := range p.Imports {
		one := &p.Imports[i]
		if one.ID == p.ID || slices.Contains(one.TransitiveImports, p.ID) {
			return protocol.ErrPolicyImportInvalid(one.ID, "A policy cannot import itself.")
		}
	}
	return nil
}
