package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
)

// Compare writes how two reports differ: for each scenario that both have the medians over the repetitions, their ranges, by how much
// the second is more or less than the first, and whether the ranges overlap. Where they do, there may be no difference.
func Compare(w io.Writer, a, b *Report) error {
	fmt.Fprintf(w, "A: %s, %s\nB: %s, %s\n", a.Endpoint, a.Version, b.Endpoint, b.Version)
	for _, line := range differences(a, b) {
		fmt.Fprintln(w, line)
	}
	fmt.Fprintln(w)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "scenario\tover\t\tA\tB\tchange\tranges\t")
	before, after := grouped(append(slices.Clone(a.Limits), a.Runs...)), grouped(append(slices.Clone(b.Limits), b.Runs...))
	var alone []string
	for _, g := range before {
		other := find(after, g)
		if other == nil {
			alone = append(alone, g.scenario+" "+g.over+" only in A")
			continue
		}
		printDifference(t, g, other)
	}
	for _, g := range after {
		if find(before, g) == nil {
			alone = append(alone, g.scenario+" "+g.over+" only in B")
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	notes := slices.Concat(alone, shortcomings("A", before), shortcomings("B", after))
	if len(notes) > 0 {
		fmt.Fprintf(w, "\n%s\n", strings.Join(notes, "\n"))
	}
	return nil
}

// shortcomings says which scenarios of a report are not whole, so that their figures mean less than they seem to.
func shortcomings(which string, groups []*group) (lines []string) {
	for _, g := range groups {
		for _, run := range g.runs {
			if run.Failed > 0 || len(run.Broken) > 0 || run.Cut {
				lines = append(lines, fmt.Sprintf("%s, %s %s, repetition %d: %s", which, g.scenario, g.over, run.Repetition, run.Summary()))
			}
		}
	}
	return lines
}

func find(groups []*group, g *group) *group {
	for _, other := range groups {
		if other.scenario == g.scenario && other.over == g.over {
			return other
		}
	}
	return nil
}

// printDifference writes the lines of a scenario.
func printDifference(w io.Writer, a, b *group) {
	for i, column := range []struct {
		name string
		of   func(*Record) float64
	}{{"per second", perSecond}, {"p50 ms", p50}, {"p99 ms", p99}} {
		scenario, over := a.scenario, a.over
		if i > 0 {
			scenario, over = "", ""
		}
		x, y := a.spread(column.of), b.spread(column.of)
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", scenario, over, column.name, x, y, change(x.median, y.median), x.against(y))
	}
}

// String writes a median with its range, if there is one.
func (s spread) String() string {
	if s.least == s.greatest || math.IsNaN(s.median) {
		return digits3(s.median)
	}
	return fmt.Sprintf("%s (%s–%s)", digits3(s.median), digits3(s.least), digits3(s.greatest))
}

// against says whether two ranges overlap.
func (s spread) against(other spread) string {
	if math.IsNaN(s.median) || math.IsNaN(other.median) {
		return "?"
	}
	if s.least <= other.greatest && other.least <= s.greatest {
		return "overlap"
	}
	return "apart"
}

func change(from, to float64) string {
	if from == 0 || math.IsNaN(from) || math.IsNaN(to) {
		return "?"
	}
	return fmt.Sprintf("%+.1f %%", 100*(to-from)/from)
}

// differences says in what two reports were obtained in different ways.
func differences(a, b *Report) (lines []string) {
	if a.Machine != b.Machine {
		lines = append(lines, fmt.Sprintf("The machines differ: %v, %v.", a.Machine, b.Machine))
	}
	before, after := members(a.Parameters), members(b.Parameters)
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if before[name] != after[name] {
			lines = append(lines, fmt.Sprintf("%s differs: %s, %s.", name, before[name], after[name]))
		}
	}
	for which, r := range map[string]*Report{"A": a, "B": b} {
		if r.Cut {
			lines = append(lines, which+" was cut short.")
		}
	}
	slices.Sort(lines)
	return lines
}

// members returns the parameters by their names, as JSON. None is missing from the result because it is zero.
func members(p Parameters) map[string]string {
	raw := map[string]json.RawMessage{"rate": nil, "warm": nil, "plain": nil}
	text, err := json.Marshal(p)
	if err == nil {
		err = json.Unmarshal(text, &raw)
	}
	if err != nil {
		return nil
	}
	named := map[string]string{}
	for name, value := range raw {
		if named[name] = string(value); value == nil {
			named[name] = "none"
		}
	}
	return named
}
