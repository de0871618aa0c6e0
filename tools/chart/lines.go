package main

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// addLines draws lines with their points.
func (c *Chart) addLines(p *plot.Plot) error {
	var xs, ys []float64
	p.Add(ruled(true))
	for i, l := range c.Lines {
		points := make(plotter.XYs, len(l.Points))
		for j, at := range l.Points {
			points[j].X, points[j].Y = at[0], at[1]
			xs, ys = append(xs, at[0]), append(ys, at[1])
		}
		line, dots, err := plotter.NewLinePoints(points)
		if err != nil {
			return err
		}
		m := marks[i%len(marks)]
		line.LineStyle, dots.GlyphStyle = m.line(), m.point()
		p.Add(line, dots)
	}
	span(&p.X, c.X.Log, xs)
	span(&p.Y, c.Y.Log, ys)
	return nil
}

// ruled is paper with lines, upright ones only if they mean something.
func ruled(upright bool) *plotter.Grid {
	g := plotter.NewGrid()
	g.Horizontal = draw.LineStyle{Color: rules, Width: vg.Length(0.75)}
	g.Vertical = g.Horizontal
	if !upright {
		g.Vertical.Color = nil
	}
	return g
}
