package conformance

import (
	"errors"
	"fmt"
	"strings"
)

const titleMark = "=="

var (
	errNoScenario  = errors.New(`a step needs a title ("== …") above it`)
	errNoStep      = errors.New("an indented line needs a step above it")
	errNoSteps     = errors.New("has no steps")
	errTitleTwice  = errors.New("this title is used twice in the file")
	errNoTitle     = errors.New("a title must not be empty")
	errMixedGroups = errors.New("a group in any order has one session")
)

// statement is a step as written: its first line and the lines that continue it.
type statement struct {
	line  int
	parts []string
}

// text is the statement on one line.
func (s statement) text() string { return strings.Join(s.parts, " ") }

// Parse reads one file of scenarios. Errors name the file and the line.
func Parse(file, text string) ([]Scenario, error) {
	r := reader{file: file, titles: map[string]bool{}}
	for i, line := range strings.Split(text, "\n") {
		if err := r.read(i+1, strings.TrimRight(line, " \t\r")); err != nil {
			return nil, err
		}
	}
	if err := r.finish(); err != nil {
		return nil, err
	}
	return r.scenarios, nil
}

type reader struct {
	file      string
	titles    map[string]bool
	scenarios []Scenario
	open      []statement // statements of the last scenario
}

func (r *reader) read(number int, line string) error {
	switch {
	case line == "" || line[0] == '#':
		return nil
	case strings.HasPrefix(line, titleMark):
		if err := r.finish(); err != nil {
			return err
		}
		return r.at(number, r.title(number, strings.TrimSpace(line[len(titleMark):])))
	case line[0] == ' ' || line[0] == '\t':
		if len(r.open) == 0 {
			return r.at(number, errNoStep)
		}
		last := &r.open[len(r.open)-1]
		last.parts = append(last.parts, strings.TrimSpace(line))
		return nil
	case len(r.scenarios) == 0:
		return r.at(number, errNoScenario)
	}
	r.open = append(r.open, statement{line: number, parts: []string{line}})
	return nil
}

// at says where an error is.
func (r *reader) at(line int, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s:%d: %w", r.file, line, err)
}

func (r *reader) title(number int, name string) error {
	if name == "" {
		return errNoTitle
	}
	if r.titles[name] {
		return errTitleTwice
	}
	r.titles[name] = true
	r.scenarios = append(r.scenarios, Scenario{File: r.file, Line: number, Name: name})
	return nil
}

// finish parses the statements of the last scenario.
func (r *reader) finish() error {
	if len(r.scenarios) == 0 {
		return nil
	}
	s := &r.scenarios[len(r.scenarios)-1]
	for _, st := range r.open {
		act, err := parseStatement(st)
		if err == nil {
			err = s.add(st.line, act)
		}
		if err != nil {
			return r.at(st.line, err)
		}
	}
	r.open = nil
	if len(s.steps) == 0 {
		return r.at(s.Line, fmt.Errorf("%q %w", s.Name, errNoSteps))
	}
	return nil
}

// add appends a step. Expectations in any order that stand next to each other become one.
func (s *Scenario) add(line int, act action) error {
	next, ok := act.(*expect)
	if ok && next.anyOrder && len(s.steps) > 0 {
		if last, ok := s.steps[len(s.steps)-1].act.(*expect); ok && last.anyOrder {
			if last.session != next.session {
				return errMixedGroups
			}
			last.patterns = append(last.patterns, next.patterns...)
			return nil
		}
	}
	s.steps = append(s.steps, step{line: line, act: act})
	return nil
}
