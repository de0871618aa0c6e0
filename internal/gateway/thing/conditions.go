package thing

import "github.com/twinway/twinway/internal/gateway/protocol"

var preconditionErrors = protocol.PreconditionErrors{
	Failed: protocol.ErrPreconditionFailed, NotModified: protocol.ErrNotModified,
}

// precondition checks if-match and if-none-match against the thing and the value at the command's path, nil if there is none.
//
// Protocol rules: deletes and retrieves of what is absent fail as not found. A retrieve that selects the policy is not
// checked, since its entity tag would not cover it.
func (c *Command) precondition(revision int64, value []byte) *protocol.Error {
	if c.Conditions.IfMatch == nil && c.Conditions.IfNoneMatch == nil {
		return nil
	}
	if value == nil && (c.Action == protocol.Delete || c.IsQuery()) || c.selects(fieldPolicy) {
		return nil
	}
	current := ""
	if value != nil {
		current = c.tag(revision, value)
	}
	return c.Conditions.Check(current, c.IsQuery(), preconditionErrors)
}
