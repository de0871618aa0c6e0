package main

import (
	"fmt"
	"io"
	"os"

	"github.com/twinway/twinway/internal/bench"
)

// progressLine tells how far a benchmark is: on a terminal in one line that is written again and again, else by a line for each run that
// has ended, and one now and then for those that take long.
type progressLine struct {
	w        io.Writer
	terminal bool
	what     string // was told last
	told     int    // how often
}

// nowAndThen is how many times progress is told for each line of those that stay: it is told every second.
const nowAndThen = 10

func newProgressLine(w io.Writer) *progressLine {
	p := &progressLine{w: w}
	if f, ok := w.(*os.File); ok {
		info, err := f.Stat()
		p.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return p
}

func (p *progressLine) tell(what string, of bench.Progress) {
	if p.terminal {
		fmt.Fprintf(p.w, "\r\x1b[K%s: %s", what, of)
		return
	}
	if what != p.what {
		p.what, p.told = what, 0
	}
	if p.told++; p.told%nowAndThen == 0 {
		fmt.Fprintf(p.w, "%s: %s\n", what, of)
	}
}

func (p *progressLine) done(r bench.Record) {
	p.clear()
	fmt.Fprintf(p.w, "%s over %s, %d: %s\n", r.Scenario, r.Over, r.Repetition, r.Summary())
}

// clear makes place for something else.
func (p *progressLine) clear() {
	if p.terminal {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
