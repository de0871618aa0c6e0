package stream

import "github.com/twinway/twinway/internal/gateway/protocol"

// Envelope appends itself as JSON text.
type Envelope interface{ Append(dst []byte) []byte }

// Proceed goes on with a subscription, or ends it, as a message with one of the
// actions Request and Cancel and its value say. It returns what to tell the
// client, and as what status that counts: that there is no such subscription, else
// nothing. The error is that the message cannot be read.
//
// Protocol rule: that there is no subscription is told as if there were.
func (s *Set) Proceed(m Message, env *protocol.Envelope) (answer Envelope, status int, refused *protocol.Error) {
	about, refused := protocol.ReadSubscriptionRequest(env)
	if refused != nil {
		return nil, 0, refused
	}
	if m.Topic.Action == protocol.Cancel {
		refused = s.Cancel(about.ID)
	} else {
		refused = s.Request(m, about.ID, about.Demand)
	}
	if refused != nil {
		return m.Failed(about.ID, refused), refused.Status, nil
	}
	return nil, 0, nil
}
