package main

import (
	"errors"
	"fmt"
)

// Chart is what is drawn: lines, or groups of bars.
type Chart struct {
	Title string `json:"title"`
	// Note is below the title, smaller.
	Note string `json:"note"`
	X    Axis   `json:"x"`
	Y    Axis   `json:"y"`
	// Lines are drawn if there are any, else Bars, one of each for each of Groups.
	Lines  []Line   `json:"lines"`
	Groups []string `json:"groups"`
	Bars   []Bars   `json:"bars"`
}

// Axis is one of a chart. One that is not logarithmic begins at zero.
type Axis struct {
	Label string `json:"label"`
	Log   bool   `json:"log"`
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

// check says what cannot be drawn.
func (c *Chart) check() error {
	if len(c.Lines) == 0 {
		return c.checkBars()
	}
	for _, l := range c.Lines {
		if len(l.Points) == 0 {
			return fmt.Errorf("the line %q has no points", l.Name)
		}
		for _, p := range l.Points {
			if p[0] < 0 || p[1] < 0 || c.X.Log && p[0] == 0 || c.Y.Log && p[1] == 0 {
				return fmt.Errorf("the line %q has the point %v, for which there is no place", l.Name, p)
			}
		}
	}
	return nil
}

func (c *Chart) checkBars() error {
	switch {
	case len(c.Bars) == 0 || len(c.Groups) == 0:
		return errors.New("there are neither lines nor bars")
	case c.X.Log || c.Y.Log:
		return errors.New("bars begin at zero, which no logarithmic axis has")
	}
	for _, b := range c.Bars {
		if len(b.Values) != len(c.Groups) {
			return fmt.Errorf("the bars %q have %d values for %d groups", b.Name, len(b.Values), len(c.Groups))
		}
		for _, v := range b.Values {
			if v < 0 {
				return fmt.Errorf("the bars %q have the value %g", b.Name, v)
			}
		}
	}
	return nil
}
