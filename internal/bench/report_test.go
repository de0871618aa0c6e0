package bench

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/google/go-cmp/cmp"
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

// result is one of n operations a second, which took from fastest on up to a hundred times as long.
func result(n int, fastest time.Duration) *Result {
	rec, end := newRecorder(), time.Unix(10, 0)
	for i := range 10 * n {
		rec.succeed(fastest*time.Duration(1+i%100), end)
	}
	return &Result{Measured: measured([]*recorder{rec}, time.Unix(0, 0), end), Load: Load{Lanes: 50, Window: 16, Duration: 10 * time.Second}, Unit: operations}
}

// sample is a report with all that there may be in one.
func sample() *Report {
	r := &Report{
		Version: "v1.2.3", Date: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Endpoint: "http://localhost:8080",
		Machine: Machine{"linux", "amd64", 2, "go1.26"}, Parameters: Defaults(),
	}
	r.Parameters.Subject, r.Parameters.Repeat = "nginx:ada", 3
	r.Limits = []Record{newRecord("fsync", "disk", 1, result(2000, 5*time.Microsecond))}
	for i, n := range []int{40_000, 50_000, 45_000} {
		r.Runs = append(r.Runs, newRecord("read", WebSocket, i+1, result(n, 20*time.Microsecond)))
	}
	failed := result(2500, time.Millisecond)
	failed.Failures = map[string]int64{"503 gateway:service.unavailable": 7, lost: 12}
	failed.Broken = []error{errors.New("closed with 1013: too slow")}
	failed.Figures = map[string]float64{"modifications_per_second": 25}
	failed.Unit = deliveries
	run := newRecord("fanout", WebSocket, 1, failed)
	run.use(&Usage{100 << 20, time.Second}, &Usage{110 << 20, 3 * time.Second})
	cut := newRecord("read", HTTP, 1, result(12, 300*time.Microsecond))
	cut.Cut = true
	r.Runs, r.Cut = append(r.Runs, run, cut), true
	return r
}

func TestTable(t *testing.T) {
	var b bytes.Buffer
	if err := sample().Print(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "table.txt", b.String())
}

func TestCompare(t *testing.T) {
	a, b := sample(), sample()
	b.Version, b.Cut, b.Machine.Cores, b.Parameters.Things, b.Parameters.Rate = "v1.2.4", false, 4, 5000, 100
	b.Runs = nil
	for i, n := range []int{51_000, 55_000, 60_000} {
		b.Runs = append(b.Runs, newRecord("read", WebSocket, i+1, result(n, 19*time.Microsecond)))
	}
	b.Runs = append(b.Runs, newRecord("storm", WebSocket, 1, result(100, time.Millisecond)))
	var text bytes.Buffer
	if err := Compare(&text, a, b); err != nil {
		t.Fatal(err)
	}
	golden(t, "compare.txt", text.String())
}

// A report that is written and read is the same, and its histograms are those that were measured.
func TestReportIsKept(t *testing.T) {
	r, file := sample(), filepath.Join(t.TempDir(), "report.json")
	if err := r.Write(file); err != nil {
		t.Fatal(err)
	}
	again, err := ReadReport(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, again); diff != "" {
		t.Errorf("(-written +read):\n%s", diff)
	}
	h, err := hdrhistogram.Decode([]byte(again.Runs[0].Histogram))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(again.Runs[0].Latency, latencyOf(h)); diff != "" || h.TotalCount() != again.Runs[0].Count {
		t.Errorf("%d times, (-report +histogram):\n%s", h.TotalCount(), diff)
	}
}

func TestReadReport(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"no JSON":      {"report", "invalid character"},
		"other format": {`{"format":"x/1"}`, `the format "x/1"`},
		"other types":  {`{"format":"` + format + `","runs":5}`, "cannot unmarshal"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "report.json")
			if err := os.WriteFile(file, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := ReadReport(file); err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), file) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

