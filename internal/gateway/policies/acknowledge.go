package policies

import (
	"slices"

	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/expiry"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Acknowledge takes an envelope with a policies acknowledgement, of which
// there are those of announcements.
//
// Protocol rules: an acknowledgement has a label that its sender has declared,
// and a status. It is not answered; one that nobody waits for has no effect.
func (s *Service) Acknowledge(from exchange.Requester, env *protocol.Envelope) {
	x := exchange.Begin(from, env, s.metrics, s.clock)
	if err := s.acknowledge(from, env); err != nil {
		x.Refuse(err)
		return
	}
	from.NoReply()
}

func (s *Service) acknowledge(from exchange.Requester, env *protocol.Envelope) *protocol.Error {
	label := env.Topic.Subject
	if label == "" || env.Status == 0 {
		return protocol.ErrTopicUnknown(env.Topic.String(), "An acknowledgement has a label and a status.")
	}
	switch label {
	case protocol.LabelTwinPersisted, protocol.LabelLiveResponse, protocol.LabelSearchPersisted:
		return protocol.ErrLabelForbidden(label)
	}
	if err := protocol.ValidateLabel(label); err != nil {
		return err
	}
	audience := from.Audience()
	if !slices.Contains(audience.Acks, label) {
		return protocol.ErrLabelNotDeclared(label)
	}
	id, ok := env.Headers.String(protocol.HeaderCorrelationID)
	if !ok {
		return protocol.ErrAckCorrelationIDMissing()
	}
	s.custodian.Acknowledge(expiry.Ack{
		PolicyID: env.Topic.EntityID(), CorrelationID: id, Label: label, Status: env.Status, Audience: audience,
	})
	return nil
}
