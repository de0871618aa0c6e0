package index

import (
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
)

// Thing is what is indexed of a thing. The zero value is no thing.
type Thing struct {
	// Doc and Meta are the thing and its metadata, canonical JSON. Doc is nil if there is no thing, Meta if there is none.
	Doc, Meta []byte
	// Created and Modified are JSON strings, nil if there is no thing.
	Created, Modified []byte
}

// Of returns what is indexed of a thing that exists.
func Of(doc, meta []byte, created, modified time.Time) Thing {
	return Thing{Doc: doc, Meta: meta, Created: instant(created), Modified: instant(modified)}
}

// instant returns a time as things show it.
func instant(t time.Time) []byte {
	return append(t.UTC().AppendFormat([]byte{'"'}, time.RFC3339Nano), '"')
}

// Changes returns the entries that a thing loses and gains when it becomes another, each in order. They are what keys are
// without the id. The entry of the thing itself, which is empty but for what ends its path, is among them.
func Changes(from, to Thing) (lost, gained [][]byte) {
	var before, after set
	if from.Doc == nil != (to.Doc == nil) {
		for side, thing := range map[*set]*Thing{&before: &from, &after: &to} {
			if thing.Doc != nil {
				side.addWith(func(dst []byte) []byte { return dst })
			}
		}
	}
	c := changes{&before, &after}
	c.field("_created", from.Created, to.Created)
	c.field("_modified", from.Modified, to.Modified)
	c.document(from.Doc, to.Doc)
	c.metadata(from.Meta, to.Meta)
	return difference(before.sorted(), after.sorted())
}

// changes gathers the entries of what differs between two things.
type changes struct{ before, after *set }

// field compares a part with a name of its own.
func (c changes) field(name string, from, to []byte) {
	c.in(name, func() { c.value(from, to) })
}

// document compares things.
func (c changes) document(from, to []byte) {
	members(from, to, func(name string, from, to []byte) {
		switch name {
		case "policyId", "definition":
			c.field(name, from, to)
		case "attributes":
			c.in(name, func() { members(from, to, c.member) })
		case "features":
			c.in(name, func() { members(from, to, c.member) })
		}
	})
}

func (c changes) metadata(from, to []byte) {
	c.in("_metadata", func() { members(from, to, c.member) })
}

// member compares what two objects have under a name.
func (c changes) member(name string, from, to []byte) {
	c.in(name, func() { c.value(from, to) })
}

// in does something one name further down.
func (c changes) in(name string, do func()) {
	before, after := len(c.before.path), len(c.after.path)
	c.before.path, c.after.path = appendName(c.before.path, name), appendName(c.after.path, name)
	do()
	c.before.path, c.after.path = c.before.path[:before], c.after.path[:after]
}

// value compares values, of which either may be nil.
func (c changes) value(from, to []byte) {
	if string(from) == string(to) {
		return
	}
	if document.KindOf(from) == document.Object && document.KindOf(to) == document.Object {
		members(from, to, c.member)
		return
	}
	c.before.all(from)
	c.after.all(to)
}

// all adds the entries of a value and of all that is in it.
func (s *set) all(raw []byte) {
	if raw == nil {
		return
	}
	s.add(raw)
	switch document.KindOf(raw) {
	case document.Object:
		for name, value := range document.Members(raw) {
			length := len(s.path)
			s.path = appendName(s.path, name)
			s.all(value)
			s.path = s.path[:length]
		}
	case document.Array:
		for element := range document.Elements(raw) {
			s.all(element)
		}
	case document.Invalid, document.Null, document.Bool, document.Number, document.String:
	}
}
