package main

import (
	"image/color"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Sizes of a chart.
const (
	width, height = vg.Length(720), vg.Length(420)
	margin        = vg.Length(14)
	gap           = vg.Length(8)
)

// Colours. The paper is opaque, so that a chart can be read on a dark page, too.
var (
	paper = color.RGBA{0xff, 0xff, 0xff, 0xff}
	ink   = color.RGBA{0x1f, 0x23, 0x28, 0xff}
	faint = color.RGBA{0x59, 0x63, 0x6e, 0xff}
	rules = color.RGBA{0xd8, 0xde, 0xe4, 0xff}
)

// mark tells a line or bar from the others, by colour and shape.
type mark struct {
	colour color.Color
	shape  draw.GlyphDrawer
}

// marks are those that there are, in colours which nobody confuses (after Okabe and Ito).
var marks = []mark{
	{color.RGBA{0x00, 0x72, 0xb2, 0xff}, draw.CircleGlyph{}},
	{color.RGBA{0xd5, 0x5e, 0x00, 0xff}, draw.BoxGlyph{}},
	{color.RGBA{0x00, 0x9e, 0x73, 0xff}, draw.PyramidGlyph{}},
	{color.RGBA{0xcc, 0x79, 0xa7, 0xff}, draw.RingGlyph{}},
	{color.RGBA{0xb8, 0x7f, 0x00, 0xff}, draw.SquareGlyph{}},
	{color.RGBA{0x00, 0x00, 0x00, 0xff}, draw.TriangleGlyph{}},
}

// words is the style of text of a size.
func words(size vg.Length, colour color.Color) text.Style {
	return text.Style{
		Color: colour, Font: font.Font{Typeface: "Liberation", Variant: "Sans", Size: size},
		XAlign: draw.XLeft, YAlign: draw.YTop, Handler: handler,
	}
}

// heading is the style of titles.
func heading() text.Style {
	s := words(15, ink)
	s.Font.Weight = xfont.WeightBold
	return s
}
