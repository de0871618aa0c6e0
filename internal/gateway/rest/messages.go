package rest

import (
	"strings"
	"time"

	"github.com/twinway/twinway/internal/gateway/live"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// claim is the subject of messages by which somebody claims a thing.
const claim = "claim"

// message sends a message to a thing or a feature, or from it, and answers with what who received it says.
//
// Protocol rule: what follows "messages" is the subject, with all its slashes.
func message(q *request) *answer {
	end := 3 // of the box
	if q.segments[2] == "features" {
		end = 5
		if feature := q.segments[3]; strings.Contains(feature, "/") {
			return refusal(protocol.ErrMessageFeatureIDInvalid(feature))
		}
	}
	return q.send(q.segments[2:end], strings.Join(q.segments[end+1:], "/"), usualMessage)
}

// claimThing asks whoever knows the thing to let the requester have it.
func claimThing(q *request) *answer { return q.send([]string{"inbox"}, claim, usualClaim) }

// send sends a message by way of a box, with the body as its payload.
func (q *request) send(box []string, subject string, timeout time.Duration) *answer {
	env := &protocol.Envelope{Headers: q.headers}
	env.Topic = protocol.Topic{Group: protocol.Things, Channel: protocol.Live, Criterion: protocol.Messages, Subject: subject}
	env.Topic.Namespace, env.Topic.Name, _ = strings.Cut(q.segments[1], ":")
	env.Path = "/" + strings.Join(box, "/") + "/messages/" + subject
	q.defaultTimeout(env, timeout)
	var err *protocol.Error
	if env.Raw, err = q.payload(); err != nil {
		return refusal(err)
	}
	return q.do(env)
}

// payload reads the body as the payload of a message, of whatever type it is. It is nil if there is none.
//
// Errors: messages:payload.toolarge, 400 if it does not come.
func (q *request) payload() ([]byte, *protocol.Error) {
	content, err := q.bodyOr(func(limit int64) *protocol.Error { // in bytes; that of a message is in characters, if it has any
		return protocol.ErrMessageTooLarge(int(max(q.http.ContentLength, limit+1)), min(live.MaxPayload, int(limit)))
	})
	if len(content) == 0 {
		return nil, err
	}
	return content, nil
}
