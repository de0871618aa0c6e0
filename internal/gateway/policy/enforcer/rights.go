package enforcer

import (
	"strings"

	"github.com/twinway/twinway/internal/gateway/document"
)

// Rights is what one set of subjects may do. It never changes and may be used by many goroutines. Those who hold nil may do
// nothing.
//
// Names on a path that hold slashes, as keys of resources do that are members of a policy, stand for one segment after each,
// and empty segments for none, so that what is found by a path and what is found by walking along a document is the same.
type Rights struct {
	// As in the tree of the enforcer: children are neighbours, ordered by name, and the roots come first.
	nodes []right
}

// right is a node of Rights.
type right struct {
	name        string
	first, next int32 // the children are nodes[first:next]
	place       place // without its node
}

// place is where a path has led to.
type place struct {
	node                               int32 // outside if nothing is declared there and below
	effective, grantBelow, revokeBelow Permissions
}

const outside = -1

// Unrestricted reports whether all of the permissions are effective at the path and none of them is revoked below it. It takes
// a revoke below as final, whatever is granted further below. There is no such thing as having no permissions.
func (r *Rights) Unrestricted(t ResourceType, path document.Pointer, p Permissions) bool {
	at := r.at(t, path)
	return includes(at.effective&^at.revokeBelow, p)
}

// Partial reports whether each of the permissions is effective at the path or granted somewhere below it.
func (r *Rights) Partial(t ResourceType, path document.Pointer, p Permissions) bool {
	at := r.at(t, path)
	return includes(at.effective|at.grantBelow, p)
}

// Effective reports whether all of the permissions are granted at the path by the nearest declarations at it and above.
func (r *Rights) Effective(t ResourceType, path document.Pointer, p Permissions) bool {
	return includes(r.at(t, path).effective, p)
}

// includes reports whether p, which must not be empty, is part of held.
func includes(held, p Permissions) bool { return p != 0 && held&p == p }

func (r *Rights) at(t ResourceType, path document.Pointer) place {
	if r == nil || t >= resourceTypes {
		return place{node: outside}
	}
	at := r.place(int32(t))
	for _, name := range path {
		at = r.enter(at, name)
	}
	return at
}

func (r *Rights) place(id int32) place {
	p := r.nodes[id].place
	p.node = id
	return p
}

// enter returns the place of what is called name at a place.
func (r *Rights) enter(at place, name string) place {
	for at.node != outside {
		segment, rest, more := strings.Cut(name, "/")
		if segment != "" {
			at = r.child(at, segment)
		}
		if !more {
			break
		}
		name = rest
	}
	return at
}

func (r *Rights) child(at place, segment string) place {
	n := &r.nodes[at.node]
	low, end := n.first, n.next
	for low < end {
		middle := (low + end) / 2
		if r.nodes[middle].name < segment {
			low = middle + 1
		} else {
			end = middle
		}
	}
	if low < n.next && r.nodes[low].name == segment {
		return r.place(low)
	}
	return place{node: outside, effective: at.effective}
}
