package authority

import (
	"errors"
	"testing"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/policy"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/policy/model"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/thing"
)

var (
	_ thing.Authority  = (*Requester)(nil)
	_ policy.Directory = (*Requester)(nil)
)

// family are siblings of one id, by kind.
type family struct {
	id      string
	current map[store.Kind]*store.Record
	pending map[store.Kind]*store.Record
	err     error
}

func (f *family) ID() string                                  { return f.id }
func (f *family) Load(kind store.Kind) (*store.Record, error) { return f.current[kind], f.err }
func (f *family) Pending(kind store.Kind) *store.Record       { return f.pending[kind] }

// reads reports whether there are rights to read everything of a type.
func reads(r *enforcer.Rights, of enforcer.ResourceType) bool {
	return r.Unrestricted(of, nil, enforcer.Read)
}

func TestRequester(t *testing.T) {
	l := newLibrary(t, plenty)
	l.write(t, "ns:p", "s:a")
	l.shelf.put(t, store.Thing, "ns:t", `{"thingId":"ns:t","policyId":"ns:p"}`)
	l.shelf.put(t, store.Thing, "ns:gone", "")
	l.shelf.put(t, store.Thing, "ns:orphan", `{"thingId":"ns:orphan","policyId":"ns:none"}`)
	for _, tc := range []struct {
		subject string
		allowed bool
	}{{"s:a", true}, {"s:b", false}} {
		who := l.On(caller{tc.subject}, nil)
		rights, exists := who.ThingRights("ns:p", "ns")
		if !exists || reads(rights, enforcer.Thing) != tc.allowed || reads(who.Rights("ns:p"), enforcer.Policy) != tc.allowed {
			t.Errorf("%s: policy exists %t, rights %v", tc.subject, exists, rights)
		}
		view, id := "", ""
		if tc.allowed {
			view, id = policyText("ns:p", "s:a"), "ns:p"
		}
		if got := string(who.PolicyView("ns:p")); got != view {
			t.Errorf("%s sees the policy %s, want %s", tc.subject, got, view)
		}
		if got := who.PolicyIDOf("ns:t"); got != id {
			t.Errorf("%s sees that the policy is %q, want %q", tc.subject, got, id)
		}
		if got := who.GoverningPolicy("ns:t"); got != "ns:p" {
			t.Errorf("the policy of the thing is %q", got)
		}
		for _, other := range []string{"ns:gone", "ns:never", "ns:orphan"} {
			if got := who.PolicyIDOf(other); got != "" {
				t.Errorf("%s has the policy %s", other, got)
			}
		}
		rights, exists = who.ThingRights("ns:none", "ns")
		if exists || rights != nil || who.Rights("ns:none") != nil || who.PolicyView("ns:none") != nil || who.PolicyState("ns:none").Exists() {
			t.Error("there are rights without a policy")
		}
		if err := who.Err(); err != nil {
			t.Errorf("what does not exist is an error: %v", err)
		}
	}
}

// A view of a policy is what may be read of it, and its id.
func TestPolicyViewIsReduced(t *testing.T) {
	l := newLibrary(t, plenty)
	l.shelf.put(t, store.Policy, "ns:p", `{"policyId":"ns:p","entries":{"e":{"subjects":{"s:a":{"type":"t"}},"resources":{`+
		`"policy:/entries/e/subjects":{"grant":["READ"],"revoke":[]}},"importable":"implicit"}}}`)
	want := `{"policyId":"ns:p","entries":{"e":{"subjects":{"s:a":{"type":"t"}}}}}`
	if got := string(l.On(caller{"s:a"}, nil).PolicyView("ns:p")); got != want {
		t.Errorf("sees %s, want %s", got, want)
	}
}

// What cannot be read allows nothing and is an error of the decision.
func TestRequesterRemembersErrors(t *testing.T) {
	damaged := errors.New("damaged")
	for name, ask := range map[string]func(*Requester){
		"rights to things":   func(r *Requester) { _, _ = r.ThingRights("ns:damaged", "ns") },
		"rights to a policy": func(r *Requester) { r.Rights("ns:damaged") },
		"a view":             func(r *Requester) { r.PolicyView("ns:damaged") },
		"a policy":           func(r *Requester) { r.Policy("ns:damaged") },
		"an import":          func(r *Requester) { r.Rights("ns:importing") },
		"a draft": func(r *Requester) {
			r.RightsUnder("ns:new", &policy.State{Revision: 1, Doc: []byte(policyText("ns:new", "s:a", "ns:damaged"))}, "ns")
		},
		"a damaged draft": func(r *Requester) { r.Under("ns:new", &policy.State{Revision: 1, Doc: []byte(`{`)}) },
		"a sibling":       func(r *Requester) { r.PolicyState("ns:sibling") },
	} {
		l := newLibrary(t, plenty)
		l.shelf.put(t, store.Policy, "ns:damaged", `{`)
		l.write(t, "ns:importing", "s:a", "ns:damaged")
		l.write(t, "ns:p", "s:a")
		who := l.On(caller{"s:a"}, &family{id: "ns:sibling", err: damaged})
		ask(who)
		first := who.Err()
		if first == nil {
			t.Errorf("%s: no error", name)
		}
		if !reads(who.Rights("ns:p"), enforcer.Policy) || !errors.Is(who.Err(), first) {
			t.Errorf("%s: forgotten after another question", name)
		}
	}
}

