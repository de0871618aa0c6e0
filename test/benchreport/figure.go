package main

import (
	"math"
	"strconv"
	"strings"
)

// digits rounds a number to so many digits from its first one on.
func digits(v float64, n int) float64 {
	if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return v
	}
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'e', n-1, 64), 64) // what was formatted can be parsed
	return rounded
}

// figure writes a number with three digits that mean something: 52,700, 14.2, 0.045. For what is none it writes a dash.
func figure(v float64) string {
	if math.IsNaN(v) {
		return "–"
	}
	text := strconv.FormatFloat(digits(v, 3), 'f', -1, 64)
	whole, fraction, _ := strings.Cut(text, ".")
	whole = grouped(whole)
	if fraction == "" {
		return whole
	}
	return whole + "." + fraction
}

// count writes a whole number.
func count(n int64) string { return grouped(strconv.FormatInt(n, 10)) }

// grouped puts commas between groups of three digits.
func grouped(whole string) string {
	for at := len(whole) - 3; at > 0 && whole[at-1] != '-'; at -= 3 {
		whole = whole[:at] + "," + whole[at:]
	}
	return whole
}
