package main

import (
	"fmt"
	"strings"

	"github.com/twinway/twinway/internal/bench"
)

// tables returns all that has been measured as Markdown: medians over the repetitions, with their range.
func tables(r *results) string {
	var b strings.Builder
	for _, section := range []func(*results) *table{
		limitsTable, smallTable, largeTable, ratesTable, growthTable, fanOutTable, sessionsTable, startTable, storesTable, referenceTable,
	} {
		if t := section(r); t != nil && len(t.rows) > 0 {
			b.WriteString(t.String())
		}
	}
	return b.String()
}

// table is one of Markdown, with a title, and a line between both if there is something to say.
type table struct {
	title, note string
	header      []string
	rows        [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// String returns the table with an empty line behind it.
func (t *table) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n", t.title)
	if t.note != "" {
		fmt.Fprintf(&b, "%s.\n\n", t.note)
	}
	fmt.Fprintf(&b, "| %s |\n|%s\n", strings.Join(t.header, " | "), strings.Repeat("---|", len(t.header)))
	for _, row := range t.rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
	}
	b.WriteByte('\n')
	return b.String()
}

// conditions says how a report came about.
func conditions(r *bench.Report) string {
	p := r.Parameters
	times := fmt.Sprintf("%d times %v", p.Repeat, p.Duration)
	if p.Repeat == 1 {
		times = "once " + p.Duration.String()
	}
	return fmt.Sprintf("%s, %s/%s, %s, twinway %s, %s; %s after %v of warm-up",
		onCores(r), r.Machine.OS, r.Machine.Arch, r.Machine.Go, r.Version, r.Date.Format("2006-01-02"), times, p.Warmup)
}

func limitsTable(r *results) *table {
	if r.small == nil {
		return nil
	}
	t := &table{title: "What the machine allows", note: conditions(r.small), header: []string{"", "per second", "p50 ms", "p99 ms"}}
	for _, limit := range []struct{ what, scenario, over string }{
		{"4 KiB appended to a file and durable, one after the other", "fsync", "disk"},
		{"messages there and back, one at a time on each session", "echo-single", bench.WebSocket},
		{"the same, as many at a time as operations", "echo", bench.WebSocket},
		{"the same, each durable before it goes back, all that come meanwhile together", durableEcho, bench.WebSocket},
	} {
		if g := groupOf(r.small.Limits, limit.scenario, limit.over); len(g) > 0 {
			t.add(limit.what, g.spread(perSecond).String(), figure(g.spread(p50).median), figure(g.spread(p99).median))
		}
	}
	return t
}

func smallTable(r *results) *table { return operationsTable(r.small) }
func largeTable(r *results) *table { return operationsTable(r.large) }

// operationsTable is that of a report of operations, as fast as possible.
func operationsTable(r *bench.Report) *table {
	if r == nil {
		return nil
	}
	title := count(int64(r.Parameters.Things)) + " things"
	if warm := r.Parameters.Warm; warm > 0 {
		title += ", " + count(int64(warm)) + " of them used"
	}
	t := &table{
		title: title, note: conditions(r),
		header: []string{"scenario", "over", "per second", "p50 ms", "p99 ms", "server: processor time each, µs", "server: memory, MiB", "failed"},
	}
	for _, scenario := range operating {
		for _, over := range []string{bench.WebSocket, bench.HTTP} {
			if g := runs(r, scenario, over); len(g) > 0 {
				t.add(scenario, transports[over], g.spread(perSecond).String(), figure(g.spread(p50).median), g.spread(p99).String(),
					figure(g.spread(costs).median), figure(g.spread(mebibytes).median), count(g.failed()))
			}
		}
	}
	return t
}

func ratesTable(r *results) *table {
	t := &table{
		title: "At fixed rates", note: "Times count from when an operation was due. Without the gateway: messages that come at that rate and are sent back once they are in a file",
		header: []string{
			"scenario", "over", "asked per second", "answered per second", "p50 ms", "p99 ms", "without the gateway: p50 ms", "p99 ms", "failed",
		},
	}
	for _, one := range r.rates {
		for _, step := range one.steps {
			g, alone := step.group, step.alone
			t.add(one.scenario, transports[one.over], figure(g[0].Rate), figure(g.spread(perSecond).median),
				g.spread(p50).String(), g.spread(p99).String(), alone.spread(p50).String(), alone.spread(p99).String(), count(g.failed()))
		}
	}
	return t
}

// growthTable has a column for each size, and how much the cost has grown to the last one from a hundredth of it, or from the first.
func growthTable(r *results) *table {
	if len(r.growth) == 0 {
		return nil
	}
	last := r.growth[len(r.growth)-1]
	from := r.growth[0]
	t := &table{title: "Processor time of the server for each operation over WebSocket, µs", note: conditions(last.Report), header: []string{"scenario"}}
	for _, size := range r.growth {
		t.header = append(t.header, count(int64(size.number))+" things")
		if size.number*100 == last.number {
			from = size
		}
	}
	t.header = append(t.header, "from "+count(int64(from.number))+" to "+count(int64(last.number)))
	for _, scenario := range growing {
		row := []string{scenario}
		for _, size := range r.growth {
			row = append(row, costOf(size, scenario))
		}
		t.add(append(row, ratio(costs, runs(last.Report, scenario, bench.WebSocket), runs(from.Report, scenario, bench.WebSocket)))...)
	}
	return t
}

