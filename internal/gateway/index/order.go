package index

import (
	"bytes"

	"github.com/twinway/twinway/internal/gateway/document"
)

// Order is a property by which things are sorted, and which is a value of theirs.
type Order struct {
	names      []string
	descending bool
}

// NewOrder returns the order by a property other than thingId, namespace and _revision, which have no entries.
func NewOrder(property string, descending bool) Order { return Order{namesOf(property), descending} }

// Indexed reports whether all things that have the property have entries of it by the rules.
func (o *Order) Indexed(r Rules) bool { return r.covers(o.names) }

// Range is where the entries of the property are.
func (o *Order) Range() Range {
	prefix := appendPath(nil, pathOf(o.names))
	return Range{prefix, after(prefix)}
}

// Key returns what stands for the value that a thing is sorted by, nil if it has none: the least of several values, or the
// greatest if the order is descending. It is what the entry of the value has behind its path. That there is an object or an
// array counts only if nothing else is there.
func (o *Order) Key(t *Thing) []byte {
	var best []byte
	o.look(t, func(raw []byte) {
		key := appendValue(nil, raw)
		if best == nil || o.before(key, best) {
			best = key
		}
	})
	return best
}

// before reports whether a value counts rather than another one.
func (o *Order) before(a, b []byte) bool {
	if isMark(a) != isMark(b) {
		return isMark(b)
	}
	return (bytes.Compare(a, b) < 0) != o.descending
}

func isMark(key []byte) bool { return key[0] >= valueObject }

// look tells the values of a thing at the property.
func (o *Order) look(t *Thing, tell func(raw []byte)) {
	switch o.names[0] {
	case "_created":
		visit(t.instantOf(t.Created), o.names[1:], tell)
	case "_modified":
		visit(t.instantOf(t.Modified), o.names[1:], tell)
	case "_metadata":
		visit(t.Meta, o.names[1:], tell)
	default:
		visit(t.Doc, o.names, tell)
	}
}

// visit tells the values at names below a value, and those in arrays on the way and at its end.
func visit(raw []byte, names []string, tell func(raw []byte)) {
	switch kind := document.KindOf(raw); {
	case kind == document.Array:
		for element := range document.Elements(raw) {
			visit(element, names, tell)
		}
		if len(names) == 0 {
			tell(raw)
		}
	case len(names) == 0:
		if kind != document.Invalid {
			tell(raw)
		}
	case kind == document.Object:
		if value, ok := document.Get(raw, names[:1]); ok {
			visit(value, names[1:], tell)
		}
	}
}
