package rql

import "github.com/twinway/twinway/internal/gateway/document"

// node is a place in a document that leaves ask about, or that is on the way to one.
type node struct {
	// index tells the node from the others of the predicate.
	index int
	// name is the name of the member, as it stands between the quotes in a canonical document.
	name string
	// token is the name as it stands in pointers.
	token    string
	children []*node
	byName   map[string]*node // nil if there are few children
	// each is asked of every member, whatever its name; nil if nobody asks for all of them.
	each   *node
	leaves []*leaf
	// begin and end are the range of indexes of the leaves here and below.
	begin, end int
}

// fewChildren is up to how many children a list is faster than a map.
const fewChildren = 8

// child returns the node of a member whose name is given as it stands in the document; nil if nobody asks for it.
func (n *node) child(name []byte) *node {
	if n.byName != nil {
		return n.byName[string(name)]
	}
	for _, c := range n.children {
		if c.name == string(name) {
			return c
		}
	}
	return nil
}

// step returns the node of a member by its token; nil if nobody asks for it.
func (n *node) step(token string) *node {
	for _, c := range n.children {
		if c.token == token {
			return c
		}
	}
	return nil
}

// at returns the node that the pointer leads to, and makes those that are missing.
func (n *node) at(p document.Pointer) *node {
	for _, token := range p {
		next := n.step(token)
		if next == nil {
			next = &node{name: inside(token), token: token}
			n.children = append(n.children, next)
		}
		n = next
	}
	return n
}

// inside returns what a text is between the quotes of a canonical document.
func inside(text string) string {
	if document.IsPlain(text) {
		return text
	}
	quoted := document.AppendString(nil, text)
	return string(quoted[1 : len(quoted)-1])
}

// number gives the nodes and leaves from here on their indexes, so that those below a node follow one another.
func (n *node) number(nodes, leaves int) (int, int) {
	n.index, n.begin = nodes, leaves
	nodes++
	for _, l := range n.leaves {
		l.index = leaves
		leaves++
	}
	for _, c := range n.children {
		nodes, leaves = c.number(nodes, leaves)
	}
	if n.each != nil {
		nodes, leaves = n.each.number(nodes, leaves)
	}
	n.end = leaves
	n.indexNames()
	return nodes, leaves
}

func (n *node) indexNames() {
	if len(n.children) <= fewChildren {
		return
	}
	n.byName = make(map[string]*node, len(n.children))
	for _, c := range n.children {
		n.byName[c.name] = c
	}
}
