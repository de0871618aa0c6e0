package rql

import "github.com/twinway/twinway/internal/gateway/document"

// state is what the merged document has at a node.
type state int8

const (
	absent state = iota
	object       // an object, to which other layers may add members
	final        // anything else; other layers add nothing
)

// layer looks at what a layer adds to the document.
func (e *evaluation) layer(l *Layer) {
	if len(l.Value) == 0 || l.Patch && document.KindOf(l.Value) == document.Null {
		return
	}
	n := &e.p.root
	for _, token := range l.At {
		if !e.enter(n) {
			return
		}
		e.reach(n, something)
		if n = n.step(token); n == nil {
			return
		}
	}
	e.doc, e.patch = l.Value, l.Patch
	e.value(n, 0)
}

// enter notes that there is an object at the node, and reports false if the layers before have something else there.
func (e *evaluation) enter(n *node) bool {
	if e.states[n.index] == final {
		return false
	}
	e.states[n.index] = object
	return true
}

// close notes that there is a value other than an object at the node, and reports false if the layers before have one.
func (e *evaluation) close(n *node) bool {
	if e.states[n.index] != absent {
		return false
	}
	e.states[n.index] = final
	return true
}
