package index

import "slices"

// ThingsFrom returns the range of the entries of things with ids in a range.
func ThingsFrom(ids Range) Range {
	r := Range{Lower: slices.Concat(Things.Lower, ids.Lower), Upper: Things.Upper}
	if ids.Upper != nil {
		r.Upper = slices.Concat(Things.Lower, ids.Upper)
	}
	return r
}

// After returns the first key that comes after all that begin with a text, nil if there is none.
func After(prefix []byte) []byte { return after(prefix) }

// Arrays returns where the marks of arrays are, if there are any on the way to the property.
func (o *Order) Arrays() (marks []Range) {
	for n := range o.names {
		prefix := append(appendPath(nil, pathOf(o.names[:n+1])), valueArray)
		marks = append(marks, Range{prefix, after(prefix)})
	}
	return marks
}

// Arrays is like [Order.Arrays], for the property of a plan for entries.
func (p *Plan) Arrays() (marks []Range) { return (&Order{names: p.names}).Arrays() }
