package policies

import (
	"context"
	"errors"
	"time"

	"github.com/twinway/twinway/internal/gateway/authority"
	"github.com/twinway/twinway/internal/gateway/engine"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/journal"
	"github.com/twinway/twinway/internal/gateway/policy"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/store"
)

// command is a command on one policy on its way through the engine. It
// implements engine.Command.
type command struct {
	exchange.Exchange
	service *Service
	task    engine.Task
	policy  *policy.Command

	// Set by Decide.
	outcome policy.Outcome
	failure *protocol.Error
}

// is says what the command is, when it is known how it wants to be answered.
func (c *command) is(cmd *policy.Command) {
	c.policy, c.Path = cmd, cmd.Path
	c.task.Deadline = c.Deadline()
}

// submit gives the command to the engine, as what it is there.
func (c *command) submit(ctx context.Context, as engine.Command) {
	c.task.Command = as
	if err := c.service.engine.Submit(ctx, &c.task); err != nil {
		c.Complete(err)
	}
}

// Key implements engine.Command.
func (c *command) Key() store.Key { return store.Key{Kind: store.Policy, ID: c.policy.ID} }

// Decide implements engine.Command.
func (c *command) Decide(current *store.Record, siblings *engine.Siblings, now time.Time) engine.Effect {
	c.decide((*policy.State)(current), siblings, nil, now)
	return c.effect(current)
}

// effect returns what the engine is to do for what was decided.
func (c *command) effect(current *store.Record) engine.Effect {
	if c.failure != nil || c.outcome.State == nil {
		return engine.Effect{}
	}
	return Effect(current, &c.outcome)
}

// decide says what comes of the command for a policy in state st.
func (c *command) decide(st *policy.State, siblings authority.Siblings, past policy.Past, now time.Time) {
	who := c.service.authority.On(c.From, siblings)
	requester := who.Requester()
	requester.Rights, requester.Past = who.Under(c.policy.ID, st), past
	if !st.Exists() && c.policy.Creates() && !who.MayCreate(protocol.Policies, c.policy.Namespace, "") {
		c.failure = protocol.ErrEntityNotCreatable(c.policy.ID)
	} else {
		c.outcome, c.failure = policy.Decide(st, c.policy, requester, now, who.PolicySettings())
	}
	if who.Err() != nil {
		c.failure = protocol.ErrPolicyUnavailable(c.policy.ID)
	}
}

// Effect returns what the engine is to do for an outcome that changes a
// policy. before is what it was, nil if the one made has none to build on.
func Effect(before *store.Record, o *policy.Outcome) engine.Effect {
	after := (*store.Record)(o.State)
	return engine.Effect{
		Record:  after,
		Journal: journal.AppendChange(nil, o.Event.Action, o.Event.Path, o.Event.Value, before, after),
	}
}

// Complete implements engine.Command. With an error it uses nothing that
// Decide sets.
func (c *command) Complete(err error) {
	switch {
	case err != nil:
		c.Fail(errorOf(err, c.policy.ID, c.Plan.Wait))
	case c.failure != nil:
		c.Fail(c.failure)
	default:
		if len(c.outcome.Removed) > 0 {
			c.service.custodian.Removed(c.policy.ID, c.outcome.Removed)
		}
		r := &c.outcome.Response
		c.Path, c.Historical = r.Path, r.Historical
		c.Respond(exchange.Result{Action: r.Action, Status: r.Status, Value: r.Value, ETag: r.ETag, Revision: r.Revision})
	}
}

// errorOf is what a client is told of an error of the engine. The engine's own
// words are for operators.
func errorOf(err error, id string, timeout time.Duration) *protocol.Error {
	if errors.Is(err, engine.ErrTimeout) {
		return protocol.ErrCommandTimeout(timeout)
	}
	return protocol.ErrPolicyUnavailable(id)
}
