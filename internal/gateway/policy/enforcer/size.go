package enforcer

import "unsafe"

// mapEntry is what an entry of a map with a string for a key takes beside what key and value point to, in bytes.
const mapEntry = 64

// Size returns about how many bytes of memory the enforcer takes at most, with all Rights that it will ever remember. It never
// changes.
func (e *Enforcer) Size() int { return e.size + e.known.capacity }

// allowance and largeAllowance are what small and large enforcers may remember beyond what fits any one caller, in bytes.
const (
	allowance      = 4 << 10
	largeAllowance = 512 << 10
)

// measure sets the size of the enforcer. What it may remember is a multiple of that: callers that belong to one entry each have
// at most all of it in sum, and few belong to many. Since one policy must not crowd out those of others, what goes beyond the
// Rights of a single caller, which are no larger than the enforcer, has a bound.
func (e *Enforcer) measure() {
	e.size = int(unsafe.Sizeof(*e)) + len(e.nodes)*int(unsafe.Sizeof(node{}))
	for i := range e.nodes {
		e.size += len(e.nodes[i].name)
	}
	for _, g := range e.groups {
		e.size += int(unsafe.Sizeof(g)) + len(g)*int(unsafe.Sizeof(verdict{}))
	}
	e.size += len(e.memberships)*int(unsafe.Sizeof(membership{})) + len(e.links)*int(unsafe.Sizeof(link{}))
	for _, m := range e.memberships {
		for _, namespace := range m.namespaces {
			e.size += int(unsafe.Sizeof(namespace)) + len(namespace)
		}
	}
	for subject := range e.subjects {
		e.size += mapEntry + len(subject)
	}
	e.known.capacity = min(allowance+3*e.size, largeAllowance) + e.size
}

// size returns how many bytes of memory the rights take.
func (r *Rights) size() int {
	if r == nil {
		return 0
	}
	return int(unsafe.Sizeof(*r)) + len(r.nodes)*int(unsafe.Sizeof(right{}))
}
