package index

import (
	"bytes"

	"github.com/twinway/twinway/internal/gateway/document"
)

// differ is told which members of two objects differ. A value is nil where an object lacks the member, or is none. Names have
// their quotes.
type differ interface{ member(name, from, to []byte) }

// members tells which members of two objects differ. An object that is changed keeps most members where they were: as long as both
// have the same ones, they are compared as they come.
func members(from, to []byte, d differ) {
	if bytes.Equal(from, to) {
		return
	}
	var a, b cursor
	a.begin(from)
	b.begin(to)
	for !a.done && !b.done && bytes.Equal(a.name, b.name) {
		if !bytes.Equal(a.value, b.value) {
			d.member(a.name, a.value, b.value)
		}
		a.next()
		b.next()
	}
	if !a.done || !b.done {
		unordered(&a, &b, d)
	}
}

// unordered tells what differs among the members that are left.
func unordered(a, b *cursor, d differ) {
	rest := map[string][]byte{} // what of a was not met in b
	for ; !a.done; a.next() {
		rest[string(a.name)] = a.value
	}
	for ; !b.done; b.next() {
		old := rest[string(b.name)]
		delete(rest, string(b.name))
		if !bytes.Equal(old, b.value) {
			d.member(b.name, old, b.value)
		}
	}
	for name, value := range rest {
		d.member([]byte(name), value, nil)
	}
}

// cursor goes through the members of an object.
type cursor struct {
	doc         []byte
	at          int // where the next member begins
	name, value []byte
	done        bool
}

func (c *cursor) begin(doc []byte) {
	*c = cursor{doc: doc, at: 1, done: document.KindOf(doc) != document.Object}
	c.next()
}

func (c *cursor) next() {
	if c.done {
		return
	}
	end, value, ok := document.NameAt(c.doc, c.at)
	if !ok {
		c.done = true
		return
	}
	after := document.After(c.doc, value)
	c.name, c.value = c.doc[c.at:end], c.doc[value:after]
	c.at = after + 1 // behind the comma
}
