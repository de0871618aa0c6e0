package scale

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

// sample is a number of durations that were measured.
type sample []time.Duration

// quantile returns the duration that a share of all are not longer than; zero
// without any.
func (s sample) quantile(share float64) time.Duration {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	return sorted[max(0, int(math.Ceil(share*float64(len(sorted))))-1)]
}

func (s sample) median() time.Duration { return s.quantile(0.5) }
func (s sample) p99() time.Duration    { return s.quantile(0.99) }
func (s sample) most() time.Duration   { return s.quantile(1) }

// cells returns median, p99 and maximum for a table.
func (s sample) cells() string {
	return fmt.Sprintf("%s / %s / %s", rounded(s.median()), rounded(s.p99()), rounded(s.most()))
}

func TestQuantile(t *testing.T) {
	var s sample
	for i := range 100 {
		s = append(s, time.Duration(100-i))
	}
	for share, want := range map[float64]time.Duration{0.5: 50, 0.99: 99, 1: 100, 0: 1} {
		if got := s.quantile(share); got != want {
			t.Errorf("%v of 1 to 100: %d, want %d", share, got, want)
		}
	}
	if got := (sample{}).quantile(0.5); got != 0 {
		t.Errorf("of nothing: %s", got)
	}
}

// rounded returns a duration in three digits.
func rounded(d time.Duration) string {
	switch {
	case d >= 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d >= time.Second:
		return fmt.Sprintf("%.2f s", d.Seconds())
	case d >= 10*time.Millisecond:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}

// mebibytes returns a number of bytes for a table.
func mebibytes(n int) string { return fmt.Sprintf("%.0f MiB", float64(n)/(1<<20)) }

// table is printed as Markdown.
type table struct {
	title   string
	columns []string
	rows    [][]string
}

func (t *table) add(cells ...any) {
	var row []string
	for _, cell := range cells {
		row = append(row, fmt.Sprint(cell))
	}
	t.rows = append(t.rows, row)
}

func (t *table) String() string {
	var b strings.Builder
	line := func(cells []string) { b.WriteString("| " + strings.Join(cells, " | ") + " |\n") }
	line(t.columns)
	line(slices.Repeat([]string{"---"}, len(t.columns)))
	for _, row := range t.rows {
		line(row)
	}
	return b.String()
}

// print shows the table on standard output, with what else went on on the
// machine.
func (t *table) print(before string) {
	fmt.Printf("\n%s (load average %s before, %s after)\n\n%s\n", t.title, before, load(), t)
}
