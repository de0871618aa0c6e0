package rest

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/auth"
	"github.com/twinway/twinway/internal/gateway/broker"
	"github.com/twinway/twinway/internal/gateway/entrance"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/wire"
)

// call is a request as the requester of a command. It implements exchange.Requester, exchange.Insistent and exchange.Patient.
type call struct {
	broker   *broker.Broker
	waiting  *atomic.Int64 // calls that are a party, of all
	who      *auth.Identity
	audience *pubsub.Audience
	access   entrance.Access
	patience time.Duration
	answered chan *answer // has room for all there can be; nil if nothing is asked of a Handler

	mu    sync.Mutex
	party *broker.Party // nil until there is somebody to wait for
	over  bool
}

// Each command has one reply, or none and then at most one answer.
const mostAnswers = 2

// do sends an envelope the way that all go, and returns what it is answered with.
func (q *request) do(env *protocol.Envelope) *answer {
	return q.ask(env, q.server.options.Handler.Handle)
}

// ask gives an envelope to who handles it, and returns what it is answered with.
func (q *request) ask(env *protocol.Envelope, handle func(context.Context, exchange.Requester, *protocol.Envelope)) *answer {
	if err := q.skipBody(); err != nil {
		return refusal(err)
	}
	c := q.newCall()
	c.answered = make(chan *answer, mostAnswers)
	defer c.end()
	silent := q.unanswered(&env.Headers)
	handle(q.context(), c, env)
	a := c.wait(q, silent)
	a.of(q, env)
	return a
}

func (q *request) newCall() *call {
	return &call{
		broker: q.server.options.Broker, waiting: &q.server.waiting, who: &q.who, audience: q.audience, access: q.access,
		patience: q.patience(),
	}
}

// soon is how long a command that wants no response may take until it is taken to be on its way.
//
// Protocol rule: what is wrong with it is told if it is found until then.
const soon = 3 * time.Second

// grace is how much longer than a command may take its answer is waited for: who executes it says that time is over.
const grace = 5 * time.Second

// wait waits for the answer.
func (c *call) wait(q *request, silent bool) *answer {
	limit := q.limit() + grace
	if silent {
		limit = soon
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	var leaving <-chan struct{} // blocks as long as the gateway itself has to answer
	for {
		select {
		case a := <-c.answered:
			switch {
			case a != nil:
				return a
			case silent:
				return &answer{status: statusAccepted}
			}
			leaving = q.server.leaving()
		case <-leaving:
			return c.orElse(protocol.ErrServiceUnavailable(retryAfter))
		case <-timer.C:
			if silent {
				return &answer{status: statusAccepted}
			}
			return c.orElse(protocol.ErrCommandTimeout(limit))
		case <-q.context().Done():
			return refusal(protocol.ErrCommandTimeout(0)) // nobody reads it
		}
	}
}

// orElse returns the answer if it has come meanwhile, or else an error.
func (c *call) orElse(err *protocol.Error) *answer {
	select {
	case a := <-c.answered:
		if a != nil {
			return a
		}
	default:
	}
	return refusal(err)
}

// unanswered reports whether a command of the request wants no response.
func (q *request) unanswered(h *protocol.Headers) bool {
	if required, given := h.Bool(protocol.HeaderResponseRequired); given {
		return !required
	}
	return q.timeout != nil && *q.timeout == 0
}

// limit is how long the request may take.
func (q *request) limit() time.Duration {
	limit := max(q.settings.Timeout, ack.MaxWait, q.longest())
	if q.timeout != nil {
		limit = max(limit, *q.timeout)
	}
	return limit
}

// end ends the call: nothing is waited for any more on its behalf.
func (c *call) end() {
	c.mu.Lock()
	c.over = true
	party := c.party
	c.mu.Unlock()
	if party != nil {
		c.waiting.Add(-1)
		party.End()
	}
}

// Insists implements exchange.Insistent.
func (c *call) Insists() {}

// Patience implements exchange.Patient.
func (c *call) Patience() time.Duration { return c.patience }

// Audience implements exchange.Requester.
func (c *call) Audience() *pubsub.Audience { return c.audience }

// maxWaitingCalls is how many calls may wait for others, of all users together. Each takes a connection, too; what one user may have is
// bounded by the broker.
const maxWaitingCalls = 10_000

// Party implements exchange.Requester. Most calls wait for nobody, and are no party. One that is over, or too many, is one that has
// ended: it cannot wait.
func (c *call) Party() *broker.Party {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.party == nil {
		c.party = c.broker.NewPartyOf(string(c.who.Kind) + " " + c.who.User)
		if c.over || c.waiting.Add(1) > maxWaitingCalls {
			c.party.End()
		}
	}
	return c.party
}

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
	default: // nobody has promised more, or anything
	}
}
