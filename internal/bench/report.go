package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// format is the name of what Report is as JSON. It changes when older reports cannot be read any more.
const format = "twinway-bench/1"

// Report is what was measured, with all that is needed to do it again, credentials left out.
type Report struct {
	Format   string    `json:"format"`
	Version  string    `json:"version"` // of what has measured
	Date     time.Time `json:"date"`
	Endpoint string    `json:"endpoint"`
	Machine  Machine   `json:"machine"`
	// Limits are those of the machine, measured in the same run.
	Limits     []Record   `json:"limits,omitempty"`
	Parameters Parameters `json:"parameters"`
	Runs       []Record   `json:"runs"`
	// Cut says that not everything was done that should have been.
	Cut bool `json:"cut,omitempty"`
}

// Machine is what has measured, and in most cases what was measured, too.
type Machine struct {
	OS    string `json:"os"`
	Arch  string `json:"arch"`
	Cores int    `json:"cores"`
	Go    string `json:"go"`
}

// Record is what came of one run of a scenario.
type Record struct {
	Scenario   string `json:"scenario"`
	Over       string `json:"over"`
	Repetition int    `json:"repetition"`
	// Lanes, Window, Rate, Warmup and Duration are the load that was applied; no Duration: until everything was done once.
	Lanes    int     `json:"lanes"`
	Window   int     `json:"window"`
	Rate     float64 `json:"rate,omitempty"`
	Warmup   Span    `json:"warmup,omitempty"`
	Duration Span    `json:"duration,omitempty"`
	// Unit is what is counted.
	Unit      string  `json:"unit"`
	Count     int64   `json:"count"`
	Seconds   float64 `json:"seconds"`
	PerSecond float64 `json:"perSecond"`
	// Failed is how many did not succeed, and Failures are what they say.
	Failed   int64            `json:"failed"`
	Failures map[string]int64 `json:"failures,omitempty"`
	// Broken is why connections ended before their time, each reason with how many if that is more than one.
	Broken  []string `json:"broken,omitempty"`
	Latency Latency  `json:"latency"`
	// Figures belong to the scenario, by names that say their unit.
	Figures map[string]float64 `json:"figures,omitempty"`
	// ServerCPU is the processor time of the server in seconds, from when operations counted until the last was over (for idle from
	// when the first session was opened), its memory is that at the end in bytes; 0: not known.
	ServerCPU    float64 `json:"serverCpuSeconds,omitempty"`
	ServerMemory int64   `json:"serverMemoryBytes,omitempty"`
	// Cut says that the run was stopped before its time.
	Cut bool `json:"cut,omitempty"`
	// Histogram are all times, in nanoseconds: an HdrHistogram, V2, compressed, in Base64.
	Histogram string `json:"histogram,omitempty"`
}

// Latency are times in milliseconds.
type Latency struct {
	P50  float64 `json:"p50"`
	P90  float64 `json:"p90"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p99.9"`
	Max  float64 `json:"max"`
}

// manyBroken is how many different reasons a report has at most.
const manyBroken = 10

// newRecord returns what came of a run.
func newRecord(scenario, over string, repetition int, r *Result) Record {
	run := Record{
		Scenario: scenario, Over: over, Repetition: repetition, Unit: r.Unit,
		Lanes: r.Load.Lanes, Window: r.Load.Window, Rate: r.Load.Rate, Warmup: Span(r.Load.Warmup), Duration: Span(r.Load.Duration),
		Count: r.Took.TotalCount(), Seconds: r.Elapsed.Seconds(), PerSecond: r.Throughput(),
		Failed: r.Failed(), Latency: latencyOf(r.Took), Figures: r.Figures, Cut: r.Cut,
	}
	if encoded, err := r.Took.Encode(hdrhistogram.V2CompressedEncodingCookieBase); err == nil {
		run.Histogram = string(encoded)
	}
	if len(r.Failures) > 0 {
		run.Failures = r.Failures
	}
	run.Broken = reasons(r.Broken)
	return run
}

// reasons returns why connections ended, the most frequent reasons first, with how often if that is more than once.
func reasons(broken []error) (said []string) {
	counts := map[string]int64{}
	for _, err := range broken {
		counts[reason(err)]++
	}
	for _, why := range mostFrequent(counts)[:min(len(counts), manyBroken)] {
		if n := counts[why]; n > 1 {
			why = fmt.Sprintf("%d × %s", n, why)
		}
		said = append(said, why)
	}
	return said
}

// reason returns an error without the addresses of the connection, which are different for each.
func reason(err error) string {
	said := err.Error()
	if op, is := errors.AsType[*net.OpError](err); is {
		said = strings.Replace(said, op.Error(), op.Op+": "+op.Err.Error(), 1)
	}
	return said
}

// Summary returns what came of it in a few words.
func (r *Record) Summary() string {
	said := fmt.Sprintf("%s %s, %s/s, p99 %s ms", thousands(float64(r.Count)), r.Unit, perSecondText(r.PerSecond), digits3(r.Latency.P99))
	if r.Failed > 0 {
		said += fmt.Sprintf(", %s failed", thousands(float64(r.Failed)))
	}
	if len(r.Broken) > 0 {
		said += ", connections ended: " + strings.Join(r.Broken, "; ")
	}
	if r.Cut {
		said += ", cut short"
	}
	return said
}

func latencyOf(h *hdrhistogram.Histogram) Latency {
	if h.TotalCount() == 0 {
		return Latency{}
	}
	at := func(p float64) float64 { return milliseconds(h.ValueAtQuantile(p)) }
	return Latency{P50: at(50), P90: at(90), P99: at(99), P999: at(99.9), Max: milliseconds(h.Max())}
}

// use notes what the server has used, given before and after; nil: not known. One that has been started anew meanwhile tells nothing.
func (r *Record) use(before, after *Usage) {
	if before == nil || after == nil || after.CPU < before.CPU {
		return
	}
	r.ServerCPU, r.ServerMemory = (after.CPU - before.CPU).Seconds(), after.Memory
}

// Failed reports whether anything in the report did not succeed.
func (r *Report) Failed() bool {
	return r.Cut || slices.ContainsFunc(slices.Concat(r.Limits, r.Runs), func(run Record) bool {
		return run.Failed > 0 || len(run.Broken) > 0 || run.Cut
	})
}

// CheckWritable says why a report could not be written to a file, which is better known before anything is measured.
func CheckWritable(file string) error {
	_, err := os.Stat(file)
	fresh := errors.Is(err, os.ErrNotExist)
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE, 0o644) //nolint:gosec // there are no secrets in it
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if fresh {
		return os.Remove(file)
	}
	return nil
}

// Write writes the report to a file.
func (r *Report) Write(file string) error {
	r.Format = format
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644) //nolint:gosec // there are no secrets in it
}

// ReadReport reads a report from a file.
func ReadReport(file string) (*Report, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	r := &Report{}
	if err := json.NewDecoder(io.LimitReader(f, 1<<30)).Decode(r); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if r.Format != format {
		return nil, fmt.Errorf("%s is of the format %q, not %q", file, r.Format, format)
	}
	return r, nil
}
