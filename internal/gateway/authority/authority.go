package authority

import (
	"sync/atomic"

	"github.com/twinway/twinway/internal/gateway/policy"
)

// Settings are what the server itself rules. They may change while it serves.
type Settings struct {
	// Creation says who may create entities.
	Creation CreationRules
	// Policies are the rules of policies.
	Policies policy.Settings
}

// Authority says who may do what.
type Authority struct {
	Policies *Policies

	settings atomic.Pointer[Settings]
}

// NewAuthority returns an authority over the entities that r reads. At most
// about maxBytes of compiled policies are kept.
func NewAuthority(r Reader, maxBytes int64, s Settings) *Authority {
	a := &Authority{Policies: newPolicies(r, maxBytes, s.Policies.Roots)}
	a.settings.Store(&s)
	return a
}

// Configure replaces the settings, for decisions from now on.
func (a *Authority) Configure(s Settings) {
	a.settings.Store(&s)
	a.Policies.setRoots(s.Policies.Roots)
}

// On returns the authority over what the subjects want, for one decision.
// Siblings are the entities that are decided together, nil if none are.
func (a *Authority) On(subjects []string, siblings Siblings) *Requester {
	return &Requester{authority: a, settings: a.settings.Load(), subjects: subjects, siblings: siblings}
}
