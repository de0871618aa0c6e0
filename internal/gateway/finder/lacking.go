package finder

import (
	"errors"
	"hash/maphash"

	"github.com/twinway/twinway/internal/gateway/index"
)

// tellKnownLacking tells the things that match and lack the property by which things are sorted first, if it is known which lack
// it, or can be found out.
func (f *finding) tellKnownLacking() (known bool, err error) {
	if f.lackingArePast() {
		return true, nil
	}
	lacking, knowledge, err := f.lackingNow()
	if knowledge != Known || err != nil {
		return false, err
	}
	return true, f.tellLacking(lacking)
}

// lackingNow returns which things are known to lack the property by which things are sorted first: Known, or TooMany. It waits for
// who is finding that out, and finds it out if nobody is.
func (f *finding) lackingNow() (lacking []string, known Knowledge, err error) {
	r := f.order[0].entries.Range()
	for {
		switch lacking, known = f.source.Lacking(r); known {
		case Known, TooMany:
			return lacking, known, nil
		case Unknown:
			return f.learnLacking(r)
		case Soon:
			if err := f.pause(); err != nil {
				return nil, Unknown, err
			}
		}
	}
}

// tellLacking tells those of some things that match and lack the property by which things are sorted first. Among the others there
// are none that lack it.
func (f *finding) tellLacking(ids []string) error {
	return f.tellInOrder(func(tell func(id string) error) error {
		for _, id := range ids {
			if !f.wanted.has([]byte(id)) || !f.mayFollow(nil, []byte(id)) {
				continue
			}
			if err := tell(id); err != nil {
				return err
			}
		}
		return nil
	}, func(one *found) bool { return one.keys[0] == nil })
}

// walkLacking tells the things that match and have no entry in the range of the property.
func (f *finding) walkLacking(r index.Range) error {
	if known, err := f.tellKnownLacking(); known || err != nil {
		return err
	}
	before := f.kept.used
	defer func() { f.kept.only(before) }()
	has, err := f.having(r)
	if err != nil {
		return err
	}
	things := func(tell func(id string) error) error { return f.without(has, f.idsBehind(idRanges(&f.plan)), tell) }
	if len(f.order) == 1 {
		return things(f.tellIfMatches)
	}
	return f.tellInOrder(things, nil)
}

// learnLacking finds out which things lack the property, and tells the source.
func (f *finding) learnLacking(r index.Range) (lacking []string, known Knowledge, err error) {
	before := f.kept.used
	defer func() { f.kept.only(before) }()
	has, err := f.having(r)
	switch {
	case errors.Is(err, ErrTooMany):
		f.source.Learn(r, nil, TooMany)
		return nil, TooMany, nil
	case errors.Is(err, errNoRoom): // now, which says nothing of others
		return nil, TooMany, nil
	case err != nil:
		return nil, Unknown, err
	}
	known = Known
	err = f.without(has, []index.Range{{}}, func(id string) error {
		if len(lacking) >= f.limits.lacking {
			known = TooMany
			return errEnough
		}
		lacking = append(lacking, id)
		return nil
	})
	if err = ignore(err, errEnough); err == nil {
		f.source.Learn(r, lacking, known)
	}
	return lacking, known, err
}

// having returns what tells whether a thing has entries in a range.
func (f *finding) having(r index.Range) (has func(id []byte) bool, err error) {
	have, hash := map[fingerprint]struct{}{}, newHash()
	err = f.scan(r, func(key []byte) error {
		if len(have) >= maxSeen {
			return ErrTooMany
		}
		_, _, id := index.Split(key)
		have[hash(id)] = struct{}{}
		return f.kept.keep(keptMap)
	})
	return func(id []byte) bool { _, has := have[hash(id)]; return has }, err
}

// fingerprint stands for an id. That two ids have the same is less likely than that a disk lies.
type fingerprint [2]uint64

func newHash() func(id []byte) fingerprint {
	a, b := maphash.MakeSeed(), maphash.MakeSeed()
	return func(id []byte) fingerprint { return fingerprint{maphash.Bytes(a, id), maphash.Bytes(b, id)} }
}

// without tells the things with ids in some ranges that do not have something.
func (f *finding) without(has func(id []byte) bool, ranges []index.Range, tell func(id string) error) error {
	for _, r := range ranges {
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
