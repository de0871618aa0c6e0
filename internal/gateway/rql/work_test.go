package rql

import (
	"errors"
	"strings"
	"testing"
)

// TestSharedWork checks that evaluations can share how much work they may take.
func TestSharedWork(t *testing.T) {
	p, err := CompileSignal(`like(attributes/list,"*x")`)
	if err != nil {
		t.Fatal(err)
	}
	s := &Subject{Layers: []Layer{{Value: []byte(`{"attributes":{"list":[` + strings.Repeat(`"aaaaaaaaaaaaaaaa",`, 1000) + `0]}}`)}}}
	work := 3 * MaxWork
	s.Work = &work
	if _, err := p.Match(s); err != nil {
		t.Fatal(err)
	}
	one := 3*MaxWork - work
	if one < 1000 || one > MaxWork/10 {
		t.Fatalf("one evaluation is %d units of work", one)
	}
	count := 1
	for ; err == nil && count < 10*MaxWork; count++ {
		_, err = p.Match(s)
	}
	if want := 3 * MaxWork / one; !errors.Is(err, ErrTooMuchWork) || count < want || count > want+2 {
		t.Errorf("%v after %d evaluations, want about %d", err, count, want)
	}
	if _, err := p.Match(s); !errors.Is(err, ErrTooMuchWork) || work > 0 {
		t.Errorf("%v with %d units of work left", err, work)
	}
	s.Work = nil
	if _, err := p.Match(s); err != nil {
		t.Errorf("with work of its own: %v", err)
	}
}

// A subject can allow one evaluation more work than usual, or less.
func TestLimitOfASubject(t *testing.T) {
	p := mustCompile(t, `eq(attributes/a,-1)`)
	values := "[" + strings.Repeat("1,", 2*MaxWork) + "1]"
	s := &Subject{Layers: []Layer{{Value: []byte(`{"attributes":{"a":` + values + `}}`)}}}
	for limit, want := range map[int]error{0: ErrTooMuchWork, MaxWork: ErrTooMuchWork, 100 * MaxWork: nil} {
		s.Limit = limit
		if matches, err := p.Match(s); matches || !errors.Is(err, want) {
			t.Errorf("limit %d: %v, %v", limit, matches, err)
		}
	}
}
