package session

import "github.com/twinway/twinway/internal/gateway/protocol"

// MayAccess implements exchange.Requester. What it says was settled at the
// handshake and stays the same for as long as the session lives.
func (s *Session) MayAccess(group protocol.Group, namespace string) bool {
	return s.access == nil || s.access.MayAccess(group, namespace)
}
