package model

import "slices"

// materialized returns an entry of the policy with what its references refer to. Imported are the entries of imported
// policies.
//
// Protocol rules: references of a referenced entry of the same policy are not followed; entries that must never be imported
// are passed over; the subject of a referenced entry comes before the entry's own. What the entry itself has counts only as
// far as every referenced entry allows it.
func (r *resolver) materialized(p *Policy, e *Entry, imported map[string]*group) Entry {
	if len(e.References) == 0 {
		return *e
	}
	own := allAdditions()
	var targets []*Entry
	m := newMerge(e)
	for _, ref := range e.References {
		target := r.target(p, ref, imported)
		if target == nil {
			continue
		}
		if !r.refer(target.weight()) {
			return m.Entry
		}
		targets = append(targets, target)
		own = own.without(target)
	}
	for _, target := range targets {
		m.take(target, allAdditions())
	}
	m.take(e, own)
	return m.Entry
}

// target returns the entry that a reference of the policy refers to, nil if there is none, or none that may be referred to.
func (r *resolver) target(p *Policy, ref Reference, imported map[string]*group) *Entry {
	if ref.Import != "" {
		return imported[ref.Import].entry(ref)
	}
	if e := r.entry(p, ref.Entry); e != nil && e.Importable != Never {
		return e
	}
	return nil
}

// group is what is imported from one policy.
type group struct {
	parts []part
	// own are the entries of the imported policy itself by label, nil until somebody asks.
	own map[string]*Entry
}

// entry returns what a reference to the imported policy refers to, nil if it is not imported.
func (g *group) entry(ref Reference) *Entry {
	if g == nil {
		return nil
	}
	if g.own == nil {
		g.own = map[string]*Entry{}
		for i := range g.parts {
			if origin := g.parts[i].Origin; origin.Policy == ref.Import {
				g.own[origin.Label] = &g.parts[i].Entry
			}
		}
	}
	return g.own[ref.Entry]
}

// additionSet says of each addition whether it counts.
type additionSet [len(additions)]bool

func allAdditions() (set additionSet) {
	for i := range set {
		set[i] = true
	}
	return set
}

// without returns the set without what an entry does not allow.
func (s additionSet) without(e *Entry) additionSet {
	if !e.HasAllowedAdditions {
		return s
	}
	for i := range s {
		s[i] = s[i] && slices.Contains(e.AllowedAdditions, Addition(i))
	}
	return s
}

// merge makes one entry of several.
type merge struct {
	Entry
	subjects   map[string]bool
	resources  map[string]int // places
	namespaces distinct[string]
}

// newMerge returns an entry that has of e what is not merged.
func newMerge(e *Entry) *merge {
	return &merge{
		Entry: Entry{
			Label: e.Label, Importable: e.Importable, HasNamespaces: e.HasNamespaces,
			AllowedAdditions: e.AllowedAdditions, HasAllowedAdditions: e.HasAllowedAdditions,
		},
		subjects: map[string]bool{}, resources: map[string]int{},
	}
}

// take adds those parts of another entry that count. A subject that is there already stays as it is.
func (m *merge) take(from *Entry, counts additionSet) {
	if counts[AddSubjects] {
		for _, s := range from.Subjects {
			if !m.subjects[s.ID] {
				m.subjects[s.ID] = true
				m.Subjects = append(m.Subjects, s)
			}
		}
	}
	if counts[AddResources] {
		for _, r := range from.Resources {
			m.takeResource(r)
		}
	}
	if counts[AddNamespaces] {
		for _, namespace := range from.Namespaces {
			m.namespaces.add(namespace)
		}
		m.Namespaces = m.namespaces.list
	}
}

// takeResource adds what is granted and revoked to what is granted and revoked already.
func (m *merge) takeResource(r Resource) {
	i, ok := m.resources[r.Key]
	if !ok {
		i = len(m.Resources)
		m.resources[r.Key] = i
		m.Resources = append(m.Resources, Resource{Key: r.Key})
	}
	mine := &m.Resources[i]
	mine.Grant = permissionNames(permissionsOf(mine.Grant, r.Grant))
	mine.Revoke = permissionNames(permissionsOf(mine.Revoke, r.Revoke))
}
