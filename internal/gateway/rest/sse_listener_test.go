package rest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/wire"
)

func burstOf(texts ...string) wire.Burst {
	b := wire.NewBurst(len(texts), 64)
	for _, text := range texts {
		b.Add(func(dst []byte) ([]byte, bool) { return append(dst, text...), true })
	}
	return b
}

func newListener(picks func([]byte) bool) (l *listener, overflows *int) {
	overflows = new(int)
	return &listener{picks: picks, metrics: metrics.New(), overflow: func() { *overflows++ }, ready: make(chan struct{}, 1)}, overflows
}

func (l *listener) texts() string {
	var texts []string
	for _, text := range l.take() {
		texts = append(texts, string(text))
	}
	return strings.Join(texts, " ")
}

func TestListenerKeepsTheOrder(t *testing.T) {
	l, _ := newListener(nil)
	l.Deliver(burstOf("a", "b"))
	l.Deliver(burstOf("c"))
	<-l.ready
	if got := l.texts(); got != "a b c" {
		t.Errorf("taken %q", got)
	}
	if got := l.texts(); got != "" {
		t.Errorf("taken again %q", got)
	}
	l.Deliver(burstOf("d"))
	<-l.ready
	if got := l.texts(); got != "d" {
		t.Errorf("taken %q", got)
	}
}

// What is picked of a burst does not keep the rest of it, and what is not picked wakes nobody and takes no room.
func TestListenerPicks(t *testing.T) {
	l, overflows := newListener(func(text []byte) bool { return text[0] == 'a' })
	for range maxWaiting + 1 {
		l.Deliver(burstOf("b", "c"))
	}
	if len(l.ready) > 0 || *overflows > 0 {
		t.Errorf("woken %d times, overflowed %d times", len(l.ready), *overflows)
	}
	b := burstOf("b", "a1", "c", "a2")
	l.Deliver(b)
	if taken := l.take(); len(taken) != 2 || string(taken[0]) != "a1" || string(taken[1]) != "a2" || &taken[0][0] == &b.Text(1)[0] {
		t.Errorf("taken %q", taken)
	}
	whole, _ := newListener(nil)
	whole.Deliver(b)
	if taken := whole.take(); len(taken) != 4 || &taken[1][0] != &b.Text(1)[0] {
		t.Errorf("%q are not shared", taken)
	}
}

// Who does not read is told no more, at a number of signals and at a size. What comes together is taken together.
func TestListenerOverflows(t *testing.T) {
	many := make([]string, 0, 2*maxWaiting)
	for i := range cap(many) {
		many = append(many, fmt.Sprint(i))
	}
	for name, tc := range map[string]struct {
		bursts []wire.Burst
		taken  int
	}{
		"one by one":  {append(repeat(maxWaiting, burstOf("x")), burstOf("x")), maxWaiting},
		"together":    {[]wire.Burst{burstOf(many...), burstOf("x")}, len(many)},
		"large":       {[]wire.Burst{burstOf(strings.Repeat("x", maxWaitingBytes)), burstOf("x")}, 1},
		"almost full": {append(repeat(maxWaiting-1, burstOf("x")), burstOf(many...), burstOf("x")), maxWaiting - 1 + len(many)},
	} {
		l, overflows := newListener(nil)
		last := len(tc.bursts) - 1
		for _, b := range tc.bursts[:last] {
			l.Deliver(b)
		}
		if *overflows > 0 || len(l.waiting) != tc.taken {
			t.Errorf("%s: %d wait, overflowed %d times", name, len(l.waiting), *overflows)
		}
		l.Deliver(tc.bursts[last])
		l.Deliver(burstOf("y"))
		if *overflows != 2 || l.take() != nil {
			t.Errorf("%s: overflowed %d times, and something waits", name, *overflows)
		}
		if got := dropped(t, l.metrics); got != 2 {
			t.Errorf("%s: %v dropped are counted", name, got)
		}
	}
}

func repeat(n int, b wire.Burst) (bursts []wire.Burst) {
	for range n {
		bursts = append(bursts, b)
	}
	return bursts
}

func dropped(t *testing.T, m *metrics.Metrics) float64 {
	return value(t, m, "twinway_signals_dropped_total", "")
}

// value returns that of a metric with a label.
func value(t *testing.T, m *metrics.Metrics, name, label string) float64 {
	t.Helper()
	families, err := m.Registry().Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, metric := range f.GetMetric() {
			if f.GetName() == name && (label == "" || metric.GetLabel()[0].GetValue() == label) {
				return metric.GetCounter().GetValue()
			}
		}
	}
	t.Fatalf("there is no %s %s", name, label)
	return 0
}
