package session

import (
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Refuse answers a message that cannot become a command.
func (s *Session) Refuse(env *protocol.Envelope, err *protocol.Error) {
	s.refuseWith(env.Headers, env.Topic, err)
}

// refuseUnread answers a message that could not be decoded. Protocol rule: an
// empty one has nothing to be correlated with but the session.
func (s *Session) refuseUnread(env *protocol.Envelope, err *protocol.Error, empty bool) {
	if empty {
		env.Headers.SetString(protocol.HeaderCorrelationID, s.name)
	}
	s.refuseWith(env.Headers, env.Topic, err)
}

// tell sends an error that answers no message.
func (s *Session) tell(err *protocol.Error) {
	if !s.gate.enter() {
		return
	}
	var headers protocol.Headers
	headers.SetString(protocol.HeaderCorrelationID, s.name)
	s.replyError(headers, protocol.Topic{}, err)
}

func (s *Session) refuseWith(headers protocol.Headers, topic protocol.Topic, err *protocol.Error) {
	s.server.options.Metrics.Message(metrics.MessageInvalid)
	s.replyError(headers, topic, err)
}

func (s *Session) replyError(headers protocol.Headers, topic protocol.Topic, err *protocol.Error) {
	response := protocol.ErrorResponse{Topic: topic, Headers: headers, Error: err}
	s.Reply(&response, usualError)
}

// usualError is what an error takes as a rule, in bytes.
const usualError = 512
