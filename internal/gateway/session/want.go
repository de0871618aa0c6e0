package session

import (
	"github.com/twinway/twinway/internal/gateway/enrich"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/rql"
)

// want reads what a subscription is to deliver. Protocol rule: a filter is read
// whatever the type of the signals.
func (s *Session) want(c protocol.Control) (*pubsub.Want, *protocol.Error) {
	w := &pubsub.Want{Namespaces: c.Namespaces}
	if c.HasFilter {
		predicate, err := rql.CompileSignal(c.Filter)
		if err != nil {
			return nil, protocol.ErrRQLInvalid(c.Filter, err.Error())
		}
		w.Filter = predicate
	}
	if c.HasExtraFields {
		fields, err := extraFields(c)
		if err != nil {
			return nil, err
		}
		w.Extra = fields
		if s.access != nil && fields.MaySelectPolicy() {
			w.Policies = func(namespace string) bool { return s.MayAccess(protocol.Policies, namespace) }
		}
	}
	return w, nil
}

// extraFields reads what signals are to be enriched with. An announcement of a
// policy is about no thing.
func extraFields(c protocol.Control) (*enrich.Fields, *protocol.Error) {
	fields, err := enrich.Parse(c.ExtraFields)
	if err == nil && c.Type == protocol.SignalPolicyAnnouncements {
		return nil, protocol.ErrAnnouncementNotEnriched(c.ExtraFields)
	}
	return fields, err
}
