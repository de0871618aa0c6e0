package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"

	"github.com/twinway/twinway/internal/bench"
)

// paced are the scenarios that are run at fixed rates.
var paced = []struct{ scenario, over string }{
	{modify, bench.WebSocket}, {read, bench.WebSocket}, {read, bench.HTTP}, {live, bench.WebSocket},
}

// measureRates does each of the scenarios at several rates, which depend on what the part small has found.
func measureRates(ctx context.Context, l *lab) error {
	most, err := bench.ReadReport(l.file(smallFile))
	switch {
	case errors.Is(err, os.ErrNotExist):
		return errors.New("the part small, which finds out the highest rates, must be measured first")
	case err != nil:
		return err
	}
	var steps []step
	for _, p := range paced {
		g := groupOf(most.Runs, p.scenario, p.over)
		if len(g) == 0 {
			return fmt.Errorf("%s has no %s over %s", l.file(smallFile), p.scenario, p.over)
		}
		for i, rate := range rateSteps(g.spread(perSecond).median) {
			flags := l.flags(l.small(), "--rate", strconv.FormatFloat(rate, 'f', -1, 64))
			if p.scenario == modify {
				flags = append(flags, "--machine", l.data) // how late a disk is that nobody else uses
			}
			steps = append(steps, step{rateName(p.scenario, p.over, i+1), []string{p.scenario}, p.over, flags})
		}
	}
	return l.on(ctx, l.small(), steps...)
}

// rateName is the file of a step of rates, from 1 on.
func rateName(scenario, over string, number int) string {
	return fmt.Sprintf("%s/%s-%s-%d", ratesFiles, scenario, over, number)
}

// Rates are from a thousand in a second, or less where little is possible, up to a share of what was possible.
const (
	manyRates = 8
	lowest    = 1000.0
	share     = 0.9
)

// rateSteps returns rates up to nine tenths of the highest, each higher than the one before by the same factor, in two digits.
func rateSteps(highest float64) []float64 {
	to := share * highest
	from := min(lowest, to/manyRates)
	steps := make([]float64, manyRates)
	for i := range steps {
		steps[i] = digits(from*math.Pow(to/from, float64(i)/(manyRates-1)), 2)
	}
	return steps
}
