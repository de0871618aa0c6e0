package policy

import (
	"github.com/twinway/twinway/internal/gateway/policy/model"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// check checks what the policy would be after the command, and doc, its text: its size, what it imports and refers to, and
// at last how much that is, and whether anybody could change it.
func (d *decision) check(next *model.Policy, doc []byte) *protocol.Error {
	if len(doc) > d.settings.MaxSize {
		return protocol.ErrPolicyTooLarge(len(doc), d.settings.MaxSize)
	}
	if err := d.checkImports(next); err != nil {
		return err
	}
	if err := d.checkReferences(next); err != nil {
		return err
	}
	if err := d.checkBudget(next); err != nil {
		return err
	}
	return d.checkLockout(next)
}

// checkBudget checks that what the policy takes over from others and by references is not too much, if the command adds to
// that. It is expensive.
//
// A policy of which there is too much because others have grown can still be changed, but not be made more.
func (d *decision) checkBudget(next *model.Policy) *protocol.Error {
	switch {
	case !d.addsImports(next) && !d.addsReferences(next):
		return nil
	case d.resolved != nil:
		return d.resolved.Excess
	}
	return next.CheckBudget(d.who.directory())
}

func (d *decision) addsImports(next *model.Policy) bool {
	return d.writesImports() && len(next.Imports) > 0
}

// checkLockout checks that somebody can change the policy, if that depends on what the command changes.
func (d *decision) checkLockout(next *model.Policy) *protocol.Error {
	if !d.settings.LockoutPrevention {
		return nil
	}
	switch d.Path.Kind {
	case protocol.Root, protocol.PolicyEntries:
		if !next.Writable() {
			return protocol.ErrPolicyModificationInvalid(d.ID)
		}
	case protocol.PolicyEntry, protocol.PolicySubjects, protocol.PolicySubject, protocol.PolicyResources, protocol.PolicyResource:
		if !next.Writable() {
			return protocol.ErrPolicyEntryModificationInvalid(d.ID, d.Path.Pointer[1])
		}
	}
	return nil
}
