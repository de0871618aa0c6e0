package connectivity

import (
	"slices"

	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/broker"
	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/live"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/wire"
	"github.com/twinway/twinway/internal/snapshot"
)

// request is one command of a message, as its requester. It implements exchange.Requester, pubsub.Kindred and exchange.Insistent: what
// the other end is told follows from what became of the command, whoever wants to be told.
type request struct {
	*receipt
	topic protocol.Topic
	// implicit, silent and handed are those of mapping.Command.
	implicit, silent, handed bool
	alone                    bool // the message asks for nothing else
	known                    bool // what became of it, guarded by the receipt's lock
}

// Audience implements pubsub.Subscriber: on whose behalf the command is done.
func (q *request) Audience() *pubsub.Audience { return &q.audience }

// Deliver implements pubsub.Subscriber. A message subscribes to nothing.
func (*request) Deliver(wire.Burst) {}

// Kin implements pubsub.Kindred: what it causes does not go out through the connection that it came by.
func (q *request) Kin() any { return q.inlet.peer }

// Party implements broker.Member.
func (q *request) Party() *broker.Party { return q.inlet.peer.party }

// MayAccess implements exchange.Requester: policies decide.
func (*request) MayAccess(protocol.Group, string) bool { return true }

// Insists implements exchange.Insistent.
func (*request) Insists() {}

// Reply implements exchange.Requester.
func (q *request) Reply(e exchange.Envelope, size int) { q.handled(q, q.tell(q, e, size), true) }

// NoReply implements exchange.Requester. What was handed over is done.
func (q *request) NoReply() { q.handled(q, verdict{}, q.handed) }

// usualAnswer is what an answer takes as a rule, in bytes.
const usualAnswer = 512

// Answer implements exchange.Requester.
func (q *request) Answer(e exchange.Envelope) { q.answered(q, q.tell(q, e, usualAnswer)) }

// answer is what became of a command.
type answer struct {
	status int
	kind   snapshot.ReplyKind
	// code is that of an error.
	code string
	// refusal says that the message itself is wrong.
	refusal bool
	// acks are those of an answer that consists of them.
	acks []ack.Ack
}

// read returns what an envelope says. Protocol rules: a device that answers with a status of failure has responded, unless it says that
// it is an error; acknowledgements of which one is negative are negative.
func read(e exchange.Envelope) answer {
	switch e := e.(type) {
	case *protocol.Response:
		return answer{status: e.Status, kind: snapshot.ReplyResponse}
	case *protocol.ErrorResponse: // that of a message which is wrong in itself has no originator
		return answer{status: e.Error.Status, kind: snapshot.ReplyError, code: e.Error.Code, refusal: e.Originator == ""}
	case *ack.Acks:
		a := answer{status: e.Status(), kind: snapshot.ReplyResponse, acks: e.Acks}
		if a.status >= firstFailure {
			a.kind = snapshot.ReplyNack
		}
		return a
	case *live.Answer:
		if e.Response != nil && e.Response.Failed {
			return answer{status: e.Status(), kind: snapshot.ReplyError}
		}
		return answer{status: e.Status(), kind: snapshot.ReplyResponse}
	}
	return answer{status: statusOK, kind: snapshot.ReplyResponse}
}

// tell tells the sender of the message what became of a command, if they are to be told, and returns what the other end is.
func (r *receipt) tell(q *request, e exchange.Envelope, size int) verdict {
	a := read(e)
	v := a.verdict(q.implicit)
	if v.failed {
		r.failedWith(&a)
	}
	r.reply(q, &a, e, size)
	return v
}

// reply sends an answer to the sender of the message, if they are to be told.
func (r *receipt) reply(q *request, a *answer, e exchange.Envelope, size int) {
	if !r.teller.tells(q, a) {
		return
	}
	if m := r.teller.told(r, a, e.Append(make([]byte, 0, size))); m != nil {
		clock := r.inlet.peer.clock
		r.inlet.replies.put(reply{stream: r.stream, message: m, correlationID: r.correlationID, made: clock(), clock: clock})
	}
}

// tells implements teller. Protocol rules: sources name the kinds of answers that are sent; who wants no answer is told nothing but
// that a message is wrong. That a thing exists which was to be created is told to nobody.
func (s *source) tells(q *request, a *answer) bool {
	switch {
	case !s.repliesTo || !slices.Contains(s.replies, a.kind):
		return false
	case q.implicit && (!q.alone || a.exists()):
		return false
	}
	return !q.silent || a.refusal
}

// told implements teller.
func (s *source) told(r *receipt, a *answer, text []byte) *external.Message {
	return s.mapping.Reply(&r.message, text, a.kind, r.inlet.peer.clock())
}
