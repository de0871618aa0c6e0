package main

import (
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// sample is how wide the sample of a line or bar is in the legend, and thick half of how thick that of a bar is.
const (
	sample = vg.Length(20)
	thick  = vg.Length(5)
)

// legend says at the top how lines or bars look, in as many rows as that takes.
func (s *sheet) legend(names []string, lines bool) {
	style := words(11, ink)
	row := style.Height("x")
	x := s.Min.X
	for i, name := range names {
		needed := sample + gap + style.Width(name)
		if x > s.Min.X && x+needed > s.Max.X {
			x = s.Min.X
			s.Max.Y -= row + gap
		}
		s.sample(i, lines, vg.Point{X: x, Y: s.Max.Y - row/2})
		s.FillText(style, vg.Point{X: x + sample + gap, Y: s.Max.Y}, name)
		x += needed + 2*gap
	}
	s.Max.Y -= row + 2*gap
}

// sample draws a short line or a small bar with the look of one of them, from a point to the right.
func (s *sheet) sample(nth int, line bool, at vg.Point) {
	m := marks[nth%len(marks)]
	if !line {
		low, high := vg.Point{X: at.X, Y: at.Y - thick}, vg.Point{X: at.X + sample, Y: at.Y + thick}
		s.SetColor(m.colour)
		s.Fill(vg.Rectangle{Min: low, Max: high}.Path())
		return
	}
	s.StrokeLine2(m.line(), at.X, at.Y, at.X+sample, at.Y)
	s.DrawGlyph(m.point(), vg.Point{X: at.X + sample/2, Y: at.Y})
}

// line is how lines look, and point how their points do.
func (m mark) line() draw.LineStyle { return draw.LineStyle{Color: m.colour, Width: 2} }
func (m mark) point() draw.GlyphStyle {
	return draw.GlyphStyle{Color: m.colour, Radius: 3.5, Shape: m.shape}
}
