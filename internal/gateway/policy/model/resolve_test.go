package model

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
)

// policies are a source of policies by id. Their entries are written "label subject key", with the prefix ? for explicit and
// ! for never importable ones; the subject is granted READ.
type policies map[string]*Policy

func (p policies) Policy(id string) (*Policy, bool) {
	policy, ok := p[id]
	return policy, ok
}

func (p policies) add(id string, imports []Import, entries ...string) *Policy {
	policy := &Policy{ID: id, Imports: imports}
	for _, text := range entries {
		policy.Entries = append(policy.Entries, entryOf(text))
	}
	p[id] = policy
	return policy
}

func entryOf(text string) Entry {
	words := strings.Fields(text)
	e := Entry{Label: strings.TrimLeft(words[0], "?!")}
	switch text[0] {
	case '?':
		e.Importable = Explicit
	case '!':
		e.Importable = Never
	}
	if len(words) > 1 {
		e.Subjects = []Subject{{ID: words[1], Type: "t"}}
	}
	if len(words) > 2 {
		e.Resources = []Resource{{Key: words[2], Grant: []string{"READ"}}}
	}
	return e
}

// summary says in one line each which entries there are, from where, and what is in them.
func summary(r Resolved) []string {
	var lines []string
	for i, e := range r.Entries {
		line := fmt.Sprintf("%s from %s/%s:", e.Label, r.Origins[i].Policy, r.Origins[i].Label)
		for _, s := range e.Subjects {
			line += " " + s.ID
		}
		for _, resource := range e.Resources {
			line += " " + resource.Key + strings.Join(resource.Grant, "") + "-" + strings.Join(resource.Revoke, "")
		}
		lines = append(lines, strings.TrimSuffix(line, ":")+strings.Join(e.Namespaces, ","))
	}
	return lines
}

func follows(id string, transitive ...string) Import {
	return Import{ID: id, TransitiveImports: transitive}
}

