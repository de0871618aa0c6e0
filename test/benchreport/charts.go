package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/twinway/twinway/internal/bench"
)

// Chart is one, as tools/chart draws it.
type Chart struct {
	Title string `json:"title"`
	// Note is below the title: conditions, and where figures come from.
	Note string `json:"note,omitempty"`
	X    Axis   `json:"x"`
	Y    Axis   `json:"y"`
	// Lines are drawn if there are any, else Bars, one of each for each of Groups.
	Lines  []Line   `json:"lines,omitempty"`
	Groups []string `json:"groups,omitempty"`
	Bars   []Bars   `json:"bars,omitempty"`
}

// Axis is one of a chart.
type Axis struct {
	Label string `json:"label"`
	Log   bool   `json:"log,omitempty"`
}

// Line has points in the order of X.
type Line struct {
	Name   string       `json:"name"`
	Points [][2]float64 `json:"points"`
}

// Bars have a value for each group.
type Bars struct {
	Name   string    `json:"name"`
	Values []float64 `json:"values"`
}

// charts returns those that can be drawn, by the names of their files.
func charts(r *results) map[string]*Chart {
	all := map[string]*Chart{}
	for _, one := range r.rates {
		if c := latencyChart(one, r.small); len(c.Lines) > 0 {
			all[fmt.Sprintf("latency-%s-%s", one.scenario, one.over)] = c
		}
	}
	if len(r.growth) > 0 {
		if c := growthChart(r.growth); len(c.Lines) > 0 {
			all["growth"] = c
		}
	}
	if c := referenceChart(r.large); c != nil {
		all["reference"] = c
	}
	return all
}

// latencyChart shows what times come with which throughput.
func latencyChart(one rated, small *bench.Report) *Chart {
	c := &Chart{
		Title: fmt.Sprintf("Time of an operation at a fixed rate: %s over %s", one.scenario, transports[one.over]),
		X:     Axis{Label: "operations per second"}, Y: Axis{Label: "ms, from when the operation was due", Log: true},
	}
	if small != nil {
		c.Note = count(int64(small.Parameters.Things)) + " things; " + onCores(small)
	}
	for _, percentile := range []struct {
		name string
		of   func(*bench.Record) float64
	}{{"p99", p99}, {"p50", p50}} {
		l := Line{Name: percentile.name}
		for _, step := range one.steps {
			g := step.group
			if y := g.spread(percentile.of).median; y > 0 { // else nothing was answered
				l.Points = append(l.Points, [2]float64{g.spread(perSecond).median, y})
			}
		}
		if len(l.Points) > 0 {
			c.Lines = append(c.Lines, l)
		}
	}
	return c
}

// growthChart shows what operations cost with more and more things.
func growthChart(growth []numbered) *Chart {
	c := &Chart{
		Title: "Cost of an operation by number of things, over WebSocket", Note: onCores(growth[0].Report),
		X: Axis{Label: "things", Log: true}, Y: Axis{Label: "µs of processor time of the server", Log: true},
	}
	for _, scenario := range growing {
		l := Line{Name: scenario}
		for _, size := range growth {
			if g := runs(size.Report, scenario, bench.WebSocket); len(g) > 0 && g.spread(costs).median > 0 {
				l.Points = append(l.Points, [2]float64{float64(size.number), g.spread(costs).median})
			}
		}
		if len(l.Points) > 0 {
			c.Lines = append(c.Lines, l)
		}
	}
	return c
}

// referenceChart shows what is measured here beside what the reference says.
func referenceChart(large *bench.Report) *Chart {
	c := &Chart{Title: "Operations per second, beside the reference", Y: Axis{Label: "operations per second"}}
	ours, one, best := Bars{}, Bars{Name: "Eclipse Ditto, one instance of each service"}, Bars{Name: "Eclipse Ditto, best of its scaling table"}
	for _, p := range reference {
		g := runs(large, p.scenario, p.over)
		if len(g) == 0 {
			continue
		}
		c.Groups = append(c.Groups, p.what+"\nhere: "+transports[p.over]+"\ntheirs: "+strings.ReplaceAll(p.theirs, ", ", ",\n"))
		ours.Values = append(ours.Values, g.spread(perSecond).median)
		one.Values, best.Values = append(one.Values, p.one), append(best.Values, p.best)
	}
	if len(c.Groups) == 0 {
		return nil
	}
	ours.Name = fmt.Sprintf("Twinway, %s", onCores(large))
	c.Bars = []Bars{ours, one, best}
	c.Note = fmt.Sprintf("Twinway: %s things. Eclipse Ditto: a million, %s", count(int64(large.Parameters.Things)), source)
	return c
}

// drawAll draws the charts into the directory of the results.
func drawAll(ctx context.Context, s Settings, r *results) error {
	for name, c := range charts(r) {
		picture, err := draw(ctx, s.Chart, c)
		if err != nil {
			return fmt.Errorf("draw %s: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(s.Out, name+".svg"), picture, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// draw has a program draw a chart, and returns the picture.
func draw(ctx context.Context, program string, c *Chart) ([]byte, error) {
	description, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, program)
	var said bytes.Buffer
	command.Stdin, command.Stderr = bytes.NewReader(description), &said
	picture, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, said.String())
	}
	return picture, nil
}
