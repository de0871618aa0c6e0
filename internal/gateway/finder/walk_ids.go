package finder

import (
	"bytes"
	"slices"

	"github.com/twinway/twinway/internal/gateway/index"
	"github.com/twinway/twinway/internal/gateway/store"
)

// walkIDs looks at things in the order of their ids and tells those that match.
func (f *finding) walkIDs() error {
	descending := len(f.order) > 0 && f.order[0].Descending
	ranges := idRanges(&f.plan)
	if descending {
		slices.Reverse(ranges)
	}
	for _, r := range ranges {
		err := f.walk(index.ThingsFrom(r), descending, func(key []byte) error {
			_, _, id := index.Split(key)
			return f.tellIfMatches(string(id))
		})
		if err != nil {
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

// walk tells the keys of a range in one order or the other.
func (f *finding) walk(r index.Range, descending bool, tell func(key []byte) error) error {
	if !descending {
		return f.scan(r, tell)
	}
	return f.each(r, func(it store.Keys) error {
		for ok := it.SeekLT(r.Upper); ok; ok = it.Prev() {
			if err := tell(it.Key()); err != nil {
				return err
			}
		}
		return nil
	})
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
