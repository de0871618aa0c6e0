package main

import (
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
)

// dress gives an axis its look, except for its label. What it ranges over comes with what is drawn. A logarithmic one that ranges over
// more decades than given has labels at powers of ten only.
func dress(a *plot.Axis, as Axis, decades float64) {
	x, y := a.Tick.Label.XAlign, a.Tick.Label.YAlign // they are not the same for both axes
	a.Tick.Label = words(11, ink)
	a.Tick.Label.XAlign, a.Tick.Label.YAlign = x, y
	a.LineStyle.Color, a.Tick.LineStyle.Color = faint, faint
	a.Min, a.Max = 0, 0
	a.Tick.Marker = plot.TickerFunc(linearTicks)
	if as.Log {
		a.Scale, a.Tick.Marker = plot.LogScale{}, logTicks(decades)
	}
}

// span makes an axis range over values, and a little more: a logarithmic one to the next of its ticks, another one from zero on.
func span(a *plot.Axis, logarithmic bool, values []float64) {
	least, greatest := slices.Min(values), slices.Max(values)
	if !logarithmic {
		a.Min, a.Max = 0, greatest*1.06
		return
	}
	a.Min, a.Max = down(least), up(greatest)
	if a.Min == a.Max {
		a.Min, a.Max = a.Min/10, a.Max*10
	}
}

// steps are the ticks between powers of ten.
var steps = []float64{1, 2, 5}

// powers returns the ticks of a logarithmic axis from the power of ten below the least value to the one above the greatest.
func powers(least, greatest float64) (ticks []float64) {
	for e := int(math.Floor(math.Log10(least))); e <= int(math.Ceil(math.Log10(greatest))); e++ {
		for _, step := range steps {
			tick, _ := strconv.ParseFloat(strconv.FormatFloat(step, 'f', 0, 64)+"e"+strconv.Itoa(e), 64) // exact, which products are not
			ticks = append(ticks, tick)
		}
	}
	return ticks
}

// down returns the last tick that is not above a value, and up the first that is not below.
func down(v float64) float64 {
	ticks := powers(v, v)
	for _, tick := range slices.Backward(ticks) {
		if tick <= v {
			return tick
		}
	}
	return ticks[0]
}

func up(v float64) float64 {
	ticks := powers(v, v)
	for _, tick := range ticks {
		if tick >= v {
			return tick
		}
	}
	return ticks[len(ticks)-1]
}

// logTicks are at 1, 2 and 5 times the powers of ten.
func logTicks(decades float64) plot.TickerFunc {
	return func(least, greatest float64) (ticks []plot.Tick) {
		all := math.Log10(greatest/least) <= decades
		for i, v := range powers(least, greatest) {
			if v < least || v > greatest {
				continue
			}
			t := plot.Tick{Value: v}
			if all || i%len(steps) == 0 {
				t.Label = number(v)
			}
			ticks = append(ticks, t)
		}
		return ticks
	}
}

// linearTicks are those of the library, with labels that people can read.
func linearTicks(least, greatest float64) []plot.Tick {
	ticks := plot.DefaultTicks{}.Ticks(least, greatest)
	for i := range ticks {
		if !ticks[i].IsMinor() {
			ticks[i].Label = number(ticks[i].Value)
		}
	}
	return ticks
}

// number writes a number with commas between groups of three digits, and three digits that mean something if it is less than that.
func number(v float64) string {
	if v < 1000 {
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	text := strconv.FormatFloat(v, 'f', 0, 64)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}
