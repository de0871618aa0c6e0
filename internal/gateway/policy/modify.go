package policy

import (
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// modify decides a modify command on an existing policy.
func (d *decision) modify() (Outcome, *protocol.Error) {
	if around, ok := container(d.Path); ok && !has(d.state.Doc, around.Pointer) {
		return Outcome{}, protocol.ErrPolicyPartNotFound(d.ID, around)
	}
	if d.Conditions.IfEqual == protocol.IfEqualSkip && d.present && document.Equal(d.old, d.Value) {
		return Outcome{}, protocol.ErrPolicyPreconditionSkipped()
	}
	event := Event{Action: protocol.Modified, Value: d.Value}
	if named(d.Path.Kind) && !d.present {
		event.Action = protocol.Created
	}
	outcome, err := d.change(document.Set(d.state.Doc, d.Path.Pointer, d.Value), event)
	if err != nil {
		return Outcome{}, err
	}
	response := &outcome.Response
	if tagged(d.Path.Kind) {
		response.ETag = d.tagAfter(response.Revision)
	}
	if d.adds(event) {
		response.Status, response.Value = statusCreated, d.Value
	}
	return outcome, nil
}

// adds reports whether the modification counts as a creation.
//
// Protocol rule: the first references of an entry are answered as created, but what happened to them is modified.
func (d *decision) adds(event Event) bool {
	if d.Path.Kind == protocol.PolicyReferences {
		const none = `[]`
		return string(d.old) == none && string(d.Value) != none
	}
	return event.Action == protocol.Created
}
