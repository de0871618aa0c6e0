package exchange

import (
	"crypto/rand"
	"time"

	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Exchange is a message and the answer to it.
type Exchange struct {
	From Requester
	// Topic and Headers are those of the message, Path is that of the reply.
	Topic   protocol.Topic
	Path    protocol.Path
	Headers protocol.Headers
	// Plan is how the message is answered. Prepare sets it.
	Plan ack.Plan
	// Historical says that the answer shows something of the past.
	Historical bool

	received time.Time
	metrics  *metrics.Metrics
	clock    func() time.Time
}

// Begin returns the exchange that an envelope begins. A message without a
// correlation id is given one.
func Begin(from Requester, env *protocol.Envelope, m *metrics.Metrics, clock func() time.Time) Exchange {
	e := Exchange{From: from, Topic: env.Topic, Headers: env.Headers, received: clock(), metrics: m, clock: clock}
	if _, ok := e.Headers.Get(protocol.HeaderCorrelationID); !ok {
		e.Headers.SetString(protocol.HeaderCorrelationID, rand.Text())
	}
	return e
}

// Subjects returns on whose behalf the message was sent.
func (e *Exchange) Subjects() []string { return e.From.Audience().Subjects }

// Originator is the subject that the server names as who caused something.
func (e *Exchange) Originator() string { return e.Subjects()[0] }

// Prepare reads how the message wants to be answered, given what kind it is and for how long any may take.
//
// Errors: header.invalid, timeout.invalid, command.headers.invalid.
func (e *Exchange) Prepare(kind ack.Kind, longest time.Duration) *protocol.Error {
	if p, ok := e.From.(Patient); ok {
		longest = max(longest, p.Patience())
	}
	plan, err := ack.ReadPlan(kind, &e.Headers, longest)
	e.Plan = plan
	return err
}

// Received returns when the exchange began.
func (e *Exchange) Received() time.Time { return e.received }

// Deadline returns until when the command must be completed, and the zero time
// for one that nobody waits for.
func (e *Exchange) Deadline() time.Time {
	if !e.Plan.ResponseRequired {
		return time.Time{}
	}
	return e.received.Add(e.Plan.Wait)
}

// Refuse answers a message that is wrong in itself, whether or not it wants a
// response.
func (e *Exchange) Refuse(err *protocol.Error) {
	e.count(err.Status)
	e.reply(&protocol.ErrorResponse{Topic: e.Topic, Headers: e.Headers, Error: err}, 0)
}

// Fail answers a command that was not executed, or without success.
func (e *Exchange) Fail(err *protocol.Error) {
	if _, insists := e.From.(Insistent); !insists && !e.Plan.ResponseRequired {
		e.noReply()
		return
	}
	e.count(err.Status)
	e.reply(&protocol.ErrorResponse{Topic: e.Topic, Headers: e.Headers, Originator: e.Originator(), Error: err}, 0)
}

// Result is the positive answer to a command. Packages that decide commands
// have a type of their own that converts to it.
type Result struct {
	// Action is that of the response's topic.
	Action protocol.Action
	// Status is 200, 201 or 204.
	Status int
	// Value is JSON, nil for none.
	Value []byte
	// ETag is the entity tag with its quotes, "" for none.
	ETag string
	// Revision is that of the entity, 0 for none.
	Revision int64
	// Metadata is a JSON object, nil for none.
	Metadata []byte
}

// Respond answers a command that was executed.
func (e *Exchange) Respond(r Result) {
	if !e.Plan.ResponseRequired {
		e.noReply()
		return
	}
	e.count(r.Status)
	response := e.Response(r)
	e.reply(&response, len(r.Value)+len(r.Metadata))
}

// Response returns the answer to a command that was executed.
func (e *Exchange) Response(r Result) protocol.Response {
	topic := e.Topic
	topic.Action = r.Action
	return protocol.Response{
		Topic: topic, Headers: e.Headers, Originator: e.Originator(), ETag: r.ETag, Revision: r.Revision,
		Path: e.Path, Value: r.Value, Status: r.Status, Historical: e.Historical,
		Metadata: r.Metadata,
	}
}

// Tell answers a message by what is no response, nil if it has no answer. Status
// is what it counts as, 0 without.
func (e *Exchange) Tell(answer Envelope, status int) {
	e.count(status)
	if answer == nil {
		e.From.NoReply()
		return
	}
	e.From.Reply(answer, usualReply)
}

// usualReply is what a reply takes beside its value, in bytes, as a rule.
const usualReply = 512

func (e *Exchange) reply(envelope Envelope, value int) { e.From.Reply(envelope, usualReply+value) }

func (e *Exchange) noReply() {
	e.count(0)
	e.From.NoReply()
}

func (e *Exchange) count(status int) {
	e.metrics.Command(e.name(), status, e.clock().Sub(e.received))
}

// name is as what the message counts: its action, or what it is if it has none.
func (e *Exchange) name() string {
	if e.Topic.Action == protocol.ActionNone {
		return e.Topic.Criterion.String()
	}
	return e.Topic.Action.String()
}
