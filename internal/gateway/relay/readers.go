package relay

import (
	"github.com/twinway/twinway/internal/gateway/authority"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
)

// readers says who may do what with the thing of a signal while that is published.
type readers struct {
	service             *Service
	policyID, namespace string
	// governing is the policy under which the signal was accepted.
	governing *enforcer.Enforcer
	receivers authority.Receivers
}

// rights returns what subjects may do with the thing.
func (r *readers) rights(subjects []string) *enforcer.Rights {
	rights, err := r.receivers.Rights(r.service.authority.Policies, r.policyID, r.governing, r.namespace, subjects)
	if err != nil {
		r.service.metrics.PolicyUnreadable()
	}
	return rights
}
