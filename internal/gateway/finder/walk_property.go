package finder

import (
	"bytes"
	"hash/maphash"
	"slices"

	"github.com/twinway/twinway/internal/gateway/index"
	"github.com/twinway/twinway/internal/gateway/store"
)

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
	arrays, err := f.anyArrays(b)
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

// anyArrays reports whether any thing has an array on the way to the property.
func (f *finding) anyArrays(b *by) (bool, error) {
	for _, r := range b.entries.Arrays() {
		there := false
		err := f.each(r, func(it store.Keys) error {
			there = it.SeekGE(r.Lower)
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
	if f.order[0].Descending {
		return f.walkDown(r)
	}
	if len(f.order) == 1 {
		return f.scan(r, func(key []byte) error {
			_, value, id := index.Split(key)
			return f.tellAt(string(id), value)
		})
	}
	return f.walkUp(r)
}

// tellAt tells a thing that matches and is sorted by a value.
func (f *finding) tellAt(id string, value []byte) error {
	one, err := f.at(id)
	if err != nil || one == nil || !bytes.Equal(one.keys[0], value) {
		return err
	}
	return f.tell(id)
}

// group is things that have an entry in common.
type group struct {
	entry, value []byte
	ids          []string
}

// reset makes the group that of the entry of a key, without things.
func (g *group) reset(key []byte) {
	path, value, _ := index.Split(key)
	g.entry = append(append(g.entry[:0], path...), value...)
	g.value = g.entry[len(path):]
	g.ids = g.ids[:0]
}

// has reports whether a key is one of the entry.
func (g *group) has(key []byte) bool { return len(g.entry) > 0 && bytes.HasPrefix(key, g.entry) }

func (g *group) add(key []byte) { g.ids = append(g.ids, string(key[len(g.entry):])) }

// walkUp is walkValues for an ascending order of several properties.
func (f *finding) walkUp(r index.Range) error {
	var g group
	err := f.scan(r, func(key []byte) error {
		if !g.has(key) {
			if err := f.tellGroup(&g); err != nil {
				return err
			}
			g.reset(key)
		}
		if len(g.ids) >= maxKept {
			return ErrTooMany
		}
		g.add(key)
		return nil
	})
	if err != nil {
		return err
	}
	return f.tellGroup(&g)
}

// walkDown is walkValues for a descending order. The things of a group are in the order of their ids nevertheless.
func (f *finding) walkDown(r index.Range) error {
	return f.each(r, func(it store.Keys) error {
		var g group
		for ok := it.SeekLT(r.Upper); ok; {
			g.reset(it.Key())
			for ; ok && g.has(it.Key()) && len(g.ids) < f.remembered; ok = it.Prev() {
				g.add(it.Key())
			}
			slices.Reverse(g.ids)
			if !ok || !g.has(it.Key()) {
				if err := f.tellGroup(&g); err != nil {
					return err
				}
				continue
			}
			if err := f.tellLargeGroup(&g); err != nil {
				return err
			}
			ok = it.SeekLT(g.entry)
		}
		return nil
	})
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
		return f.scan(index.Range{Lower: g.entry, Upper: index.After(g.entry)}, func(key []byte) error { return tell(string(key[len(g.entry):])) })
	})
}

// tellSorted tells those of some things that match and are sorted by a value, in the order of what they are sorted by next.
func (f *finding) tellSorted(value []byte, things func(tell func(id string) error) error) error {
	if len(f.order) == 1 {
		return things(func(id string) error { return f.tellAt(id, value) })
	}
	all, err := f.match(things)
	if err != nil {
		return err
	}
	return f.tellAll(slices.DeleteFunc(all, func(one *found) bool { return !bytes.Equal(one.keys[0], value) }))
}

// walkLacking tells the things that match and have no entry in the range of the property.
func (f *finding) walkLacking(r index.Range) error {
	have, hash := map[fingerprint]struct{}{}, newHash()
	err := f.scan(r, func(key []byte) error {
		if len(have) >= maxSeen {
			return ErrTooMany
		}
		_, _, id := index.Split(key)
		have[hash(id)] = struct{}{}
		return nil
	})
	if err != nil {
		return err
	}
	things := func(tell func(id string) error) error {
		return f.lacking(func(id []byte) bool { _, has := have[hash(id)]; return has }, tell)
	}
	if len(f.order) == 1 {
		return things(f.tellIfMatches)
	}
	all, err := f.match(things)
	if err != nil {
		return err
	}
	return f.tellAll(all)
}

// fingerprint stands for an id. That two ids have the same is less likely than that a disk lies.
type fingerprint [2]uint64

func newHash() func(id []byte) fingerprint {
	a, b := maphash.MakeSeed(), maphash.MakeSeed()
	return func(id []byte) fingerprint { return fingerprint{maphash.Bytes(a, id), maphash.Bytes(b, id)} }
}

// lacking tells the things that the plan may find and that do not have something.
func (f *finding) lacking(has func(id []byte) bool, tell func(id string) error) error {
	for _, r := range idRanges(&f.plan) {
		err := f.scan(index.ThingsFrom(r), func(key []byte) error {
			_, _, id := index.Split(key)
			if has(id) {
				return nil
			}
			return tell(string(id))
		})
		if err != nil {
			return err
		}
	}
	return nil
}
