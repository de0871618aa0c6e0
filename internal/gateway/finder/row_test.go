package finder

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/twinway/twinway/internal/gateway/index"
)

// column is a plan for things with a value, and the ids of those.
type column struct {
	plan index.Plan
	has  map[string]bool
}

// randomColumns returns a shelf with keys of some single values.
func randomColumns(r *rand.Rand) (*shelf, []column) {
	s, columns := newShelf(), make([]column, 4)
	for i := range columns {
		prefix := fmt.Appendf(nil, "v%d\x00\x50v\x00", i)
		columns[i] = column{index.Plan{Kind: index.Entries, Single: true, Range: index.Range{Lower: prefix, Upper: index.After(prefix)}}, map[string]bool{}}
		rare := r.IntN(20) + 1
		for n := range r.IntN(300) {
			if id := fmt.Sprintf("a:%d", n); r.IntN(rare) == 0 {
				columns[i].has[id] = true
				s.keys = append(s.keys, append(bytes.Clone(prefix), id...))
			}
		}
	}
	return s.ready(), columns
}

// randomRow combines columns.
func randomRow(r *rand.Rand, columns []column, depth int) column {
	if depth == 0 || r.IntN(3) == 0 {
		return columns[r.IntN(len(columns))]
	}
	a, b := randomRow(r, columns, depth-1), randomRow(r, columns, depth-1)
	both := column{index.Plan{Kind: pick(r, index.All, index.Any), Operands: []index.Plan{a.plan, b.plan}}, map[string]bool{}}
	for n := range 300 {
		id := fmt.Sprintf("a:%d", n)
		if both.has[id] = a.has[id] && b.has[id]; both.plan.Kind == index.Any {
			both.has[id] = a.has[id] || b.has[id]
		}
	}
	return both
}

// TestRow compares rows with what has been put into the index.
func TestRow(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 7))
	for range 2000 {
		s, columns := randomColumns(random)
		c := randomRow(random, columns, 3)
		in := index.Range{Lower: []byte(pick(random, "", "a:2")), Upper: []byte(pick(random, "a:25", "b"))}
		down := random.IntN(2) == 0
		var want, got []string
		for id, has := range c.has {
			if has && id >= string(in.Lower) && id < string(in.Upper) {
				want = append(want, id)
			}
		}
		slices.Sort(want)
		if down {
			slices.Reverse(want)
		}
		f := &finding{source: s, yield: func(string) bool { return true }}
		if can, exactly := (rows{}).can(&c.plan); !can || !exactly {
			t.Fatal("no row of single values")
		}
		row, err := (&rows{finding: f, ids: in, descending: down}).of(&c.plan)
		if err != nil {
			t.Fatal(err)
		}
		for ok := row.start(); ok; ok = row.next() {
			got = append(got, string(row.id()))
		}
		if err := row.end(); err != nil || !slices.Equal(got, want) {
			t.Fatalf("down %t in %s to %s: %v %v, want\n%v", down, in.Lower, in.Upper, err, got, want)
		}
	}
}
