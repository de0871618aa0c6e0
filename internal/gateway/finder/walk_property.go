package finder

import (
	"bytes"
	"slices"

	"github.com/twinway/twinway/internal/gateway/index"
	"github.com/twinway/twinway/internal/gateway/store"
)

// findByProperty tells what is found in the order of a property.
//
//	few    → look at each, and sort what matches
//	more   → go along the entries of the property, and look only at things that the plan leads to
//	many   → go along the entries of the property, and look at everything
func (f *finding) findByProperty() error {
	few, before := f.few(), f.kept.used
	found, whole, err := f.collect(&f.plan, few*fewer)
	if err == nil && whole && len(found) > few/fewer && f.isBeingTaught() {
		found = nil // many may wait: it is collected again
		f.kept.only(before)
		if _, _, err = f.lackingNow(); err == nil {
			found, whole, err = f.collect(&f.plan, few*fewer)
		}
	}
	switch {
	case err != nil:
		return err
	case whole && len(found) <= few/fewer:
		return f.gather(found)
	case whole:
		return f.join(found)
	}
	return f.walkProperty()
}

// isBeingTaught reports whether a join has to know first which things lack the property, and somebody is finding that out.
func (f *finding) isBeingTaught() bool {
	r := f.order[0].entries.Range()
	if !f.lackingFirst() || within(&f.plan, r) != nil {
		return false
	}
	_, known := f.source.Lacking(r)
	return known == Soon
}

// fewer is the root of how much less it costs to pass an entry than to look at a thing.
const fewer = 4

// walkProperty looks at things in the order of the property by which they are sorted first, and tells those that match: those
// that lack it, and those that have it, value by value.
func (f *finding) walkProperty() error {
	b := &f.order[0]
	r, narrowed, err := f.narrow(b)
	switch {
	case err != nil:
		return err
	case narrowed:
		return f.walkValues(r)
	case b.Descending:
		if err := f.walkValues(r); err != nil {
			return err
		}
		return f.walkLacking(r)
	}
	if err := f.walkLacking(r); err != nil {
		return err
	}
	return f.walkValues(r)
}

// narrow returns the range of entries in which the values are by which the things that are searched for are sorted. Narrowed says
// that only things with such a value are searched for.
func (f *finding) narrow(b *by) (r index.Range, narrowed bool, err error) {
	r = b.entries.Range()
	within := within(&f.plan, r)
	if within == nil {
		return r, false, nil
	}
	// Where there are arrays, the value that the filter is about need not be the one by which the thing is sorted.
	arrays, err := f.anyIn(b.entries.Arrays())
	if err != nil || arrays {
		return r, true, err
	}
	return *within, true, nil
}

// within returns a range in which the plan needs things to have an entry, and which is in another one; nil if there is none.
func within(p *index.Plan, of index.Range) *index.Range {
	switch p.Kind {
	case index.Entries:
		if !p.AnyFeature && bytes.Compare(p.Range.Lower, of.Lower) >= 0 && bytes.Compare(p.Range.Upper, of.Upper) <= 0 {
			return &p.Range
		}
	case index.All:
		for i := range p.Operands {
			if r := within(&p.Operands[i], of); r != nil {
				return r
			}
		}
	case index.Everything, index.Nothing, index.IDs, index.Any:
	}
	return nil
}

// anyIn reports whether there is any key in some ranges.
func (f *finding) anyIn(ranges []index.Range) (bool, error) {
	for _, r := range ranges {
		there := false
		err := f.each(r, func(it store.Keys) error {
			there = it.First()
			return nil
		})
		if err != nil || there {
			return there, err
		}
	}
	return false, nil
}

// walkValues looks at the things with entries in a range of the property, value by value, and tells those that match in the order
// of what they are sorted by next. A thing is told at the value that it is sorted by.
func (f *finding) walkValues(r index.Range) error {
	r, some := f.valuesBehind(r)
	if !some {
		return nil
	}
	if f.order[0].Descending {
		return f.walkDown(r)
	}
	if len(f.order) == 1 {
		return f.scan(r, func(key []byte) error {
			_, value, id := index.Split(key)
			if !f.wanted.has(id) {
				return f.wanted.pass(f.keysPassed)
			}
			return f.tellAt(string(id), value)
		})
	}
	return f.walkUp(r)
}

