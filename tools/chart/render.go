package main

import (
	"bytes"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// handler lays out text.
var handler text.Handler = text.Plain{Fonts: font.NewCache(liberation.Collection())}

// Fonts in a picture are names; where Liberation Sans is not installed, those of the same widths are as good.
var (
	family   = []byte("font-family:Liberation Sans;")
	families = []byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif;")
)

// sheet is what is still free of the paper.
type sheet struct{ draw.Canvas }

// render returns a chart as SVG.
func render(c *Chart) ([]byte, error) {
	svg := vgsvg.New(width, height)
	s := sheet{draw.New(svg)}
	s.SetColor(paper)
	s.Fill(s.Rectangle.Path())
	s.Canvas = draw.Crop(s.Canvas, margin, -margin, margin, -margin)
	s.write(heading(), c.Title)
	s.write(words(11, faint), c.Note)
	s.legend(c.names(), len(c.Lines) > 0)
	s.write(words(11, faint), c.Y.Label) // where it can be read without turning the head
	p, err := c.plot()
	if err != nil {
		return nil, err
	}
	p.Draw(s.Canvas)
	var b bytes.Buffer
	if _, err := svg.WriteTo(&b); err != nil {
		return nil, err
	}
	return bytes.ReplaceAll(b.Bytes(), family, families), nil
}

// write writes a line at the top, if there is anything in it.
func (s *sheet) write(style text.Style, line string) {
	if line == "" {
		return
	}
	s.FillText(style, vg.Point{X: s.Min.X, Y: s.Max.Y}, line)
	s.Max.Y -= style.Height(line) + gap
}

// names are those of what is drawn.
func (c *Chart) names() (names []string) {
	for _, l := range c.Lines {
		names = append(names, l.Name)
	}
	if len(names) > 0 {
		return names
	}
	for _, b := range c.Bars {
		names = append(names, b.Name)
	}
	return names
}

// plot returns what is drawn below the legend.
func (c *Chart) plot() (*plot.Plot, error) {
	p := plot.New()
	p.BackgroundColor = nil
	p.TextHandler = handler
	dress(&p.X, c.X, 2) // for more labels there is no room side by side
	dress(&p.Y, c.Y, 4)
	p.X.Label.Text, p.X.Label.Padding, p.X.Label.TextStyle = c.X.Label, 6, words(11, faint)
	p.X.Label.TextStyle.XAlign, p.X.Label.TextStyle.YAlign = draw.XCenter, draw.YBottom
	if len(c.Lines) > 0 {
		return p, c.addLines(p)
	}
	return p, c.addBars(p)
}
