package authority

import (
	"sync/atomic"

	"github.com/twinway/twinway/internal/gateway/policy"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
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
	drafts   drafts
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

// On returns the authority over what a requester wants, for one decision.
// Siblings are the entities that are decided together, nil if none are.
func (a *Authority) On(who Subject, siblings Siblings) *Requester {
	return &Requester{
		authority: a, settings: a.settings.Load(), who: who, subjects: who.Audience().Subjects, siblings: siblings,
	}
}

// Subject is who wants something.
type Subject interface {
	// Audience tells its authorization subjects.
	Audience() *pubsub.Audience
	// MayAccess reports whether it may address entities of the group in the
	// namespace at all, whatever policies say.
	MayAccess(group protocol.Group, namespace string) bool
}
