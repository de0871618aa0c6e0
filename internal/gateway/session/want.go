package session

import (
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
)

// want reads what a subscription is to deliver. An announcement of a policy is
// about no thing, of which something could be added.
func (s *Session) want(c protocol.Control) (*pubsub.Want, *protocol.Error) {
	w, err := pubsub.Parameters{
		Namespaces: c.Namespaces, Filter: c.Filter, HasFilter: c.HasFilter,
		ExtraFields: c.ExtraFields, HasExtraFields: c.HasExtraFields, Access: s.access,
	}.Want()
	if err == nil && c.HasExtraFields && c.Type == protocol.SignalPolicyAnnouncements {
		return nil, protocol.ErrAnnouncementNotEnriched(c.ExtraFields)
	}
	return w, err
}
