package document

import "slices"

// Selector is a set of pointers that says which parts of an object are wanted. The zero value selects nothing.
type Selector struct {
	pointers []Pointer
	root     node
}

// wildcard is the reference token that stands for every member.
const wildcard = "*"

// node is a step on the way of pointers that begin alike.
type node struct {
	whole    bool             // a pointer ends here: everything below is selected
	children map[string]*node // by name as it is written in a canonical document
	any      *node            // for every name
}

// SelectorOf returns the selector of what the pointers address.
func SelectorOf(pointers []Pointer) Selector {
	var s Selector
	for _, p := range pointers {
		s.add(p)
	}
	return s
}

// Pointers returns the pointers in the order of the selector's text.
func (s Selector) Pointers() []Pointer { return s.pointers }

// add makes the selector select what p addresses.
func (s *Selector) add(p Pointer) {
	s.pointers = append(s.pointers, p)
	s.root.add(p)
}

// add makes what p addresses below the node selected.
func (n *node) add(p Pointer) {
	for _, token := range p {
		n = n.child(token)
	}
	n.whole = true
}

// child returns the node that token leads to, and makes it if need be.
func (n *node) child(token string) *node {
	if token == wildcard {
		if n.any == nil {
			n.any = &node{}
		}
		return n.any
	}
	name := string(AppendString(nil, token))
	next := n.children[name]
	if next == nil {
		next = &node{}
		if n.children == nil {
			n.children = make(map[string]*node)
		}
		n.children[name] = next
	}
	return next
}

// Apply returns an object with the selected parts of obj in the order of obj. The token * selects every member that has
// what the rest of its pointer selects. What obj lacks is missing in the result without an error. Anything but an object is
// returned as it is.
func (s Selector) Apply(obj []byte) []byte {
	if s.root.whole || KindOf(obj) != Object {
		return obj
	}
	return appendSelected(make([]byte, 0, min(len(obj), 512)), obj, []*node{&s.root})
}

// appendSelected appends the object with those parts of obj that the nodes select.
func appendSelected(dst, obj []byte, nodes []*node) []byte {
	var buf [8]*node
	dst = append(dst, '{')
	for m := range members(obj) {
		next := descend(buf[:0], nodes, obj[m.name:m.nameEnd])
		value := obj[m.value:m.end]
		switch {
		case slices.ContainsFunc(next, func(n *node) bool { return n.whole }):
			dst = append(appendComma(dst), obj[m.name:m.end]...)
		case len(next) > 0 && KindOf(value) == Object:
			without := len(dst)
			dst = append(appendComma(dst), obj[m.name:m.value]...)
			start := len(dst)
			dst = appendSelected(dst, value, next)
			if len(dst) == start+len(`{}`) { // nothing in it was selected
				dst = dst[:without]
			}
		}
	}
	return append(dst, '}')
}

// descend appends the nodes to which a name, given with its quotes, leads from nodes.
func descend(next, nodes []*node, name []byte) []*node {
	for _, n := range nodes {
		if child := n.children[string(name)]; child != nil {
			next = append(next, child)
		}
		if n.any != nil {
			next = append(next, n.any)
		}
	}
	return next
}
