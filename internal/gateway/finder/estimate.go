package finder

import (
	"errors"
	"math"

	"github.com/twinway/twinway/internal/gateway/index"
	"github.com/twinway/twinway/internal/gateway/store"
)

// few is how many things may be looked at before it is better to walk.
func (f *finding) few() int {
	return max(f.least, int(math.Sqrt(float64(f.query.Page)*float64(f.source.Things()))))
}

// estimate returns how many keys a plan leads to, limit if they are as many or more.
func (f *finding) estimate(p *index.Plan, limit int) (int, error) {
	switch p.Kind {
	case index.Nothing:
		return 0, nil
	case index.Entries, index.IDs:
		n := 0
		err := f.keys(p, func([]byte) error {
			if n++; n >= limit {
				return errEnough
			}
			return nil
		})
		if err == errManyFeatures { //nolint:errorlint // ours, and not wrapped
			return limit, nil
		}
		return n, ignore(err, errEnough)
	case index.All:
		_, n, err := f.smallest(p.Operands, limit)
		return n, err
	case index.Any:
		sum := 0
		for i := range p.Operands {
			n, err := f.estimate(&p.Operands[i], limit-sum)
			if sum += n; err != nil || sum >= limit {
				return min(sum, limit), err
			}
		}
		return sum, nil
	case index.Everything:
	}
	return limit, nil
}

// smallest returns which of some plans leads to the fewest keys, and to how many.
func (f *finding) smallest(plans []index.Plan, limit int) (at, n int, err error) {
	n = limit
	for i := range plans {
		m, err := f.estimate(&plans[i], n)
		if err != nil {
			return 0, 0, err
		}
		if m < n {
			at, n = i, m
		}
	}
	return at, n, nil
}

// errEnough ends an iteration.
var errEnough = errors.New("enough")

func ignore(err, target error) error {
	if err == target { //nolint:errorlint // ours, and not wrapped
		return nil
	}
	return err
}

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

// errManyFeatures says that there are too many features to look at each.
var errManyFeatures = errors.New("many features")

// scan tells the keys of a range.
func (f *finding) scan(r index.Range, tell func(key []byte) error) error {
	return f.each(r, func(it store.Keys) error {
		n := 0
		for ok := it.SeekGE(r.Lower); ok; ok = it.Next() {
			if err := tell(it.Key()); err != nil {
				return err
			}
			if n++; n%keysPerStep == 0 {
				if err := f.worked(1); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// each does something with the keys of a range.
func (f *finding) each(r index.Range, do func(store.Keys) error) error {
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
