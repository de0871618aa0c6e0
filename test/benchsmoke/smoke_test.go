package benchsmoke

import (
	"bytes"
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/bench"
	"github.com/twinway/twinway/test/gatewaytest"
)

// start returns the endpoint of a gateway.
func start(t *testing.T) *bench.Endpoint {
	t.Helper()
	g := gatewaytest.Start(t, gatewaytest.Snapshot(t, "../../config/samples"))
	credentials := bench.Credentials{User: gatewaytest.User, Password: gatewaytest.Password}
	e, err := bench.NewEndpoint("http://"+g.Address(), credentials, nil)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// small are parameters of runs that take a moment.
func small() bench.Parameters {
	p := bench.Defaults()
	p.Subject = "nginx:" + gatewaytest.User
	p.Things, p.Sessions, p.Subscribers, p.Connections = 300, 8, 50, 50
	p.Warmup, p.Duration = 0, bench.Span(time.Second)
	return p
}

// measure runs scenarios, and reports what came of them.
func measure(t *testing.T, b *bench.Bench, names ...string) *bench.Report {
	t.Helper()
	scenarios, err := bench.Pick(names)
	if err != nil {
		t.Fatal(err)
	}
	r := &bench.Report{Version: "test", Date: time.Now().UTC().Round(time.Second), Machine: bench.ThisMachine(), Parameters: b.Parameters}
	if r.Runs, err = b.Measure(t.Context(), scenarios); err != nil {
		t.Fatal(err)
	}
	return r
}

// mustBeWhole fails the test if anything was not done.
func mustBeWhole(t *testing.T, runs []bench.Record) {
	t.Helper()
	for _, run := range runs {
		if run.Count == 0 || run.Failed > 0 || len(run.Failures) > 0 || len(run.Broken) > 0 || run.Cut || run.PerSecond <= 0 || run.Latency.Max <= 0 {
			t.Errorf("%s over %s: %s: %v, broken %v", run.Scenario, run.Over, run.Summary(), run.Failures, run.Broken)
		}
	}
}

// Every scenario does what it says, over each transport that it is for; what came of it is printed, kept, and compared.
func TestScenarios(t *testing.T) {
	p := small()
	b := bench.New(start(t), p, bench.WebSocket, bench.HTTP)
	told := 0
	b.Done = func(bench.Record) { told++ }
	r := measure(t, b, "all")
	mustBeWhole(t, r.Runs)

	var names, want []string
	for _, run := range r.Runs {
		names = append(names, run.Scenario+" "+run.Over)
		mustBePlausible(t, p, run)
	}
	for _, over := range b.Over {
		for _, s := range bench.Scenarios {
			if s.Runs([]string{over}) {
				want = append(want, s.Name+" "+over)
			}
		}
	}
	if diff := cmp.Diff(want, names); diff != "" || told != len(want) {
		t.Errorf("told of %d, runs (-want +got):\n%s", told, diff)
	}
	mustBeKept(t, r)
}

// mustBePlausible checks what is known of a run beforehand.
func mustBePlausible(t *testing.T, p bench.Parameters, run bench.Record) {
	t.Helper()
	exactly := map[string]int64{"warmup": int64(p.Things), "idle": int64(p.Connections), "storm": int64(p.Connections)}
	if n, known := exactly[run.Scenario]; known && run.Count != n {
		t.Errorf("%s counts %d, want %d", run.Scenario, run.Count, n)
	}
	if run.Scenario == "fanout" && run.Count%int64(p.Subscribers) != 0 {
		t.Errorf("%d deliveries to %d subscribers", run.Count, p.Subscribers)
	}
}

// mustBeKept checks that a report can be printed, written, read again and compared.
func mustBeKept(t *testing.T, r *bench.Report) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.json")
	if err := r.Write(file); err != nil {
		t.Fatal(err)
	}
	again, err := bench.ReadReport(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, again); diff != "" {
		t.Errorf("(-measured +read):\n%s", diff)
	}
	var table, comparison bytes.Buffer
	if err := again.Print(&table); err != nil {
		t.Fatal(err)
	}
	if err := bench.Compare(&comparison, r, again); err != nil {
		t.Fatal(err)
	}
	for _, run := range r.Runs {
		if !strings.Contains(table.String(), run.Scenario) || !strings.Contains(comparison.String(), run.Scenario) {
			t.Errorf("%s is missing:\n%s\n%s", run.Scenario, &table, &comparison)
		}
	}
	if strings.Contains(comparison.String(), "apart") || strings.Contains(comparison.String(), "differs") {
		t.Errorf("a report differs from itself:\n%s", &comparison)
	}
	t.Logf("\n%s", &table)
}

