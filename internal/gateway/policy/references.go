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
		if err := checkReferred(next, label); err != nil || !d.writesReferences() {
			return err
		}
		return next.CheckReferencesOf(next.Entry(label), d.who.directory())
	case protocol.PolicyImports, protocol.PolicyImport, protocol.PolicyImportEntries:
		return d.checkImported(next)
	}
	return nil
}

// writesReferences reports whether the command says what any entry refers to.
func (d *decision) writesReferences() bool {
	switch d.Path.Kind {
	case protocol.Root, protocol.PolicyEntries, protocol.PolicyEntry, protocol.PolicyReferences:
		return d.Action != protocol.Delete
	}
	return false
}

// addsReferences reports whether the command makes any entry refer to what it did not refer to before. Whoever writes all
// entries writes also what they refer to.
func (d *decision) addsReferences(next *model.Policy) bool {
	switch {
	case !d.writesReferences():
		return false
	case len(d.Path.Pointer) < 2:
		return next.HasReferences()
	}
	label := d.Path.Pointer[1]
	former := map[model.Reference]bool{}
	if before := d.before.Entry(label); before != nil {
		for _, ref := range before.References {
			former[ref] = true
		}
	}
	return slices.ContainsFunc(next.Entry(label).References, func(ref model.Reference) bool { return !former[ref] })
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
	lost := map[string]*loss{}
	for i := range next.Entries {
		for _, ref := range next.Entries[i].References {
			if ref.Import == "" {
				continue
			}
			if lost[ref.Import] == nil {
				lost[ref.Import] = d.lossOf(next, ref.Import)
			}
			if lost[ref.Import].has(ref.Entry) {
				return protocol.ErrPolicyImportReferenceConflict(ref.Import, next.Entries[i].Label)
			}
		}
	}
	return nil
}

// loss is what of another policy a command makes a policy import no more.
type loss struct {
	// all says that the whole import is gone.
	all bool
	// named are the labels that the import named before and does not name any more.
	named map[string]bool
	// source is the other policy, nil if there is none.
	source *model.Policy
}

func (d *decision) lossOf(next *model.Policy, importedID string) *loss {
	before, after := d.before.Import(importedID), next.Import(importedID)
	if before == nil || after == nil {
		return &loss{all: before != nil}
	}
	l := &loss{named: map[string]bool{}}
	for _, label := range before.Entries {
		l.named[label] = true
	}
	for _, label := range after.Entries {
		delete(l.named, label)
	}
	if len(l.named) > 0 {
		l.source, _ = d.who.directory().Policy(importedID)
	}
	return l
}

// has reports whether the entry with the label is not imported any more. It is no matter whether the imported policy has
// one that must be named.
func (l *loss) has(label string) bool {
	if l.all || !l.named[label] {
		return l.all
	}
	if l.source == nil {
		return true
	}
	entry := l.source.Entry(label)
	return entry == nil || entry.Importable != model.Implicit
}
