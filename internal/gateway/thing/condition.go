package thing

import (
	"strconv"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/rql"
)

// readConditions reads the headers with predicates on the thing.
//
// Protocol rules: they have no meaning for the creation of a thing, and conditions of a patch only for a merge. A part of the
// value that depends on one is decided on when the thing is known.
func (c *Command) readConditions(h *protocol.Headers) (err *protocol.Error) {
	if h.Len() == 0 {
		return nil
	}
	if err := c.readLiveChannelCondition(h); err != nil {
		return err
	}
	if c.Action == protocol.Create {
		return nil
	}
	if c.Condition, err = conditionOf(h); err != nil || c.Action != protocol.Merge {
		return err
	}
	c.PatchConditions, err = patchConditionsOf(h)
	return err
}

// readLiveChannelCondition reads under which condition a device is asked in place of the twin. Protocol rule: that is a question
// that only a retrieve can put.
func (c *Command) readLiveChannelCondition(h *protocol.Headers) (err *protocol.Error) {
	if h.Has(protocol.HeaderLiveChannelCondition) && !c.IsQuery() {
		return protocol.ErrLiveChannelConditionNotAllowed()
	}
	c.LiveChannelCondition, err = predicateOf(h, protocol.HeaderLiveChannelCondition)
	return err
}

// conditionOf returns the predicate in the header condition, nil if there is no such header.
func conditionOf(h *protocol.Headers) (*rql.Predicate, *protocol.Error) {
	return predicateOf(h, protocol.HeaderCondition)
}

// predicateOf returns the predicate in a header, nil if there is no such header.
func predicateOf(h *protocol.Headers, name protocol.HeaderName) (*rql.Predicate, *protocol.Error) {
	text, given := h.String(name)
	if !given {
		return nil, nil
	}
	return compileCondition(text)
}

func compileCondition(text string) (*rql.Predicate, *protocol.Error) {
	p, err := rql.CompileCondition(text)
	if err != nil {
		return nil, protocol.ErrConditionInvalid(text, err.Error()+".")
	}
	return p, nil
}

// CheckCondition checks that a condition, which may be nil, holds for a thing that exists, and that a requester with the rights
// may know that. The errors are things:condition.failed, and things:condition.invalid if it takes too much work.
func CheckCondition(p *rql.Predicate, st *State, rights *enforcer.Rights, now time.Time) *protocol.Error {
	if err := authorizeCondition(p, rights); err != nil {
		return err
	}
	return checkCondition(p, st, rights, now)
}

// checkCondition is CheckCondition for a requester who may read what the condition looks at.
func checkCondition(p *rql.Predicate, st *State, rights *enforcer.Rights, now time.Time) *protocol.Error {
	if p == nil {
		return nil
	}
	met, err := holds(p, legible(st, rights), now, nil)
	if err == nil && !met {
		err = protocol.ErrConditionFailed(p.String())
	}
	return err
}

// checkCondition checks that the command's condition holds. The requester may read what it looks at: see
// authorizeConditions.
func (d *decision) checkCondition() *protocol.Error {
	return checkCondition(d.Condition, d.state, d.rights, d.now)
}

// forDevice tells whether the answer to a retrieve is the device's to give. The requester may read what that depends on, as for
// checkCondition.
func (d *decision) forDevice() (bool, *protocol.Error) {
	if d.LiveChannelCondition == nil {
		return false, nil
	}
	return holds(d.LiveChannelCondition, legible(d.state, d.rights), d.now, nil)
}

// metadataRoot is where in a thing its metadata is.
var metadataRoot = document.Pointer{fieldMetadata}

// retrieveCondition reads the headers with predicates of a retrieve of several things. There is no device that would answer for
// several of them: to answer with the twins in its place would be to answer something else than was asked for.
func retrieveCondition(h *protocol.Headers) (*rql.Predicate, *protocol.Error) {
	if _, err := predicateOf(h, protocol.HeaderLiveChannelCondition); err != nil {
		return nil, err
	}
	if h.Has(protocol.HeaderLiveChannelCondition) {
		return nil, protocol.ErrHeaderNotSupported(protocol.HeaderLiveChannelCondition)
	}
	return conditionOf(h)
}

// minWork is how much work a condition may take for each of many things: enough for ten terms on one of 100 KB.
const minWork = 10_000

// meets tells whether the condition holds for a thing that exists. A requester who may not read what it looks at is not told.
func (r *RetrieveThings) meets(st *State, rights *enforcer.Rights, now time.Time) (bool, *protocol.Error) {
	switch {
	case r.Condition == nil:
		return true, nil
	case authorizeCondition(r.Condition, rights) != nil:
		return false, nil
	}
	work := max(rql.MaxWork/len(r.IDs), minWork)
	return holds(r.Condition, legible(st, rights), now, &work)
}

// holds tells whether a predicate holds for a thing that exists: for its document, its metadata and its special fields.
// It is not a fault of the thing if that takes too much work, so the predicate is refused. For work, which may be nil, see
// [rql.Subject].
func holds(p *rql.Predicate, st *State, now time.Time, work *int) (bool, *protocol.Error) {
	layers := [...]rql.Layer{{Value: st.Doc}, {At: metadataRoot, Value: st.Meta}}
	met, err := p.Match(&rql.Subject{Layers: layers[:], Facts: facts{st}, Now: now, Work: work})
	if err != nil {
		return false, protocol.ErrConditionInvalid(p.String(), err.Error()+".")
	}
	return met, nil
}

// legible returns a thing that exists as far as it may be read. A predicate that looks at nothing else comes to the same for it,
// but for the work that it takes, which would tell how much it is that may not be read.
func legible(st *State, rights *enforcer.Rights) *State {
	if rights.Unrestricted(enforcer.Thing, nil, enforcer.Read) {
		return st
	}
	part := *st
	part.Doc, part.Meta = VisibleParts(st.Doc, rights), nil
	if st.Meta != nil {
		part.Meta = VisibleParts(st.Meta, rights)
	}
	return &part
}

// facts is what a predicate can ask of a thing that is not in its document. It implements rql.Facts.
type facts struct{ *State }

// AppendField implements rql.Facts.
func (f facts) AppendField(dst []byte, name string) ([]byte, bool) {
	switch name {
	case fieldNamespace:
		return document.AppendString(dst, f.namespace()), true
	case fieldRevision:
		return strconv.AppendInt(dst, f.Revision, 10), true
	case fieldCreated:
		return appendInstant(dst, f.Created), true
	case fieldModified:
		return appendInstant(dst, f.Modified), true
	}
	return dst, false
}

// Placeholder implements rql.Facts. A command's condition is about the thing alone.
func (f facts) Placeholder(string) (string, bool) { return "", false }
