package thing

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/policy"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/policy/model"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// world is an Authority over policies and things that tests write down. What a policy permits is what packages model and
// enforcer make of it.
type world struct {
	subjects []string
	policies map[string]*policy.State
	things   map[string]*State
	// forbidden are the groups of entities that the rules of the server let nobody create.
	forbidden []protocol.Group
	// compiled are the policies that were asked for.
	compiled map[string]*enforcer.Enforcer
}

// me is who sends commands, unless a test says something else.
const me = "nginx:me"

// The policies that there are in every world, by what nginx:me may do under them. ns:open and ns:closed let nginx:other do
// everything.
const (
	everything = "+rw / +rw policy:/"
	open       = "+r policy:/"
	closed     = "+rw /"
	partly     = "+r policy:/entries/other/resources"
)

// newWorld returns a world in which somebody asks.
func newWorld(subjects ...string) *world {
	w := &world{subjects: subjects, policies: map[string]*policy.State{}, things: map[string]*State{}, compiled: map[string]*enforcer.Enforcer{}}
	for id, rights := range map[string]string{"ns:p": everything, "ns:open": open, "ns:closed": closed, "ns:partly": partly} {
		w.permit(id, rights)
	}
	w.policies["ns:gone"] = &policy.State{Revision: 3, Modified: modified, Deleted: true}
	w.things["ns:mine"] = &State{Revision: 1, Doc: []byte(`{"thingId":"ns:mine","policyId":"ns:p"}`)}
	w.things["ns:theirs"] = &State{Revision: 1, Doc: []byte(`{"thingId":"ns:theirs","policyId":"ns:open"}`)}
	return w
}

// permit makes a policy with these rights for nginx:me; see policyFor.
func (w *world) permit(id, rights string) {
	p := policyFor(id, rights)
	w.policies[id] = &policy.State{Revision: 1, Created: created, Modified: modified, Doc: p.Append(nil)}
	delete(w.compiled, id)
}

// policyFor returns a policy that says what nginx:me may do, in pairs of permissions and resources: "+rw / -w /attributes/a
// +r policy:/". A plus grants, a minus revokes, and resources without a type are those of things. The policy lets nginx:other
// do everything.
func policyFor(id, rights string) *model.Policy {
	mine := model.Entry{Label: "mine", Subjects: []model.Subject{{ID: me, Type: "t"}}}
	words := strings.Fields(rights)
	if len(words)%2 != 0 {
		panic("no pairs: " + rights)
	}
	for pair := range slices.Chunk(words, 2) {
		key := pair[1]
		if key[0] == '/' {
			key = "thing:" + key
		}
		r := model.Resource{Key: key}
		if old := mine.Resource(key); old != nil {
			r = *old
		}
		var names []string
		for _, letter := range pair[0][1:] {
			names = append(names, map[rune]string{'r': "READ", 'w': "WRITE"}[letter])
		}
		if pair[0][0] == '+' {
			r.Grant = append(r.Grant, names...)
		} else {
			r.Revoke = append(r.Revoke, names...)
		}
		mine = mine.WithResource(r)
	}
	other := model.Entry{Label: "other", Subjects: []model.Subject{{ID: "nginx:other", Type: "t"}}}
	for _, key := range []string{"thing:/", "policy:/"} {
		other.Resources = append(other.Resources, model.Resource{Key: key, Grant: []string{"READ", "WRITE"}})
	}
	return &model.Policy{ID: id, Entries: []model.Entry{mine, other}}
}

func (w *world) enforcer(id string) *enforcer.Enforcer {
	if e := w.compiled[id]; e != nil {
		return e
	}
	e := w.compile(id, w.policies[id])
	w.compiled[id] = e
	return e
}

func (w *world) compile(id string, st *policy.State) *enforcer.Enforcer {
	if !st.Exists() {
		return nil
	}
	p, err := st.Policy()
	if err != nil {
		panic(fmt.Sprintf("policy %s: %v", id, err))
	}
	return policy.Enforcer(p, w, nil, protocol.NamespaceOf(id))
}

// ThingRights implements Authority.
func (w *world) ThingRights(policyID, namespace string) (*enforcer.Rights, bool) {
	e := w.enforcer(policyID)
	if e == nil {
		return nil, false
	}
	return e.InNamespace(namespace, w.subjects), true
}

// Rights implements Authority and policy.Directory.
func (w *world) Rights(policyID string) *enforcer.Rights {
	e := w.enforcer(policyID)
	if e == nil {
		return nil
	}
	return e.Everywhere(w.subjects)
}

// Policy implements policy.Directory.
func (w *world) Policy(id string) (*model.Policy, bool) {
	st := w.policies[id]
	if !st.Exists() {
		return nil, false
	}
	p, err := st.Policy()
	return p, err == nil
}

// RightsUnder implements Authority.
func (w *world) RightsUnder(policyID string, st *policy.State, namespace string) *enforcer.Rights {
	return w.compile(policyID, st).InNamespace(namespace, w.subjects)
}

// PolicyView implements Authority.
func (w *world) PolicyView(policyID string) []byte {
	st := w.policies[policyID]
	if !st.Exists() {
		return nil
	}
	view, _ := w.Rights(policyID).View(enforcer.Policy, nil, st.Doc, "policyId")
	return view
}

// PolicyIDOf implements Authority.
func (w *world) PolicyIDOf(thingID string) string {
	id := w.things[thingID].PolicyID()
	rights, _ := w.ThingRights(id, protocol.NamespaceOf(thingID))
	if !rights.Partial(enforcer.Thing, []string{"policyId"}, enforcer.Read) {
		return ""
	}
	return id
}

// PolicyState implements Authority.
func (w *world) PolicyState(policyID string) *policy.State { return w.policies[policyID] }

// Requester implements Authority.
func (w *world) Requester() policy.Requester {
	return policy.Requester{Subjects: w.subjects, Directory: w}
}

// PolicySettings implements Authority.
func (w *world) PolicySettings() policy.Settings {
	return policy.Settings{MaxSize: policy.DefaultMaxSize, MaxImports: policy.DefaultMaxImports, LockoutPrevention: true}
}

// MayAccess implements Authority. Nobody may address the namespace "closed".
func (w *world) MayAccess(_ protocol.Group, namespace string) bool { return namespace != "closed" }

// MayCreate implements Authority. Nobody may create things with a definition that begins with "secret:".
func (w *world) MayCreate(group protocol.Group, _, definition string) bool {
	return !slices.Contains(w.forbidden, group) && !strings.HasPrefix(definition, "secret:")
}

// rightsOf returns what nginx:me may do under a policy with these rights.
func rightsOf(t testing.TB, rights string) *enforcer.Rights {
	t.Helper()
	w := newWorld(me)
	w.permit("ns:rights", rights)
	r, ok := w.ThingRights("ns:rights", "ns")
	if !ok {
		t.Fatal("no such policy")
	}
	return r
}
