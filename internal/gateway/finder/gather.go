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
	if err == nil && !whole {
		found, whole, err = f.collectKeys(&index.Plan{Kind: index.IDs}, maxSeen)
	}
	if err == nil && !whole {
		err = ErrTooMany
	}
	if err != nil {
		return err
	}
	return f.gather(found)
}

// gather looks at things, and then tells those that match, in order.
func (f *finding) gather(ids []string) error {
	all, err := f.match(func(tell func(id string) error) error {
		for _, id := range ids {
			if err := tell(id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return f.tellAll(all)
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
		return nil
	})
	slices.SortFunc(all, f.order.compare)
	return all, err
}

func (f *finding) tellAll(all []*found) error {
	for _, one := range all {
		if err := f.tell(one.id); err != nil {
			return err
		}
	}
	return nil
}
