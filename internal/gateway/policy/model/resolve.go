package model

import (
	"slices"

	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
)

const (
	// maxImportDepth is how many imports may lead from one policy to the next. Protocol rule: it is fixed.
	maxImportDepth = 10
	// maxTransitiveImports is how many imports beyond its own are followed for one policy. Imports multiply with each
	// level, and the policies may belong to somebody who means harm.
	maxTransitiveImports = 100
	// maxTakenOver is how many subjects, resources and namespaces references take over in one policy, each time that they
	// do. A short reference can stand for a long entry.
	maxTakenOver = 100_000
)

// Source knows the other policies.
type Source interface {
	// Policy returns the policy with the id as it was written.
	Policy(id string) (*Policy, bool)
}

// Resolved is what is enforced of a policy.
type Resolved struct {
	// Entries are the policy's own, then those that it imports, then those of root policies. References are replaced by
	// what they refer to. The label of an entry from elsewhere tells where it comes from.
	Entries []Entry
	// Origins tells of each of the Entries where it is written.
	Origins []Origin
	// Uses are the ids of the other policies that were looked at, whether they exist or not, each once. As long as they and
	// the policy stay the same, so does this.
	Uses []string
	// TooDeep says that imports were left out because there are too many, or too many levels of them, or that entries are
	// empty because their references take over too much.
	TooDeep bool
}

// Origin is where an entry is written.
type Origin struct{ Policy, Label string }

// Resolve returns what is enforced of a policy that is for entities of the namespace. What does not exist contributes
// nothing.
func Resolve(p *Policy, src Source, roots RootPolicies, namespace string) Resolved {
	r := newResolver(p, src)
	parts := r.policy(p, nil, nil)
	for _, id := range roots.For(namespace) {
		if id != p.ID {
			parts = append(parts, r.root(id)...)
		}
	}
	return r.resolved(parts)
}

// part is an entry with its origin.
type part struct {
	Entry
	Origin
}

// resolver resolves one policy.
type resolver struct {
	src Source
	// policies are those that were looked at; nil: there is none.
	policies map[string]*Policy
	uses     []string
	// followed counts the transitive imports, takenOver what was taken over by references.
	followed, takenOver int
	tooDeep             bool
}

func newResolver(p *Policy, src Source) *resolver {
	return &resolver{src: src, policies: map[string]*Policy{p.ID: p}}
}

// lookUp returns another policy, nil if there is none.
func (r *resolver) lookUp(id string) *Policy {
	if p, known := r.policies[id]; known {
		return p
	}
	var p *Policy
	if r.src != nil {
		if found, ok := r.src.Policy(id); ok {
			p = found
		}
	}
	r.policies[id] = p
	r.uses = append(r.uses, id)
	return p
}

// policy returns the entries of a policy, its own and those that it imports. Via are the policies whose imports led to it,
// and by the last of them it is imported; nil: none.
func (r *resolver) policy(p *Policy, via []string, by *Import) []part {
	path := append(slices.Clone(via), p.ID)
	imported := map[string][]part{}
	for i := range p.Imports {
		if one := &p.Imports[i]; by == nil || slices.Contains(by.TransitiveImports, one.ID) {
			imported[one.ID] = r.imported(one, path)
		}
	}
	var parts []part
	for i := range p.Entries {
		e := &p.Entries[i]
		parts = append(parts, part{r.materialized(p, e, imported), Origin{p.ID, e.Label}})
	}
	for i := range p.Imports {
		one := &p.Imports[i]
		for _, entry := range imported[one.ID] {
			if !one.Takes(&entry.Entry) {
				continue
			}
			entry.Entry.Label = prefixImported + "-" + one.ID + "-" + entry.Entry.Label
			parts = append(parts, entry)
		}
	}
	return parts
}

// imported returns the entries of an imported policy, whether the import takes them or not. A policy that has led to the
// import contributes nothing to it.
func (r *resolver) imported(by *Import, path []string) []part {
	if slices.Contains(path, by.ID) {
		return nil
	}
	transitive := len(path) > 1
	if len(path) > maxImportDepth || transitive && r.followed >= maxTransitiveImports {
		r.tooDeep = true
		return nil
	}
	if transitive {
		r.followed++
	}
	p := r.lookUp(by.ID)
	if p == nil {
		return nil
	}
	return r.policy(p, path, by)
}

// Takes reports whether the import takes over an entry of the imported policy.
func (i *Import) Takes(e *Entry) bool {
	return e.Importable == Implicit || e.Importable == Explicit && slices.Contains(i.Entries, e.Label)
}

// root returns the entries of a root policy that are merged into others. Protocol rule: the implicit ones only.
func (r *resolver) root(id string) []part {
	p := r.lookUp(id)
	if p == nil {
		return nil
	}
	var parts []part
	for _, entry := range r.policy(p, nil, nil) {
		if entry.Importable != Implicit {
			continue
		}
		entry.Entry.Label = prefixNSImported + "-" + id + "-" + entry.Entry.Label
		parts = append(parts, entry)
	}
	return parts
}

// resolved makes the result of the entries.
func (r *resolver) resolved(parts []part) Resolved {
	result := Resolved{Uses: r.uses, TooDeep: r.tooDeep}
	labels := map[string]bool{}
	for _, one := range parts {
		// An id and a label may have dashes, so that different ones give the same text.
		for labels[one.Entry.Label] {
			one.Entry.Label += "-"
		}
		labels[one.Entry.Label] = true
		result.Entries = append(result.Entries, one.Entry)
		result.Origins = append(result.Origins, one.Origin)
	}
	return result
}

// Enforceable returns the entries that grant or revoke something.
func (r Resolved) Enforceable() []enforcer.Entry {
	var entries []enforcer.Entry
	for i := range r.Entries {
		e := &r.Entries[i]
		if len(e.Subjects) == 0 || len(e.Resources) == 0 {
			continue
		}
		one := enforcer.Entry{Namespaces: e.Namespaces}
		for _, s := range e.Subjects {
			one.Subjects = append(one.Subjects, s.ID)
		}
		for _, resource := range e.Resources {
			one.Resources = append(one.Resources, enforcer.Resource{
				Key: resource.Key, Grant: permissionsOf(resource.Grant), Revoke: permissionsOf(resource.Revoke),
			})
		}
		entries = append(entries, one)
	}
	return entries
}