func costOf(r numbered, scenario string) string {
	g := runs(r.Report, scenario, bench.WebSocket)
	if len(g) == 0 {
		return ""
	}
	return g.spread(costs).String()
}

// ratio is how many times the median of something is that of something else.
func ratio(of func(*bench.Record) float64, a, b group) string {
	if len(a) == 0 || len(b) == 0 || !(b.spread(of).median > 0) { // which what is unknown is not
		return ""
	}
	return figure(a.spread(of).median/b.spread(of).median) + " ×"
}

func fanOutTable(r *results) *table {
	if len(r.fanOut) == 0 {
		return nil
	}
	t := &table{
		title: fmt.Sprintf("Events of one thing to %s sessions", count(int64(r.fanOut[0].Parameters.Subscribers))), note: conditions(r.fanOut[0].Report),
		header: []string{"different filters", "deliveries per second", "p50 ms", "p99 ms", "server: processor time each, µs", "failed"},
	}
	for _, views := range r.fanOut {
		g := runs(views.Report, fanOut, bench.WebSocket)
		if len(g) == 0 {
			continue
		}
		what := count(int64(views.number))
		if views.number == 1 {
			what = "none, all see the same"
		}
		t.add(what, g.spread(perSecond).String(), figure(g.spread(p50).median), g.spread(p99).String(), figure(g.spread(costs).median), count(g.failed()))
	}
	return t
}

// sessionsTable is what sessions cost, and how fast they are opened.
func sessionsTable(r *results) *table {
	t := &table{title: "Sessions", header: []string{"", "figure"}}
	var held group
	for _, one := range r.idle {
		held = append(held, runs(one.Report, idle, bench.WebSocket)...)
	}
	if len(held) > 0 {
		n := count(int64(held[0].Lanes))
		kibibytes := func(r *bench.Record) float64 { return shown("server_bytes_per_session")(r) / (1 << 10) }
		t.add("memory of the server for each of "+n+" idle subscribed sessions, KiB", held.spread(kibibytes).String())
		t.add("processors that are busy with them", held.spread(shown("server_processors")).String())
	}
	if g := runs(r.storm, storm, bench.WebSocket); len(g) > 0 {
		t.add("opening "+count(g[0].Count)+" sessions of a user seen before, s", g.spread(func(r *bench.Record) float64 { return r.Seconds }).String())
		t.add("each of them, p99 ms", g.spread(p99).String())
		t.add("failed", count(g.failed()))
	}
	return t
}

func startTable(r *results) *table {
	if r.starts == nil {
		return nil
	}
	things := count(int64(r.starts.Things)) + " things"
	t := &table{title: "Process start until ready", header: []string{"store", "s", "memory of the process by then, MiB"}}
	for _, row := range []struct{ after, what string }{
		{nothingBefore, "none"}, {cleanEnd, things + ", ended in order"}, {killed, things + ", killed under modifications"},
	} {
		var seconds, memory []float64
		for _, s := range r.starts.Runs {
			if s.After == row.after {
				seconds, memory = append(seconds, s.ReadySeconds), append(memory, float64(s.MemoryBytes)/(1<<20))
			}
		}
		if len(seconds) > 0 {
			t.add(row.what, spreadOf(seconds).String(), spreadOf(memory).String())
		}
	}
	return t
}

func storesTable(r *results) *table {
	t := &table{title: "Disk", header: []string{"things, each with its policy, the index and one record of history", "MiB", "bytes each"}}
	for _, s := range r.stores {
		t.add(count(int64(s.Things)), figure(float64(s.DiskBytes)/(1<<20)), figure(float64(s.DiskBytes)/float64(s.Things)))
	}
	return t
}

// referenceTable compares the large store with what the reference says.
func referenceTable(r *results) *table {
	if r.large == nil {
		return nil
	}
	t := &table{
		title: "Beside the reference",
		note: fmt.Sprintf("Operations per second. Twinway: %s things, %s. Reference: Eclipse Ditto with a million things, %s",
			count(int64(r.large.Parameters.Things)), onCores(r.large), source),
		header: []string{"", "Eclipse Ditto, one instance of each service", "Eclipse Ditto, best of its scaling table", "Twinway", "to one instance"},
	}
	for _, p := range reference {
		if g := runs(r.large, p.scenario, p.over); len(g) > 0 {
			rate := g.spread(perSecond)
			t.add(fmt.Sprintf("%s (theirs: %s; here: %s)", p.what, p.theirs, transports[p.over]), figure(p.one), figure(p.best), rate.String(), figure(rate.median/p.one)+" ×")
		}
	}
	return t
}

// onCores says on what a report was made.
func onCores(r *bench.Report) string {
	return fmt.Sprintf("%d cores, clients included", r.Machine.Cores)
}
