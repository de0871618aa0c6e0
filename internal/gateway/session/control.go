package session

import (
	"context"

	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/wire"
)

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
	case c.Start:
		s.start(c)
	default:
		if hub := s.server.options.Hubs[c.Type]; hub != nil {
			hub.Unsubscribe(s)
		}
		s.acknowledge(c)
	}
}

// start begins a subscription, or replaces the one there is.
func (s *Session) start(c protocol.Control) {
	want, err := s.want(c)
	if err != nil {
		s.refuseControl(c, err)
		return
	}
	if hub := s.server.options.Hubs[c.Type]; hub != nil {
		hub.Subscribe(s, want)
	}
	s.acknowledge(c)
}

// acknowledge confirms a control message. What is published from now on is
// delivered behind the acknowledgement, or before it.
func (s *Session) acknowledge(c protocol.Control) {
	s.conn.Reply(wire.AppendText(nil, func(dst []byte) []byte { return append(dst, c.Ack()...) }))
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
