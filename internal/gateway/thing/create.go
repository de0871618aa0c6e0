package thing

import (
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// create decides a command that creates the thing.
//
// Protocol rules: the policy comes first, so that a thing that exists is refused for its policy if that is to be made and
// exists, too. For its conditional headers the thing is absent, even if it exists.
func (d *decision) create() (Outcome, *protocol.Error) {
	p, err := d.initial()
	if err != nil {
		return Outcome{}, err
	}
	policyID, made, err := d.govern(&p)
	if err != nil {
		return Outcome{}, err
	}
	if err := d.authorizeMetadata(); err != nil {
		return Outcome{}, err
	}
	if err := d.precondition(""); err != nil {
		return Outcome{}, err
	}
	if d.state.Exists() {
		return Outcome{}, protocol.ErrThingConflict(d.ID)
	}
	p.thingID = document.AppendString(nil, d.ID)
	p.policyID = document.AppendString(nil, policyID)
	next := &State{Revision: d.state.revision() + 1, Created: d.now, Modified: d.now, Doc: p.join()}
	if err := d.checkSizes(next.Doc); err != nil {
		return Outcome{}, err
	}
	return Outcome{
		State:    next,
		PolicyID: policyID,
		Policy:   made,
		Event:    &Event{Action: protocol.Created, Path: d.Path, Value: next.Doc},
		Response: Response{
			Action: protocol.Create, Status: statusCreated, Value: next.Doc, ETag: next.ETag(), Revision: next.Revision,
		},
	}, nil
}

// initial returns the parts of the thing to be created. Protocol rule: a patch that creates the thing loses its nulls.
func (d *decision) initial() (parts, *protocol.Error) {
	if d.Action != protocol.Merge {
		return d.parts, nil
	}
	value, err := document.MergePatch(nil, d.Value)
	if err != nil {
		return parts{}, protocol.ErrMergeInvalid(err.Error())
	}
	p := split(document.StripNulls(value))
	p.policy, p.copyPolicyFrom = d.parts.policy, d.parts.copyPolicyFrom
	return p, nil
}
