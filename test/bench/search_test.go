package bench

import (
	"fmt"
	"runtime"
	"testing"
)

// scenario is a kind of searches among n things.
type scenario struct {
	name string
	of   func(n, i int) lookup
}

// serial is the serial number of a thing among n.
func serial(i, n int) string { return fmt.Sprintf("SN%08d", permuted(i, n)) }

// some returns a thing, another one each time.
func some(i, n int) int { return int(uint64(i) * 7919 % uint64(n)) }

var scenarios = []scenario{
	{"id", func(n, i int) lookup {
		return lookup{fmt.Sprintf(`"filter":"eq(thingId,'org.eclipse.ditto:test-thing-%d')"`, some(i, n)), 1, 1}
	}},
	{"unique", func(n, i int) lookup {
		return lookup{fmt.Sprintf(`"filter":"eq(attributes/serial,'%s')"`, serial(some(i, n), n)), 1, 1}
	}},
	{"two unique", func(n, i int) lookup { // one condition leads to a thing, the other one to half of them
		at := permuted(some(i, n), n)
		return lookup{fmt.Sprintf(`"filter":"and(eq(attributes/half,%t),eq(attributes/serial,'SN%08d'))"`, at%2 == 0, at), 1, 1}
	}},
	{"prefix", func(n, i int) lookup { // a hundred, or some fewer, of which a page has 25
		at := permuted(some(i, n-n/4), n) / 100
		return lookup{fmt.Sprintf(`"filter":"like(attributes/serial,'SN%06d*')"`, at%(n/100)), 1, 25}
	}},
	{"percent", func(_, i int) lookup {
		return lookup{fmt.Sprintf(`"filter":"eq(attributes/line,'line-%02d')"`, i%100), 1, 25}
	}},
	{"percent sorted", func(_, i int) lookup {
		return lookup{fmt.Sprintf(`"filter":"eq(attributes/line,'line-%02d')","options":"sort(+attributes/weight)"`, i%100), 1, 25}
	}},
	{"percent sorted down", func(_, i int) lookup {
		return lookup{fmt.Sprintf(`"filter":"eq(attributes/line,'line-%02d')","options":"sort(-attributes/serial)"`, i%100), 1, 25}
	}},
	{"range sorted", func(n, i int) lookup {
		from := some(i, n-n/50)
		return lookup{fmt.Sprintf(`"filter":"and(ge(attributes/weight,%d),lt(attributes/weight,%d))","options":"sort(-attributes/weight)"`, from, from+n/100), 1, 25}
	}},
	{"half sorted", func(_, i int) lookup {
		return lookup{fmt.Sprintf(`"filter":"eq(attributes/half,%t)","options":"sort(+attributes/weight)"`, i%2 == 0), 1, 25}
	}},
	{"and of two", func(_, i int) lookup { // half a percent
		return lookup{fmt.Sprintf(`"filter":"and(eq(attributes/half,%t),eq(attributes/line,'line-%02d'))"`, i%2 == 0, i%100), 1, 25}
	}},
	{"and of two sorted", func(n, i int) lookup { // a hundredth of a range of a tenth
		from := some(i, n-n/5)
		return lookup{fmt.Sprintf(`"filter":"and(ge(attributes/weight,%d),lt(attributes/weight,%d),eq(attributes/line,'line-%02d'))","options":"sort(+attributes/serial)"`,
			from, from+n/10, i%100), 1, min(25, n/2000)}
	}},
	{"everything", func(int, int) lookup { return lookup{`"options":"size(25)"`, 1, 25} }},
}

// BenchmarkSearch measures searches of clients, each with its first page: from many sessions that do as much as they can, and from
// two that wait for the end of one search before the next.
func BenchmarkSearch(b *testing.B) {
	for _, n := range numbers(b) {
		b.Run(fmt.Sprintf("things=%d", n), func(b *testing.B) {
			g := open(b, filled(b, n))
			defer func() { _ = g.Close() }()
			runtime.GC()
			for _, s := range scenarios {
				of := func(i int) lookup { return s.of(n, i) }
				b.Run(s.name+"/busy", func(b *testing.B) { search(b, g.Address(), 32, 4, of) })
				b.Run(s.name+"/calm", func(b *testing.B) { search(b, g.Address(), 2, 1, of) })
			}
		})
	}
}

// BenchmarkSearchThrough reads everything that is found, page by page: a percent of all things, sorted.
func BenchmarkSearchThrough(b *testing.B) {
	for _, n := range numbers(b) {
		b.Run(fmt.Sprintf("things=%d", n), func(b *testing.B) {
			g := open(b, filled(b, n))
			defer func() { _ = g.Close() }()
			for _, sort := range []string{"", ",sort(+attributes/weight)"} {
				b.Run("sort="+sort, func(b *testing.B) {
					search(b, g.Address(), 1, 1, func(i int) lookup {
						return lookup{fmt.Sprintf(`"filter":"eq(attributes/half,%t)","options":"size(200)%s"`, i%2 == 0, sort), 0, halves(n)[i%2]}
					})
				})
			}
		})
	}
}

// halves returns how many things have an even number, and how many an odd one.
func halves(n int) (count [2]int) {
	p := uint64(prime(n))
	for i := range n {
		count[uint64(i)*2654435761%p%2]++
	}
	return count
}
