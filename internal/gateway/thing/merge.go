package thing

import (
	"bytes"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// merge decides a merge command on an existing thing. Protocol rule: it creates what is missing on the way to its path,
// the feature too, and its response never tells the value.
func (d *decision) merge() (Outcome, *protocol.Error) {
	if d.Path.Kind == protocol.Root && d.emptyPatch() {
		return Outcome{}, errEmptyPatch()
	}
	if err := d.reducePatch(); err != nil {
		return Outcome{}, err
	}
	doc, err := d.merged()
	if err != nil {
		return Outcome{}, err
	}
	patch := d.Value
	if d.Conditions.IfEqual != protocol.IfEqualUpdate {
		minimal, changed := document.Diff(d.state.Doc, doc)
		if !changed {
			return Outcome{}, protocol.ErrPreconditionSkipped()
		}
		if d.Conditions.IfEqual == protocol.IfEqualMinimize {
			patch = d.relative(minimal)
		}
	}
	if err := d.checkSizes(d.Value, doc); err != nil {
		return Outcome{}, err
	}
	value, _ := document.Get(doc, d.Path.Pointer)
	return d.change(doc, value, Event{Action: protocol.Merged, Value: patch, MergePatch: true}, statusNoContent), nil
}

// merged returns the thing with the patch applied.
func (d *decision) merged() ([]byte, *protocol.Error) {
	doc := d.state.Doc
	switch document.KindOf(d.Value) {
	case document.Null:
		doc, _ = document.Delete(doc, d.Path.Pointer)
		return doc, nil
	case document.Object:
	default:
		return d.ordered(document.Set(doc, d.Path.Pointer, d.Value)), nil
	}
	// The patch is applied to the whole thing, because which nulls it loses depends on where it begins to add something.
	doc, err := document.MergePatch(doc, document.Set(nil, d.Path.Pointer, d.Value))
	if err != nil {
		return nil, protocol.ErrMergeInvalid(err.Error())
	}
	if d.mayMisshape() {
		return d.reshaped(doc)
	}
	return d.ordered(doc), nil
}

// mayMisshape reports whether the patch may leave in features what they cannot have: definitions that are null, since only
// some nulls of what is added are removed, or members that look like patterns and are none.
func (d *decision) mayMisshape() bool {
	switch d.Path.Kind {
	case protocol.Root, protocol.Features, protocol.Feature:
		return bytes.Contains(d.Value, []byte(`"definition":null`)) || bytes.Contains(d.Value, []byte(`"{{`))
	}
	return false
}

// reshaped leaves out what a patch brought into the thing but a thing cannot have.
func (d *decision) reshaped(doc []byte) ([]byte, *protocol.Error) {
	p := split(doc)
	if err := (shape{}).thing(&p, d.ID); err != nil {
		return nil, protocol.ErrMergeInvalid(err.Error())
	}
	return p.join(), nil
}

// relative returns the part of a patch for the whole thing that is at the command's path.
func (d *decision) relative(patch []byte) []byte {
	part, ok := document.Get(patch, d.Path.Pointer)
	if !ok {
		return d.Value
	}
	return part
}