// A policy that was decided just before is followed though the store does not have it.
func TestRequesterSeesSiblings(t *testing.T) {
	l := newLibrary(t, plenty)
	l.write(t, "ns:t", "s:a")
	l.compiled(t, "ns:t")
	next := &store.Record{Revision: 2, Doc: []byte(policyText("ns:t", "s:b"))}
	gone := &store.Record{Revision: 2, Deleted: true}
	sibling := &store.Record{Revision: 1, Doc: []byte(`{"thingId":"ns:t","policyId":"ns:t"}`)}
	for _, tc := range []struct {
		name     string
		siblings *family
		a, b     bool // who may read
		exists   bool
	}{
		{"nothing is pending", &family{id: "ns:t"}, true, false, true},
		{"a change is pending", &family{id: "ns:t", pending: map[store.Kind]*store.Record{store.Policy: next}}, false, true, true},
		{"a deletion is pending", &family{id: "ns:t", pending: map[store.Kind]*store.Record{store.Policy: gone}}, false, false, false},
		{"the thing is pending", &family{id: "ns:t", pending: map[store.Kind]*store.Record{store.Thing: sibling}}, true, false, true},
		{"of another", &family{id: "ns:u", pending: map[store.Kind]*store.Record{store.Policy: next}}, true, false, true},
	} {
		tc.siblings.current = tc.siblings.pending
		for subject, want := range map[string]bool{"s:a": tc.a, "s:b": tc.b} {
			who := l.On(caller{subject}, tc.siblings)
			rights, exists := who.ThingRights("ns:t", "ns")
			if reads(rights, enforcer.Thing) != want || exists != tc.exists {
				t.Errorf("%s: %s may read things %t, want %t; exists %t", tc.name, subject, !want, want, exists)
			}
			if reads(who.Rights("ns:t"), enforcer.Policy) != want {
				t.Errorf("%s: %s may read the policy %t, want %t", tc.name, subject, !want, want)
			}
		}
	}
	who := l.On(caller{"s:b"}, &family{id: "ns:t", current: map[store.Kind]*store.Record{store.Policy: next, store.Thing: sibling},
		pending: map[store.Kind]*store.Record{store.Policy: next}})
	if who.PolicyState("ns:t").Revision != 2 || who.GoverningPolicy("ns:t") != "ns:t" || who.PolicyIDOf("ns:t") != "ns:t" {
		t.Error("siblings are not seen")
	}
}

// A draft is compiled with what it imports, and what is kept of the policy is no draft of it.
func TestRightsUnderADraft(t *testing.T) {
	l := newLibrary(t, plenty)
	l.write(t, "ns:p", "s:a")
	l.write(t, "ns:b", "s:b")
	l.compiled(t, "ns:p")
	draft := &policy.State{Revision: 2, Doc: []byte(policyText("ns:p", "s:c", "ns:b"))}
	for subject, want := range map[string]bool{"s:a": false, "s:b": true, "s:c": true} {
		who := l.On(caller{subject}, nil)
		if reads(who.RightsUnder("ns:p", draft, "ns"), enforcer.Thing) != want || reads(who.Under("ns:p", draft), enforcer.Policy) != want {
			t.Errorf("%s may read %t, want %t", subject, !want, want)
		}
	}
	who := l.On(caller{"s:a"}, nil)
	if who.RightsUnder("ns:p", &policy.State{Revision: 2, Deleted: true}, "ns") != nil || who.Under("ns:p", nil) != nil || who.Err() != nil {
		t.Errorf("there are rights under a policy that does not exist: %v", who.Err())
	}
	if readers(l.compiled(t, "ns:p")) != "a" {
		t.Error("the draft is kept")
	}
}

// A decision follows the settings that it began with.
func TestSettingsOfADecision(t *testing.T) {
	l := newLibrary(t, plenty)
	who := l.On(caller{"s:a"}, nil)
	l.Configure(Settings{Policies: policy.Settings{MaxSize: 5, Roots: model.RootPolicies{"*": {"ns:root"}}}})
	if !who.MayCreate(protocol.Things, "ns", "") || who.PolicySettings().MaxSize == 5 {
		t.Error("the settings changed during a decision")
	}
	if who = l.On(caller{"s:a"}, nil); who.MayCreate(protocol.Things, "ns", "") || who.PolicySettings().MaxSize != 5 {
		t.Error("the settings did not change")
	}
}

