package authority

import (
	"errors"

	"github.com/twinway/twinway/internal/gateway/policy"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/policy/model"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/thing"
)

// Siblings are the entities with the id of the one that is decided, as they
// are for that decision.
type Siblings interface {
	ID() string
	Load(kind store.Kind) (*store.Record, error)
	Pending(kind store.Kind) *store.Record
}

// Requester answers what one requester may do. It is made for one decision and
// implements thing.Authority and policy.Directory.
//
// What cannot be read allows nothing, and is remembered: see Err.
type Requester struct {
	authority *Authority
	settings  *Settings
	who       Subject
	subjects  []string
	siblings  Siblings
	governing *enforcer.Enforcer
	err       error
}

// Governing returns the policy that ThingRights was asked for last, nil if
// there was none.
func (r *Requester) Governing() *enforcer.Enforcer { return r.governing }

// MayAccess implements thing.Authority.
func (r *Requester) MayAccess(group protocol.Group, namespace string) bool {
	return r.who.MayAccess(group, namespace)
}

// Err returns why an answer could not be given, nil if all could. The decision
// must not stand then.
func (r *Requester) Err() error { return r.err }

// failed notes an error, unless it says that something does not exist.
func (r *Requester) failed(err error) {
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		r.err = errors.Join(r.err, err)
	}
}

// ThingRights implements thing.Authority.
func (r *Requester) ThingRights(policyID, namespace string) (*enforcer.Rights, bool) {
	if st := r.pending(policyID); st != nil {
		if r.governing = r.enforcer(policyID, st); r.governing == nil {
			return nil, false
		}
		return r.governing.InNamespace(namespace, r.subjects), true
	}
	c, err := r.authority.Policies.Compiled(policyID)
	if err != nil {
		r.failed(err)
		return nil, false
	}
	r.governing = c.Enforcer
	return c.InNamespace(namespace, r.subjects), true
}

// Rights implements thing.Authority and policy.Directory. A policy in a
// namespace that the requester may not address, or one that is a draft, is not
// there.
func (r *Requester) Rights(policyID string) *enforcer.Rights {
	if !r.who.MayAccess(protocol.Policies, protocol.NamespaceOf(policyID)) || r.authority.drafts.has(policyID) {
		return nil
	}
	if st := r.pending(policyID); st != nil {
		return r.Under(policyID, st)
	}
	c, err := r.authority.Policies.Compiled(policyID)
	if err != nil {
		r.failed(err)
		return nil
	}
	return c.Everywhere(r.subjects)
}

// PolicyView implements thing.Authority.
func (r *Requester) PolicyView(policyID string) []byte {
	rights := r.Rights(policyID)
	if !rights.Partial(enforcer.Policy, nil, enforcer.Read) {
		return nil
	}
	st := r.PolicyState(policyID)
	if !st.Exists() {
		return nil
	}
	view, _ := rights.View(enforcer.Policy, nil, st.Doc, "policyId")
	return view
}

// PolicyIDOf implements thing.Authority.
func (r *Requester) PolicyIDOf(thingID string) string {
	st := (*thing.State)(r.load(store.Thing, thingID))
	if !st.Exists() || !r.who.MayAccess(protocol.Things, protocol.NamespaceOf(thingID)) {
		return ""
	}
	id := st.PolicyID()
	rights, _ := r.ThingRights(id, protocol.NamespaceOf(thingID))
	if !rights.Partial(enforcer.Thing, policyIDPointer, enforcer.Read) {
		return ""
	}
	return id
}

var policyIDPointer = []string{"policyId"}

// GoverningPolicy returns the id of a thing's policy, "" if there is no such
// thing.
func (r *Requester) GoverningPolicy(thingID string) string {
	return (*thing.State)(r.load(store.Thing, thingID)).PolicyID()
}

// Under returns what the requester may do with a policy in the given state,
// nil if it does not exist.
func (r *Requester) Under(id string, st *policy.State) *enforcer.Rights {
	e := r.enforcer(id, st)
	if e == nil {
		return nil
	}
	return e.Everywhere(r.subjects)
}

// RightsUnder implements thing.Authority.
func (r *Requester) RightsUnder(id string, st *policy.State, namespace string) *enforcer.Rights {
	e := r.enforcer(id, st)
	if e == nil {
		return nil
	}
	return e.InNamespace(namespace, r.subjects)
}

// enforcer compiles a state of a policy, which is usually the one that is kept.
func (r *Requester) enforcer(id string, st *policy.State) *enforcer.Enforcer {
	if !st.Exists() {
		return nil
	}
	if c := r.authority.Policies.kept.get(id); c != nil && c.revision == st.Revision {
		return c.Enforcer
	}
	e, err := r.authority.Policies.compileState(id, st.Doc)
	if err != nil {
		r.err = errors.Join(r.err, err)
		return nil
	}
	return e
}

// PolicyState implements thing.Authority.
func (r *Requester) PolicyState(id string) *policy.State {
	return (*policy.State)(r.load(store.Policy, id))
}

// Policy implements policy.Directory.
func (r *Requester) Policy(id string) (*model.Policy, bool) {
	p, err := r.authority.Policies.Policy(id)
	r.failed(err)
	return p, err == nil
}

// Requester implements thing.Authority.
func (r *Requester) Requester() policy.Requester {
	return policy.Requester{Subjects: r.subjects, Directory: r}
}

// PolicySettings implements thing.Authority.
func (r *Requester) PolicySettings() policy.Settings { return r.settings.Policies }

// MayCreate implements thing.Authority.
func (r *Requester) MayCreate(group protocol.Group, namespace, definition string) bool {
	return r.settings.Creation.allow(&creation{
		group: group, namespace: namespace, definition: definition, subjects: r.subjects,
	})
}

// pending returns a policy that was changed by a command before this one and
// is not in the store yet, nil for any other. It can only be a sibling: a thing
// that is created with its policy and used at once.
func (r *Requester) pending(policyID string) *policy.State {
	if r.siblings == nil || r.siblings.ID() != policyID {
		return nil
	}
	return (*policy.State)(r.siblings.Pending(store.Policy))
}

// load returns the current record of an entity, nil if there never was one. A
// sibling is seen as it will be when the decision takes effect.
func (r *Requester) load(kind store.Kind, id string) *store.Record {
	if r.siblings != nil && r.siblings.ID() == id {
		record, err := r.siblings.Load(kind)
		r.failed(err)
		return record
	}
	record, err := r.authority.Policies.reader.Load(store.Key{Kind: kind, ID: id})
	if err != nil {
		r.failed(err)
		return nil
	}
	return &record
}
