package rql

import "github.com/twinway/twinway/internal/gateway/document"

// unread is the index after a value that was not read to its end.
const unread = -1

// value looks at the value at e.doc[i], which the document has at the node, and returns the index after it, or unread.
func (e *evaluation) value(n *node, i int) int {
	e.work--
	if e.found.hasAll(n.begin, n.end) {
		return unread
	}
	switch document.KindOf(e.doc[i:]) {
	case document.Object:
		if e.nested == 0 && !e.enter(n) {
			return unread
		}
		return e.object(n, i)
	case document.Array:
		if e.nested == 0 && !e.close(n) {
			return unread
		}
		return e.array(n, i)
	case document.Invalid, document.Null, document.Bool, document.Number, document.String:
	}
	if e.nested == 0 && !e.close(n) {
		return unread
	}
	end := e.skip(i)
	e.see(n, e.doc[i:end])
	return end
}

// object looks at the members of an object that somebody asks for.
func (e *evaluation) object(n *node, i int) int {
	e.reach(n, empty)
	left, some := len(n.children), false
	for e.work >= 0 {
		i++
		nameEnd, value, ok := document.NameAt(e.doc, i)
		if !ok {
			return i + 1 // behind what ends the object
		}
		e.work -= 1 + (value-i)/bytesPerUnit
		exists := !e.isAbsent(value)
		if exists && !some {
			some = true
			e.reach(n, something)
		}
		child := n.child(e.doc[i+1 : nameEnd-1])
		i = unread
		if child != nil {
			left--
			if exists {
				i = e.value(child, value)
			}
		}
		if n.each != nil {
			e.eachMember(n.each, value)
		}
		if left == 0 && some && n.each == nil {
			return unread
		}
		if i == unread {
			i = e.skip(value)
		}
		if i >= len(e.doc) || e.doc[i] != ',' {
			return i + 1
		}
	}
	return unread
}

// eachMember looks at the value at e.doc[i], which one of several members has that are asked the same.
func (e *evaluation) eachMember(n *node, i int) {
	e.nested++ // what one has says nothing of the others
	e.value(n, i)
	e.nested--
}

// isAbsent tells whether the member with the value at e.doc[i] is there only to delete what has its name, or a name that
// matches it.
//
// Protocol rule: what a merge deletes is not there.
func (e *evaluation) isAbsent(i int) bool { return e.patch && e.nested == 0 && e.doc[i] == 'n' }

// array looks at the elements of an array, and at those of arrays among them.
//
// Protocol rule: arrays are flattened wherever they are met. Their elements are not merged with those of other layers.
func (e *evaluation) array(n *node, i int) int {
	e.reach(n, empty)
	e.nested++
	end := e.elements(n, i+1)
	e.nested--
	return end
}

// elements looks at the elements of an array from the one at e.doc[i] on.
func (e *evaluation) elements(n *node, i int) int {
	if e.nested > document.MaxDepth {
		return unread
	}
	for first := true; i < len(e.doc) && e.doc[i] != ']' && e.work >= 0; i++ {
		if first {
			e.reach(n, something)
			first = false
		}
		begin := i
		if i = e.value(n, begin); i == unread {
			if e.work < 0 || e.found.hasAll(n.begin, n.end) {
				return unread
			}
			i = e.skip(begin)
		}
		if i >= len(e.doc) || e.doc[i] != ',' {
			break
		}
	}
	return i + 1
}

// skip returns the index after the value at e.doc[i].
func (e *evaluation) skip(i int) int {
	end := document.After(e.doc, i)
	e.work -= (end - i) / bytesPerUnit
	return end
}
