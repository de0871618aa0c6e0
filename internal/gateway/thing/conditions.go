package thing

import (
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

var preconditionErrors = protocol.PreconditionErrors{
	Failed: protocol.ErrPreconditionFailed, NotModified: protocol.ErrNotModified,
}

// precondition checks if-match and if-none-match against the entity tag of what the command is about, "" if that is absent.
//
// Protocol rules: deletes of what is absent fail as not found, like retrieves, which are not checked before. A retrieve that
// selects the policy is not checked, since its entity tag would not cover it.
func (c *Command) precondition(current string) *protocol.Error {
	if c.Conditions.IfMatch == nil && c.Conditions.IfNoneMatch == nil {
		return nil
	}
	if current == "" && c.Action == protocol.Delete || c.selects(fieldPolicy) {
		return nil
	}
	return c.Conditions.Check(current, c.IsQuery(), preconditionErrors)
}

// current returns the entity tag of what the command is about as it is now, "" if it is absent.
func (d *decision) current() string {
	if !d.present {
		return ""
	}
	return d.tag(d.state.Revision, d.old)
}

// tag returns the entity tag of what the command is about, given the thing's revision and the value at the command's
// path, nil if there is none.
//
// The tag is that of what the requester may read: a tag of more would let them find out the rest by trying.
func (d *decision) tag(revision int64, value []byte) string {
	switch {
	case d.taggedByRevision():
		return protocol.RevisionTag(revision)
	case value == nil:
		return ""
	}
	view, ok := d.rights.View(enforcer.Thing, d.Path.Pointer, value)
	if !ok {
		return protocol.HiddenTag
	}
	return protocol.HashTag(view)
}

// tagAfter is tag for the value that the command has left. Who replaces something knows it.
func (d *decision) tagAfter(revision int64, value []byte) string {
	if d.Action == protocol.Modify && d.Path.Kind != protocol.Root {
		return protocol.HashTag(value)
	}
	return d.tag(revision, value)
}

// told returns a tag as it is told.
func told(tag string) string {
	if tag == protocol.HiddenTag {
		return ""
	}
	return tag
}
