package thing

import (
	"slices"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/policy"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Authority says what policies, and the rules of the server, allow to who sent a command.
type Authority interface {
	// ThingRights returns what the requester may do with things of a namespace that name a policy, and reports whether there
	// is such a policy.
	ThingRights(policyID, namespace string) (*enforcer.Rights, bool)
	// Rights returns what the requester may do with a policy itself, nil if there is no such policy.
	Rights(policyID string) *enforcer.Rights
	// RightsUnder is what ThingRights returns once the policy is in the given state.
	RightsUnder(policyID string, st *policy.State, namespace string) *enforcer.Rights
	// PolicyView returns what the requester may read of a policy as JSON, nil if there is nothing.
	PolicyView(policyID string) []byte
	// PolicyIDOf returns the id of a thing's policy, "" if there is no such thing or the requester may not read it.
	PolicyIDOf(thingID string) string
	// PolicyState returns a policy as it is now, nil if there never was one.
	PolicyState(policyID string) *policy.State
	// Requester and PolicySettings are what policies are made with.
	Requester() policy.Requester
	PolicySettings() policy.Settings
	// MayAccess reports whether the requester may address entities of the group in the namespace at all.
	MayAccess(group protocol.Group, namespace string) bool
	// MayCreate reports whether the rules of the server let the requester create an entity, a thing with this definition,
	// "" for none.
	MayCreate(group protocol.Group, namespace, definition string) bool
}

// authorize checks whether the requester may do to an existing thing what the command says. It sets what the
// decision knows of the policy.
//
// Protocol rules: without its policy nobody may do anything with a thing. What may not be read is not there; what may not
// be written is refused as such, even if it may not be read either.
func (d *decision) authorize() *protocol.Error {
	d.policyID = d.state.PolicyID()
	var exists bool
	d.rights, exists = d.who.ThingRights(d.policyID, d.Namespace)
	switch {
	case !exists && d.IsQuery():
		return protocol.ErrThingUnreadable(d.ID, d.policyID)
	case !exists:
		return protocol.ErrThingUnwritable(d.ID, d.policyID)
	}
	if err := d.authorizeConditions(); err != nil {
		return err
	}
	return d.authorizeAction()
}

// authorizeAction checks the permissions that the action needs at the command's path.
func (d *decision) authorizeAction() *protocol.Error {
	switch p := d.Path.Pointer; {
	case d.IsQuery():
		if !d.rights.Partial(enforcer.Thing, p, enforcer.Read) {
			return d.errUnreadable()
		}
	case d.mayWrite(p):
	case d.Action == protocol.Merge:
		if !d.mayMerge() {
			return protocol.ErrThingNotModifiable(d.ID)
		}
	case d.Action == protocol.Delete && d.Path.Kind == protocol.Root:
		return protocol.ErrThingNotDeletable(d.ID)
	default:
		return protocol.ErrPartNotModifiable(d.ID, d.Path)
	}
	return nil
}

// errUnreadable is the error for what the requester may not read. Protocol rule: it is that for something absent at the path,
// and so tells nothing of what is there.
func (d *decision) errUnreadable() *protocol.Error {
	return d.errAbsentAt(func(document.Pointer) bool { return true })
}

// alwaysVisible is what everybody sees of a thing who sees any of it.
var alwaysVisible = []string{memberThingID, fieldNamespace, fieldRevision, fieldCreated, fieldModified}

// Visible returns what of an existing thing may be read, and reports whether that is anything.
func Visible(st *State, rights *enforcer.Rights) ([]byte, bool) {
	if !rights.Partial(enforcer.Thing, nil, enforcer.Read) {
		return nil, false
	}
	return rights.View(enforcer.Thing, nil, st.Doc, alwaysVisible...)
}

// Reduced returns the value of an event as it may be told to somebody who may not read all of it, and reports whether the
// event may be told to them at all.
func (e *Event) Reduced(rights *enforcer.Rights) (value []byte, ok bool) {
	return rights.Event(e.Path.Pointer, e.Value, alwaysVisible...)
}

// mayMerge reports whether the requester may change everything that the patch changes. Protocol rule: that they may
// change some of what is at its path is necessary, too.
func (d *decision) mayMerge() bool {
	return d.rights.Partial(enforcer.Thing, d.Path.Pointer, enforcer.Write) && d.mayPatch(d.Path.Pointer, d.Value)
}

// mayPatch reports whether the requester may write every leaf of a patch for what is at the pointer. A pattern may remove
// any of its siblings, so it counts as all of them.
func (d *decision) mayPatch(at document.Pointer, patch []byte) bool {
	if document.KindOf(patch) != document.Object {
		return d.mayWrite(at)
	}
	if old, ok := d.state.part(at); ok && len(at) > 0 && replaced(old) && !d.mayWrite(at) {
		return false
	}
	empty := true
	for name, value := range document.Members(patch) {
		empty = false
		below := slices.Concat(at, document.Pointer{name})
		if document.IsPattern(name) {
			below = at
		}
		if !d.mayPatch(below, value) {
			return false
		}
	}
	return !empty || d.mayWrite(at)
}

// mayWrite reports whether the requester may write everything at the pointer. What is on the way and no object is replaced by
// one, and must be permitted to be.
func (d *decision) mayWrite(at document.Pointer) bool {
	if !d.rights.Unrestricted(enforcer.Thing, at, enforcer.Write) {
		return false
	}
	if len(at) < 2 || d.Action == protocol.Delete || d.rights.Unrestricted(enforcer.Thing, nil, enforcer.Write) {
		return true
	}
	for n := 1; n < len(at); n++ {
		old, ok := d.state.part(at[:n])
		if !ok {
			return true
		}
		if replaced(old) {
			return d.rights.Unrestricted(enforcer.Thing, at[:n], enforcer.Write)
		}
	}
	return true
}

// replaced reports whether a value is lost when something is written below it.
func replaced(value []byte) bool {
	kind := document.KindOf(value)
	return kind != document.Object && kind != document.Null
}
