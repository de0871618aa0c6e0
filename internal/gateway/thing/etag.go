package thing

import "github.com/twinway/twinway/internal/gateway/protocol"

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
