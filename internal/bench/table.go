package bench

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// Print writes the report as people read it: a line for each scenario, with medians over its repetitions, and below what is particular.
func (r *Report) Print(w io.Writer) error {
	fmt.Fprintf(w, "%s, %s/%s, %d cores, twinway %s, %s\n", r.Endpoint, r.Machine.OS, r.Machine.Arch, r.Machine.Cores, r.Version,
		r.Date.Format("2006-01-02 15:04:05 MST"))
	p := r.Parameters
	fmt.Fprintf(w, "%s things, %d sessions, window %d, %s, %d repetitions\n\n", thousands(float64(p.Things)), p.Sessions, p.Window, rate(p.Rate), p.Repeat)
	if err := printRuns(w, grouped(append(slices.Clone(r.Limits), r.Runs...))); err != nil {
		return err
	}
	if r.Cut {
		fmt.Fprintln(w, "\ncut short: not everything was done")
	}
	return nil
}

func rate(r float64) string {
	if r == 0 {
		return "as fast as possible"
	}
	return perSecondText(r) + "/s"
}

// group is the repetitions of a scenario over a transport.
type group struct {
	scenario, over string
	runs           []Record
}

// grouped returns the repetitions of each scenario, in the order in which they first came.
func grouped(runs []Record) (groups []*group) {
	for _, run := range runs {
		at := slices.IndexFunc(groups, func(g *group) bool { return g.scenario == run.Scenario && g.over == run.Over })
		if at < 0 {
			groups, at = append(groups, &group{scenario: run.Scenario, over: run.Over}), len(groups)
		}
		groups[at].runs = append(groups[at].runs, run)
	}
	return groups
}

// spread is the median of some values, with the least and the greatest.
type spread struct{ median, least, greatest float64 }

// spread returns that of a column, over the runs for which it is a number.
func (g *group) spread(of func(r *Record) float64) spread {
	var values []float64
	for i := range g.runs {
		if v := of(&g.runs[i]); !math.IsNaN(v) {
			values = append(values, v)
		}
	}
	if len(values) == 0 {
		return spread{math.NaN(), math.NaN(), math.NaN()}
	}
	slices.Sort(values)
	middle := len(values) / 2
	median := values[middle]
	if len(values)%2 == 0 {
		median = (values[middle-1] + values[middle]) / 2
	}
	return spread{median, values[0], values[len(values)-1]}
}

// Columns of what is measured.
func perSecond(r *Record) float64 { return r.PerSecond }

// Columns that not all runs have: they are no numbers for those that do not.

func p50(r *Record) float64      { return r.took(r.Latency.P50) }
func p90(r *Record) float64      { return r.took(r.Latency.P90) }
func p99(r *Record) float64      { return r.took(r.Latency.P99) }
func p999(r *Record) float64     { return r.took(r.Latency.P999) }
func greatest(r *Record) float64 { return r.took(r.Latency.Max) }

// took returns a time, unless nothing took any: what fails is not fast.
func (r *Record) took(milliseconds float64) float64 {
	if r.Count == 0 {
		return math.NaN()
	}
	return milliseconds
}

func figure(name string) func(r *Record) float64 {
	return func(r *Record) float64 {
		if v, known := r.Figures[name]; known {
			return v
		}
		return math.NaN()
	}
}

func memory(r *Record) float64 {
	if r.ServerMemory == 0 {
		return math.NaN()
	}
	return float64(r.ServerMemory) / (1 << 20)
}

// cpuEach is the processor time of the server for each of what is counted, in microseconds.
func cpuEach(r *Record) float64 {
	if r.ServerMemory == 0 || r.Count == 0 {
		return math.NaN()
	}
	return 1e6 * r.ServerCPU / float64(r.Count)
}

func printRuns(w io.Writer, groups []*group) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	ranges := slices.ContainsFunc(groups, func(g *group) bool { return len(g.runs) > 1 })
	header := []string{"scenario", "over", "per second"}
	if ranges {
		header = append(header, "range")
	}
	fmt.Fprintln(t, strings.Join(append(header, "p50 ms", "p90 ms", "p99 ms", "p99.9 ms", "max ms", "errors"), "\t")+"\t")
	for _, g := range groups {
		fmt.Fprintln(t, strings.Join(g.cells(ranges), "\t")+"\t")
	}
	if err := t.Flush(); err != nil {
		return err
	}
	var notes []string
	for _, g := range groups {
		notes = append(notes, g.notes()...)
	}
	if len(notes) > 0 {
		fmt.Fprintf(w, "\n%s\n", strings.Join(notes, "\n"))
	}
	return nil
}

// cells are the columns of a line.
func (g *group) cells(ranges bool) []string {
	rate := g.spread(perSecond)
	cells := []string{g.scenario, g.over, perSecondText(rate.median)}
	if ranges && len(g.runs) > 1 {
		cells = append(cells, perSecondText(rate.least)+"–"+perSecondText(rate.greatest))
	} else if ranges {
		cells = append(cells, "")
	}
	for _, column := range []func(*Record) float64{p50, p90, p99, p999, greatest} {
		cells = append(cells, digits3(g.spread(column).median))
	}
	failed := int64(0)
	for _, run := range g.runs {
		failed += run.Failed
	}
	return append(cells, thousands(float64(failed)))
}

// notes are what there is to say beside the columns.
func (g *group) notes() (notes []string) {
	say := func(format string, args ...any) {
		notes = append(notes, g.scenario+" "+g.over+": "+fmt.Sprintf(format, args...))
	}
	if g.runs[0].Unit != operations {
		say("counts %s", g.runs[0].Unit)
	}
	for _, name := range g.figures() {
		say("%s %s", strings.ReplaceAll(name, "_", " "), digits3(g.spread(figure(name)).median))
	}
	if slices.ContainsFunc(g.runs, func(r Record) bool { return r.ServerMemory > 0 && r.Count > 0 }) {
		say("server: %s µs of processor time each, %s MiB of memory", digits3(g.spread(cpuEach).median), digits3(g.spread(memory).median))
	}
	failures := map[string]int64{}
	for _, run := range g.runs {
		if run.Failed > 0 {
			say("repetition %d: %s", run.Repetition, describeFailures(run.Failures))
		}
		if len(run.Broken) > 0 {
			say("repetition %d: connections ended: %s", run.Repetition, strings.Join(run.Broken, "; "))
		}
		if run.Cut {
			say("repetition %d was cut short", run.Repetition)
		}
		maps.Copy(failures, run.Failures)
	}
	for _, said := range explain(failures) {
		say("%s", said)
	}
	return notes
}

// figures are the names of those that any run has.
func (g *group) figures() []string {
	names := map[string]bool{}
	for _, run := range g.runs {
		for name := range run.Figures {
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// perSecondText writes how many there are in a second: with three digits if there are few, and not a whole number of them.
func perSecondText(v float64) string {
	if v < 100 && v != math.Round(v) {
		return digits3(v)
	}
	return thousands(v)
}

// thousands writes a number without a fraction, in groups of three digits.
func thousands(v float64) string {
	text := strconv.FormatFloat(math.Round(v), 'f', 0, 64)
	for at := len(text) - 3; at > 0 && text[at-1] != '-'; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// digits3 writes a number with three digits, or all of those before the point.
func digits3(v float64) string {
	size := math.Abs(v)
	switch {
	case math.IsNaN(v):
		return "–"
	case size >= 1000:
		return thousands(v)
	case size >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case size >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case size >= 1:
		return strconv.FormatFloat(v, 'f', 2, 64)
	case size >= 0.1:
		return strconv.FormatFloat(v, 'f', 3, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}
