package rql

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// repeated returns n times the text, separated by commas.
func repeated(n int, text string) string { return strings.TrimSuffix(strings.Repeat(text+",", n), ",") }

// workOf evaluates an expression and returns the answer with the work that it took.
func workOf(t *testing.T, text string, s *Subject) (truth, int) {
	t.Helper()
	e := new(evaluation)
	answer := e.match(mustCompile(t, text), s)
	return answer, MaxWork - e.work
}

// TestWork counts what evaluations take that somebody might choose to take long.
func TestWork(t *testing.T) {
	values := make([]string, 2500)
	for i := range values {
		values[i] = fmt.Sprint(10_000 + i)
	}
	in := "in(attributes/a," + strings.Join(values, ",") + ")"
	tests := []struct {
		name, text string
		value      string // of the attribute
		want       truth
		least      int // units of work
		most       int
	}{
		{"a small value", `eq(attributes/a,1)`, `1`, yes, 1, 10},
		{"what nobody asks for is skipped", `eq(attributes/b,1)`, `[` + repeated(50_000, "1") + `]`, no, 3100, 3200},
		{"nor is it looked at when the answer is known", `eq(attributes/a,1)`, `[1,` + repeated(50_000, "1") + `]`, yes, 1, 10},
		{"what the signal decides", `and(eq(topic:action,"x"),eq(attributes/a,1))`, `[` + repeated(50_000, "2") + `]`, no, 0, 10},
		{"times", "or(" + repeated(100, "eq(attributes/a,time:now-3mo[w])") + ")", `1`, no, 1000, 2000},
		{"members that nobody asks for", `eq(attributes/a/b,1)`, `{` + repeated(10_000, `"x":1`) + `}`, no, 10_000, 20_000},
		{"50,000 elements", `eq(attributes/a,1)`, `[` + repeated(50_000, "2") + `]`, no, 100_000, 160_000},
		{"values do not count, elements do", in, `[` + repeated(16_000, `"1.5"`) + `]`, no, 60_000, 80_000},
		{"a long text against a long one", `gt(attributes/a,"` + strings.Repeat("a", 16_000) + `b")`, `"` + strings.Repeat("a", 100_000) + `"`, no, 10_000, 11_000},
		{"a long text against long texts", `in(attributes/a,"` + strings.Repeat("a", 16_000) + `")`, `"` + strings.Repeat("a", 100_000) + `"`, no, 5000, 12_000},
		{"a long number", `eq(attributes/a,1)`, strings.Repeat("1", 100_000), no, 1, 10_000},
		{"a long number against many", in, strings.Repeat("1", 100_000), no, 1, 10_000},
		{"a huge exponent", `gt(attributes/a,1)`, "1e" + strings.Repeat("9", 100_000), yes, 1, 10_000},
		{"a long pattern", `like(attributes/a,"` + strings.Repeat("*a", 511) + `b")`, `"` + strings.Repeat("a", 100_000) + `"`, no, 100_000, 200_000},
		{"a pattern that fails at once", `like(attributes/a,"b*` + strings.Repeat("*a", 500) + `")`, `"` + strings.Repeat("a", 100_000) + `"`, no, 1, 10_000},
		{"arrays in arrays", `eq(attributes/a/b,1)`, strings.Repeat("[", 97) + strings.Repeat("]", 97), no, 1, 300},
		{"deep paths", "exists(attributes/a/" + strings.Repeat("b/", 90) + "c)", strings.Repeat(`{"b":`, 90) + `{"d":1}` + strings.Repeat("}", 90), no, 1, 300},
		{"objects in an array", `eq(attributes/a/b,1)`, `[` + repeated(10_000, `{"c":1}`) + `]`, no, 1, 50_000},
	}
	for _, tt := range tests {
		got, work := workOf(t, tt.text, attribute(tt.value))
		if got != tt.want || work < tt.least || work > tt.most {
			t.Errorf("%s: the answer is %d, and took %d units instead of %d to %d", tt.name, got, work, tt.least, tt.most)
		}
	}
}

