package thing

import "github.com/twinway/twinway/internal/gateway/protocol"

// IfEqual says what becomes of a modification that would change nothing.
type IfEqual uint8

// Values of the header if-equal. For other commands than modify and merge it has no meaning.
const (
	// IfEqualUpdate accepts it like any other. This is the default.
	IfEqualUpdate IfEqual = iota
	// IfEqualSkip refuses it.
	IfEqualSkip
	// IfEqualMinimize refuses a merge and reduces other merges to what they change. It has no effect on modify.
	IfEqualMinimize
)

// Conditions are the conditional headers of a command. The zero value demands nothing.
type Conditions struct {
	// IfMatch and IfNoneMatch are nil if they were not sent.
	IfMatch, IfNoneMatch *EntityTags
	IfEqual              IfEqual
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
	// Protocol rule: only the exact lower-case names have an effect.
	switch mode, _ := h.String(protocol.HeaderIfEqual); mode {
	case "skip":
		c.IfEqual = IfEqualSkip
	case "skip-minimizing-merge":
		c.IfEqual = IfEqualMinimize
	}
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

// precondition checks if-match and if-none-match, in this order, against the thing and the value at the command's path,
// nil if there is none.
//
// Protocol rules: a resource that is absent fails every if-match, except that deletes and retrieves of it fail as not
// found. A retrieve that selects the policy is not checked, since its entity tag would not cover it.
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
	switch match, noneMatch := c.Conditions.IfMatch, c.Conditions.IfNoneMatch; {
	case match != nil && !match.Match(current):
		return withTag(protocol.ErrPreconditionFailed(protocol.HeaderIfMatch.String(), match.Text, current), current)
	case noneMatch != nil && noneMatch.Match(current):
		if c.IsQuery() {
			return withTag(protocol.ErrNotModified(), current)
		}
		return withTag(protocol.ErrPreconditionFailed(protocol.HeaderIfNoneMatch.String(), noneMatch.Text, current), current)
	}
	return nil
}

// withTag makes an error tell the current entity tag.
func withTag(e *protocol.Error, current string) *protocol.Error {
	e.ETag = current
	return e
}
