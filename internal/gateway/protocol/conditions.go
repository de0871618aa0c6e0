package protocol

import (
	"strconv"

	"github.com/twinway/twinway/internal/gateway/document"
)

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
	ETags
	// Text is the value as it was sent.
	Text string
}

// ReadConditions reads the conditional headers. The error is header.invalid.
func ReadConditions(h *Headers) (c Conditions, err *Error) {
	if c.IfMatch, err = tagsOf(h, HeaderIfMatch); err != nil {
		return c, err
	}
	if c.IfNoneMatch, err = tagsOf(h, HeaderIfNoneMatch); err != nil {
		return c, err
	}
	// Protocol rule: only the exact lower-case names have an effect.
	switch mode, _ := h.String(HeaderIfEqual); mode {
	case "skip":
		c.IfEqual = IfEqualSkip
	case "skip-minimizing-merge":
		c.IfEqual = IfEqualMinimize
	}
	return c, nil
}

// tagsOf returns the entity tags in a header, nil if there is no such header.
func tagsOf(h *Headers, name HeaderName) (*EntityTags, *Error) {
	text, ok := h.String(name)
	if !ok {
		return nil, nil
	}
	tags, ok := ParseETags(text)
	if !ok {
		return nil, ErrHeaderInvalid(name.String(), "It must be * or a list of entity tags in quotes.")
	}
	return &EntityTags{tags, text}, nil
}

// PreconditionErrors are what a kind of entity calls the failure of a precondition.
type PreconditionErrors struct {
	Failed      func(header, wanted, current string) *Error
	NotModified func() *Error
}

// HiddenTag stands for the entity tag of something that exists and of which the requester may read nothing. It matches nothing
// but *, and is not told.
const HiddenTag = "hidden"

// Check checks if-match and if-none-match, in this order, against the entity tag that something has now, "" if it is absent.
// The error tells that tag. Protocol rule: what is absent fails every if-match.
func (c *Conditions) Check(current string, query bool, errs PreconditionErrors) *Error {
	told := current
	if current == HiddenTag {
		told = ""
	}
	var err *Error
	switch match, noneMatch := c.IfMatch, c.IfNoneMatch; {
	case match != nil && !match.Match(current):
		err = errs.Failed(HeaderIfMatch.String(), match.Text, told)
	case noneMatch == nil || !noneMatch.Match(current):
		return nil
	case query:
		err = errs.NotModified()
	default:
		err = errs.Failed(HeaderIfNoneMatch.String(), noneMatch.Text, told)
	}
	err.ETag = told
	return err
}

// RevisionTag returns the entity tag of a whole entity, with its quotes.
func RevisionTag(revision int64) string {
	buf := append(make([]byte, 0, 32), `"rev:`...)
	buf = strconv.AppendInt(buf, revision, 10)
	return string(append(buf, '"'))
}

// HashTag returns the entity tag of a part of an entity, with its quotes.
func HashTag(value []byte) string {
	buf := append(make([]byte, 0, 32), `"hash:`...)
	buf = strconv.AppendUint(buf, uint64(document.Hash(value)), 16)
	return string(append(buf, '"'))
}
