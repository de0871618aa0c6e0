package model

import "slices"

// distinct is a list whose elements are all different.
type distinct[T comparable] struct {
	list []T
	// seen has the elements of a list that is too long to be searched.
	seen map[T]struct{}
}

// maxSearched is how long a list may be to be searched.
const maxSearched = 16

// add appends v unless it is in the list, and reports whether it did.
func (d *distinct[T]) add(v T) bool {
	if d.seen == nil && len(d.list) >= maxSearched {
		d.seen = make(map[T]struct{}, 2*len(d.list))
		for _, old := range d.list {
			d.seen[old] = struct{}{}
		}
	}
	if d.seen == nil {
		if slices.Contains(d.list, v) {
			return false
		}
	} else {
		if _, again := d.seen[v]; again {
			return false
		}
		d.seen[v] = struct{}{}
	}
	d.list = append(d.list, v)
	return true
}
