package rql

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
)

var cases = flag.Int("rql.cases", 20_000, "how many random predicates the compiled evaluation is compared with the naive one on")

// TestCompiledAgainstNaive compares the evaluation with one that is written from the words of the protocol.
func TestCompiledAgainstNaive(t *testing.T) {
	held, operators := 0, map[string]int{}
	for i := range *cases {
		r := &generator{rand.New(rand.NewPCG(5, uint64(i)))}
		text := r.expression(3)
		x, err := Parse(text)
		if err != nil {
			t.Fatalf("case %d: %q: %v", i, text, err)
		}
		p, err := Compile(x)
		if err != nil {
			t.Fatalf("case %d: %q: %v", i, text, err)
		}
		s := r.subject()
		got, err := p.Match(s)
		if want := newNaive(t, s).holds(x); got != want || err != nil {
			t.Fatalf("case %d: %s is %t (%v) and should be %t for\n%s", i, text, got, err, want, described(s))
		}
		if got {
			held++
			operators[text[:strings.IndexByte(text, '(')]]++
		}
	}
	if held < *cases/5 || held > *cases*4/5 {
		t.Errorf("%d of %d cases hold, which is a poor choice of cases", held, *cases)
	}
	for _, operator := range []string{"eq", "ne", "gt", "ge", "lt", "le", "like", "ilike", "in", "exists", "empty", "and", "or", "not"} {
		if operators[operator] == 0 {
			t.Errorf("no case with %s holds", operator)
		}
	}
}

func described(s *Subject) string {
	var b strings.Builder
	for _, l := range s.Layers {
		fmt.Fprintf(&b, "%s patch=%t %s\n", l.At, l.Patch, l.Value)
	}
	fmt.Fprintf(&b, "%v at %s", s.Facts, s.Now.Format(time.RFC3339Nano))
	return b.String()
}

// facts are facts by name.
type facts map[string]string

func (f facts) AppendField(dst []byte, name string) ([]byte, bool) {
	raw, ok := f[name]
	return append(dst, raw...), ok
}

func (f facts) Placeholder(name string) (string, bool) {
	text, ok := f[name]
	return text, ok
}

// generator makes expressions and subjects that have something to do with each other.
type generator struct{ *rand.Rand }

func one[T any](g *generator, from ...T) T { return from[g.IntN(len(from))] }

// property returns where something is likely to be.
func (g *generator) property() string {
	switch g.IntN(12) {
	case 0:
		return one(g, "thingId", "definition", "_revision", "_modified", "_namespace", "policyId")
	case 1:
		return one(g, "topic:action", "resource:path", "entity:id", "feature:id")
	case 2:
		return "features/" + one(g, "F", "*")
	case 3:
		return "features/" + one(g, "F", "*") + "/" + one(g, "properties", "desiredProperties", "definition")
	case 4:
		return "features/" + one(g, "F", "*") + "/properties/" + g.path(2)
	}
	return "attributes/" + g.path(3)
}

func (g *generator) path(most int) string {
	path := g.name()
	for range g.IntN(most) {
		path += "/" + g.name()
	}
	return path
}

func (g *generator) name() string { return one(g, "a", "a", "a", "b", "b", "ä~") }

// expression returns an expression that is nested at most so deep.
func (g *generator) expression(depth int) string {
	if depth > 0 && g.IntN(3) > 0 {
		switch g.IntN(3) {
		case 0:
			return "not(" + g.expression(depth-1) + ")"
		default:
			operands := []string{g.expression(depth - 1)}
			for range g.IntN(4) {
				operands = append(operands, g.expression(depth-1))
			}
			return one(g, "and", "or") + "(" + strings.Join(operands, ",") + ")"
		}
	}
	property := strings.NewReplacer("~", "~0").Replace(g.property())
	switch g.IntN(8) {
	case 0:
		return one(g, "exists", "empty") + "(" + property + ")"
	case 1:
		return one(g, "like", "ilike") + "(" + property + "," + quoted(g.pattern()) + ")"
	case 2:
		values := []string{g.value(false)}
		for range g.IntN(5) {
			values = append(values, g.value(false))
		}
		return "in(" + property + "," + strings.Join(values, ",") + ")"
	}
	return one(g, "eq", "eq", "ne", "gt", "ge", "lt", "le") + "(" + property + "," + g.value(true) + ")"
}

// value returns a value of an expression.
func (g *generator) value(orNull bool) string {
	switch g.IntN(8) {
	case 0:
		return one(g, "true", "false")
	case 1:
		if orNull {
			return "null"
		}
		return "7"
	case 2:
		return g.time()
	case 3, 4:
		return one(g, "0", "1", "+1", "-1", "1.0", "1.50", "-1.5", "-0.0", "100", "10", "2", "0.001", "12345678901234567", "9007199254740993")
	}
	return quoted(g.text())
}

func (g *generator) time() string {
	text := "time:" + one(g, "now", "now_epoch_millis")
	if g.IntN(2) == 0 {
		text += fmt.Sprintf("%+d%s", g.IntN(80)-40, one(g, "", "ms", "s", "m", "h", "d", "w", "mo", "y"))
	}
	if g.IntN(2) == 0 {
		text += one(g, "[ms]", "[s]", "[m]", "[h]", "[d]", "[w]", "[mo]", "[y]")
	}
	return text
}

