package thing

import (
	"slices"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/rql"
)

// authorizeConditions checks that the requester may read everything that the conditions of the command look at: whether they
// hold tells about it.
//
// Protocol rule: this comes before the permissions that the command itself needs, so that who may do nothing learns that.
func (d *decision) authorizeConditions() *protocol.Error {
	for _, p := range [...]*rql.Predicate{d.Condition, d.LiveChannelCondition} {
		if err := authorizeCondition(p, d.rights); err != nil {
			return err
		}
	}
	for i := range d.PatchConditions {
		if err := authorizeCondition(d.PatchConditions[i].Predicate, d.rights); err != nil {
			return err
		}
	}
	return nil
}

// authorizeCondition is authorizeConditions for one of them, which may be nil.
func authorizeCondition(p *rql.Predicate, rights *enforcer.Rights) *protocol.Error {
	if p == nil {
		return nil
	}
	for _, at := range p.Pointers() {
		if !mayLookAt(rights, at) {
			return protocol.ErrConditionUnreadable(p.String(), at.String())
		}
	}
	return nil
}

// mayLookAt reports whether a condition may depend on a part of the thing. The metadata of a part is as secret as the part.
// What is visible to everybody who sees any of the thing is no secret to them.
func mayLookAt(rights *enforcer.Rights, at document.Pointer) bool {
	switch {
	case len(at) == 1 && slices.Contains(alwaysVisible, at[0]):
		return rights.Partial(enforcer.Thing, nil, enforcer.Read)
	case len(at) > 0 && at[0] == fieldMetadata:
		at = at[1:]
	}
	return rights.Unrestricted(enforcer.Thing, at, enforcer.Read)
}