// TestTooMuchWork: an evaluation ends soon after there was too much work, and says so unless the answer is known.
func TestTooMuchWork(t *testing.T) {
	numbers := `[` + repeated(50_000, "1") + `]`
	tests := []struct {
		name, text, value string
	}{
		{"terms and elements", "and(" + repeated(MaxTerms, `gt(attributes/a,7)`) + ")", numbers},
		{"terms and texts", "or(" + repeated(MaxTerms, `gt(attributes/a,"b")`) + ")", `[` + repeated(25_000, `"a"`) + `]`},
		{"patterns and characters", "or(" + repeated(MaxTerms, `like(attributes/a,"*a*b")`) + ")", `"` + strings.Repeat("a", 100_000) + `"`},
		{"terms and escape sequences", "or(" + repeated(50, `gt(attributes/a,"`+strings.Repeat(`\n`, 100)+`")`) + ")", `[` + repeated(500, `"`+strings.Repeat(`\n`, 100)+`"`) + `]`},
		{"values behind each other", "and(" + repeated(30, `eq(attributes/a/b,1)`) + ")", `[` + repeated(12_000, `{"b":2}`) + `]`},
	}
	for _, tt := range tests {
		s := attribute(tt.value)
		if got, work := workOf(t, tt.text, s); got != unknown || work > MaxWork+20_000 {
			t.Errorf("%s: the answer is %d, after %d units of work", tt.name, got, work)
		}
		if _, err := mustCompile(t, tt.text).Match(s); !errors.Is(err, ErrTooMuchWork) {
			t.Errorf("%s: error %v", tt.name, err)
		}
		known := "or(eq(attributes/A,5)," + tt.text + ")"
		if strings.Count(known, "attributes/a") == MaxTerms {
			continue
		}
		s = thing(`{"attributes":{"A":5,"a":` + tt.value + `}}`)
		if got, _ := workOf(t, known, s); got != yes {
			t.Errorf("%s: the answer is %d, although it is known", tt.name, got)
		}
	}
}

// TestTooMuchWorkForFacts: what was not looked at is not taken for missing.
func TestTooMuchWorkForFacts(t *testing.T) {
	long := strings.Repeat("a", 1<<20)
	s := &Subject{Facts: facts{"topic:full": long, "topic:action": "x", "_namespace": `"` + long + `"`, "_revision": "1"}}
	for _, text := range []string{
		`not(or(like(topic:full,"*b*a"),eq(topic:action,"x")))`,
		`not(or(like(_namespace,"*b*a"),eq(_revision,1)))`,
	} {
		if got, _ := workOf(t, text, s); got != unknown {
			t.Errorf("%s: the answer is %d", text, got)
		}
	}
}

func TestTooComplex(t *testing.T) {
	term := `eq(attributes/a,1)`
	tests := []struct {
		name, text string
		offset     int // of the error; -1 if there is none
	}{
		{"terms", "and(" + repeated(MaxTerms, term) + ")", -1},
		{"one term more", "and(" + repeated(MaxTerms+1, term) + ")", len("and(") + MaxTerms*len(term+",") + len("eq(")},
		{"a time is a term", "and(" + repeated(MaxTerms-1, term) + ",in(attributes/a,1,time:now))", len("and(") + (MaxTerms-1)*len(term+",") + len("in(")},
		{"many times", "in(attributes/a," + repeated(MaxTerms, "time:now") + ")", len("in(")},
		{"empty features", "and(" + repeated(MaxTerms, "empty(features/F)") + ")", -1},
		{"one empty feature more", "and(" + repeated(MaxTerms+1, "empty(features/F)") + ")", len("and(") + MaxTerms*len("empty(features/F),") + len("empty(")},
		{"a pattern", `like(attributes/a,"` + strings.Repeat("ä", MaxPattern) + `")`, -1},
		{"a longer pattern", `like(attributes/a,"` + strings.Repeat("*", MaxPattern+1) + `")`, len("like(")},
		{"patterns", `or(like(attributes/a,"` + strings.Repeat("a", MaxPattern) + `"),ilike(attributes/a,"a"))`, len(`or(like(attributes/a,"`) + MaxPattern + len(`"),ilike(`)},
		{"a long path", "exists(attributes/" + strings.Repeat("a/", 99) + "a)", len("exists(")},
		{"values", "in(attributes/a," + repeated(7000, "1") + ")", -1},
	}
	for _, tt := range tests {
		p, err := CompileSignal(tt.text)
		typed, failed := errors.AsType[*Error](err)
		switch {
		case tt.offset < 0 && err != nil:
			t.Errorf("%s: %v", tt.name, err)
		case tt.offset >= 0 && (p != nil || !failed || !errors.Is(err, ErrTooComplex) || typed.Offset != tt.offset):
			t.Errorf("%s: %v instead of an error at %d", tt.name, err, tt.offset)
		}
	}
	x := Expression(Presence{Test: Exists, Property: Property{Name: "a"}})
	for range MaxDepth {
		x = Negation{x}
	}
	if _, err := Compile(x); !errors.Is(err, ErrTooComplex) {
		t.Errorf("nested too deep: %v", err)
	}
	if _, err := Compile(nil); !errors.Is(err, ErrSyntax) {
		t.Errorf("no expression: %v", err)
	}
}
