package model

import "slices"

// Entry returns the entry with the label, nil if there is none.
func (p *Policy) Entry(label string) *Entry {
	return find(p.Entries, func(e *Entry) bool { return e.Label == label })
}

// Import returns the import of the policy with the id, nil if there is none.
func (p *Policy) Import(id string) *Import {
	return find(p.Imports, func(i *Import) bool { return i.ID == id })
}

// Subject returns the subject with the id, nil if there is none.
func (e *Entry) Subject(id string) *Subject {
	return find(e.Subjects, func(s *Subject) bool { return s.ID == id })
}

// Resource returns what the entry says about the resource with the key, nil if nothing.
func (e *Entry) Resource(key string) *Resource {
	return find(e.Resources, func(r *Resource) bool { return r.Key == key })
}

// Clone returns a copy whose lists of imports and entries are its own, but not what is in them.
func (p *Policy) Clone() *Policy {
	return &Policy{ID: p.ID, Imports: slices.Clone(p.Imports), Entries: slices.Clone(p.Entries)}
}

// WithEntry returns a copy with the entry, at the place of the one with its label or at the end.
func (p *Policy) WithEntry(e Entry) *Policy {
	c := *p
	c.Entries = with(p.Entries, e, func(old *Entry) bool { return old.Label == e.Label })
	return &c
}

// WithoutEntry returns a copy without the entry.
func (p *Policy) WithoutEntry(label string) *Policy {
	c := *p
	c.Entries = without(p.Entries, func(e Entry) bool { return e.Label == label })
	return &c
}

// WithImport returns a copy with the import, at the place of the one of the same policy or at the end.
func (p *Policy) WithImport(i Import) *Policy {
	c := *p
	c.Imports = with(p.Imports, i, func(old *Import) bool { return old.ID == i.ID })
	return &c
}

// WithoutImport returns a copy that does not import the policy with the id.
func (p *Policy) WithoutImport(id string) *Policy {
	c := *p
	c.Imports = without(p.Imports, func(i Import) bool { return i.ID == id })
	return &c
}

// WithSubject returns a copy with the subject, at the place of the one with its id or at the end.
func (e Entry) WithSubject(s Subject) Entry {
	e.Subjects = with(e.Subjects, s, func(old *Subject) bool { return old.ID == s.ID })
	return e
}

// WithoutSubject returns a copy without the subject.
func (e Entry) WithoutSubject(id string) Entry {
	e.Subjects = without(e.Subjects, func(s Subject) bool { return s.ID == id })
	return e
}

// WithResource returns a copy with the resource, at the place of the one with its key or at the end.
func (e Entry) WithResource(r Resource) Entry {
	e.Resources = with(e.Resources, r, func(old *Resource) bool { return old.Key == r.Key })
	return e
}

// WithoutResource returns a copy without the resource.
func (e Entry) WithoutResource(key string) Entry {
	e.Resources = without(e.Resources, func(r Resource) bool { return r.Key == key })
	return e
}

func find[T any](list []T, is func(*T) bool) *T {
	for i := range list {
		if is(&list[i]) {
			return &list[i]
		}
	}
	return nil
}

func with[T any](list []T, v T, is func(*T) bool) []T {
	list = slices.Clone(list)
	if old := find(list, is); old != nil {
		*old = v
		return list
	}
	return append(list, v)
}

func without[T any](list []T, is func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(list), is)
}
