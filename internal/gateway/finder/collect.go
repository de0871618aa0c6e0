package finder

import (
	"errors"
	"slices"

	"github.com/twinway/twinway/internal/gateway/index"
	"github.com/twinway/twinway/internal/gateway/store"
)

// maxSeen is how many ids a search remembers.
const maxSeen = 2_000_000

// collect returns the ids of the things that a plan leads to, in order and each once. It is not whole if there are more than limit
// keys to pass, or there is nothing that leads anywhere.
func (f *finding) collect(p *index.Plan, limit int) (found []string, whole bool, err error) {
	switch p.Kind {
	case index.Nothing:
		return nil, true, nil
	case index.Entries, index.IDs:
		return f.collectKeys(p, limit)
	case index.All:
		return f.collectAll(p.Operands, limit)
	case index.Any:
		return f.collectAny(p.Operands, limit)
	case index.Everything:
	}
	return nil, false, nil
}

func (f *finding) collectKeys(p *index.Plan, limit int) ([]string, bool, error) {
	var found ids
	before := f.kept.used
	idOf := idIn(p)
	err := f.keys(p, func(key []byte) error {
		id := idOf(key)
		if found.len() >= limit || f.kept.keep(keptID+2*len(id)) != nil {
			return errEnough // there are ways for which less is kept
		}
		found.add(id)
		return nil
	})
	if err == errEnough || err == errManyFeatures { //nolint:errorlint // ours, and not wrapped
		f.kept.only(before)
		return nil, false, nil
	}
	return found.sorted(), err == nil, err
}

// idIn returns what takes the id out of a key to which a plan leads. Where all keys have one value they begin alike, so that nothing
// has to be looked for in them.
func idIn(p *index.Plan) func(key []byte) []byte {
	if p.Kind == index.Entries && p.Single {
		before := len(p.Range.Lower)
		return func(key []byte) []byte { return key[before:] }
	}
	return func(key []byte) []byte {
		_, _, id := index.Split(key)
		return id
	}
}

// collectAny collects what any of some plans leads to.
func (f *finding) collectAny(plans []index.Plan, limit int) (all []string, whole bool, err error) {
	before := f.kept.used
	for i := range plans {
		found, whole, err := f.collect(&plans[i], limit-len(all))
		if err != nil || !whole {
			f.kept.only(before)
			return nil, false, err
		}
		all = append(all, found...)
	}
	slices.Sort(all)
	return slices.Compact(all), true, nil
}

// Limits for plans of which all must lead to a thing.
const (
	// firstLimit is how far each is followed at first, and growth by how much further it is next. The one that is shortest is
	// found without following the others much further.
	firstLimit, growth = 32, 8
	// worthwhile is how many ids there must be before it is worthwhile to pass keys in order to look at fewer things, and keysWorth
	// how many keys for each of them.
	worthwhile, keysWorth = 128, 16
)

// collectAll collects what the shortest of some plans leads to, and not what others that are not much longer do not lead to.
func (f *finding) collectAll(plans []index.Plan, limit int) ([]string, bool, error) {
	for further := min(firstLimit, limit); ; further = min(further*growth, limit) {
		for i := range plans {
			found, whole, err := f.collect(&plans[i], further)
			if err != nil {
				return nil, false, err
			}
			if whole {
				found, err = f.pruned(found, plans, i)
				return found, true, err
			}
		}
		if further == limit {
			return nil, false, nil
		}
	}
}

// pruned returns those of some ids to which the other plans lead too, as far as that is found out fast.
func (f *finding) pruned(found []string, plans []index.Plan, but int) ([]string, error) {
	for i := range plans {
		if kind := plans[i].Kind; i == but || len(found) < worthwhile || kind != index.Entries && kind != index.IDs {
			continue
		}
		led, whole, err := f.ledTo(&plans[i], found, len(found)*keysWorth)
		if err != nil {
			return nil, err
		}
		if whole {
			found = slices.DeleteFunc(found, func(id string) bool { return !led[id] })
		}
	}
	return found, nil
}

// ledTo returns for which of some ids a plan for entries or ids has keys. It is not whole if there are more than limit keys.
func (f *finding) ledTo(p *index.Plan, ids []string, limit int) (led map[string]bool, whole bool, err error) {
	before := f.kept.used
	defer func() { f.kept.only(before) }()
	if f.kept.keep(keptMap*len(ids)) != nil {
		return nil, false, nil
	}
	led = make(map[string]bool, len(ids))
	for _, id := range ids {
		led[id] = false
	}
	err = f.keys(p, func(key []byte) error {
		if limit--; limit < 0 {
			return errEnough
		}
		_, _, id := index.Split(key)
		if known, ok := led[string(id)]; ok && !known {
			led[string(id)] = true
		}
		return nil
	})
	if err == errEnough || err == errManyFeatures { //nolint:errorlint // ours, and not wrapped
		return nil, false, nil
	}
	return led, err == nil, err
}

// idsTo returns what tells the ids of keys.
func idsTo(tell func(id []byte) error) func(key []byte) error {
	return func(key []byte) error {
		_, _, id := index.Split(key)
		return tell(id)
	}
}

// errEnough ends an iteration.
var errEnough = errors.New("enough")

// errManyFeatures says that there are too many features to look at each.
var errManyFeatures = errors.New("many features")

// keys tells all keys of a plan for entries or ids.
func (f *finding) keys(p *index.Plan, tell func(key []byte) error) error {
	switch {
	case p.Kind == index.IDs:
		return f.scan(index.ThingsFrom(p.Range), tell)
	case p.AnyFeature:
		return f.ofFeatures(p, tell)
	}
	return f.scan(p.Range, tell)
}

// ofFeatures tells the keys of all features, feature by feature.
func (f *finding) ofFeatures(p *index.Plan, tell func(key []byte) error) error {
	return f.each(index.Features, func(it store.Keys) error {
		features := 0
		for ok := it.SeekGE(index.Features.Lower); ok; {
			if features++; features > f.features {
				return errManyFeatures
			}
			feature, behind := index.NextFeature(it.Key())
			if err := f.scan(p.OfFeature(feature), tell); err != nil {
				return err
			}
			ok = it.SeekGE(behind)
		}
		return nil
	})
}

// scan tells the keys of a range.
func (f *finding) scan(r index.Range, tell func(key []byte) error) error {
	return f.each(r, func(it store.Keys) error {
		for ok := it.First(); ok; ok = it.Next() {
			if err := tell(it.Key()); err != nil {
				return err
			}
			if err := f.passed(); err != nil {
				return err
			}
		}
		return nil
	})
}

// passed notes that a key was passed.
func (f *finding) passed() error {
	f.keysPassed++
	return f.moved(1)
}

// moved notes that the work was done that it takes to pass so many keys.
func (f *finding) moved(keys int) error {
	if f.keysMoved += keys; f.keysMoved < keysPerStep {
		return nil
	}
	f.keysMoved = 0
	return f.worked(1)
}

// each does something with the keys of a range. To begin costs as much as to look at a thing.
func (f *finding) each(r index.Range, do func(store.Keys) error) error {
	if err := f.worked(1); err != nil {
		return err
	}
	it, err := f.source.Keys(r.Lower, r.Upper)
	if err != nil {
		return err
	}
	err = do(it)
	for _, failed := range []error{it.Error(), it.Close()} {
		if failed != nil {
			return errors.Join(err, failed)
		}
	}
	return err
}
