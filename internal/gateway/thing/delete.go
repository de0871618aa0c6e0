package thing

import (
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// delete decides a delete command on an existing thing.
func (d *decision) delete() (Outcome, *protocol.Error) {
	event := Event{Action: protocol.Deleted, Path: d.Path}
	next := &State{Revision: d.state.Revision + 1, Modified: d.now, Deleted: true}
	if d.Path.Kind != protocol.Root {
		doc, deleted := document.Delete(d.state.Doc, d.Path.Pointer)
		if !deleted {
			return Outcome{}, d.errAbsent(d.state.Doc)
		}
		next = d.state.after(doc, d.now)
	}
	response := Response{Action: protocol.Delete, Status: statusNoContent, Revision: next.Revision}
	return Outcome{State: next, PolicyID: d.policyID, Event: &event, Response: response}, nil
}