// texts are strings that are alike, or stand for numbers that are.
var texts = []string{
	"", "a", "A", "ab", "aB", "aab", "b", "ä", "Ä", "true", "false", "null", "1", "1.0", "+1", ".1e1", "1.", "10e-1", "0x1", " 1", "1e400", "-0",
	"1e0000000000", "1e00000000000", "1e99999999999", "1e9999999999", "1.5", "2", "10", "9007199254740993", "9007199254740992", "1e", ".", "-", "e1",
	"a\nb", "\n", "a\u2028b", "a\"b", "a\\", "\t", "😀", "\uFFFF", "\uE000", "a😀", "a\uFFFF", "1970-01-01T00:00:00Z", "2024-02-29T12:30:15.5Z",
	"2024", "2024-03-01T00:00:00Z", "1709209815500", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
}

func (g *generator) text() string { return one(g, texts...) }

func (g *generator) pattern() string {
	pattern := g.text()
	for range g.IntN(4) {
		i := g.IntN(len(pattern) + 1)
		for i < len(pattern) && pattern[i]&0xC0 == 0x80 {
			i++
		}
		rest := pattern[i:]
		if g.IntN(2) == 0 && rest != "" {
			_, rest, _ = strings.Cut(rest, string([]rune(rest)[0]))
		}
		pattern = pattern[:i] + one(g, "*", "*", "?", "**", "?*") + rest
	}
	return pattern
}

// quoted writes a string of an expression in one of the ways that there are.
func quoted(text string) string {
	return `"` + strings.NewReplacer(`"`, `\"`, `\`, `\\`, "\n", `\n`).Replace(text) + `"`
}

// json returns a value that is nested at most so deep.
func (g *generator) json(depth int) string {
	n := g.IntN(14)
	if depth <= 0 {
		n = 6 + n%8
	}
	switch n {
	case 0, 1, 2:
		var elements []string
		for range g.IntN(4) {
			elements = append(elements, g.json(depth-1))
		}
		return "[" + strings.Join(elements, ",") + "]"
	case 3, 4, 5:
		return g.object(depth)
	case 6:
		return "null"
	case 7:
		return one(g, "true", "false")
	case 8, 9, 10:
		return one(g, "0", "1", "-1", "1.0", "10e-1", "0.1E+1", "-0", "1e400", "-1e400", "1e-400", "1e99999999999", "1e9999999999", "100", "0.01e2",
			"1e99999999999999999999", "-1e-99999999999999999999", "1.5", "1.51", "-1.51", "-1.5", "2", "9007199254740992", "9007199254740993", "1709209815500", "0e5",
			"12345678901234567.0")
	}
	return string(document.AppendString(nil, g.text()))
}

func (g *generator) object(depth int) string {
	var members []string
	for _, name := range []string{"a", "b", "ä~"} {
		if g.IntN(3) > 0 {
			members = append(members, string(document.AppendString(nil, name))+":"+g.json(depth-1))
		}
	}
	g.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	return "{" + strings.Join(members, ",") + "}"
}

// feature returns a feature, or nearly one.
func (g *generator) feature() string {
	if g.IntN(8) == 0 {
		return g.json(1)
	}
	var members []string
	for _, name := range []string{"definition", "properties", "desiredProperties"} {
		switch g.IntN(4) {
		case 0:
		case 1:
			members = append(members, `"`+name+`":`+g.json(2))
		default:
			members = append(members, `"`+name+`":`+g.object(2))
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

// thing returns a thing, or nearly one.
func (g *generator) thing() string {
	if g.IntN(20) == 0 {
		return g.json(1)
	}
	var members []string
	add := func(name, value string) {
		if g.IntN(3) > 0 {
			members = append(members, `"`+name+`":`+value)
		}
	}
	add("thingId", string(document.AppendString(nil, g.text())))
	add("_revision", g.json(1))
	add("definition", g.json(1))
	add("features", `{"F":`+g.feature()+`,"G":1,"*":`+g.feature()+`}`)
	if g.IntN(6) == 0 {
		add("attributes", g.json(3))
	} else {
		add("attributes", g.object(3))
	}
	return "{" + strings.Join(members, ",") + "}"
}

func (g *generator) subject() *Subject {
	s := &Subject{Now: time.Date(2024, 2, 29, 12, 30, 15, 500_000_000, time.UTC)}
	if g.IntN(3) == 0 {
		s.Now = time.UnixMilli(g.Int64N(2_000_000_000_000))
	}
	for range g.IntN(4) {
		s.Layers = append(s.Layers, g.layer())
	}
	if g.IntN(2) == 0 {
		known := facts{}
		for _, name := range []string{"topic:action", "resource:path", "entity:id"} {
			if g.IntN(2) == 0 {
				known[name] = g.text()
			}
		}
		for _, name := range []string{"_revision", "_modified", "_namespace"} {
			if g.IntN(2) == 0 {
				known[name] = g.json(0)
			}
		}
		s.Facts = known
	}
	return s
}

func (g *generator) layer() Layer {
	l := Layer{Patch: g.IntN(2) == 0}
	value := ""
	switch g.IntN(6) {
	case 0:
		l.At, value = pointerOf("attributes"), g.object(3)
	case 1:
		l.At, value = pointerOf("attributes/"+g.path(3)), g.json(2)
	case 2:
		l.At, value = pointerOf("features/"+one(g, "F", "*", "G")), g.feature()
	case 3:
		l.At, value = pointerOf("features/F/properties/"+g.path(2)), g.json(2)
	default:
		value = g.thing()
	}
	if g.IntN(20) > 0 {
		l.Value = []byte(value)
	}
	return l
}
