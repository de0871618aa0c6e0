package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"time"
)

// Settings say what is measured, with what, and where it is kept.
type Settings struct {
	// Binary is the program twinway, and Chart the one that draws; "": nothing is drawn.
	Binary, Chart string
	// Out is the directory of the results, and Data that of the stores; "": one beside the binary that is removed at the
	// end.
	Out, Data string
	// Port is that of gateways, on the loopback interface; the next one is for their probes.
	Port int
	// Things is how many the large store has. The small one has ten thousand, or as many if that is less.
	Things int
	// Duration is for how long each run counts, Warmup for how long it goes on before that, and Repeat how often it is done.
	Duration, Warmup time.Duration
	Repeat           int
	// Sessions is how many idle and storm open, and Subscribers how many fanout delivers to.
	Sessions, Subscribers int
	// Cache is the gateway's spec.storage.cacheSize, a quantity as Kubernetes has them.
	Cache string
	// Force does again what has been done.
	Force bool
}

// small is how many things there are where their number does not matter.
func (s Settings) small() int { return min(10_000, s.Things) }

// warm is how many things of the large store are used: a tenth, as in the reference's benchmark.
func (s Settings) warm() int { return max(1, s.Things/10) }

// parse reads the command line. What is left of it are names of parts.
func parse(args []string, errs io.Writer) (s Settings, names []string, err error) {
	f := flag.NewFlagSet("benchreport", flag.ContinueOnError)
	f.SetOutput(errs)
	f.Usage = func() {
		fmt.Fprint(errs, "Usage: benchreport [flags] [PART...]\n\nParts, in their order, \"all\" or \"none\":\n\n")
		for _, p := range parts {
			fmt.Fprintf(errs, "  %-8s %s\n", p.name, p.description)
		}
		fmt.Fprintln(errs)
		f.PrintDefaults()
	}
	f.StringVar(&s.Binary, "binary", "bin/twinway", "the program that is measured, and measures")
	f.StringVar(&s.Chart, "chart", "", "the program that draws charts (default: none are drawn)")
	f.StringVar(&s.Out, "out", "docs/performance", "directory for results and charts")
	f.StringVar(&s.Data, "data", "", "directory for stores, which are used again if they are there (default: one beside the binary that is removed at the end)")
	f.IntVar(&s.Port, "port", 18150, "port for gateways; the next one is for their probes")
	f.IntVar(&s.Things, "things", 1_000_000, "how many things the large store has")
	f.DurationVar(&s.Duration, "duration", 3*time.Second, "for how long each run counts")
	f.DurationVar(&s.Warmup, "warmup", time.Second, "for how long each run goes on before that")
	f.IntVar(&s.Repeat, "repeat", 3, "how often each run is done")
	f.IntVar(&s.Sessions, "sessions", 10_000, "how many sessions idle and storm open")
	f.IntVar(&s.Subscribers, "subscribers", 1000, "how many sessions fanout delivers to")
	f.StringVar(&s.Cache, "cache", "512Mi", "the gateway's spec.storage.cacheSize")
	f.BoolVar(&s.Force, "force", false, "do again what has been done")
	if err := f.Parse(args); err != nil {
		return s, nil, err
	}
	return s, f.Args(), s.check()
}

// quantity is what a size in the gateway's manifest looks like.
var quantity = regexp.MustCompile(`^[0-9]+(Ki|Mi|Gi)?$`)

// check says what is wrong with the settings that nobody else checks.
func (s Settings) check() error {
	switch {
	case s.Things < 1:
		return fmt.Errorf("-things: %d is less than one", s.Things)
	case s.Repeat < 1:
		return fmt.Errorf("-repeat: %d is less than one", s.Repeat)
	case s.Duration <= 0:
		return errors.New("-duration: there must be one")
	case s.Subscribers < manyViews:
		return fmt.Errorf("-subscribers: %d is less than the %d filters that they have", s.Subscribers, manyViews)
	case s.Port < 1 || s.Port > 65534:
		return fmt.Errorf("-port: %d is none that has a next one", s.Port)
	case !quantity.MatchString(s.Cache):
		return fmt.Errorf("-cache: %q is no size such as 512Mi", s.Cache)
	}
	return nil
}
