package finder

import (
	"bytes"
	"slices"

	"github.com/twinway/twinway/internal/gateway/index"
)

// findByID tells what is found in the order of the ids. If the index has no other things in that order than those that the plan
// leads to, they are looked at one by one. Else it is found out first whether there are few.
func (f *finding) findByID() error {
	can, exactly := rows{}.can(&f.plan)
	if !exactly {
		few, whole, err := f.collect(&f.plan, f.few())
		if err != nil {
			return err
		}
		if whole {
			return f.tellThose(few)
		}
	}
	if can {
		return f.walkIDs(&f.plan)
	}
	return f.walkIDs(nil)
}

// downwards reports whether the ids are wanted in descending order.
func (f *finding) downwards() bool { return len(f.order) > 0 && f.order[0].Descending }

// tellThose tells those of some things, in the order of their ids, that match.
func (f *finding) tellThose(ids []string) error {
	if f.downwards() {
		slices.Reverse(ids)
	}
	for _, id := range ids {
		if err := f.tellIfMatches(id); err != nil {
			return err
		}
	}
	return nil
}

// walkIDs looks at the things in the row of a plan, and tells those that match.
func (f *finding) walkIDs(p *index.Plan) error {
	ranges := f.idsBehind(idRanges(&f.plan))
	if f.downwards() {
		slices.Reverse(ranges)
	}
	for _, r := range ranges {
		if err := f.walkRow(p, r); err != nil {
			return err
		}
	}
	return nil
}

// walkRow looks at the things with ids in a range. One alone need not be looked for.
func (f *finding) walkRow(p *index.Plan, ids index.Range) (err error) {
	if n := len(ids.Lower); len(ids.Upper) == n+1 && ids.Upper[n] == 0 && bytes.HasPrefix(ids.Upper, ids.Lower) {
		return f.tellIfMatches(string(ids.Lower))
	}
	row, err := (&rows{finding: f, ids: ids, descending: f.downwards()}).of(p)
	if err != nil {
		return err
	}
	defer func() {
		if failed := row.end(); err == nil {
			err = failed
		}
	}()
	for ok := row.start(); ok; ok = row.next() {
		if err := f.tellIfMatches(string(row.id())); err != nil {
			return err
		}
	}
	return nil
}

func (f *finding) tellIfMatches(id string) error {
	one, err := f.at(id)
	if err != nil || one == nil {
		return err
	}
	return f.tell(one.id)
}

// idRanges returns in which ranges the ids are of the things that a plan finds, apart and in order.
func idRanges(p *index.Plan) []index.Range {
	switch p.Kind {
	case index.IDs:
		return []index.Range{p.Range}
	case index.All:
		for i := range p.Operands {
			if ranges := idRanges(&p.Operands[i]); !isAll(ranges) {
				return ranges // others could only narrow them
			}
		}
	case index.Any:
		var ranges []index.Range
		for i := range p.Operands {
			ranges = append(ranges, idRanges(&p.Operands[i])...)
		}
		return union(ranges)
	case index.Nothing:
		return nil
	case index.Everything, index.Entries:
	}
	return []index.Range{{}}
}

func isAll(ranges []index.Range) bool {
	return len(ranges) == 1 && len(ranges[0].Lower) == 0 && ranges[0].Upper == nil
}

// union returns ranges that cover the same, apart and in order.
func union(ranges []index.Range) (apart []index.Range) {
	slices.SortFunc(ranges, func(a, b index.Range) int { return bytes.Compare(a.Lower, b.Lower) })
	for _, r := range ranges {
		if n := len(apart); n > 0 && (apart[n-1].Upper == nil || bytes.Compare(r.Lower, apart[n-1].Upper) <= 0) {
			if r.Upper == nil || apart[n-1].Upper != nil && bytes.Compare(r.Upper, apart[n-1].Upper) > 0 {
				apart[n-1].Upper = r.Upper
			}
			continue
		}
		apart = append(apart, r)
	}
	return apart
}
