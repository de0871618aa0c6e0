package policy

import (
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

var preconditionErrors = protocol.PreconditionErrors{
	Failed: protocol.ErrPolicyPreconditionFailed, NotModified: protocol.ErrPolicyNotModified,
}

// precondition checks if-match and if-none-match against the entity tag of what the command is about, "" if that is absent.
//
// Protocol rules: deletes of what is absent fail as not found, like retrieves, which are not checked before. The resolved view
// of a policy has no entity tag, so that it is not checked.
func (c *Command) precondition(current string) *protocol.Error {
	if current == "" && c.Action == protocol.Delete || c.Resolved {
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

// tag returns the entity tag of what the command is about, given the policy's revision and the value at the command's path.
//
// The tag is that of what the requester may read: a tag of more would let them find out the rest by trying.
func (d *decision) tag(revision int64, value []byte) string {
	if d.Path.Kind == protocol.Root {
		return protocol.RevisionTag(revision)
	}
	view, ok := d.who.Rights.View(enforcer.Policy, d.Path.Pointer, value)
	if !ok {
		return protocol.HiddenTag
	}
	return protocol.HashTag(view)
}

// tagAfter returns the entity tag of what a modification has left at the command's path, which is its value.
func (d *decision) tagAfter(revision int64) string {
	if d.Path.Kind == protocol.Root {
		return protocol.RevisionTag(revision)
	}
	return protocol.HashTag(d.Value)
}
