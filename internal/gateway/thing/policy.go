package thing

import (
	"strings"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/policy"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/policy/model"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// origin is where the policy of a new thing comes from.
type origin uint8

const (
	existing  origin = iota // the thing names it
	generated               // everything to the requester
	inline                  // it is in the value
	copied                  // from another policy
)

// origin returns where the policy comes from, and its id.
//
// Protocol rules: a policy to be copied comes before one in the value, that before the id of an existing one. A policy in
// the value has the id that the thing names, or else its own, or else that of the thing.
func (c *Command) origin(p *parts) (from origin, id string, err *protocol.Error) {
	id = c.ID
	if p.policyID != nil {
		id = textOf(p.policyID)
	}
	switch {
	case p.policy != nil && p.copyPolicyFrom != nil:
		return 0, "", protocol.ErrPolicyConflicting()
	case p.copyPolicyFrom != nil:
		return copied, id, nil
	case p.policy != nil:
		if own, ok := document.Get(p.policy, document.Pointer{memberPolicyID}); ok && p.policyID == nil {
			if _, err := (shape{}).policyID(own); err != nil {
				return 0, "", err
			}
			id = textOf(own)
		}
		return inline, id, nil
	case p.policyID != nil:
		return existing, id, nil
	}
	return generated, id, nil
}

// PolicyElsewhere returns the id of a policy that the command, if it creates its thing, makes and that is not that of the
// thing; "" if there is none. If there is one, the placeholders in the command are replaced, because several decisions serve
// it then, which must see the same value.
func (c *Command) PolicyElsewhere(now time.Time) string {
	if c.Path.Kind != protocol.Root || c.IsQuery() || c.Action == protocol.Delete {
		return ""
	}
	resolved := c
	if c.placeholders {
		var err *protocol.Error
		if resolved, err = c.resolve(now.UTC()); err != nil {
			return ""
		}
	}
	from, id, err := resolved.origin(&resolved.parts)
	if err != nil || from == existing || id == c.ID {
		return ""
	}
	*c = *resolved
	return id
}

// MakePolicy makes the policy that PolicyElsewhere, which must have been called, has named.
func MakePolicy(c *Command, who Authority, now time.Time) (*policy.Outcome, *protocol.Error) {
	d := decision{Command: c, who: who, now: now.UTC()}
	from, id, err := c.origin(&c.parts)
	if err != nil {
		return nil, err
	}
	return d.makePolicy(from, id, &c.parts)
}

// govern finds or makes the policy of a thing that is to be created, and checks that the requester may create it there.
//
// Protocol rules: a policy that exists must be readable; one that is made must not exist. Without permission to write the
// whole thing nobody can create it.
func (d *decision) govern(p *parts) (id string, made *policy.Outcome, err *protocol.Error) {
	from, id, err := d.origin(p)
	if err != nil {
		return "", nil, err
	}
	if !d.who.MayCreate(protocol.Things, d.Namespace, textOf(p.definition)) {
		return "", nil, protocol.ErrEntityNotCreatable(d.ID)
	}
	if from == existing || d.PolicyMade {
		if !d.PolicyMade && !d.who.Rights(id).Partial(enforcer.Policy, nil, enforcer.Read) {
			return "", nil, protocol.ErrPolicyNotFound(id)
		}
		rights, _ := d.who.ThingRights(id, d.Namespace)
		return id, nil, d.mayCreate(rights)
	}
	if made, err = d.makePolicy(from, id, p); err != nil {
		return "", nil, err
	}
	if from != generated {
		err = d.mayCreate(d.who.RightsUnder(id, made.State, d.Namespace))
	}
	return id, made, err
}

func (d *decision) mayCreate(rights *enforcer.Rights) *protocol.Error {
	if !rights.Unrestricted(enforcer.Thing, nil, enforcer.Write) {
		return protocol.ErrThingNotModifiable(d.ID)
	}
	return nil
}

// makePolicy makes the policy of a thing.
func (d *decision) makePolicy(from origin, id string, p *parts) (*policy.Outcome, *protocol.Error) {
	draft, err := d.draft(from, id, p)
	if err != nil {
		return nil, err
	}
	namespace := protocol.NamespaceOf(id)
	switch {
	case namespace == "": // nobody could address it
		return nil, protocol.ErrPolicyIDInvalid(id)
	case id != d.ID && !d.who.MayAccess(protocol.Policies, namespace):
		return nil, protocol.ErrNamespaceNotAccessible(namespace)
	}
	before := d.who.PolicyState(id)
	if before.Exists() {
		return nil, protocol.ErrThingNotCreatable(d.ID, id)
	}
	if !d.who.MayCreate(protocol.Policies, namespace, "") {
		return nil, protocol.ErrThingNotCreatableBecause(d.ID, id, protocol.ErrEntityNotCreatable(id))
	}
	made, err := policy.Create(before, draft, d.AllowPolicyLockout, d.who.Requester(), d.now, d.who.PolicySettings())
	switch {
	case err == nil:
		return &made, nil
	case err.Status == statusBadRequest:
		return nil, protocol.ErrPolicyInvalid(err.Message + " " + err.Description)
	}
	return nil, protocol.ErrThingNotCreatableBecause(d.ID, id, err)
}

const statusBadRequest = 400

// draft returns the policy to be made.
func (d *decision) draft(from origin, id string, p *parts) (*model.Policy, *protocol.Error) {
	switch from {
	case copied:
		return d.copyOf(p.copyPolicyFrom, id)
	case inline:
		return d.inlinePolicy(id, p.policy)
	}
	return policy.Default(id, d.Subject), nil
}

// inlinePolicy reads a policy that came in the value and gives it its id.
func (d *decision) inlinePolicy(id string, raw []byte) (*model.Policy, *protocol.Error) {
	if document.KindOf(raw) != document.Object {
		return nil, protocol.ErrPolicyInvalid("The policy must be an object.")
	}
	raw = document.Set(raw, document.Pointer{memberPolicyID}, document.AppendString(nil, id))
	read, err := policy.Read(id, raw, d.who.Requester(), d.now, d.who.PolicySettings())
	if err != nil {
		return nil, protocol.ErrPolicyInvalid(err.Message + " " + err.Description)
	}
	if !d.AllowPolicyLockout && !read.Writable() {
		return nil, protocol.ErrPolicyInvalid("No subject that stays has WRITE permission on policy:/.")
	}
	return read, nil
}

// copyOf returns a copy of a policy that the requester may read. Protocol rule: it is named by its id, or by a thing that has
// it.
func (d *decision) copyOf(raw []byte, id string) (*model.Policy, *protocol.Error) {
	if document.KindOf(raw) != document.String {
		return nil, shape{}.fault(memberCopyPolicyFrom, "a string", raw)
	}
	source, err := d.policyNamed(textOf(raw))
	if err != nil {
		return nil, err
	}
	if !d.who.Rights(source).Partial(enforcer.Policy, nil, enforcer.Read) {
		return nil, protocol.ErrPolicyNotFound(source)
	}
	st := d.who.PolicyState(source)
	if !st.Exists() {
		return nil, protocol.ErrPolicyNotFound(source)
	}
	found, damaged := st.Policy()
	if damaged != nil {
		return nil, protocol.ErrInternal()
	}
	return policy.Copy(found, id), nil
}

// policyNamed returns the id of a policy, given itself or as a reference {{ ref:things/<id>/policyId }}.
func (d *decision) policyNamed(text string) (string, *protocol.Error) {
	inner, open := strings.CutPrefix(text, placeholderOpen)
	inner, closed := strings.CutSuffix(inner, placeholderClose)
	if !open || !closed {
		return text, nil
	}
	reference, ok := strings.CutPrefix(strings.TrimSpace(inner), "ref:")
	if !ok {
		return "", protocol.ErrPlaceholderUnresolved(text)
	}
	kind, rest, _ := strings.Cut(reference, "/")
	id, field, _ := strings.Cut(rest, "/")
	switch {
	case kind != "things":
		return "", protocol.ErrReferenceNotSupported(kind)
	case field != memberPolicyID:
		return "", protocol.ErrReferenceFieldUnknown(field)
	}
	source := d.who.PolicyIDOf(id)
	if source == "" {
		return "", protocol.ErrThingNotFound(id)
	}
	return source, nil
}
