package policy

import (
	"slices"

	"github.com/twinway/twinway/internal/gateway/policy/model"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// checkReferences checks those references between entries that the command writes, and those that lose by it what they refer
// to.
//
// References that the command leaves alone are not checked: they may have become invalid by changes of other policies, which
// must not hinder changes of this one.
func (d *decision) checkReferences(next *model.Policy) *protocol.Error {
	switch d.Path.Kind {
	case protocol.Root, protocol.PolicyEntries:
		return next.CheckReferences(d.who.directory())
	case protocol.PolicyEntry, protocol.PolicyReferences, protocol.PolicyImportable:
		label := d.Path.Pointer[1]
		if err := checkReferred(next, label); err != nil || d.Path.Kind == protocol.PolicyImportable {
			return err
		}
		return d.checkReferencesOf(next, label)
	case protocol.PolicyImports, protocol.PolicyImport, protocol.PolicyImportEntries:
		return d.checkImported(next)
	}
	return nil
}

// checkReferencesOf checks the references of an entry, and that it does no harm to those of others.
func (d *decision) checkReferencesOf(next *model.Policy, label string) *protocol.Error {
	directory := d.who.directory()
	err := next.CheckReferences(directory)
	if err != nil && d.before.CheckReferences(directory) != nil {
		return referring(next, label).CheckReferences(directory)
	}
	return err
}

// referring returns the policy with no references but those of one entry.
func referring(p *model.Policy, label string) *model.Policy {
	reduced := p.Clone()
	for i := range reduced.Entries {
		if entry := &reduced.Entries[i]; entry.Label != label {
			entry.References = nil
		}
	}
	return reduced
}

// checkReferred checks that an entry can still be referred to by those entries that do.
func checkReferred(next *model.Policy, label string) *protocol.Error {
	if entry := next.Entry(label); entry != nil && entry.Importable != model.Never {
		return nil
	}
	for i := range next.Entries {
		other := &next.Entries[i]
		if other.Label != label && slices.Contains(other.References, model.Reference{Entry: label}) {
			return protocol.ErrPolicyEntryReferenceConflict(label, other.Label)
		}
	}
	return nil
}

// checkImported checks that what entries refer to in other policies is still imported.
func (d *decision) checkImported(next *model.Policy) *protocol.Error {
	for i := range next.Entries {
		for _, ref := range next.Entries[i].References {
			if ref.Import != "" && !d.stillImported(next, ref) {
				return protocol.ErrPolicyImportReferenceConflict(ref.Import, next.Entries[i].Label)
			}
		}
	}
	return nil
}

// stillImported reports whether the command leaves what a reference refers to among the imports. It is no matter whether the
// imported policy has it.
func (d *decision) stillImported(next *model.Policy, ref model.Reference) bool {
	before, after := d.before.Import(ref.Import), next.Import(ref.Import)
	switch {
	case after == nil:
		return before == nil
	case before == nil || !slices.Contains(before.Entries, ref.Entry) || slices.Contains(after.Entries, ref.Entry):
		return true
	}
	source, ok := d.who.directory().Policy(ref.Import)
	if !ok {
		return false
	}
	entry := source.Entry(ref.Entry)
	return entry != nil && entry.Importable == model.Implicit
}
