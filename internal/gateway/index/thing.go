package index

import (
	"bytes"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
)

// Thing is what is indexed of a thing. The zero value is no thing.
type Thing struct {
	// Doc and Meta are the thing and its metadata, canonical JSON. Doc is nil if there is no thing, Meta if there is none.
	Doc, Meta []byte
	// Created and Modified are when the thing was made and last changed.
	Created, Modified time.Time
}

// appendInstant appends a time as things show it.
func appendInstant(dst []byte, t time.Time) []byte {
	return append(t.UTC().AppendFormat(append(dst, '"'), time.RFC3339Nano), '"')
}

// instantOf returns a time of a thing that may not be.
func (t *Thing) instantOf(at time.Time) []byte {
	if t.Doc == nil {
		return nil
	}
	return appendInstant(make([]byte, 0, instantRoom), at)
}

// instantRoom is what a time takes with its quotes, in bytes.
const instantRoom = len(`"2006-01-02T15:04:05.999999999Z"`)

// Changes is Rules.Changes if all has entries.
func Changes(from, to Thing) (lost, gained [][]byte) { return Rules{}.Changes(from, to) }

// Changes returns the entries that a thing loses and gains when it becomes another, each in order. They are what keys are
// without the id. The entry of the thing itself, which is empty but for what ends its path, is among them.
func (r Rules) Changes(from, to Thing) (lost, gained [][]byte) {
	c := changes{path: make([]byte, 0, maxPath), rule: r.root}
	exists := from.Doc != nil
	if exists != (to.Doc != nil) {
		if exists {
			c.before.thing()
		} else {
			c.after.thing()
		}
	}
	c.instant("_created", &from, &to, from.Created, to.Created)
	c.instant("_modified", &from, &to, from.Modified, to.Modified)
	members(from.Doc, to.Doc, (*parts)(&c))
	c.below("_metadata", from.Meta, to.Meta)
	return difference(c.before.sorted(), c.after.sorted())
}

// changes gathers the entries of what differs between two things.
type changes struct {
	path          []byte // of what is being looked at
	rule          *rule  // for it
	before, after set
}

func (c *changes) instant(name string, from, to *Thing, before, after time.Time) {
	if from.Doc != nil && to.Doc != nil && before.Equal(after) {
		return
	}
	rule := c.rule
	next, some := rule.of([]byte(name))
	if !some {
		return
	}
	c.path, c.rule = append(c.path[:0], name...), next
	c.value(from.instantOf(before), to.instantOf(after))
	c.path, c.rule = c.path[:0], rule
}

// parts compares things themselves.
type parts changes

func (p *parts) member(name, from, to []byte) {
	c := (*changes)(p)
	switch string(name) {
	case `"policyId"`, `"definition"`:
		c.member(name, from, to)
	case `"attributes"`:
		c.below("attributes", from, to)
	case `"features"`:
		c.below("features", from, to)
	}
}

// below compares what is in two containers.
func (c *changes) below(container string, from, to []byte) {
	rule := c.rule
	next, some := rule.of([]byte(container))
	if !some {
		return
	}
	c.path, c.rule = append(c.path[:0], container...), next
	members(from, to, c)
	c.path, c.rule = c.path[:0], rule
}

// member compares what two objects have under a name.
func (c *changes) member(name, from, to []byte) {
	length, rule := len(c.path), c.rule
	next, some := rule.ofQuoted(name)
	if !some {
		return
	}
	c.path, c.rule = appendQuoted(c.path, name), next
	c.value(from, to)
	c.path, c.rule = c.path[:length], rule
}

// value compares values, of which either may be nil.
func (c *changes) value(from, to []byte) {
	if bytes.Equal(from, to) {
		return
	}
	if document.KindOf(from) == document.Object && document.KindOf(to) == document.Object {
		members(from, to, c)
		return
	}
	c.path = c.before.all(c.rule, c.path, from)
	c.path = c.after.all(c.rule, c.path, to)
}