func TestFailed(t *testing.T) {
	good := newRecord("read", WebSocket, 1, result(10, time.Millisecond))
	failed, broken, cut := good, good, good
	failed.Failed, broken.Broken, cut.Cut = 1, []string{"x"}, true
	for name, test := range map[string]struct {
		of   Report
		want bool
	}{
		"good": {Report{Runs: []Record{good}}, false}, "failed": {Report{Runs: []Record{good, failed}}, true},
		"broken": {Report{Runs: []Record{broken}}, true}, "cut": {Report{Runs: []Record{good}, Cut: true}, true}, "limits": {Report{Limits: []Record{broken}, Runs: []Record{good}}, true},
		"a run cut": {Report{Runs: []Record{cut}}, true},
	} {
		if got := test.of.Failed(); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestNumbersAreReadable(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 999.4: "999", 1000: "1,000", 1234567.8: "1,234,568", -1234: "-1,234", -123: "-123"} {
		if got := thousands(v); got != want {
			t.Errorf("%v is written %s, want %s", v, got, want)
		}
	}
	for v, want := range map[float64]string{0: "0", 12345: "12,345", 123.4: "123", 12.34: "12.3", 1.234: "1.23", 0.12345: "0.123", 0.25: "0.250", 0.001234: "0.00123"} {
		if got := digits3(v); got != want {
			t.Errorf("%v is written %s, want %s", v, got, want)
		}
	}
}

// Connections that ended for the same reason are told together, whatever their addresses were.
func TestReasons(t *testing.T) {
	var broken []error
	for port := range 3 {
		broken = append(broken, fmt.Errorf("the device: %w", &net.OpError{
			Op: "read", Net: "tcp", Source: &net.TCPAddr{Port: port}, Addr: &net.TCPAddr{Port: 1}, Err: syscall.ECONNRESET,
		}))
	}
	broken = append(broken, errors.New("closed with 1013: too slow"))
	for i := range manyBroken + 5 {
		broken = append(broken, fmt.Errorf("x%d", i))
	}
	got := reasons(broken)
	if len(got) != manyBroken || got[0] != "3 × the device: read: connection reset by peer" || got[1] != "closed with 1013: too slow" {
		t.Errorf("%q", got)
	}
	if got := reasons(nil); got != nil {
		t.Errorf("%q", got)
	}
}

// Medians are over what is known: a run of which something is not does not count as one that used nothing.
func TestUnknownIsNotNothing(t *testing.T) {
	g := &group{scenario: "read", over: WebSocket}
	for i := range 3 {
		run := newRecord("read", WebSocket, i+1, result(10, time.Millisecond))
		switch i {
		case 0:
			run.use(&Usage{1, time.Minute}, &Usage{1, time.Second}) // started anew
		case 1:
			run.use(nil, &Usage{1, time.Second})
		case 2:
			run.use(&Usage{1, time.Second}, &Usage{2 << 20, 2 * time.Second})
			run.Figures = map[string]float64{"sessions": 7}
		}
		g.runs = append(g.runs, run)
	}
	want := []string{"read ws: sessions 7.00", "read ws: server: 10,000 µs of processor time each, 2.00 MiB of memory"}
	if diff := cmp.Diff(want, g.notes()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Where a report cannot be written is known beforehand, and nothing is left behind by that, or lost.
func TestCheckWritable(t *testing.T) {
	dir := t.TempDir()
	fresh, old := filepath.Join(dir, "fresh.json"), filepath.Join(dir, "old.json")
	if err := os.WriteFile(old, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	for file, fine := range map[string]bool{fresh: true, old: true, dir: false, filepath.Join(dir, "no", "where"): false} {
		if err := CheckWritable(file); (err == nil) != fine {
			t.Errorf("%s: %v", file, err)
		}
	}
	if text, err := os.ReadFile(old); string(text) != "old" {
		t.Errorf("what was there is %q %v", text, err)
	}
	if _, err := os.Stat(fresh); err == nil {
		t.Error("an empty file is left")
	}
}

// Few are not rounded to none.
func TestRatesAreReadable(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 0.5: "0.500", 2: "2", 12.34: "12.3", 123.4: "123", 12345: "12,345"} {
		if got := perSecondText(v); got != want {
			t.Errorf("%v is written %s, want %s", v, got, want)
		}
	}
}

func TestHints(t *testing.T) {
	said := explain(map[string]int64{"modify: 404 things:thing.notfound": 1, "404 x": 1, "search: 429": 1, lost: 2, "500": 1, "refused with 503": 1})
	if len(said) != 4 || !strings.HasPrefix(said[3], "refused with 503: ") || !strings.HasPrefix(said[0], "lost: no answer") || !strings.HasPrefix(said[1], "404 x: things are missing") || !strings.HasPrefix(said[2], "search: 429: ") {
		t.Errorf("%q", said)
	}
}

// What fails is not fast: a run in which nothing succeeded has no times, and is not compared by them.
func TestNothingSucceeded(t *testing.T) {
	r, none := sample(), newRecord("read", WebSocket, 1, result(0, time.Millisecond))
	none.Failed, none.Failures = 3, map[string]int64{"503": 3}
	r.Limits, r.Cut, r.Runs = nil, false, []Record{none}
	var table, comparison bytes.Buffer
	if err := errors.Join(r.Print(&table), Compare(&comparison, sample(), r)); err != nil {
		t.Fatal(err)
	}
	golden(t, "nothing.txt", table.String()+"\n"+comparison.String())
}
