package bench

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Bench measures an endpoint by scenarios; New makes one.
type Bench struct {
	Endpoint   *Endpoint
	Parameters Parameters // as they were when it was made
	// Over is over what is measured, in this order, where a scenario can be.
	Over []string
	// Server tells what the server uses; nil: nothing does.
	Server Server
	// Tell is told how far each run is; it may be nil.
	Tell func(what string, p Progress)
	// Done is told of each run that has ended; it may be nil.
	Done func(r Record)

	stock *stock
}

// New returns what measures an endpoint over some transports.
func New(e *Endpoint, p Parameters, over ...string) *Bench {
	return &Bench{Endpoint: e, Parameters: p, Over: over, stock: newStock(p)}
}

// progress returns what is told of a run.
func (b *Bench) progress(what string) func(Progress) {
	if b.Tell == nil {
		return nil
	}
	return func(p Progress) { b.Tell(what, p) }
}

// Measure prepares what the scenarios need, and runs each of them over every transport, as often as is asked for, in turn: what the
// machine does meanwhile meets all of them. When the context ends, what has been measured by then is returned without an error, with the
// last run marked as cut short; ended while things are being prepared, it is an error.
func (b *Bench) Measure(ctx context.Context, scenarios []*Scenario) (runs []Record, err error) {
	if err := b.prepare(ctx, scenarios); err != nil {
		return nil, err
	}
	for repetition := range b.Parameters.Repeat {
		for _, over := range b.Over {
			for _, s := range scenarios {
				if !slices.Contains(s.Over, over) {
					continue
				}
				if ctx.Err() != nil {
					return runs, nil
				}
				run, err := b.run(ctx, s, over, repetition+1)
				switch {
				case err != nil && ctx.Err() != nil:
					return runs, nil // it could not begin any more
				case err != nil:
					return runs, fmt.Errorf("%s: %w", s.Name, err)
				}
				runs = append(runs, run)
				if b.Done != nil {
					b.Done(run)
				}
			}
		}
	}
	return runs, nil
}

// prepare makes what any of the scenarios needs.
func (b *Bench) prepare(ctx context.Context, scenarios []*Scenario) error {
	var things, devices bool
	for _, s := range scenarios {
		things, devices = things || s.needs.things, devices || s.needs.devices
		if s.needs.serials && b.Parameters.Plain {
			return fmt.Errorf("%s needs things that are more than plain", s.Name)
		}
	}
	if things {
		if err := b.prepareThings(ctx); err != nil {
			return err
		}
	}
	if devices {
		return b.prepareDevices(ctx, b.Parameters.Sessions)
	}
	return nil
}

// run runs a scenario once.
func (b *Bench) run(ctx context.Context, s *Scenario, over string, repetition int) (Record, error) {
	r, err := s.run(ctx, b, over)
	if err != nil {
		return Record{}, err
	}
	run := newRecord(s.Name, over, repetition, r)
	if m := r.Load.meter; m != nil {
		run.use(m.before, m.after)
	}
	return run, nil
}

// Pick returns the scenarios with names, in the order of the list: "all" is all of them, and the beginning of a name before a hyphen
// those that begin with it.
func Pick(names []string) (picked []*Scenario, err error) {
	for _, name := range names {
		if !slices.ContainsFunc(Scenarios, func(s *Scenario) bool { return s.answersTo(name) }) {
			return nil, fmt.Errorf("there is no scenario %q", name)
		}
	}
	for _, s := range Scenarios {
		if slices.ContainsFunc(names, s.answersTo) {
			picked = append(picked, s)
		}
	}
	return picked, nil
}

// all is the name of all scenarios.
const all = "all"

// IsAll reports whether names are of all scenarios, and of none in particular.
func IsAll(names []string) bool { return len(names) == 1 && names[0] == all }

// Runs reports whether the scenario can be done over one of some transports.
func (s *Scenario) Runs(over []string) bool {
	return slices.ContainsFunc(over, func(one string) bool { return slices.Contains(s.Over, one) })
}

func (s *Scenario) answersTo(name string) bool {
	return name == all || name == s.Name || strings.HasPrefix(s.Name, name+"-")
}
