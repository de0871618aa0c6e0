package model

import (
	"slices"
	"strings"

	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
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
	// TooDeep says that something was left out because there is too much of it: of imports, their levels, what they and
	// references take over, or the length of the policies. Entries whose references take over too much are empty then.
	TooDeep bool
	// Excess is why the policy is not to be written as it is; nil if nothing was left out, or only of what root policies bring.
	Excess *protocol.Error
}

// Origin is where an entry is written.
type Origin struct{ Policy, Label string }

// Resolve returns what is enforced of a policy that is for entities of the namespace. What does not exist contributes
// nothing, and neither does what is too much: from the first that does not fit, in the order of the entries.
func Resolve(p *Policy, src Source, roots RootPolicies, namespace string) Resolved {
	r := newResolver(p, src)
	parts := r.policy(p, nil, all(p))
	excess := r.excess
	// Root policies have a budget of their own: no policy can keep them out by all that it imports.
	r.budget = newBudget()
	for _, id := range roots.For(namespace) {
		if id != p.ID {
			parts = append(parts, r.root(id)...)
		}
	}
	resolved := r.resolved(parts)
	resolved.Excess = excess
	return resolved
}

// CheckBudget checks that what the policy imports and refers to is not too much. It has to be resolved for that.
//
// Errors: policies:import.invalid for imports, policies:entry.invalid for references of the policy's entries.
func (p *Policy) CheckBudget(src Source) *protocol.Error {
	r := newResolver(p, src)
	r.policy(p, nil, all(p))
	return r.excess
}

// part is an entry with its origin.
type part struct {
	Entry
	Origin
}

// resolver resolves one policy.
type resolver struct {
	budget
	src Source
	// self is the policy that is resolved.
	self *Policy
	// policies are those that were looked at; nil: there is none.
	policies map[string]*Policy
	uses     []string
	choices  map[*Import]choice
	taken    map[*Import]map[string]bool // labels
	labels   map[*Policy]map[string]*Entry
	// following is the import of the policy itself that led to where the resolver is, "" if none did.
	following string
	tooDeep   bool
	excess    *protocol.Error // the first
}

func newResolver(p *Policy, src Source) *resolver {
	return &resolver{
		budget: newBudget(), src: src, self: p, policies: map[string]*Policy{p.ID: p}, choices: map[*Import]choice{},
		taken: map[*Import]map[string]bool{}, labels: map[*Policy]map[string]*Entry{},
	}
}

// exceed notes that something is left out.
func (r *resolver) exceed(what excess) {
	r.tooDeep = true
	if r.excess == nil {
		r.excess = what.refusal(r.following)
	}
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

// afford is lookUp for what is resolved: it returns nil also if the policy is too long.
func (r *resolver) afford(id string) *Policy {
	p := r.lookUp(id)
	if p == nil || p == r.self || r.paid[id] {
		return p
	}
	if !r.bytes.take(p.Size) {
		r.exceed(excessBytes)
		return nil
	}
	r.paid[id] = true
	return p
}

// entry returns the entry of a policy with the label, nil if there is none. It is for those who ask for many.
func (r *resolver) entry(p *Policy, label string) *Entry {
	labels, known := r.labels[p]
	if !known {
		labels = make(map[string]*Entry, len(p.Entries))
		for i := range p.Entries {
			labels[p.Entries[i].Label] = &p.Entries[i]
		}
		r.labels[p] = labels
	}
	return labels[label]
}

// policy returns the chosen entries of a policy, its own and those that it imports. Via are the policies whose imports led
// to it.
func (r *resolver) policy(p *Policy, via []string, of choice) []part {
	path := append(slices.Clone(via), p.ID)
	imported := map[string]*group{}
	for _, one := range of.imports {
		if !of.foreign {
			r.following = one.ID
		}
		imported[one.ID] = &group{parts: r.imported(one, path)}
	}
	if !of.foreign {
		r.following = ""
	}
	var parts []part
	for _, e := range of.entries {
		if of.foreign && !r.takeOver(e.weight()) {
			return parts
		}
		parts = append(parts, part{r.materialized(p, e, imported), Origin{p.ID, e.Label}})
	}
	for _, one := range of.imports {
		for _, entry := range imported[one.ID].parts {
			// What a policy imports itself has labels that no import can name.
			if of.foreign && (entry.Importable != Implicit || !r.takeOver(1)) {
				continue
			}
			entry.Entry.Label = prefixImported + "-" + one.ID + "-" + entry.Entry.Label
			parts = append(parts, entry)
		}
	}
	return parts
}

// takeOver reports whether so many parts can be taken over.
func (r *resolver) takeOver(parts int) bool {
	if r.parts.take(parts) {
		return true
	}
	r.exceed(excessParts)
	return false
}

// refer reports whether a reference can take over so many parts.
func (r *resolver) refer(parts int) bool {
	if r.referred.take(parts) {
		return r.takeOver(parts)
	}
	r.exceed(excessReferred)
	return false
}

// imported returns the entries of an imported policy that the import takes over. A policy that has led to the import
// contributes nothing to it.
func (r *resolver) imported(by *Import, path []string) []part {
	if r.ended() || slices.Contains(path, by.ID) {
		return nil
	}
	if len(path) > maxImportDepth || len(path) > 1 && !r.transitive.take(1) {
		r.exceed(excessImports)
		return nil
	}
	p := r.afford(by.ID)
	if p == nil {
		return nil
	}
	chosen, known := r.choices[by]
	if !known {
		chosen = by.choice(p)
		r.choices[by] = chosen
	}
	return r.policy(p, path, chosen)
}

// root returns the entries of a root policy that are merged into others.
func (r *resolver) root(id string) []part {
	p := r.afford(id)
	if p == nil {
		return nil
	}
	parts := r.policy(p, nil, rooted(p))
	for i := range parts {
		parts[i].Entry.Label = prefixNSImported + "-" + id + "-" + parts[i].Entry.Label
	}
	return parts
}

// resolved makes the result of the entries.
func (r *resolver) resolved(parts []part) Resolved {
	result := Resolved{Uses: r.uses, TooDeep: r.tooDeep}
	labels := map[string]bool{}
	again := map[string]int{} // how often a label has been seen
	for _, one := range parts {
		// An id and a label may have dashes, so that different ones give the same text.
		label := one.Entry.Label
		for labels[one.Entry.Label] {
			again[label]++
			one.Entry.Label = label + strings.Repeat("-", again[label])
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
