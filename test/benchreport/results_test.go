package main

import (
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/bench"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a text with a file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", file, diff)
	}
}

// report is one of three repetitions, each a little faster than the one before.
func report(things, warm int, scenarios ...bench.Record) *bench.Report {
	p := bench.Defaults()
	p.Things, p.Warm, p.Repeat, p.Subscribers = things, warm, 3, 1000
	p.Warmup, p.Duration = bench.Span(time.Second), bench.Span(3*time.Second)
	r := &bench.Report{
		Version: "v1.0.0", Date: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Endpoint: "http://127.0.0.1:18150",
		Machine: bench.Machine{OS: "linux", Arch: "amd64", Cores: 2, Go: "go1.26.0"}, Parameters: p,
	}
	for repetition := range 3 {
		for _, run := range scenarios {
			faster := 1 + 0.1*float64(repetition)
			run.Repetition, run.Seconds = repetition+1, 3
			run.PerSecond *= faster
			run.Latency.P50 /= faster
			run.Latency.P99 /= faster
			run.Count = int64(3 * run.PerSecond)
			r.Runs = append(r.Runs, run)
		}
	}
	return r
}

// ran is a run of so many operations a second.
func ran(scenario, over string, perSecond float64) bench.Record {
	return bench.Record{
		Scenario: scenario, Over: over, PerSecond: perSecond, Latency: bench.Latency{P50: 20_000 / perSecond, P99: 100_000 / perSecond},
		ServerCPU: 3, ServerMemory: 256 << 20, Lanes: 50, Window: 16, Unit: "operations",
	}
}

// all are results of everything.
func all(t *testing.T) map[string]any {
	t.Helper()
	var every []bench.Record
	for i, scenario := range operating {
		every = append(every, ran(scenario, bench.WebSocket, 50_000/float64(i+1)), ran(scenario, bench.HTTP, 25_000/float64(i+1)))
	}
	every[0].Failed = 7
	every[len(every)-1].PerSecond = 0 // nothing was answered
	files := map[string]any{
		smallFile: report(10_000, 0, every...), largeFile: report(1_000_000, 100_000, every...),
		stormFile:           report(1, 0, ran(storm, bench.WebSocket, 3000)),
		storeFiles + "/100": Store{Things: 100, DiskBytes: 100_000}, storeFiles + "/20": Store{Things: 20, DiskBytes: 30_000},
		startFile: Starts{Things: 100, Runs: []Start{
			{nothingBefore, 1, 0.15, 30 << 20}, {cleanEnd, 1, 0.3, 40 << 20}, {killed, 1, 1.1, 60 << 20}, {killed, 2, 1.3, 70 << 20},
		}},
	}
	files[smallFile].(*bench.Report).Limits = report(1, 0, ran("fsync", "disk", 2000), ran("echo-single", "ws", 20_000), ran("echo", "ws", 90_000),
		ran("durable-echo", "ws", 60_000)).Runs
	for i, rate := range rateSteps(50_000) {
		for _, p := range paced {
			at := ran(p.scenario, p.over, rate)
			at.Rate = rate
			r := report(10_000, 0, at)
			if p.scenario == modify {
				r.Limits = report(1, 0, ran(durableEcho, bench.WebSocket, 2*rate)).Runs
			}
			files[rateName(p.scenario, p.over, i+1)] = r
		}
	}
	for i, things := range sizes(1_000_000) {
		var costly []bench.Record
		for j, scenario := range growing {
			costly = append(costly, ran(scenario, bench.WebSocket, 60_000/float64((i+1)*(j+1))))
		}
		files[growthFiles+"/"+strconv.Itoa(things)] = report(things, 0, costly...)
	}
	for _, views := range []int{1, 10, 100} {
		files[fanOutFiles+"/"+strconv.Itoa(views)] = report(1, 0, ran(fanOut, bench.WebSocket, 4e6/float64(views)))
	}
	for i := range 2 {
		held := ran(idle, bench.WebSocket, 1000)
		held.Lanes, held.Figures = 10_000, map[string]float64{"server_bytes_per_session": float64(12+i) * 1024, "server_processors": 0.01}
		files[idleFiles+"/"+strconv.Itoa(i+1)] = report(1, 0, held)
	}
	return files
}

// write writes results as the parts do.
func write(t *testing.T, l *lab, files map[string]any) {
	t.Helper()
	for name, v := range files {
		var err error
		if r, is := v.(*bench.Report); is {
			err = l.keep(name, r.Write)
		} else {
			err = l.keepJSON(name, v)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// What parts write is read again, and becomes tables and charts.
func TestTablesAndCharts(t *testing.T) {
	l := &lab{Settings: Settings{Out: t.TempDir()}}
	write(t, l, all(t))
	r, err := readResults(l.Out)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "tables.md", tables(r))
	text, err := encode(charts(r))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "charts.json", string(text))
}

// Whatever has been measured, and nothing else, is shown.
func TestSomeResults(t *testing.T) {
	every := all(t)
	for name, v := range every {
		l := &lab{Settings: Settings{Out: t.TempDir()}}
		write(t, l, map[string]any{name: v})
		r, err := readResults(l.Out)
		if err != nil {
			t.Fatal(err)
		}
		if text := tables(r); strings.Count(text, "\n### ") > 2 || !strings.HasPrefix(text, "### ") {
			t.Errorf("of %s alone comes:\n%s", name, text)
		}
		charts(r)
	}
	r, err := readResults(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if text := tables(r); text != "" || len(charts(r)) != 0 {
		t.Errorf("of nothing come %d charts and:\n%s", len(charts(r)), text)
	}
}

// A file that is not what its name says is an error that names it.
func TestUnreadableResults(t *testing.T) {
	for _, name := range []string{smallFile, startFile, growthFiles + "/1000", storeFiles + "/1000", rateName(read, bench.HTTP, 3)} {
		l := &lab{Settings: Settings{Out: t.TempDir()}}
		if err := l.keepText(name, []byte("no JSON")); err != nil {
			t.Fatal(err)
		}
		if _, err := readResults(l.Out); err == nil || !strings.Contains(err.Error(), filepath.Base(l.file(name))) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
