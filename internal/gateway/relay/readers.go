package relay

import (
	"errors"

	"github.com/twinway/twinway/internal/gateway/authority"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/store"
)

// readers says who may do what with the thing of a signal while that is published.
type readers struct {
	service             *Service
	policyID, namespace string
	// governing is the policy under which the signal was accepted.
	governing *enforcer.Enforcer
	known     *authority.Compiled
}

// rights returns what subjects may do with the thing. A policy that cannot be read allows nothing. One that was deleted since
// allows what it did when the signal was accepted: the signal came first.
func (r *readers) rights(subjects []string) *enforcer.Rights {
	if r.known == nil || r.known.Stale() {
		policy, err := r.service.authority.Policies.Compiled(r.policyID)
		if errors.Is(err, store.ErrNotFound) {
			return r.before(subjects)
		}
		if err != nil {
			r.service.metrics.PolicyUnreadable()
			return nil
		}
		r.known = policy
	}
	return r.known.InNamespace(r.namespace, subjects)
}

// before returns what subjects were allowed by the policy under which the signal was accepted, nil if there was none.
func (r *readers) before(subjects []string) *enforcer.Rights {
	if r.governing == nil {
		return nil
	}
	return r.governing.InNamespace(r.namespace, subjects)
}
