package finder

import (
	"slices"

	"github.com/twinway/twinway/internal/gateway/index"
)

// maxKept is how many things a search keeps to put them in order.
const maxKept = 200_000

// gather looks at all things that the plan leads to, and then tells those that match, in order.
func (f *finding) gather() error {
	all, err := f.match(f.candidates)
	if err != nil {
		return err
	}
	return f.tellAll(all)
}

// match returns those of some things that match, in order.
func (f *finding) match(candidates func(func(id string) error) error) ([]*found, error) {
	var all []*found
	err := candidates(func(id string) error {
		one, err := f.at(id)
		if err != nil || one == nil {
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

// candidates tells the things that the plan leads to, each once.
func (f *finding) candidates(tell func(id string) error) error {
	seen := map[string]struct{}{}
	return f.led(&f.plan, func(id []byte) error {
		if _, twice := seen[string(id)]; twice {
			return nil
		}
		if len(seen) >= maxSeen {
			return ErrTooMany
		}
		seen[string(id)] = struct{}{}
		return tell(string(id))
	})
}

// maxSeen is how many things a search remembers to have looked at.
const maxSeen = 2_000_000

// led tells the things that a plan leads to, some perhaps more than once.
func (f *finding) led(p *index.Plan, tell func(id []byte) error) error {
	switch p.Kind {
	case index.Nothing:
		return nil
	case index.Entries, index.IDs:
		err := f.keys(p, idsTo(tell))
		if err == errManyFeatures { //nolint:errorlint // ours, and not wrapped
			return f.scan(index.Things, idsTo(tell))
		}
		return err
	case index.All:
		at, _, err := f.smallest(p.Operands, maxKept)
		if err != nil {
			return err
		}
		return f.led(&p.Operands[at], tell)
	case index.Any:
		for i := range p.Operands {
			if err := f.led(&p.Operands[i], tell); err != nil {
				return err
			}
		}
		return nil
	case index.Everything:
	}
	return f.scan(index.Things, idsTo(tell))
}

// idsTo returns what tells the ids of keys.
func idsTo(tell func(id []byte) error) func(key []byte) error {
	return func(key []byte) error {
		_, _, id := index.Split(key)
		return tell(id)
	}
}
