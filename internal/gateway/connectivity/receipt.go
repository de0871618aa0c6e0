package connectivity

import (
	"context"
	"crypto/rand"
	"sync"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/mapping"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
)

// receipt is a message that has come in, until it is settled and all that it asks for is answered.
type receipt struct {
	inlet *inlet
	*stream
	// teller says who is told of answers.
	teller        teller
	message       external.Message
	settle        func(link.Settlement) // nil if it does not matter
	redelivered   int
	size          int
	at            time.Time
	audience      pubsub.Audience
	correlationID string

	mu       sync.Mutex
	handling int  // commands that have neither a reply nor none yet
	open     int  // commands of which it is not known what became of them
	away     bool // it waits for others
	// verdict is what became of the commands, and creation of those that only make sure that there is a thing for others.
	verdict, creation verdict

	first request // of most messages the only one
}

// teller makes messages of answers.
type teller interface {
	// tells reports whether the sender of a message is told an answer to one of its commands.
	tells(q *request, a *answer) bool
	// told returns the message that tells it, nil for none.
	told(r *receipt, a *answer, text []byte) *external.Message
}

// take takes a message of a source.
func (in *inlet) take(ctx context.Context, s *source, c *link.Consumed) {
	r := in.receipt(&s.stream, s, c)
	if tooMuchAside(&r.message) {
		r.message.Headers = nil // they are not kept, nor sent back
		r.unmapped(rand.Text(), errHeaders)
		return
	}
	id, given := r.message.Headers.Get(external.CorrelationID)
	if !given || id == "" {
		id = rand.Text()
	}
	mapped, err := s.mapping.Map(&r.message, id, r.at)
	if err != nil {
		r.unmapped(id, err)
		return
	}
	r.correlationID = mapped.CorrelationID
	if len(mapped.Commands) == 0 {
		r.ignored()
		return
	}
	r.flow.Count(metrics.Mapped, 1)
	r.audience = pubsub.Audience{Subjects: mapped.Subjects, Acks: in.peer.declared()}
	r.message.Payload = nil // the commands have of it what they need, and answers need nothing
	r.handle(ctx, mapped.Commands)
}

// receipt notes that a message has come in.
func (in *inlet) receipt(s *stream, t teller, c *link.Consumed) *receipt {
	r := &receipt{
		inlet: in, stream: s, teller: t, message: c.Message, settle: c.Settle, redelivered: c.Redelivered,
		size: weight(&c.Message), at: in.peer.clock(),
	}
	r.flow.Count(metrics.Consumed, 1)
	r.flow.Waiting(1)
	r.note(Event{Kind: EventConsumed})
	return r
}

// handle has commands done, in order.
func (r *receipt) handle(ctx context.Context, commands []mapping.Command) {
	r.handling, r.open = len(commands), len(commands)
	for i := range commands {
		q := &r.first
		if i > 0 {
			q = &request{}
		}
		c := &commands[i]
		*q = request{receipt: r, topic: c.Envelope.Topic, implicit: c.Implicit, silent: c.Silent, handed: c.Handed, alone: len(commands) == 1}
		r.inlet.peer.handler.Handle(ctx, q, c.Envelope)
	}
}

// unmapped is the end of a message that is not what it should be, of which its sender is told.
func (r *receipt) unmapped(id string, err *protocol.Error) {
	r.correlationID = id
	r.note(Event{Kind: EventMapped, Failure: true, Message: err.Error()})
	if s, ok := r.teller.(*source); ok {
		refusal := s.mapping.Refusal(&r.message, id, err)
		a := read(refusal)
		r.reply(&request{receipt: r, alone: true}, &a, refusal, usualAnswer)
	}
	r.verdict = verdict{settlement: link.Reject, failed: true}
	r.end(r.inlet.room.leave)
}

// ignored is the end of a message that asks for nothing.
func (r *receipt) ignored() {
	r.flow.Count(metrics.Dropped, 1)
	r.note(Event{Kind: EventDropped, Message: "it asks for nothing"})
	r.end(r.inlet.room.leave)
}

// handled notes that a command has a reply, or has none yet, and what became of it if that is known. Otherwise an answer says it
// later: when all are handled the message waits for others.
func (r *receipt) handled(q *request, v verdict, known bool) {
	r.mu.Lock()
	r.handling--
	if known {
		r.know(q, v)
	}
	handled, over := r.handling == 0, r.open == 0
	r.mu.Unlock()
	switch {
	case !handled:
	case over:
		r.end(r.inlet.room.leave)
	default:
		r.inlet.room.handedOver(r.size)
		r.wait()
	}
}

// wait lets the message wait for others, unless they have answered meanwhile.
func (r *receipt) wait() {
	r.mu.Lock()
	r.away = true
	over := r.open == 0
	r.mu.Unlock()
	if over {
		r.end(r.inlet.room.answered)
	}
}

// answered notes what became of a command that had no reply, or will have none.
func (r *receipt) answered(q *request, v verdict) {
	r.mu.Lock()
	was := r.open
	r.know(q, v)
	over := r.away && was > 0 && r.open == 0
	r.mu.Unlock()
	if over {
		r.end(r.inlet.room.answered)
	}
}

// know takes what became of a command, which counts once.
func (r *receipt) know(q *request, v verdict) {
	if q.known {
		return
	}
	q.known = true
	r.open--
	if q.implicit && !q.alone {
		r.creation = r.creation.and(v)
		return
	}
	r.verdict = r.verdict.and(v)
}

// end settles the message, of which nothing is open any more, and gives its place to others.
func (r *receipt) end(leave func(size int)) {
	r.settled(r.verdict.after(r.creation))
	leave(r.size)
}

// note keeps what has happened to the message, unless there is too much of that kind.
func (r *receipt) note(e Event) {
	if !r.notes.admits(e.Kind, e.Failure, r.inlet.peer.clock()) {
		return
	}
	e.Address, e.CorrelationID = r.message.Address, r.correlationID
	r.notes.note(e)
}
