package twin

import (
	"errors"
	"time"

	"github.com/twinway/twinway/internal/gateway/engine"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/thing"
	"github.com/twinway/twinway/internal/gateway/wire"
)

// request is who wants what answer to a message.
type request struct {
	service  *Service
	from     Requester
	received time.Time
	topic    protocol.Topic
	path     protocol.Path
	headers  protocol.Headers
	options  protocol.Options
	limit    time.Duration // how long the command may take
}

// deadline returns until when the command must be completed, given for how
// long any command may take, and the zero time for one that nobody waits for.
func (r *request) deadline(limit time.Duration) time.Time {
	r.limit = limit
	if !r.options.ResponseRequired {
		return time.Time{}
	}
	return r.received.Add(r.timeout())
}

func (r *request) timeout() time.Duration {
	if t := r.options.Timeout; t > 0 && t < r.limit {
		return t
	}
	return r.limit
}

// refuse answers a message that is wrong in itself, whether or not it wants a
// response.
func (r *request) refuse(err *protocol.Error) {
	r.count(err.Status)
	r.reply(&protocol.ErrorResponse{Topic: r.topic, Headers: r.headers, Error: err}, 0)
}

// fail answers a command that was not executed, or without success.
func (r *request) fail(err *protocol.Error) {
	if !r.options.ResponseRequired {
		r.noReply()
		return
	}
	r.count(err.Status)
	r.reply(&protocol.ErrorResponse{Topic: r.topic, Headers: r.headers, Originator: r.originator(), Error: err}, 0)
}

// respond answers a command that was executed.
func (r *request) respond(response *thing.Response) {
	if !r.options.ResponseRequired {
		r.noReply()
		return
	}
	r.count(response.Status)
	topic := r.topic
	topic.Action = response.Action
	r.reply(&protocol.Response{
		Topic: topic, Headers: r.headers, Originator: r.originator(), ETag: response.ETag, Revision: response.Revision,
		Path: r.path, Value: response.Value, Status: response.Status,
	}, len(response.Value))
}

// usualReply is what a reply takes beside its value, in bytes, as a rule.
const usualReply = 512

func (r *request) reply(envelope interface{ Append([]byte) []byte }, value int) {
	r.from.Reply(wire.AppendText(make([]byte, 0, usualReply+value), envelope.Append))
}

func (r *request) noReply() {
	r.count(0)
	r.from.NoReply()
}

// originator is the subject that the server names as who caused something.
func (r *request) originator() string { return r.from.Subjects()[0] }

func (r *request) count(status int) {
	r.service.metrics.Command(r.topic.Action.String(), status, r.service.clock().Sub(r.received))
}

// errorOf is what a client is told of an error of the engine. The engine's own
// words are for operators.
func errorOf(err error, id string, timeout time.Duration) *protocol.Error {
	if errors.Is(err, engine.ErrTimeout) {
		return protocol.ErrCommandTimeout(timeout)
	}
	return protocol.ErrThingUnavailable(id)
}