func TestCreationRules(t *testing.T) {
	wild := func(patterns ...string) (all []document.Wildcard) {
		for _, p := range patterns {
			all = append(all, document.Wildcard(p))
		}
		return all
	}
	inNamespace, bySubject := CreationRule{Namespaces: wild("org.acme", "org.acme.*")}, CreationRule{AuthSubjects: wild("nginx:admin*")}
	lamps, onlyThings := CreationRule{Definitions: wild("acme:lamp:*")}, CreationRule{Groups: []protocol.Group{protocol.Things}}
	things := func(namespace, definition string, subjects ...string) creation {
		return creation{group: protocol.Things, namespace: namespace, definition: definition, subjects: subjects}
	}
	policies := creation{group: protocol.Policies, namespace: "org.acme", subjects: []string{"s:a"}}
	grant := func(rules ...CreationRule) CreationRules { return CreationRules{Grant: rules} }
	for _, tc := range []struct {
		name  string
		rules CreationRules
		what  creation
		want  bool
	}{
		{"no rules", CreationRules{}, things("a", ""), false},
		{"anyone", AnyoneCreates(), things("a", ""), true},
		{"in the namespace", grant(inNamespace), things("org.acme", ""), true},
		{"below the namespace", grant(inNamespace), things("org.acme.x", ""), true},
		{"in another namespace", grant(inNamespace), things("org.acmex", ""), false},
		{"by the subject", grant(bySubject), things("a", "", "s:a", "nginx:admin1"), true},
		{"by another subject", grant(bySubject), things("a", "", "s:a"), false},
		{"by nobody", grant(bySubject), things("a", ""), false},
		{"with the definition", grant(lamps), things("a", "acme:lamp:1"), true},
		{"with another definition", grant(lamps), things("a", "acme:bulb:1"), false},
		{"without definition", grant(lamps), things("a", ""), false},
		{"policies have no definition", grant(lamps), policies, true},
		{"of the group", grant(onlyThings), things("a", ""), true},
		{"of another group", grant(onlyThings), policies, false},
		{"by one of two grants", grant(bySubject, inNamespace), things("org.acme", "", "s:a"), true},
		{"all of a rule", grant(CreationRule{Namespaces: inNamespace.Namespaces, AuthSubjects: bySubject.AuthSubjects}), things("org.acme", "", "s:a"), false},
		{"revoked", CreationRules{Grant: []CreationRule{{}}, Revoke: []CreationRule{inNamespace}}, things("org.acme", ""), false},
		{"something else revoked", CreationRules{Grant: []CreationRule{{}}, Revoke: []CreationRule{inNamespace}}, things("a", ""), true},
		{"a revoke beats a grant", CreationRules{Grant: []CreationRule{bySubject}, Revoke: []CreationRule{lamps}}, things("a", "acme:lamp:1", "nginx:admin"), false},
	} {
		if got := tc.rules.allow(&tc.what); got != tc.want {
			t.Errorf("%s: allowed %t, want %t", tc.name, got, tc.want)
		}
	}
}

// An entry that is restricted to namespaces holds for things in them, and for the policy itself everywhere.
func TestEntriesWithNamespaces(t *testing.T) {
	l := newLibrary(t, plenty)
	p, err := model.Load([]byte(policyText("ns:p", "s:a")))
	if err != nil {
		t.Fatal(err)
	}
	p.Entries[0].Namespaces, p.Entries[0].HasNamespaces = []string{"ns.*"}, true
	text := p.Append(nil)
	l.shelf.put(t, store.Policy, "ns:p", string(text))
	draft := &policy.State{Revision: 2, Doc: text}
	for namespace, want := range map[string]bool{"ns.below": true, "ns": false, "other": false} {
		who := l.On(caller{"s:a"}, nil)
		rights, _ := who.ThingRights("ns:p", namespace)
		if reads(rights, enforcer.Thing) != want || reads(who.RightsUnder("ns:p", draft, namespace), enforcer.Thing) != want {
			t.Errorf("things in %s may be read %t, want %t", namespace, !want, want)
		}
		if !reads(who.Rights("ns:p"), enforcer.Policy) || !reads(who.Under("ns:p", draft), enforcer.Policy) {
			t.Error("the policy must not be read")
		}
	}
}

// caller is a requester that may address everything.
type caller []string

func (c caller) Audience() *pubsub.Audience            { return &pubsub.Audience{Subjects: c} }
func (c caller) MayAccess(protocol.Group, string) bool { return true }
