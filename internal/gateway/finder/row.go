package finder

import (
	"bytes"
	"errors"
	"slices"

	"github.com/twinway/twinway/internal/gateway/index"
	"github.com/twinway/twinway/internal/gateway/store"
)

// row goes through ids of things, in their order or the other way round. Nothing has to be kept for that.
//
// It stands at an id, or at its end. The first method called is start.
type row interface {
	// start goes to the first id.
	start() bool
	// next goes to the id behind, in the order of the row. It stands at an id before.
	next() bool
	// skip goes to the first id that is not before another one, in the order of the row. It never goes back.
	skip(to []byte) bool
	// id returns the id, nil at the end. It is valid until the row moves.
	id() []byte
	// end releases what the row holds, and says what went wrong.
	end() error
}

// maxLanes is how many lanes a row may have.
const maxLanes = 16

// rows makes rows for plans.
type rows struct {
	*finding
	ids        index.Range // those wanted
	descending bool
}

// can reports whether the things that a plan leads to are in the order of their ids in the index, or few enough parts of them
// are. Exactly says that the row has no others than those.
func (rows) can(p *index.Plan) (can, exactly bool) {
	switch p.Kind {
	case index.Entries:
		return p.Single, p.Single
	case index.IDs:
		return false, true // the range is that of the row
	case index.Any:
		return canAll(p.Operands)
	case index.All:
		exactly = true
		for i := range p.Operands {
			one, is := rows{}.can(&p.Operands[i])
			can, exactly = can || one, exactly && is
		}
		return can, exactly
	case index.Everything, index.Nothing:
	}
	return false, false
}

// canAll reports whether all of some plans can be a row, of which none may be too many.
func canAll(plans []index.Plan) (can, exactly bool) {
	exactly = true
	for i := range plans {
		one, is := rows{}.can(&plans[i])
		if !one {
			return false, false
		}
		exactly = exactly && is
	}
	return len(plans) <= maxLanes, exactly
}

// of returns the row for a plan that can be one, for nil that of all things. It is to be ended, also after an error.
func (r *rows) of(p *index.Plan) (row, error) {
	if p == nil {
		return r.lane(index.Things.Lower)
	}
	if p.Kind == index.Entries {
		return r.lane(p.Range.Lower)
	}
	var parts []row
	for i := range p.Operands {
		if can, _ := r.can(&p.Operands[i]); !can {
			continue
		}
		part, err := r.of(&p.Operands[i])
		if err != nil {
			return nil, errors.Join(err, endAll(parts))
		}
		parts = append(parts, part)
	}
	switch {
	case len(parts) == 1:
		return parts[0], nil
	case p.Kind == index.Any:
		return &merged{parts: parts, before: r.before}, nil
	}
	return &crossing{parts: parts}, nil
}

// before reports whether an id comes before another one.
func (r *rows) before(a, b []byte) bool {
	if r.descending {
		a, b = b, a
	}
	return bytes.Compare(a, b) < 0
}

func endAll(parts []row) (err error) {
	for _, p := range parts {
		err = errors.Join(err, p.end())
	}
	return err
}

// lane returns the row of the ids behind a prefix.
func (r *rows) lane(prefix []byte) (row, error) {
	if err := r.worked(1); err != nil {
		return nil, err
	}
	l := &lane{prefix: len(prefix), to: slices.Clone(prefix), rows: r}
	upper := index.After(prefix)
	if r.ids.Upper != nil {
		upper = slices.Concat(prefix, r.ids.Upper)
	}
	var err error
	l.keys, err = r.source.Keys(slices.Concat(prefix, r.ids.Lower), upper)
	return l, err
}

// lane is the row of things with one entry.
type lane struct {
	*rows
	keys   store.Keys
	prefix int    // how long it is
	to     []byte // the prefix, and room for an id
	at     []byte // nil at the end
	err    error
}

func (l *lane) start() bool {
	if l.descending {
		return l.is(l.keys.Last())
	}
	return l.is(l.keys.First())
}

func (l *lane) next() bool {
	if l.descending {
		return l.is(l.keys.Prev())
	}
	return l.is(l.keys.Next())
}

// strides is how many keys are passed before it is better to seek.
const strides = 4

func (l *lane) skip(to []byte) bool {
	for range strides {
		if l.at == nil || !l.before(l.at, to) {
			return l.at != nil
		}
		l.next()
	}
	if l.at == nil || !l.before(l.at, to) {
		return l.at != nil
	}
	l.to = append(l.to[:l.prefix], to...)
	if l.err = l.moved(keysPerSeek); l.err != nil {
		l.at = nil
		return false
	}
	if l.descending {
		l.to = append(l.to, 0) // the first behind the id itself
		return l.is(l.keys.SeekLT(l.to))
	}
	return l.is(l.keys.SeekGE(l.to))
}

// is notes where the lane has gone to, and that a key was passed.
func (l *lane) is(ok bool) bool {
	l.at = nil
	if l.err = l.passed(); ok && l.err == nil {
		l.at = l.keys.Key()[l.prefix:]
	}
	return l.at != nil
}

func (l *lane) id() []byte { return l.at }

func (l *lane) end() error {
	err := l.err
	for _, failed := range []error{l.keys.Error(), l.keys.Close()} {
		if failed != nil {
			err = errors.Join(err, failed)
		}
	}
	return err
}
