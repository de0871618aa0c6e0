package enforcer

import (
	"cmp"
	"slices"
)

// node is a path about which some entry says something, or that leads to one. The children of a node are neighbours, ordered
// by name, and come after it. The first nodes are the roots of the types of resources.
type node struct {
	name        string // the last segment of the path
	parent      int32  // -1 for roots
	first, next int32  // the children are nodes[first:next]
}

// grow returns the tree of all paths that are declared and notes in the declarations where in it they are.
func grow(declarations []declaration) []node {
	g := grower{
		sorted: make([]*declaration, len(declarations)),
		nodes:  make([]node, 0, resourceTypes+2*len(declarations)),
	}
	for i := range declarations {
		g.sorted[i] = &declarations[i]
	}
	slices.SortFunc(g.sorted, func(a, b *declaration) int {
		return cmp.Or(cmp.Compare(a.resource, b.resource), slices.Compare(a.path, b.path))
	})
	start := 0
	for t := range ResourceType(resourceTypes) {
		end := start
		for end < len(g.sorted) && g.sorted[end].resource == t {
			end++
		}
		g.add(node{parent: -1}, span{start, end, 0})
		start = end
	}
	for i := 0; i < len(g.nodes); i++ {
		g.branch(int32(i))
	}
	return g.nodes
}

// grower makes a tree level by level, so that paths may be as long as they like.
type grower struct {
	sorted []*declaration
	nodes  []node
	spans  []span // for each node, what is declared at it and below
}

// span is sorted[start:end], whose paths agree in their first depth segments.
type span struct{ start, end, depth int }

func (g *grower) add(n node, s span) {
	g.nodes = append(g.nodes, n)
	g.spans = append(g.spans, s)
}

// branch adds the children of a node.
func (g *grower) branch(id int32) {
	g.nodes[id].first = int32(len(g.nodes))
	s := g.spans[id]
	for s.start < s.end && len(g.sorted[s.start].path) == s.depth {
		g.sorted[s.start].node = id
		s.start++
	}
	for s.start < s.end {
		name := g.sorted[s.start].path[s.depth]
		end := s.start + 1
		for end < s.end && g.sorted[end].path[s.depth] == name {
			end++
		}
		g.add(node{name: name, parent: id}, span{s.start, end, s.depth + 1})
		s.start = end
	}
	g.nodes[id].next = int32(len(g.nodes))
}
