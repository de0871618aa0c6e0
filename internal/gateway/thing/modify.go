package thing

import (
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// modify decides a modify command on an existing thing.
func (d *decision) modify() (Outcome, *protocol.Error) {
	value := d.Value
	if d.Path.Kind == protocol.Root {
		value = d.replacement()
	} else if feature := needsFeature(d.Path); feature != nil && !d.present && !has(d.state.Doc, feature) {
		// Protocol rule: modify creates what is missing on the way to its value, but no feature.
		return Outcome{}, d.errAbsent(d.state.Doc)
	}
	if d.Conditions.IfEqual == protocol.IfEqualSkip && document.Equal(d.old, value) {
		return Outcome{}, protocol.ErrPreconditionSkipped()
	}
	doc := value
	if d.Path.Kind != protocol.Root {
		doc = d.ordered(document.Set(d.state.Doc, d.Path.Pointer, value))
	}
	if err := d.checkSizes(doc); err != nil {
		return Outcome{}, err
	}
	if !d.present {
		return d.change(doc, value, Event{Action: protocol.Created, Value: value}, statusCreated), nil
	}
	return d.change(doc, value, Event{Action: protocol.Modified, Value: value}, statusNoContent), nil
}

// replacement returns the thing that takes the place of the existing one.
//
// Protocol rules: it keeps its id, and its policy unless the value names another. How to make a policy matters only to the
// creation of a thing.
func (d *decision) replacement() []byte {
	old := split(d.state.Doc)
	p := d.parts
	p.thingID = old.thingID
	if p.policyID == nil {
		p.policyID = old.policyID
	}
	return p.join()
}

// ordered puts the members of the thing into their order, which they can only have lost if one was added.
func (d *decision) ordered(doc []byte) []byte {
	if p := d.Path.Pointer; len(p) > 0 && (d.present || has(d.state.Doc, p[:1])) {
		return doc
	}
	p := split(doc)
	return p.join()
}
