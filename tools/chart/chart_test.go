package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/plot"
)

// Whatever the benchmark's report describes can be drawn, with all that is written on it.
func TestChartsOfTheReport(t *testing.T) {
	text, err := os.ReadFile("../../test/benchreport/testdata/charts.json")
	if err != nil {
		t.Fatal(err)
	}
	var charts map[string]json.RawMessage
	if err := json.Unmarshal(text, &charts); err != nil {
		t.Fatal(err)
	}
	if len(charts) < 3 {
		t.Errorf("there are only %d charts", len(charts))
	}
	for name, description := range charts {
		var c Chart
		if err := json.Unmarshal(description, &c); err != nil {
			t.Fatal(err)
		}
		var picture bytes.Buffer
		if err := run(bytes.NewReader(description), &picture); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		words := wordsOf(t, picture.Bytes())
		for _, want := range append(c.names(), c.Title, c.Note, c.X.Label, c.Y.Label) {
			if want != "" && !slices.Contains(words, want) {
				t.Errorf("%s does not say %q, but %q", name, want, words)
			}
		}
	}
}

// wordsOf returns the texts in a picture.
func wordsOf(t *testing.T, picture []byte) (words []string) {
	t.Helper()
	decoder := xml.NewDecoder(bytes.NewReader(picture))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return words
		}
		if err != nil {
			t.Fatal(err)
		}
		if text, is := token.(xml.CharData); is && strings.TrimSpace(string(text)) != "" {
			words = append(words, strings.TrimSpace(string(text)))
		}
	}
}

func TestRefused(t *testing.T) {
	for what, description := range map[string]string{
		"nothing":               `{}`,
		"an unknown field":      `{"lines":[{"name":"a","points":[[1,1]]}],"colour":"red"}`,
		"a line without points": `{"lines":[{"name":"a","points":[]}]}`,
		"less than zero":        `{"lines":[{"name":"a","points":[[1,-1]]}]}`,
		"zero on a log axis":    `{"y":{"log":true},"lines":[{"name":"a","points":[[1,0]]}]}`,
		"bars without a value":  `{"groups":["a","b"],"bars":[{"name":"c","values":[1]}]}`,
		"a bar below zero":      `{"groups":["a"],"bars":[{"name":"c","values":[-1]}]}`,
		"bars on a log axis":    `{"y":{"log":true},"groups":["a"],"bars":[{"name":"c","values":[1]}]}`,
	} {
		var picture bytes.Buffer
		if err := run(strings.NewReader(description), &picture); err == nil || picture.Len() > 0 {
			t.Errorf("%s is drawn, %v", what, err)
		}
	}
}

// Charts of a single point, and of nothing but zero, are charts.
func TestLittleToShow(t *testing.T) {
	for _, description := range []string{
		`{"x":{"log":true},"y":{"log":true},"lines":[{"name":"a","points":[[1000,5]]}]}`,
		`{"lines":[{"name":"a","points":[[0,0]]}]}`,
		`{"groups":["a"],"bars":[{"name":"c","values":[0]}]}`,
	} {
		var picture bytes.Buffer
		if err := run(strings.NewReader(description), &picture); err != nil {
			t.Errorf("%s: %v", description, err)
		}
		if strings.Contains(picture.String(), "NaN") || strings.Contains(picture.String(), "Inf") {
			t.Errorf("%s has coordinates that are no numbers", description)
		}
	}
}

func TestLogTicks(t *testing.T) {
	for _, test := range []struct {
		least, greatest float64
		want            string
	}{
		{1, 100, "1 2 5 10 20 50 100"},
		{0.2, 5, "0.2 0.5 1 2 5"},
		{1000, 1_000_000, "1,000 10,000 100,000 1,000,000"},
	} {
		var labels []string
		for _, tick := range logTicks(2)(test.least, test.greatest) {
			if !tick.IsMinor() {
				labels = append(labels, tick.Label)
			}
		}
		if got := strings.Join(labels, " "); got != test.want {
			t.Errorf("from %v to %v: %s, want %s", test.least, test.greatest, got, test.want)
		}
	}
}

func TestSpan(t *testing.T) {
	for _, test := range []struct {
		log             bool
		values          []float64
		least, greatest float64
	}{
		{true, []float64{3, 40, 0.3}, 0.2, 50}, {true, []float64{1000, 1_000_000}, 1000, 1_000_000}, {true, []float64{5}, 0.5, 50}, {false, []float64{100, 50}, 0, 106},
	} {
		var a plot.Axis
		span(&a, test.log, test.values)
		if a.Min != test.least || a.Max != test.greatest {
			t.Errorf("%v range from %v to %v, want %v to %v", test.values, a.Min, a.Max, test.least, test.greatest)
		}
	}
}
