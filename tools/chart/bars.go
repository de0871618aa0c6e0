package main

import (
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// grouping is the share of the width that all bars of a group have together.
const grouping = 0.75

// addBars draws groups of bars with their values above them.
func (c *Chart) addBars(p *plot.Plot) error {
	p.Add(ruled(false))
	room := (width - 2*margin) / vg.Length(len(c.Groups)) * 0.9 // the rest is for the axis
	each := room * grouping / vg.Length(len(c.Bars))
	var values []float64
	for i, b := range c.Bars {
		bars, err := plotter.NewBarChart(plotter.Values(b.Values), each)
		if err != nil {
			return err
		}
		bars.Color, bars.LineStyle.Width = marks[i%len(marks)].colour, 0
		bars.Offset = each * (vg.Length(i) - vg.Length(len(c.Bars)-1)/2)
		above, err := labels(b.Values, bars.Offset)
		if err != nil {
			return err
		}
		p.Add(bars, above)
		values = append(values, b.Values...)
	}
	p.NominalX(level(c.Groups)...)
	p.X.Tick.Label.Color, p.X.Tick.Width = ink, 0
	p.X.Min, p.X.Max = -0.5, float64(len(c.Groups))-0.5
	span(&p.Y, false, append(slices.Clone(values), slices.Max(values)*1.04)) // room for the labels
	return nil
}

// level gives all names as many lines, so that their first ones are at the same height.
func level(names []string) []string {
	lines := 0
	for _, name := range names {
		lines = max(lines, strings.Count(name, "\n"))
	}
	levelled := make([]string, len(names))
	for i, name := range names {
		levelled[i] = name + strings.Repeat("\n ", lines-strings.Count(name, "\n"))
	}
	return levelled
}

// labels are values above their bars.
func labels(values []float64, offset vg.Length) (*plotter.Labels, error) {
	at := plotter.XYLabels{}
	for i, v := range values {
		at.XYs = append(at.XYs, plotter.XY{X: float64(i), Y: v})
		at.Labels = append(at.Labels, number(v))
	}
	l, err := plotter.NewLabels(at)
	if err != nil {
		return nil, err
	}
	for i := range l.TextStyle {
		l.TextStyle[i] = words(9.5, ink)
		l.TextStyle[i].XAlign, l.TextStyle[i].YAlign = draw.XCenter, draw.YBottom
	}
	l.Offset = vg.Point{X: offset, Y: 3}
	return l, nil
}
