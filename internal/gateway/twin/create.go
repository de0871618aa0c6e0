package twin

import (
	"context"
	"errors"
	"time"

	"github.com/twinway/twinway/internal/gateway/engine"
	"github.com/twinway/twinway/internal/gateway/policies"
	"github.com/twinway/twinway/internal/gateway/policy"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/thing"
)

// createWithPolicy serves a command that may have to make a policy whose id is
// not that of the thing. The two are no siblings and cannot be made in one
// step: the policy comes first, and goes again if the thing does not come.
//
// It waits for each step, so that what its requester sends next comes after.
// Should the process end between the steps, the policy stays.
func (s *Service) createWithPolicy(ctx context.Context, c *command, policyID string) {
	exists, err := s.namesPolicy(ctx, c, "", c.task.Deadline)
	if err != nil {
		c.Complete(err)
		return
	}
	if exists {
		if err := s.engine.Submit(ctx, &c.task); err != nil {
			c.Complete(err)
		}
		return
	}
	defer s.authority.Draft(policyID)()
	var made int64 // is only touched where the policy is decided
	failure, err := s.makePolicy(ctx, c, policyID, &made)
	if err != nil {
		c.Complete(err)
		if errors.Is(err, engine.ErrTimeout) {
			s.unmakePolicy(context.WithoutCancel(ctx), policyID, &made)
		}
		return
	}
	if failure != nil {
		c.failure = failure
		c.Complete(nil)
		return
	}
	c.thing.PolicyMade = true
	c.held = make(chan error, 1)
	if err = s.engine.Submit(ctx, &c.task); err == nil {
		err = <-c.held
	}
	if err != nil { // whose time is up is not kept waiting for what follows
		c.answer(err)
	}
	// A command that was given up may still be decided, but not after this.
	if kept, unknown := s.namesPolicy(context.WithoutCancel(ctx), c, policyID, time.Time{}); !kept && unknown == nil {
		s.unmakePolicy(context.WithoutCancel(ctx), policyID, &made)
	}
	if err == nil {
		c.answer(nil)
	}
}

// namesPolicy reports whether the command's thing exists, and, unless the id
// is empty, names the policy.
func (s *Service) namesPolicy(ctx context.Context, c *command, policyID string, deadline time.Time) (bool, error) {
	names := false
	err := s.engine.Do(ctx, c.Key(), deadline, func(current *store.Record, _ *engine.Siblings, _ time.Time) engine.Effect {
		st := (*thing.State)(current)
		names = st.Exists() && (policyID == "" || st.PolicyID() == policyID)
		return engine.Effect{}
	})
	if err != nil {
		return false, err
	}
	return names, nil
}

// makePolicy makes the policy and notes its revision. After a timeout it may
// still be made, but not after unmakePolicy.
func (s *Service) makePolicy(ctx context.Context, c *command, id string, revision *int64) (*protocol.Error, error) {
	var failure *protocol.Error
	key := store.Key{Kind: store.Policy, ID: id}
	err := s.engine.Do(ctx, key, c.task.Deadline, func(current *store.Record, siblings *engine.Siblings, now time.Time) engine.Effect {
		who := s.authority.On(c.From, siblings)
		var made *policy.Outcome
		if made, failure = thing.MakePolicy(c.thing, who, now); who.Err() != nil {
			failure = protocol.ErrThingUnavailable(c.thing.ID)
		}
		if failure != nil {
			return engine.Effect{}
		}
		*revision = made.State.Revision
		return policies.Effect(current, made)
	})
	if err != nil {
		return nil, err
	}
	return failure, nil
}

// unmakePolicy removes the policy if it was made, unless it was changed since.
func (s *Service) unmakePolicy(ctx context.Context, id string, made *int64) {
	key := store.Key{Kind: store.Policy, ID: id}
	_ = s.engine.Do(ctx, key, time.Time{}, func(current *store.Record, _ *engine.Siblings, now time.Time) engine.Effect {
		st := (*policy.State)(current)
		if !st.Exists() || st.Revision != *made {
			return engine.Effect{}
		}
		removed := policy.Remove(st, now)
		return policies.Effect(current, &removed)
	})
}
