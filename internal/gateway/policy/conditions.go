package policy

import "github.com/twinway/twinway/internal/gateway/protocol"

// Conditions are the conditional headers of a command. The zero value demands nothing.
type Conditions struct {
	// IfMatch and IfNoneMatch are nil if they were not sent.
	IfMatch, IfNoneMatch *EntityTags
	// SkipEqual refuses a modification that would change nothing.
	SkipEqual bool
}

// EntityTags is the value of the header if-match or if-none-match.
type EntityTags struct {
	protocol.ETags
	// Text is the value as it was sent.
	Text string
}

// newConditions reads the conditional headers.
func newConditions(h *protocol.Headers) (c Conditions, err *protocol.Error) {
	if c.IfMatch, err = tagsOf(h, protocol.HeaderIfMatch); err != nil {
		return c, err
	}
	if c.IfNoneMatch, err = tagsOf(h, protocol.HeaderIfNoneMatch); err != nil {
		return c, err
	}
	// Protocol rule: only the exact lower-case name has an effect.
	mode, _ := h.String(protocol.HeaderIfEqual)
	c.SkipEqual = mode == "skip"
	return c, nil
}

// tagsOf returns the entity tags in a header, nil if there is no such header.
func tagsOf(h *protocol.Headers, name protocol.HeaderName) (*EntityTags, *protocol.Error) {
	text, ok := h.String(name)
	if !ok {
		return nil, nil
	}
	tags, ok := protocol.ParseETags(text)
	if !ok {
		return nil, protocol.ErrHeaderInvalid(name.String(), "It must be * or a list of entity tags in quotes.")
	}
	return &EntityTags{tags, text}, nil
}

// precondition checks if-match and if-none-match, in this order, against the policy and the value at the command's path,
// nil if there is none.
//
// Protocol rules: a resource that is absent fails every if-match, except that deletes and retrieves of it fail as not
// found. The resolved view of a policy has no entity tag, so that it is not checked.
func (c *Command) precondition(revision int64, value []byte) *protocol.Error {
	if value == nil && (c.Action == protocol.Delete || c.IsQuery()) || c.Resolved {
		return nil
	}
	current := ""
	if value != nil {
		current = c.tag(revision, value)
	}
	switch match, noneMatch := c.Conditions.IfMatch, c.Conditions.IfNoneMatch; {
	case match != nil && !match.Match(current):
		return withTag(protocol.ErrPolicyPreconditionFailed(protocol.HeaderIfMatch.String(), match.Text, current), current)
	case noneMatch != nil && noneMatch.Match(current):
		if c.IsQuery() {
			return withTag(protocol.ErrPolicyNotModified(), current)
		}
		return withTag(protocol.ErrPolicyPreconditionFailed(protocol.HeaderIfNoneMatch.String(), noneMatch.Text, current), current)
	}
	return nil
}

// tag returns the entity tag of what the command is about, given the policy's revision and the value at the command's path.
func (c *Command) tag(revision int64, value []byte) string {
	if c.Path.Kind == protocol.Root {
		return revisionTag(revision)
	}
	return hashTag(value)
}

// withTag makes an error tell the current entity tag.
func withTag(e *protocol.Error, current string) *protocol.Error {
	e.ETag = current
	return e
}
