package rest

import (
	"time"

	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/broker"
	"github.com/twinway/twinway/internal/gateway/entrance"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/wire"
)

// call is a request as the requester of a command. It implements exchange.Requester and exchange.Insistent.
type call struct {
	audience *pubsub.Audience
	access   entrance.Access
	party    *broker.Party
	answered chan *answer // has room for all there can be
}

// Each command has one reply, or none and then at most one answer.
const mostAnswers = 2

// do sends an envelope the way that all go, and returns what it is answered with.
func (q *request) do(env *protocol.Envelope) *answer {
	c := &call{audience: q.audience, access: q.access, party: q.server.options.Broker.NewParty(), answered: make(chan *answer, mostAnswers)}
	defer c.party.End()
	silent := q.unanswered(&env.Headers)
	q.server.options.Handler.Handle(q.context(), c, env)
	a := c.wait(q, silent)
	a.of(q, env)
	return a
}

// soon is how long a command that wants no response may take until it is taken to be on its way.
//
// Protocol rule: what is wrong with it is told if it is found until then.
const soon = 3 * time.Second

// grace is how much longer than a command may take its answer is waited for: who executes it says that time is over.
const grace = 5 * time.Second

// wait waits for the answer.
func (c *call) wait(q *request, silent bool) *answer {
	patience := q.patience() + grace
	if silent {
		patience = soon
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		select {
		case a := <-c.answered:
			switch {
			case a != nil:
				return a
			case silent:
				return &answer{status: statusAccepted}
			}
		case <-timer.C:
			if silent {
				return &answer{status: statusAccepted}
			}
			return refusal(protocol.ErrCommandTimeout(patience))
		case <-q.context().Done():
			return refusal(protocol.ErrCommandTimeout(0))
		}
	}
}

// unanswered reports whether a command of the request wants no response.
func (q *request) unanswered(h *protocol.Headers) bool {
	if required, given := h.Bool(protocol.HeaderResponseRequired); given {
		return !required
	}
	return q.timeout != nil && *q.timeout == 0
}

// patience is how long the request may take.
func (q *request) patience() time.Duration {
	if q.timeout != nil {
		return max(*q.timeout, q.settings.Timeout)
	}
	return max(q.settings.Timeout, ack.MaxWait)
}

// Insists implements exchange.Insistent.
func (c *call) Insists() {}

// Audience implements exchange.Requester.
func (c *call) Audience() *pubsub.Audience { return c.audience }

// Party implements exchange.Requester.
func (c *call) Party() *broker.Party { return c.party }

// Deliver implements exchange.Requester. A request subscribes to nothing.
func (c *call) Deliver(wire.Burst) {}

// MayAccess implements exchange.Requester.
func (c *call) MayAccess(group protocol.Group, namespace string) bool {
	return c.access == nil || c.access.MayAccess(group, namespace)
}

// Reply implements exchange.Requester.
func (c *call) Reply(e exchange.Envelope, _ int) { c.take(answerOf(e)) }

// Answer implements exchange.Requester.
func (c *call) Answer(e exchange.Envelope) { c.take(answerOf(e)) }

// NoReply implements exchange.Requester.
func (c *call) NoReply() { c.take(nil) }

func (c *call) take(a *answer) {
	select {
	case c.answered <- a:
	default: // nobody has promised more
	}
}
