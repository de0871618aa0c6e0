package policy

import (
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// delete decides a delete command on an existing policy.
func (d *decision) delete() (Outcome, *protocol.Error) {
	if d.Path.Kind == protocol.Root {
		return d.deletePolicy(), nil
	}
	if !d.present {
		return Outcome{}, d.errAbsent()
	}
	// What was never set is as good as deleted.
	doc, _ := document.Delete(d.state.Doc, d.Path.Pointer)
	return d.change(doc, Event{Action: protocol.Deleted})
}

// deletePolicy decides the deletion of the whole policy. What refers to it is left without it.
func (d *decision) deletePolicy() Outcome {
	next := d.state.gone(d.now)
	return Outcome{
		State: next, Event: &Event{Action: protocol.Deleted, Path: d.Path}, Removed: removed(d.before, nil),
		Response: Response{Action: protocol.Delete, Path: d.Path, Status: statusNoContent, Revision: next.Revision},
	}
}

// errAbsent is the error for a part that the policy does not have: for what should be around it, if that is missing too.
func (d *decision) errAbsent() *protocol.Error {
	if around, ok := container(d.Path); ok && !has(d.state.Doc, around.Pointer) {
		return protocol.ErrPolicyPartNotFound(d.ID, around)
	}
	return protocol.ErrPolicyPartNotFound(d.ID, d.Path)
}
