package thing

import (
	"strconv"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/rql"
)

// Bounds of the conditions of a patch.
const (
	maxPatchConditions      = 64
	maxPatchConditionLength = 2 * rql.MaxLength // bytes of all of them together
)

// PatchCondition makes a part of the value of a merge depend on the thing.
type PatchCondition struct {
	// At is the part, as seen from the command's path. It is not the whole value.
	At document.Pointer
	// Predicate must hold for the part to be applied.
	Predicate *rql.Predicate
}

// patchConditionsOf returns the conditions of a patch. In the header they are an object of predicates by pointers.
func patchConditionsOf(h *protocol.Headers) (conditions []PatchCondition, err *protocol.Error) {
	header, given := h.Get(protocol.HeaderMergeThingPatchConditions)
	if !given {
		return nil, nil
	}
	length := 0
	for key, raw := range document.Members(header) {
		length += len(raw)
		if len(conditions) == maxPatchConditions || length > maxPatchConditionLength {
			return nil, protocol.ErrConditionInvalid(string(raw), tooManyPatchConditions)
		}
		c, err := newPatchCondition(key, raw)
		if err != nil {
			return nil, err
		}
		conditions = append(conditions, c)
	}
	return conditions, nil
}

var tooManyPatchConditions = "A patch has at most " + strconv.Itoa(maxPatchConditions) + " conditions, which have at most " +
	strconv.Itoa(maxPatchConditionLength) + " bytes together."

func newPatchCondition(key string, raw []byte) (c PatchCondition, err *protocol.Error) {
	if document.KindOf(raw) != document.String {
		return c, protocol.ErrConditionInvalid(string(raw), "Each condition of a patch must be a string.")
	}
	at, invalid := document.ParsePointer(key)
	switch {
	case invalid != nil:
		return c, protocol.ErrPointerInvalid(key)
	case len(at) == 0:
		return c, protocol.ErrConditionInvalid(textOf(raw),
			"A condition of a patch is for one of its members. For the whole command there is the header \"condition\".")
	}
	predicate, err := compileCondition(textOf(raw))
	return PatchCondition{At: at, Predicate: predicate}, err
}

// reducePatch removes from the command's value what is not to be applied to the thing as it is.
//
// Protocol rules: an object of which nothing is left stays, so that the patch changes less and is still applied. The
// conditions are asked in no order: each is about the thing before the merge. However many there are, they share the work that
// one may take.
func (d *decision) reducePatch() *protocol.Error {
	if len(d.PatchConditions) == 0 {
		return nil
	}
	patch, work, st := d.Value, rql.MaxWork, legible(d.state, d.rights)
	for i := range d.PatchConditions {
		c := &d.PatchConditions[i]
		if !has(patch, c.At) {
			continue
		}
		met, err := holds(c.Predicate, st, d.now, &work)
		if err != nil {
			return err
		}
		if !met {
			patch, _ = document.Delete(patch, c.At)
		}
	}
	if len(patch) == len(d.Value) {
		return nil
	}
	reduced := *d.Command
	reduced.Value = patch
	d.Command = &reduced
	return nil
}