func TestResolveImports(t *testing.T) {
	src := policies{}
	src.add("ns:b", []Import{{ID: "ns:c", Entries: []string{"named"}}}, "own b:s thing:/", "?other b:s", "?named b:s", "!secret b:s")
	src.add("ns:c", []Import{follows("ns:d")}, "deep c:s", "?named c:s", "?other c:s", "!secret c:s")
	src.add("ns:d", []Import{follows("ns:c", "ns:d")}, "deepest d:s")
	for _, c := range []struct {
		name    string
		imports []Import
		want    []string
		uses    []string
	}{
		{"nothing", nil, nil, nil},
		{"implicit entries", []Import{{ID: "ns:b"}}, []string{"imported-ns:b-own from ns:b/own: b:s thing:/READ-"}, []string{"ns:b"}},
		{
			"explicit entries that are named, never those that never are",
			[]Import{{ID: "ns:b", Entries: []string{"named", "secret", "none"}}},
			[]string{"imported-ns:b-own from ns:b/own: b:s thing:/READ-", "imported-ns:b-named from ns:b/named: b:s"},
			[]string{"ns:b"},
		},
		{
			"imports of imports that are followed, of these the implicit entries", []Import{follows("ns:b", "ns:c")},
			[]string{"imported-ns:b-own from ns:b/own: b:s thing:/READ-", "imported-ns:b-imported-ns:c-deep from ns:c/deep: c:s"},
			[]string{"ns:b", "ns:c"},
		},
		{
			"imports of imports only as far as both follow them", []Import{follows("ns:c", "ns:d")},
			[]string{"imported-ns:c-deep from ns:c/deep: c:s", "imported-ns:c-imported-ns:d-deepest from ns:d/deepest: d:s"},
			[]string{"ns:c", "ns:d"},
		},
		{
			"several ways to the same policy", []Import{follows("ns:b", "ns:c"), follows("ns:c")},
			[]string{
				"imported-ns:b-own from ns:b/own: b:s thing:/READ-", "imported-ns:b-imported-ns:c-deep from ns:c/deep: c:s",
				"imported-ns:c-deep from ns:c/deep: c:s",
			},
			[]string{"ns:b", "ns:c"},
		},
		{"a cycle ends", []Import{follows("ns:d", "ns:c")}, []string{
			"imported-ns:d-deepest from ns:d/deepest: d:s", "imported-ns:d-imported-ns:c-deep from ns:c/deep: c:s",
		}, []string{"ns:d", "ns:c"}},
		{"what does not exist contributes nothing", []Import{{ID: "ns:gone"}, follows("ns:b", "ns:gone")},
			[]string{"imported-ns:b-own from ns:b/own: b:s thing:/READ-"}, []string{"ns:gone", "ns:b"}},
		{"itself", []Import{{ID: "ns:p"}, follows("ns:b", "ns:p")}, []string{"imported-ns:b-own from ns:b/own: b:s thing:/READ-"}, []string{"ns:b"}},
	} {
		p := src.add("ns:p", c.imports, "mine p:s")
		got := Resolve(p, src, nil, "ns")
		if diff := cmp.Diff(append([]string{"mine from ns:p/mine: p:s"}, c.want...), summary(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		if diff := cmp.Diff(c.uses, got.Uses); diff != "" {
			t.Errorf("%s uses (-want +got):\n%s", c.name, diff)
		}
		if got.TooDeep {
			t.Errorf("%s is too deep", c.name)
		}
	}
}

// chain adds policies ns:0, ns:1 and so on, each of which imports the next and follows as many imports as it can.
func chain(src policies, length int) *Policy {
	var all []string
	for i := range length {
		all = append(all, fmt.Sprintf("ns:%d", i))
	}
	for i, id := range all {
		var imports []Import
		if i+1 < length {
			imports = []Import{follows(all[i+1], all[min(i+2, length):]...)}
		}
		src.add(id, imports, "e s:s")
	}
	return src["ns:0"]
}

func TestResolveIsBounded(t *testing.T) {
	src := policies{}
	if got := Resolve(chain(src, 11), src, nil, "ns"); len(got.Entries) != 11 || got.TooDeep {
		t.Errorf("ten levels of imports: %d entries, too deep: %t", len(got.Entries), got.TooDeep)
	}
	if got := Resolve(chain(src, 15), src, nil, "ns"); len(got.Entries) != 11 || !got.TooDeep {
		t.Errorf("more levels: %d entries, too deep: %t", len(got.Entries), got.TooDeep)
	}
	// Everybody imports everybody and follows everything.
	src, all := policies{}, []string(nil)
	for i := range 10 {
		all = append(all, fmt.Sprintf("ns:%d", i))
	}
	for _, id := range all {
		var imports []Import
		for _, other := range all {
			imports = append(imports, follows(other, all...))
		}
		src.add(id, imports, "e s:s")
	}
	got := Resolve(src["ns:0"], src, nil, "ns")
	if want := 1 + 9 + maxTransitiveImports; len(got.Entries) > want || !got.TooDeep {
		t.Errorf("%d entries, at most %d wanted, too deep: %t", len(got.Entries), want, got.TooDeep)
	}
}

// TestResolveLabelsAreUnique takes ids and labels that give the same text.
func TestResolveLabelsAreUnique(t *testing.T) {
	src := policies{}
	src.add("ns:b", nil, "c-l x:1")
	src.add("ns:b-c", nil, "l x:2", "l- x:3", "m x:4")
	got := Resolve(src.add("ns:p", []Import{{ID: "ns:b"}, {ID: "ns:b-c"}}), src, nil, "ns")
	want := []string{
		"imported-ns:b-c-l from ns:b/c-l: x:1", "imported-ns:b-c-l- from ns:b-c/l: x:2", "imported-ns:b-c-l-- from ns:b-c/l-: x:3",
		"imported-ns:b-c-m from ns:b-c/m: x:4",
	}
	if diff := cmp.Diff(want, summary(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestResolveRoots(t *testing.T) {
	src := policies{}
	src.add("ns:b", nil, "all b:s", "?not b:s")
	src.add("ns:root", []Import{{ID: "ns:b", Entries: []string{"not"}}}, "all r:s", "?some r:s", "!none r:s")
	src.add("ns:p", nil, "mine p:s")
	src.add("ns:q", []Import{{ID: "ns:root"}})
	roots := RootPolicies{"a.*": {"ns:gone", "ns:root"}, "*": {"ns:b"}}
	rooted := []string{"nsimported-ns:root-all from ns:root/all: r:s", "nsimported-ns:root-imported-ns:b-all from ns:b/all: b:s"}
	for _, c := range []struct {
		policy, namespace string
		want              []string
		uses              []string
	}{
		{"ns:p", "a.b", append([]string{"mine from ns:p/mine: p:s"}, rooted...), []string{"ns:gone", "ns:root", "ns:b"}},
		{"ns:p", "a", []string{"mine from ns:p/mine: p:s", "nsimported-ns:b-all from ns:b/all: b:s"}, []string{"ns:b"}},
		{"ns:q", "a.b", append([]string{"imported-ns:root-all from ns:root/all: r:s"}, rooted...), []string{"ns:root", "ns:gone", "ns:b"}},
		// A root policy is not merged into itself.
		{"ns:b", "x", []string{"all from ns:b/all: b:s", "not from ns:b/not: b:s"}, nil},
	} {
		got := Resolve(src[c.policy], src, roots, c.namespace)
		if diff := cmp.Diff(c.want, summary(got)); diff != "" {
			t.Errorf("%s in %s (-want +got):\n%s", c.policy, c.namespace, diff)
		}
		if diff := cmp.Diff(c.uses, got.Uses); diff != "" {
			t.Errorf("%s in %s uses (-want +got):\n%s", c.policy, c.namespace, diff)
		}
	}
}

func TestRootPoliciesFor(t *testing.T) {
	roots := RootPolicies{"a.b": {"exact"}, "a.*": {"near"}, "a.b.*": {"nearer"}, "x": {}, "*": {"all"}}
	for namespace, want := range map[string][]string{
		"a.b": {"exact"}, "a.c": {"near"}, "a.c.d": {"near"}, "a.b.c": {"nearer"}, "a": {"all"}, "": {"all"}, "ab.c": {"all"},
		"x": {}, "x.y": {"all"}, "*": {"all"}, "a.*": {"near"},
	} {
		if got := roots.For(namespace); !slices.Equal(got, want) {
			t.Errorf("%q: got %v, want %v", namespace, got, want)
		}
	}
	if got := RootPolicies(nil).For("a.b"); got != nil {
		t.Errorf("without roots: %v", got)
	}
}

func TestEnforceable(t *testing.T) {
	r := Resolved{Entries: []Entry{
		{Label: "no subjects", Resources: []Resource{{Key: "thing:/"}}},
		{Label: "no resources", Subjects: []Subject{{ID: "a:b"}}},
		{
			Label: "both", Subjects: []Subject{{ID: "a:b"}, {ID: "a:c"}}, Namespaces: []string{"n.*"},
			Resources: []Resource{
				{Key: "thing:/", Grant: []string{"READ", "read", "x", "EXECUTE"}, Revoke: []string{"WRITE"}}, {Key: "policy:/a"},
			},
		},
	}}
	want := []enforcer.Entry{{
		Subjects: []string{"a:b", "a:c"}, Namespaces: []string{"n.*"},
		Resources: []enforcer.Resource{
			{Key: "thing:/", Grant: enforcer.Read | enforcer.Execute, Revoke: enforcer.Write}, {Key: "policy:/a"},
		},
	}}
	if diff := cmp.Diff(want, r.Enforceable()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
