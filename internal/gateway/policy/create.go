package policy

import (
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/policy/model"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// create decides a command that creates the policy. Its value has been read.
//
// Protocol rule: for its conditional headers the policy is absent.
func (d *decision) create() (Outcome, *protocol.Error) {
	if d.state.Exists() {
		return Outcome{}, protocol.ErrPolicyConflict(d.ID)
	}
	p, err := model.Load(d.Value)
	if err != nil {
		return Outcome{}, protocol.ErrInternal()
	}
	if !d.AllowLockout && !d.creatorWrites(p) {
		return Outcome{}, protocol.ErrPolicyNotCreatable(d.ID)
	}
	if err := d.precondition(""); err != nil {
		return Outcome{}, err
	}
	if err := d.check(p, d.Value); err != nil {
		return Outcome{}, err
	}
	next := d.state.begin(p, d.Value, d.now)
	return Outcome{
		State: next,
		Event: &Event{Action: protocol.Created, Path: d.Path, Value: next.Doc},
		Response: Response{
			Action: d.Action, Path: d.Path, Status: statusCreated, Value: next.Doc, ETag: next.ETag(), Revision: next.Revision,
		},
	}, nil
}

// creatorWrites reports whether the policy lets the requester modify it. Protocol rule: who creates a policy needs the same
// permission under it that modifying it would need.
func (d *decision) creatorWrites(p *model.Policy) bool {
	resolved := model.Resolve(p, d.who.directory(), d.settings.Roots, d.Namespace)
	d.resolved = &resolved
	rights := enforcer.Compile(resolved.Enforceable()).Everywhere(d.who.Subjects)
	return rights.Unrestricted(enforcer.Policy, document.Pointer{}, enforcer.Write)
}

// Enforcer compiles a policy together with what it takes over from others and, for an entity in the namespace, from the
// roots. A nil directory has no policies.
func Enforcer(p *model.Policy, others model.Source, roots model.RootPolicies, namespace string) *enforcer.Enforcer {
	if others == nil {
		others = nowhere{}
	}
	return enforcer.Compile(model.Resolve(p, others, roots, namespace).Enforceable())
}
