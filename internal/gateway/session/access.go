package session

import "github.com/twinway/twinway/internal/gateway/protocol"

// Access says which entities a session may address at all, whatever policies
// say. It does not change, and does not block.
type Access interface {
	// MayAccess reports whether entities of the group in the namespace may be
	// addressed.
	MayAccess(group protocol.Group, namespace string) bool
}

// MayAccess implements exchange.Requester. What it says was settled at the
// handshake and stays the same for as long as the session lives.
func (s *Session) MayAccess(group protocol.Group, namespace string) bool {
	return s.access == nil || s.access.MayAccess(group, namespace)
}
