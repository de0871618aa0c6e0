package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
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
	// Broken are connections that ended before their time, the first few.
	Broken  []string `json:"broken,omitempty"`
	Latency Latency  `json:"latency"`
	// Figures belong to the scenario, by names that say their unit.
	Figures map[string]float64 `json:"figures,omitempty"`
	// ServerCPU is the processor time of the server in seconds, its memory is that at the end in bytes; 0: not known.
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

// manyBroken is how many errors of connections a report has at most.
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
	for _, err := range r.Broken[:min(len(r.Broken), manyBroken)] {
		run.Broken = append(run.Broken, err.Error())
	}
	return run
}

// Summary returns what came of it in a few words.
func (r *Record) Summary() string {
	said := fmt.Sprintf("%s %s, %s/s, p99 %s ms", thousands(float64(r.Count)), r.Unit, thousands(r.PerSecond), digits3(r.Latency.P99))
	if r.Failed > 0 {
		said += fmt.Sprintf(", %s failed", thousands(float64(r.Failed)))
	}
	if r.Cut {
		said += ", cut short"
	}
	return said
}

func latencyOf(h *hdrhistogram.Histogram) Latency {
	at := func(p float64) float64 { return milliseconds(h.ValueAtQuantile(p)) }
	return Latency{P50: at(50), P90: at(90), P99: at(99), P999: at(99.9), Max: milliseconds(h.Max())}
}

// use notes what the server has used, given before and after; nil: not known.
func (r *Record) use(before, after *Usage) {
	if before == nil || after == nil {
		return
	}
	r.ServerCPU, r.ServerMemory = (after.CPU - before.CPU).Seconds(), after.Memory
}

// Failed reports whether anything in the report did not succeed.
func (r *Report) Failed() bool {
	for _, run := range r.Runs {
		if run.Failed > 0 || len(run.Broken) > 0 {
			return true
		}
	}
	return r.Cut
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
