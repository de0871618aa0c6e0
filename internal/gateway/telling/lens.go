package telling

import (
	"github.com/twinway/twinway/internal/gateway/authority"
	"github.com/twinway/twinway/internal/gateway/enrich"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/thing"
)

// lens is all that it depends on what somebody sees of a thing that is selected
// from. Those who may read all of the thing look through the same, whatever else
// they may do.
type lens struct {
	// first and second are rights under the policies before and after the signal;
	// both nil: all may be read.
	first, second *enforcer.Rights
	// policy is what may be done with the policy, nil if nothing is asked of it.
	policy *enforcer.Rights
	// subject is the first of the reader's, if placeholders stand for it.
	subject string
}

// blind is the lens of those who may read nothing of the thing.
var blind = lens{first: new(enforcer.Rights)}

// reader is somebody who reads on behalf of a subscriber. It implements
// authority.Subject.
type reader struct {
	audience *pubsub.Audience
	policies func(namespace string) bool
}

// Audience implements authority.Subject.
func (r reader) Audience() *pubsub.Audience { return r.audience }

// MayAccess implements authority.Subject.
func (r reader) MayAccess(_ protocol.Group, namespace string) bool {
	return r.policies == nil || r.policies(namespace)
}

// lens returns through what an audience sees the thing after the signal, and who
// asks for its policy, nil if nobody does. Rights are those before the signal.
// What is added comes from the state after it, and may be added if the policy
// after it permits that, too.
func (t *Telling) lens(a *pubsub.Audience, w *pubsub.Want, rights *enforcer.Rights) (l lens, asking *authority.Requester) {
	id := t.policyID()
	l.first, l.second = rights, rights
	if t.facts.PolicyID != "" && id != t.facts.PolicyID {
		l.second = t.rightsUnder(id, a.Subjects)
	}
	switch {
	case readsAll(l.first) && readsAll(l.second):
		l.first, l.second = nil, nil
	case !l.first.Partial(enforcer.Thing, nil, enforcer.Read):
		return blind, nil
	}
	if w.Extra.UsesSubject() && len(a.Subjects) > 0 {
		l.subject = a.Subjects[0]
	}
	if w.Extra.MaySelectPolicy() {
		asking = t.deps.Authority.On(reader{a, w.Policies}, nil)
		l.policy = asking.Rights(id)
	}
	return l, asking
}

func (t *Telling) rightsUnder(policyID string, subjects []string) *enforcer.Rights {
	if t.facts.Policies == nil {
		return nil
	}
	return t.facts.Policies.RightsUnder(policyID, subjects)
}

func readsAll(r *enforcer.Rights) bool { return r.Unrestricted(enforcer.Thing, nil, enforcer.Read) }

// seen is the thing after the signal through a lens. It implements enrich.Thing.
type seen struct {
	*thing.State
	lens
	asking *authority.Requester
}

var _ enrich.Thing = seen{}

// Doc implements enrich.Thing.
func (s seen) Doc() []byte { return s.State.Doc }

// Metadata implements enrich.Thing.
func (s seen) Metadata() []byte { return s.Meta }

// Visible implements enrich.Thing.
func (s seen) Visible(parts []byte) []byte {
	if s.first == nil && s.second == nil {
		return parts
	}
	parts = thing.VisibleParts(parts, s.first)
	if parts == nil || s.second == s.first {
		return parts
	}
	return thing.VisibleParts(parts, s.second)
}

// Policy implements enrich.Thing.
func (s seen) Policy() []byte { return s.asking.PolicyView(s.PolicyID()) }
