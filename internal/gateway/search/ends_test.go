package search_test

import (
	"context"
	"maps"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/stream"
)

// Each search is counted once, by how it has ended.
func TestEndsAreCounted(t *testing.T) {
	const request = `request r {"subscriptionId":"0","demand":1}`
	for name, tc := range map[string]struct {
		things  []string
		script  []string
		outcome string
	}{
		"more is there":       {[]string{"1", "2"}, []string{request}, ""},
		"all was told":        {[]string{"1"}, []string{request}, "completed"},
		"nothing was found":   {nil, []string{request, "cancel c {\"subscriptionId\":\"0\"}"}, "completed"},
		"cancelled":           {[]string{"1", "2"}, []string{request, `cancel c {"subscriptionId":"0"}`}, "cancelled"},
		"cancelled before":    {nil, []string{`cancel c {"subscriptionId":"0"}`, `cancel c {"subscriptionId":"0"}`}, "cancelled"},
		"not heard of":        {[]string{"1", "2"}, []string{request, "pass 60s"}, "cancelled"},
		"failed":              {[]string{"!"}, []string{request, request}, "failed"},
		"failed on the way":   {[]string{"1", "!"}, []string{request, request}, "failed"},
		"took too long":       {[]string{"-", "-", "-", "-"}, []string{request, request}, "timed-out"},
		"a demand of nothing": {[]string{"1"}, []string{`request r {"subscriptionId":"0"}`}, "cancelled"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, tc.things...)
			w.working = func(context.Context) { w.now = w.now.Add(timeout * 2 / 5) }
			w.say(`subscribe s {"options":"size(1)"}`)
			for _, line := range tc.script {
				if pass, ok := strings.CutPrefix(line, "pass "); ok {
					w.pass(pass)
				} else {
					w.say(line)
				}
			}
			want := map[string]float64{}
			if tc.outcome != "" {
				want[tc.outcome] = 1
			}
			if got := w.ends(t); !maps.Equal(got, want) {
				t.Errorf("counted are %v, want %v", got, want)
			}
		})
	}
}

// A search that is wrong in itself fails, one for which there is no room is refused, and those of a session that ends are cancelled.
func TestOtherEndsAreCounted(t *testing.T) {
	w := newWorld(t, "1", "2")
	w.say(`subscribe s {"filter":"foo"}`)
	w.say(`request r {"subscriptionId":"0","demand":1}`)
	for range stream.MaxOpen + 2 {
		w.say(`subscribe s {}`)
	}
	w.set.Close()
	want := map[string]float64{"failed": 1, "refused": 2, "cancelled": stream.MaxOpen}
	if got := w.ends(t); !maps.Equal(got, want) {
		t.Errorf("counted are %v, want %v", got, want)
	}
}

// A search that has failed holds nothing any more, also if its client is not there to be told.
func TestFailedSearchesHoldNothing(t *testing.T) {
	w := newWorld(t, "1", "!")
	w.sending = func() {
		if len(w.told) > 1 && w.closed != 1 {
			t.Errorf("%d cursors are closed when it is told", w.closed)
		}
	}
	w.say(`subscribe s {"options":"size(1)"}`)
	w.say(`request r {"subscriptionId":"0","demand":2}`)
	if got := strings.Join(w.told, ", "); !strings.Contains(got, "failed r 0 500") || w.closed != 1 {
		t.Errorf("told %s, and %d cursors are closed", got, w.closed)
	}
}

// ends returns how many searches have ended in each way, without those in which none has.
func (w *world) ends(t *testing.T) map[string]float64 {
	t.Helper()
	families, err := w.metrics.Registry().Gather()
	if err != nil {
		t.Fatal(err)
	}
	ends := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if n := m.GetCounter().GetValue(); f.GetName() == "twinway_searches_total" && n > 0 {
				ends[m.GetLabel()[0].GetValue()] = n
			}
		}
	}
	return ends
}
