package conformance

import (
	"errors"
	"fmt"
	"strings"
)

// different is the message for one frame that is not as expected: what was wanted, what came, and each difference.
func different(session string, want pattern, got string, found []mismatch) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s got a different frame\n  want %s\n  got  %s", session, want.source, got)
	for _, m := range found {
		fmt.Fprintf(&b, "\n    %s", m)
	}
	return errors.New(b.String())
}

// differentGroup is the message for frames in any order of which not all fit. Each pattern is shown with the
// differences to the frame it fits best.
func differentGroup(st *stage, want *expect, frames [][]byte) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s got different frames", want.session)
	for _, frame := range frames {
		fmt.Fprintf(&b, "\n  got  %s", st.shorten(string(frame)))
	}
	for _, p := range want.patterns {
		fmt.Fprintf(&b, "\n  want %s", p.source)
		for _, m := range best(st.known, p, frames) {
			fmt.Fprintf(&b, "\n    %s", m)
		}
	}
	return errors.New(b.String())
}

func best(known bindings, p pattern, frames [][]byte) []mismatch {
	var fewest []mismatch
	for i, frame := range frames {
		if found := p.match(known, frame); i == 0 || len(found) < len(fewest) {
			fewest = found
		}
	}
	return fewest
}

// unmet is the message for a frame that never came.
func unmet(err error, patterns []pattern) error {
	var b strings.Builder
	for _, p := range patterns {
		fmt.Fprintf(&b, "\n  want %s", p.source)
	}
	return fmt.Errorf("%w%s", err, b.String())
}
