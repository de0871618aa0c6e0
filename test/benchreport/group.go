package main

import (
	"math"
	"slices"

	"github.com/twinway/twinway/internal/bench"
)

// group is the repetitions of one scenario.
type group []bench.Record

// groupOf returns those of a scenario over a transport.
func groupOf(runs []bench.Record, scenario, over string) (g group) {
	for _, run := range runs {
		if run.Scenario == scenario && run.Over == over {
			g = append(g, run)
		}
	}
	return g
}

// spread is the median of some values, with the least and the greatest.
type spread struct{ median, least, greatest float64 }

// spread returns that of something over the repetitions for which it is known.
func (g group) spread(of func(*bench.Record) float64) spread {
	values := make([]float64, len(g))
	for i := range g {
		values[i] = of(&g[i])
	}
	return spreadOf(values)
}

// spreadOf returns the spread of those values that are numbers; of none, none.
func spreadOf(values []float64) spread {
	values = slices.DeleteFunc(slices.Sorted(slices.Values(values)), math.IsNaN)
	if len(values) == 0 {
		return spread{math.NaN(), math.NaN(), math.NaN()}
	}
	middle := len(values) / 2
	median := values[middle]
	if len(values)%2 == 0 {
		median = (values[middle-1] + values[middle]) / 2
	}
	return spread{median, values[0], values[len(values)-1]}
}

// String writes the median, and the range if there is one: 52,700 (50,100–54,000).
func (s spread) String() string {
	median, least, greatest := figure(s.median), figure(s.least), figure(s.greatest)
	if least == greatest {
		return median
	}
	return median + " (" + least + "–" + greatest + ")"
}

// failed is how many operations of all repetitions did not succeed.
func (g group) failed() (n int64) {
	for _, run := range g {
		n += run.Failed
	}
	return n
}

// transports are the names that people know.
var transports = map[string]string{bench.WebSocket: "WebSocket", bench.HTTP: "HTTP"}

// What is taken of a run; all but the rate are unknown, and no numbers, if nothing was answered.
func perSecond(r *bench.Record) float64 { return r.PerSecond }
func p50(r *bench.Record) float64       { return answered(r, r.Latency.P50) }
func p99(r *bench.Record) float64       { return answered(r, r.Latency.P99) }

// costs is the processor time of the server for each of what was counted, in microseconds.
func costs(r *bench.Record) float64 { return answered(r, 1e6*r.ServerCPU/float64(r.Count)) }

func answered(r *bench.Record, v float64) float64 {
	if r.Count == 0 {
		return math.NaN()
	}
	return v
}

// mebibytes is the memory of the server at the end.
func mebibytes(r *bench.Record) float64 { return float64(r.ServerMemory) / (1 << 20) }

// shown is a figure of the scenario's own.
func shown(name string) func(*bench.Record) float64 {
	return func(r *bench.Record) float64 { return r.Figures[name] }
}
