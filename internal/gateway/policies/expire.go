package policies

import (
	"context"
	"time"

	"github.com/twinway/twinway/internal/gateway/engine"
	"github.com/twinway/twinway/internal/gateway/policy"
	"github.com/twinway/twinway/internal/gateway/store"
)

// Expire removes a subject whose time has come from an entry of a policy, and
// returns when that is durable. It does nothing if the entry has no such
// subject with this expiry any more.
//
// Errors: those of the engine, the context's cause.
func (s *Service) Expire(ctx context.Context, policyID, label, subject string, expiry time.Time) error {
	e := &expiration{policyID: policyID, label: label, subject: subject, expiry: expiry, done: make(chan error, 1)}
	e.task.Command = e
	if err := s.engine.Submit(ctx, &e.task); err != nil {
		return err
	}
	return <-e.done // every task is completed
}

// expiration implements engine.Command.
type expiration struct {
	task                     engine.Task
	policyID, label, subject string
	expiry                   time.Time
	done                     chan error
}

// Key implements engine.Command.
func (e *expiration) Key() store.Key { return store.Key{Kind: store.Policy, ID: e.policyID} }

// Decide implements engine.Command.
func (e *expiration) Decide(current *store.Record, _ *engine.Siblings, now time.Time) engine.Effect {
	st := (*policy.State)(current)
	if !e.applies(st) {
		return engine.Effect{}
	}
	outcome := policy.Expire(st, e.label, e.subject, now)
	if outcome.State == nil {
		return engine.Effect{}
	}
	return Effect(current, &outcome)
}

// applies reports whether the subject still has the expiry.
func (e *expiration) applies(st *policy.State) bool {
	if !st.Exists() {
		return false
	}
	p, err := st.Policy()
	if err != nil {
		return false
	}
	entry := p.Entry(e.label)
	if entry == nil {
		return false
	}
	subject := entry.Subject(e.subject)
	return subject != nil && subject.Expiry.Equal(e.expiry)
}

// Complete implements engine.Command.
func (e *expiration) Complete(err error) { e.done <- err }
