package finder

import (
	"slices"

	"github.com/twinway/twinway/internal/gateway/index"
)

// maxKept is how many things a search keeps to put them in order.
const maxKept = 200_000

// gatherAll looks at all things that the plan leads to, or at all that there are, and then tells those that match, in order.
func (f *finding) gatherAll() error {
	found, whole, err := f.collect(&f.plan, maxSeen)
	switch {
	case err != nil:
		return err
	case whole:
		return f.gather(found)
	}
	return f.tellInOrder(func(tell func(id string) error) error {
		for _, ids := range idRanges(&f.plan) {
			if err := f.scan(index.ThingsFrom(ids), idsTo(func(id []byte) error { return tell(string(id)) })); err != nil {
				return err
			}
		}
		return nil
	}, nil)
}

// gather looks at things, and then tells those that match, in order.
func (f *finding) gather(ids []string) error {
	return f.tellInOrder(func(tell func(id string) error) error {
		for _, id := range ids {
			if err := tell(id); err != nil {
				return err
			}
		}
		return nil
	}, nil)
}

// match returns those of some things that match, in order.
func (f *finding) match(candidates func(tell func(id string) error) error) ([]*found, error) {
	var all []*found
	err := candidates(func(id string) error {
		one, err := f.at(id)
		if err != nil || one == nil {
			f.wanted.done(id)
			return err
		}
		if len(all) >= maxKept {
			return ErrTooMany
		}
		all = append(all, one)
		return f.kept.keep(one.size())
	})
	slices.SortFunc(all, f.order.compare)
	return all, err
}

// tellInOrder tells those of some things that match, in order: all, or those that are to be told. While they are told nothing but
// their ids is kept of them.
func (f *finding) tellInOrder(candidates func(tell func(id string) error) error, are func(one *found) bool) error {
	before := f.kept.used
	defer func() { f.kept.only(before) }()
	all, err := f.match(candidates)
	if err != nil {
		return err
	}
	var ids []string
	size := 0
	for _, one := range all {
		if are == nil || are(one) {
			f.wanted.done(one.id)
			ids = append(ids, one.id)
			size += keptID + len(one.id)
		}
	}
	f.kept.only(before + int64(size))
	for _, id := range ids {
		if err := f.tell(id); err != nil {
			return err
		}
	}
	return nil
}