// With a rate as many are asked as the rate says, and all count.
func TestRate(t *testing.T) {
	p := small()
	p.Rate, p.Views, p.Warmup, p.Window = 50, 10, bench.Span(100*time.Millisecond), 64
	b := bench.New(start(t), p, bench.WebSocket)
	r := measure(t, b, "read", "live", "fanout")
	mustBeWhole(t, r.Runs)
	for _, run := range r.Runs {
		n := run.Count
		if run.Scenario == "fanout" {
			n /= int64(p.Subscribers)
		}
		if n < 49 || n > 51 {
			t.Errorf("%s: %d in a second, want 50", run.Scenario, n)
		}
	}
}

// Things are created once, and those that are missing when more are wanted, or when creating was cut short.
func TestThingsAreCreatedOnce(t *testing.T) {
	e, p := start(t), small()
	p.Duration, p.Warmup = bench.Span(50*time.Millisecond), 0
	for _, things := range []int{1, 2, 700, 300, 1001} {
		p.Things = things
		b := bench.New(e, p, bench.WebSocket)
		r := measure(t, b, "warmup", "search-attribute")
		mustBeWhole(t, r.Runs)
		if r.Runs[0].Count != int64(things) {
			t.Errorf("%d of %d things are read", r.Runs[0].Count, things)
		}
	}
	p.Plain, p.Namespace, p.Things = true, "org.example.plain", 10
	mustBeWhole(t, measure(t, bench.New(e, p, bench.WebSocket), "read", "search-id").Runs)
	p.Plain = false
	scenarios, err := bench.Pick([]string{"search-attribute"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bench.New(e, p, bench.WebSocket).Measure(t.Context(), scenarios); err == nil || !strings.Contains(err.Error(), "plain") {
		t.Errorf("plain things are searched by an attribute: %v", err)
	}
}

// Who may not read the things is told so, and who is nobody, too.
func TestStrangers(t *testing.T) {
	e, p := start(t), small()
	p.Subject, p.Things = "nginx:somebody-else", 10
	scenarios, err := bench.Pick([]string{"read"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bench.New(e, p, bench.WebSocket).Measure(t.Context(), scenarios); err == nil {
		t.Error("things of another subject are used")
	}
	g := gatewaytest.Start(t, gatewaytest.Snapshot(t, "../../config/samples"))
	stranger, err := bench.NewEndpoint("http://"+g.Address(), bench.Credentials{User: "ada", Password: "x"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bench.New(stranger, p, bench.WebSocket).Measure(t.Context(), scenarios); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("a stranger is told %v", err)
	}
}

// What fails is counted, and what was measured until a run is ended is kept.
func TestCutShort(t *testing.T) {
	p := small()
	p.Duration = bench.Span(time.Hour)
	b := bench.New(start(t), p, bench.WebSocket)
	scenarios, err := bench.Pick([]string{"warmup", "read", "modify"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	b.Tell = func(_ string, progress bench.Progress) {
		if progress.Warm && progress.Of > time.Minute && progress.Operations == 0 {
			stop()
		}
	}
	runs, err := b.Measure(ctx, scenarios)
	if err != nil || len(runs) != 2 || runs[0].Cut || !runs[1].Cut || runs[1].Count == 0 || runs[1].Failed > 0 || runs[1].Seconds > 600 {
		t.Errorf("%+v %v", runs, err)
	}
	if i := slices.IndexFunc(runs, func(r bench.Record) bool { return r.Scenario == "modify" }); i >= 0 {
		t.Error("what follows is run as well")
	}
}

// The limits of the machine are measured by the same means.
func TestLimits(t *testing.T) {
	p := small()
	p.Duration = bench.Span(300 * time.Millisecond)
	limits, err := bench.New(start(t), p, bench.WebSocket).Limits(t.Context(), t.TempDir())
	if err != nil || len(limits) != 4 {
		t.Fatal(limits, err)
	}
	mustBeWhole(t, limits)

	p.Rate, p.Repeat = 500, 2
	limits, err = bench.New(start(t), p, bench.WebSocket).Limits(t.Context(), t.TempDir())
	if err != nil || len(limits) != 2 || limits[1].Scenario != "durable-echo" || limits[1].Rate != p.Rate {
		t.Fatal(limits, err)
	}
	mustBeWhole(t, limits)
}
