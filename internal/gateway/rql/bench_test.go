package rql

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// mustCompile compiles an expression of a test.
func mustCompile(tb testing.TB, text string) *Predicate {
	tb.Helper()
	x, err := Parse(text)
	if err != nil {
		tb.Fatal(err)
	}
	p, err := Compile(x)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// thing2K returns a thing of two kilobytes.
func thing2K() []byte {
	var b strings.Builder
	b.WriteString(`{"thingId":"org.acme:machine-17","policyId":"org.acme:machines","definition":"org.acme:machine:1.0.0","attributes":{` +
		`"location":{"building":"A7","floor":3,"room":"kitchen"},"manufacturer":"ACME","serialNo":"4711-0815"},"features":{`)
	for i := range 16 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"sensor%d":{"definition":["org.acme:sensor:2.1.0"],"properties":{"temperature":%d.25,"unit":"C","on":true}}`, i, 15+i)
	}
	b.WriteString(`}}`)
	return []byte(b.String())
}

func BenchmarkMatch(b *testing.B) {
	const three = `and(gt(features/sensor9/properties/temperature,20),eq(attributes/location/building,"A7"),like(thingId,"org.acme:machine-*"))`
	whole := []Layer{{Value: thing2K()}}
	signal := facts{"topic:action": "modified", "_revision": "42", "_modified": `"2024-02-29T12:30:15.5Z"`}
	layers := []Layer{{At: pointerOf("features/sensor9/properties/temperature"), Value: []byte("21.5")}, {Value: thing2K()}}

	var hundred []string
	for i := range 100 {
		hundred = append(hundred, fmt.Sprintf(`gt(features/sensor%d/properties/temperature,%d.5)`, i%16, i))
	}
	element := func(n int, text string) []Layer {
		return []Layer{{Value: []byte(`{"attributes":{"a":[` + strings.TrimSuffix(strings.Repeat(text+",", n), ",") + `]}}`)}}
	}
	var values []string
	for i := range 2500 {
		values = append(values, fmt.Sprint(10_000+i))
	}
	for _, bb := range []struct {
		name, text string
		layers     []Layer
	}{
		{"three terms", three, whole},
		{"three terms of an event", three, layers},
		{"topic decides", `and(eq(topic:action,"deleted"),eq(attributes/a,1))`, whole},
		{"time", `and(gt(_modified,time:now-1h),ge(_revision,42))`, whole},
		{"100 terms", "or(" + strings.Join(hundred, ",") + ")", whole},
		{"2500 values in 15000 elements", "in(attributes/a," + strings.Join(values, ",") + ")", element(15_000, "\"12.34\"")},
		{"128 terms on 50000 elements", "and(" + strings.TrimSuffix(strings.Repeat("gt(attributes/a,7),", MaxTerms), ",") + ")", element(50_000, "1")},
		{"128 texts on 50000 elements", "and(" + strings.TrimSuffix(strings.Repeat(`gt(attributes/a,"zzzzzzzzzzzz"),`, MaxTerms), ",") + ")", element(50_000, `"zzzzzzzz"`)},
		{"long pattern", `like(attributes/a,"` + strings.Repeat("*a", 500) + `b")`, element(1, `"`+strings.Repeat("a", 100_000)+`"`)},
		{"many patterns", "and(" + strings.TrimSuffix(strings.Repeat(`like(attributes/a,"*a*a*b"),`, MaxTerms), ",") + ")", element(1, `"`+strings.Repeat("a", 100_000)+`"`)},
		{"not ASCII", `like(attributes/a,"*ä*ä*b")`, element(1, `"`+strings.Repeat("äö", 25_000)+`"`)},
		{"escaped texts", "and(" + strings.TrimSuffix(strings.Repeat(`gt(attributes/a,"`+strings.Repeat(`\n`, 40)+`"),`, 100), ",") + ")", element(1200, `"`+strings.Repeat(`\n`, 40)+`"`)},
		{"deep", `eq(attributes/a/` + strings.Repeat("a/", 90) + `b,1)`, []Layer{{Value: []byte(`{"attributes":` + strings.Repeat(`{"a":`, 90) + `[` + strings.Repeat(`{"x":1},`, 10_000) + `1]` + strings.Repeat("}", 91))}}},
		{"objects", `or(eq(attributes/a/b,1),eq(attributes/a/c,1))`, element(6000, `{"b":2,"d":1}`)},
		{"numbers", "or(" + strings.TrimSuffix(strings.Repeat(`gt(attributes/a,12345678901234.5678),`, 100), ",") + ")", element(6000, `12345678901234.5678`)},
	} {
		b.Run(bb.name, func(b *testing.B) {
			p := mustCompile(b, bb.text)
			s := &Subject{Layers: bb.layers, Facts: signal, Now: time.Date(2024, 2, 29, 12, 30, 15, 0, time.UTC)}
			b.ReportAllocs()
			for b.Loop() {
				_, _ = p.Match(s)
			}
			e := new(evaluation)
			e.match(p, s)
			b.ReportMetric(float64(MaxWork-e.work), "units")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(MaxWork-e.work), "ns/unit")
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	const text = `and(gt(features/sensor9/properties/temperature,20),eq(attributes/location/building,"A7"),like(thingId,"org.acme:machine-*"))`
	b.ReportAllocs()
	for b.Loop() {
		if _, err := CompileSignal(text); err != nil {
			b.Fatal(err)
		}
	}
}
