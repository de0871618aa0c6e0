package session

import (
	"context"

	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/wire"
)

// notServed is why a subscription with a filter or extra fields is refused: to
// deliver something else than was asked for would be worse.
const notServed = "this gateway does not evaluate it yet"

// control handles a control message, or what is wrong with it.
func (s *Session) control(ctx context.Context, c protocol.Control, err *protocol.Error) {
	if err != nil && c.Type != protocol.JWTToken {
		s.refuseControl(c, err)
		return
	}
	s.server.options.Metrics.Message(metrics.MessageControl)
	switch {
	case err != nil:
		// As with any token that is not valid.
		s.close(closePolicy, "the new token cannot be read")
		s.NoReply()
	case c.Type == protocol.JWTToken:
		s.renew(ctx, c)
	case c.Start && c.HasFilter:
		s.refuseControl(c, protocol.ErrRQLInvalid(c.Filter, notServed))
	case c.Start && c.HasExtraFields:
		s.refuseControl(c, protocol.ErrFieldSelectionInvalid(c.ExtraFields))
	case c.Start:
		if hub := s.server.options.Hubs[c.Type]; hub != nil {
			hub.Subscribe(s, c.Namespaces)
		}
		s.acknowledge(c)
	default:
		if hub := s.server.options.Hubs[c.Type]; hub != nil {
			hub.Unsubscribe(s)
		}
		s.acknowledge(c)
	}
}

// acknowledge confirms a control message. What is published from now on is
// delivered behind the acknowledgement, or before it.
func (s *Session) acknowledge(c protocol.Control) {
	s.Reply(wire.AppendText(nil, func(dst []byte) []byte { return append(dst, c.Ack()...) }))
}

// refuseControl answers a control message that cannot be done. A subscription
// that there was before stays as it is.
func (s *Session) refuseControl(c protocol.Control, err *protocol.Error) {
	id := c.CorrelationID
	if id == "" {
		id = s.name
	}
	var headers protocol.Headers
	headers.SetString(protocol.HeaderCorrelationID, id)
	s.refuseWith(headers, protocol.Topic{}, err)
}
