package main

import (
	"math"
	"testing"
)

func TestFigure(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 0.04567: "0.0457", 0.45: "0.45", 14.2499: "14.2", 999.4: "999", 999.6: "1,000", 52_688: "52,700", 1_234_567: "1,230,000", -1234: "-1,230",
	} {
		if got := figure(v); got != want {
			t.Errorf("%v is written %s, want %s", v, got, want)
		}
	}
	if got := figure(math.NaN()); got != "–" {
		t.Errorf("what is no number is written %s", got)
	}
}

func TestSpread(t *testing.T) {
	for want, values := range map[string][]float64{
		"7": {7}, "2 (1–3)": {3, 1, 2}, "2.5 (1–4)": {4, 1, 3, 2}, "52,700 (52,600–52,800)": {52_700, 52_600, 52_800}, "100": {100, 100.1},
		"3 (2–4)": {math.NaN(), 4, 2}, "–": {math.NaN()},
	} {
		if got := spreadOf(values).String(); got != want {
			t.Errorf("%v is written %s, want %s", values, got, want)
		}
	}
}
