package thing

import (
	"strconv"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// revisionTag returns the entity tag of a whole thing, with its quotes.
func revisionTag(revision int64) string {
	buf := append(make([]byte, 0, 32), `"rev:`...)
	buf = strconv.AppendInt(buf, revision, 10)
	return string(append(buf, '"'))
}

// hashTag returns the entity tag of a part of a thing, with its quotes.
func hashTag(value []byte) string {
	buf := append(make([]byte, 0, 32), `"hash:`...)
	buf = strconv.AppendUint(buf, uint64(document.Hash(value)), 16)
	return string(append(buf, '"'))
}

// taggedByRevision reports whether the entity tag of what the command is about is that of the whole thing.
//
// Protocol rule: so it is at the root, and for a merge of the definition or the policy id.
func (c *Command) taggedByRevision() bool {
	switch c.Path.Kind {
	case protocol.Root:
		return true
	case protocol.Definition, protocol.PolicyID:
		return c.Action == protocol.Merge
	}
	return false
}

// tag returns the entity tag of what the command is about, given the thing's revision and the value at the command's
// path. It is "" if there is no value.
func (c *Command) tag(revision int64, value []byte) string {
	switch {
	case c.taggedByRevision():
		return revisionTag(revision)
	case value == nil:
		return ""
	}
	return hashTag(value)
}
