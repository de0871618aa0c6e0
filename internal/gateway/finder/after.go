package finder

import (
	"bytes"
	"slices"

	"github.com/twinway/twinway/internal/gateway/index"
	"github.com/twinway/twinway/internal/gateway/query"
	"github.com/twinway/twinway/internal/gateway/store"
)

// A search that goes on behind a position finds what comes behind it in the order, and nothing else. It need not find what has
// been there: things are compared with the position, which is no thing.
//
// The ways of a search begin at the position, by a seek, as far as the index has things in the order.

// at returns what a thing at a position is sorted by.
func (o order) at(p *query.Position) *found {
	if p == nil {
		return nil
	}
	one := &found{id: p.ID, keys: make([][]byte, len(o))}
	for i := range o {
		switch {
		case o[i].isID():
			one.keys[i] = []byte(p.ID)
		case i < len(p.Values):
			one.keys[i] = p.Values[i]
		}
	}
	return one
}

// positionOf returns that of a thing.
func (o order) positionOf(id string, r *store.Record) query.Position {
	keys := o.keys(id, r)
	if n := len(o); n > 0 && o[n-1].isID() {
		keys = keys[:n-1]
	}
	return query.Position{Values: keys, ID: id}
}

// byID reports whether there is nothing to be sorted by but the ids.
func (o order) byID() bool { return len(o) == 0 || o[0].isID() }

// isBehind reports whether a thing comes behind the position where the search begins.
func (f *finding) isBehind(one *found) bool {
	return f.after == nil || f.order.compare(one, f.after) > 0
}

// mayBeBehind reports whether a thing can come behind that position by its id alone.
func (f *finding) mayBeBehind(id string) bool {
	switch {
	case f.after == nil || !f.order.byID():
		return true
	case f.downwards():
		return id < f.after.id
	}
	return id > f.after.id
}

// mayFollow reports whether a thing that has a value, nil for none, of the property by which things are sorted first can come
// behind that position.
func (f *finding) mayFollow(value, id []byte) bool {
	if f.after == nil {
		return true
	}
	c := compareKeys(value, f.after.keys[0])
	if f.order[0].Descending {
		c = -c
	}
	return c > 0 || c == 0 && (len(f.order) > 1 || bytes.Compare(id, []byte(f.after.id)) > 0)
}

// lackingArePast reports whether everything that lacks the property by which things are sorted first comes before that position.
func (f *finding) lackingArePast() bool {
	return f.after != nil && !f.order[0].Descending && f.after.keys[0] != nil
}

// lackingFirst reports whether things that lack that property can come before all others.
func (f *finding) lackingFirst() bool { return !f.order[0].Descending && !f.lackingArePast() }

// valuesBehind returns the part of a range of entries of that property in which things behind the position have theirs. Some is
// false if there is none.
func (f *finding) valuesBehind(r index.Range) (behind index.Range, some bool) {
	if f.after == nil {
		return r, true
	}
	b, value := &f.order[0], f.after.keys[0]
	if value == nil {
		return r, !b.Descending
	}
	entry := slices.Concat(b.entries.Range().Lower, value)
	switch {
	case b.Descending:
		r = overlap(r, index.Range{Upper: index.After(entry)})
	case len(f.order) == 1:
		r = overlap(r, index.Range{Lower: behindID(entry, f.after.id)})
	default:
		r = overlap(r, index.Range{Lower: entry})
	}
	return r, bytes.Compare(r.Lower, r.Upper) < 0
}

// groupBehind returns where the keys are of those things of a group that can come behind the position.
func (f *finding) groupBehind(g *group) index.Range {
	r := index.Range{Lower: g.entry, Upper: index.After(g.entry)}
	if f.after != nil && len(f.order) == 1 && bytes.Equal(g.value, f.after.keys[0]) {
		r.Lower = behindID(g.entry, f.after.id)
	}
	return r
}

// behindID returns what comes next behind the key of an entry and an id.
func behindID(entry []byte, id string) []byte { return append(append(slices.Clone(entry), id...), 0) }

// idsBehind returns the parts of ranges of ids in which those are that come behind the position, among things that are in the order
// of their ids: all, or those that lack the only property by which they are sorted.
func (f *finding) idsBehind(ranges []index.Range) (behind []index.Range) {
	var part index.Range
	switch {
	case f.after == nil:
		return ranges
	case f.order.byID() && f.downwards():
		part.Upper = []byte(f.after.id)
	case f.order.byID() || len(f.order) == 1 && f.after.keys[0] == nil:
		part.Lower = behindID(nil, f.after.id)
	default:
		return ranges
	}
	for _, r := range ranges {
		if r = overlap(r, part); r.Upper == nil || bytes.Compare(r.Lower, r.Upper) < 0 {
			behind = append(behind, r)
		}
	}
	return behind
}
