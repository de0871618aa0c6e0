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
	key := store.Key{Kind: store.Policy, ID: policyID}
	return s.engine.Do(ctx, key, time.Time{}, func(current *store.Record, _ *engine.Siblings, now time.Time) engine.Effect {
		st := (*policy.State)(current)
		if !expires(st, label, subject, expiry) {
			return engine.Effect{}
		}
		outcome := policy.Expire(st, label, subject, now)
		if outcome.State == nil {
			return engine.Effect{}
		}
		return Effect(current, &outcome)
	})
}

// expires reports whether a subject still has the expiry.
func expires(st *policy.State, label, subjectID string, expiry time.Time) bool {
	if !st.Exists() {
		return false
	}
	p, err := st.Policy()
	if err != nil {
		return false
	}
	entry := p.Entry(label)
	if entry == nil {
		return false
	}
	subject := entry.Subject(subjectID)
	return subject != nil && subject.Expiry.Equal(expiry)
}
