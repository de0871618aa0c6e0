package finder

import (
	"bytes"
	"slices"

	"github.com/twinway/twinway/internal/gateway/index"
)

// tighten makes one range of those in which a thing must have entries of one property: both bounds of an interval. Where there are
// arrays it leaves them apart: one value may be within the one bound, and another one within the other.
func (f *finding) tighten(p *index.Plan) error {
	for i := range p.Operands {
		if err := f.tighten(&p.Operands[i]); err != nil {
			return err
		}
	}
	if p.Kind != index.All {
		return nil
	}
	for i := 0; i < len(p.Operands); i++ {
		if err := f.absorb(p, i); err != nil {
			return err
		}
	}
	if len(p.Operands) == 1 {
		*p = p.Operands[0]
	}
	return nil
}

// absorb makes one operand one range with those behind it that are about the same property.
func (f *finding) absorb(p *index.Plan, at int) error {
	one, alone, known := &p.Operands[at], false, false
	for i := len(p.Operands) - 1; i > at; i-- {
		other := &p.Operands[i]
		if !isInterval(one) || !isInterval(other) || !bytes.Equal(pathOf(one), pathOf(other)) {
			continue
		}
		if !known {
			arrays, err := f.anyIn(one.Arrays())
			if err != nil {
				return err
			}
			alone, known = !arrays, true
		}
		if alone {
			one.Range = overlap(one.Range, other.Range)
			p.Operands = slices.Delete(p.Operands, i, i+1)
		}
	}
	return nil
}

func isInterval(p *index.Plan) bool {
	return p.Kind == index.Entries && !p.AnyFeature && !p.Single
}

func pathOf(p *index.Plan) []byte {
	path, _, _ := index.Split(p.Range.Lower)
	return path
}

// overlap returns what two ranges have in common, in which there may be nothing.
func overlap(a, b index.Range) index.Range {
	if bytes.Compare(b.Lower, a.Lower) > 0 {
		a.Lower = b.Lower
	}
	if a.Upper == nil || b.Upper != nil && bytes.Compare(b.Upper, a.Upper) < 0 {
		a.Upper = b.Upper
	}
	if a.Upper != nil && bytes.Compare(a.Lower, a.Upper) > 0 {
		a.Lower = a.Upper
	}
	return a
}