// tellAt tells a thing that matches and is sorted by a value.
func (f *finding) tellAt(id string, value []byte) error {
	one, err := f.at(id)
	if err != nil {
		return err
	}
	if one != nil && !bytes.Equal(one.keys[0], value) {
		return nil
	}
	if f.wanted.done(id); one == nil {
		return nil
	}
	return f.tell(id)
}

// group is things that have an entry in common.
type group struct {
	kept         *room
	before       int64 // what was kept without the group
	entry, value []byte
	ids          []string
}

// reset makes the group that of the entry of a key, without things.
func (g *group) reset(key []byte) {
	path, value, _ := index.Split(key)
	g.entry = append(append(g.entry[:0], path...), value...)
	g.value = g.entry[len(path):]
	g.ids = g.ids[:0]
	g.kept.only(g.before)
}

// newGroup returns a group without things.
func (f *finding) newGroup() *group { return &group{kept: &f.kept, before: f.kept.used} }

// has reports whether a key is one of the entry.
func (g *group) has(key []byte) bool { return len(g.entry) > 0 && bytes.HasPrefix(key, g.entry) }

// add adds the thing of a key, if it is wanted.
func (g *group) add(key []byte, w *wanted) error {
	id := key[len(g.entry):]
	if !w.has(id) {
		return nil
	}
	g.ids = append(g.ids, string(id))
	return g.kept.keep(keptID + len(id))
}

// walkUp is walkValues for an ascending order of several properties.
func (f *finding) walkUp(r index.Range) error {
	g := f.newGroup()
	err := f.scan(r, func(key []byte) error {
		if !g.has(key) {
			if err := f.tellGroup(g); err != nil {
				return err
			}
			g.reset(key)
			if err := f.wanted.pass(f.keysPassed); err != nil {
				return err
			}
		}
		if len(g.ids) >= maxKept {
			return ErrTooMany
		}
		return g.add(key, f.wanted)
	})
	if err != nil {
		return err
	}
	return f.tellGroup(g)
}

// walkDown is walkValues for a descending order. The things of a group are in the order of their ids nevertheless.
func (f *finding) walkDown(r index.Range) error {
	return f.each(r, func(it store.Keys) error {
		g := f.newGroup()
		for ok := it.SeekLT(r.Upper); ok; {
			if err := f.wanted.pass(f.keysPassed); err != nil {
				return err
			}
			g.reset(it.Key())
			for ; ok && f.goesOn(g, it.Key()) && len(g.ids) < f.remembered; ok = it.Prev() {
				if err := g.add(it.Key(), f.wanted); err != nil {
					return err
				}
				if err := f.passed(); err != nil {
					return err
				}
			}
			slices.Reverse(g.ids)
			tell := f.tellGroup
			if ok && f.goesOn(g, it.Key()) {
				tell = f.tellLargeGroup
			}
			if err := tell(g); err != nil {
				return err
			}
			if ok && g.has(it.Key()) {
				ok = it.SeekLT(g.entry)
			}
		}
		return nil
	})
}

// goesOn reports whether a key is one of a group, of a thing that can come behind the position where the search begins.
func (f *finding) goesOn(g *group, key []byte) bool {
	return g.has(key) && f.mayFollow(g.value, key[len(g.entry):])
}

// tellGroup tells the things of a group that match and are sorted by its value. They are in the order of their ids.
func (f *finding) tellGroup(g *group) error {
	return f.tellSorted(g.value, func(tell func(id string) error) error {
		for _, id := range g.ids {
			if err := tell(id); err != nil {
				return err
			}
		}
		return nil
	})
}

// tellLargeGroup is tellGroup for a group of which the things are not known.
func (f *finding) tellLargeGroup(g *group) error {
	return f.tellSorted(g.value, func(tell func(id string) error) error {
		return f.scan(f.groupBehind(g), func(key []byte) error {
			if id := key[len(g.entry):]; f.wanted.has(id) {
				return tell(string(id))
			}
			return nil
		})
	})
}

// tellSorted tells those of some things that match and are sorted by a value, in the order of what they are sorted by next.
func (f *finding) tellSorted(value []byte, things func(tell func(id string) error) error) error {
	if len(f.order) == 1 {
		return things(func(id string) error { return f.tellAt(id, value) })
	}
	return f.tellInOrder(things, func(one *found) bool { return bytes.Equal(one.keys[0], value) })
}
