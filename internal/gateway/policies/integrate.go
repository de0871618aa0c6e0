package policies

import (
	"context"
	"time"

	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/engine"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/placeholder"
	"github.com/twinway/twinway/internal/gateway/policy"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/store"
)

// Integrate performs an action on the policy of an envelope: see
// [policy.NewIntegration]. It has no envelope of its own, so that its response is
// that of a modification. It waits while the engine's queue is full, as long as
// ctx allows.
func (s *Service) Integrate(ctx context.Context, from exchange.Requester, env *protocol.Envelope, activate bool, bearer policy.Bearer) {
	settings := s.settings.Load()
	if env.Topic.Namespace == "" {
		env.Topic.Namespace = settings.DefaultNamespace
	}
	a := &action{command: command{Exchange: exchange.Begin(from, env, s.metrics, s.clock), service: s}, subjects: s.subjects()}
	integration, err := policy.NewIntegration(env, activate, bearer)
	if err == nil {
		err = admit(&a.Exchange, ack.PolicyCommand, integration.Namespace, settings.Timeout)
	}
	if err != nil {
		a.Refuse(err)
		return
	}
	a.integration = integration
	a.is(&integration.Command)
	a.submit(ctx, a)
}

// action is an action on one policy on its way through the engine. What it has
// in common with a command is the command's.
type action struct {
	command
	integration *policy.Integration
	subjects    *placeholder.Template
}

// Decide implements engine.Command.
func (a *action) Decide(current *store.Record, siblings *engine.Siblings, now time.Time) engine.Effect {
	st := (*policy.State)(current)
	who := a.service.authority.On(a.From, siblings)
	requester := who.Requester()
	requester.Rights = who.Under(a.policy.ID, st)
	a.outcome, a.failure = policy.Integrate(st, a.integration, a.subjects, requester, now, who.PolicySettings())
	if who.Err() != nil {
		a.failure = protocol.ErrPolicyUnavailable(a.policy.ID)
	}
	return a.effect(current)
}
