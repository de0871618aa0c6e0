package entrance

import "github.com/twinway/twinway/internal/gateway/protocol"

// Access says which entities somebody may address at all, whatever policies
// say. It does not change, and does not block. Nil: all.
type Access interface {
	// MayAccess reports whether entities of the group in the namespace may be
	// addressed.
	MayAccess(group protocol.Group, namespace string) bool
}
