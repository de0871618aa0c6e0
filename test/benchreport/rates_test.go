package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRateSteps(t *testing.T) {
	for name, test := range map[string]struct {
		highest float64
		want    []float64
	}{
		"from a thousand to nine tenths":     {55_000, []float64{1000, 1700, 3000, 5300, 9300, 16000, 28000, 50000}},
		"from an eighth if little is there":  {2400, []float64{270, 360, 490, 660, 890, 1200, 1600, 2200}},
		"rising where a thousand is just it": {1000, []float64{110, 150, 200, 270, 370, 500, 670, 900}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, rateSteps(test.highest)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestSizes(t *testing.T) {
	for upto, want := range map[int][]int{
		1: {1}, 1000: {1000}, 1001: {1000, 1001}, 1_000_000: {1000, 10_000, 100_000, 1_000_000},
	} {
		if diff := cmp.Diff(want, sizes(upto)); diff != "" {
			t.Errorf("up to %d (-want +got):\n%s", upto, diff)
		}
	}
}
