package authority

import (
	"errors"

	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/store"
)

// Receivers says who may be told of what happens to a thing, by its policy as it is
// when they are told. The zero value has asked nothing yet. It is not safe for
// concurrent use.
type Receivers struct{ known *Compiled }

// Rights returns what subjects may do with a thing in a namespace that the policy
// governs; it is to be asked about one policy only. A policy that was deleted since
// allows what it did before, when the thing happened, and nothing if before is nil:
// what is told came first.
//
// Errors: those of the store. Then nothing is allowed.
func (r *Receivers) Rights(
	p *Policies, policyID string, before *enforcer.Enforcer, namespace string, subjects []string,
) (*enforcer.Rights, error) {
	if r.known == nil || r.known.Stale() {
		policy, err := p.Compiled(policyID)
		switch {
		case errors.Is(err, store.ErrNotFound) && before != nil:
			return before.InNamespace(namespace, subjects), nil
		case errors.Is(err, store.ErrNotFound):
			return nil, nil
		case err != nil:
			return nil, err
		}
		r.known = policy
	}
	return r.known.InNamespace(namespace, subjects), nil
}
