package policy

import "github.com/twinway/twinway/internal/gateway/protocol"

var preconditionErrors = protocol.PreconditionErrors{
	Failed: protocol.ErrPolicyPreconditionFailed, NotModified: protocol.ErrPolicyNotModified,
}

// precondition checks if-match and if-none-match against the policy and the value at the command's path, nil if there is none.
//
// Protocol rules: deletes and retrieves of what is absent fail as not found. The resolved view of a policy has no entity tag,
// so that it is not checked.
func (c *Command) precondition(revision int64, value []byte) *protocol.Error {
	if value == nil && (c.Action == protocol.Delete || c.IsQuery()) || c.Resolved {
		return nil
	}
	current := ""
	if value != nil {
		current = c.tag(revision, value)
	}
	return c.Conditions.Check(current, c.IsQuery(), preconditionErrors)
}

// tag returns the entity tag of what the command is about, given the policy's revision and the value at the command's path.
func (c *Command) tag(revision int64, value []byte) string {
	if c.Path.Kind == protocol.Root {
		return protocol.RevisionTag(revision)
	}
	return protocol.HashTag(value)
}
