package model

// choice is what of a policy is resolved.
type choice struct {
	entries []*Entry
	imports []*Import
	// foreign says that the policy is not the one that everything is resolved for.
	foreign bool
}

// all is the choice of everything, of a policy for itself.
func all(p *Policy) choice {
	c := choice{imports: pointers(p.Imports, func(*Import) bool { return true })}
	c.entries = pointers(p.Entries, func(*Entry) bool { return true })
	return c
}

// rooted is the choice of what a root policy has for others. Protocol rule: the implicit entries only.
func rooted(p *Policy) choice {
	c := all(p)
	c.entries, c.foreign = pointers(p.Entries, func(e *Entry) bool { return e.Importable == Implicit }), true
	return c
}

// choice is what the import takes over of the imported policy, and the imports of that which it follows.
func (i *Import) choice(p *Policy) choice {
	followed := map[string]bool{}
	for j := range p.Imports {
		followed[p.Imports[j].ID] = false
	}
	mark(followed, i.TransitiveImports)
	return choice{
		entries: i.Taken(p), foreign: true,
		imports: pointers(p.Imports, func(one *Import) bool { return followed[one.ID] }),
	}
}

// Taken returns the entries of the imported policy that the import takes over: the implicit ones, and explicit ones that it
// names.
func (i *Import) Taken(p *Policy) []*Entry {
	named := map[string]bool{}
	for j := range p.Entries {
		if e := &p.Entries[j]; e.Importable == Explicit {
			named[e.Label] = false
		}
	}
	mark(named, i.Entries)
	return pointers(p.Entries, func(e *Entry) bool { return e.Importable == Implicit || named[e.Label] })
}

// mark sets those members of the set to true that are among the names. Lists of names can be much longer than what they
// choose from.
func mark(set map[string]bool, names []string) {
	if len(set) == 0 {
		return
	}
	for _, name := range names {
		if _, ok := set[name]; ok {
			set[name] = true
		}
	}
}

func pointers[T any](list []T, chosen func(*T) bool) []*T {
	var pointers []*T
	for i := range list {
		if chosen(&list[i]) {
			pointers = append(pointers, &list[i])
		}
	}
	return pointers
}
