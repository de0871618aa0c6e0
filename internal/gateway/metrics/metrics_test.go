package metrics_test

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/twinway/twinway/internal/gateway/metrics"
)

// gathered returns the values of a family by the value of their only label.
func gathered(t *testing.T, registry *prometheus.Registry, name string) map[string]float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
		for _, m := range family.GetMetric() {
			values[labels(m)] = m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	return values
}

func labels(m *dto.Metric) string {
	text := ""
	for _, label := range m.GetLabel() {
		text += label.GetValue() + " "
	}
	return text
}

// A peer chooses the code of its close frame, and must not make metrics with it.
func TestCloseCodesAreBounded(t *testing.T) {
	m := metrics.New()
	for code := -1; code < 70000; code++ {
		m.SessionClosed(code)
	}
	closed := gathered(t, m.Registry(), "twinway_sessions_closed_total")
	if len(closed) != 18 || closed["other "] != 70001-17 || closed["1015 "] != 1 {
		t.Errorf("%d labels: %v", len(closed), closed)
	}
}

func TestCommandsAreCountedByActionAndStatus(t *testing.T) {
	m := metrics.New()
	for range 3 {
		m.Command("create", 201, time.Millisecond)
	}
	m.Command("create", 409, time.Millisecond)
	m.Command("delete", 0, time.Millisecond)
	got := gathered(t, m.Registry(), "twinway_commands_total")
	if len(got) != 3 || got["create 201 "] != 3 || got["create 409 "] != 1 || got["delete 0 "] != 1 {
		t.Errorf("%v", got)
	}
}

func TestEveryKindOfMessageIsThereFromTheBeginning(t *testing.T) {
	m := metrics.New()
	m.Message(metrics.MessageInvalid)
	got := gathered(t, m.Registry(), "twinway_messages_received_total")
	if len(got) != 9 || got["invalid "] != 1 || got["command "] != 0 {
		t.Errorf("%v", got)
	}
}

func TestEveryResultOfAnEvaluationIsThereFromTheBeginning(t *testing.T) {
	m := metrics.New()
	m.Evaluated(metrics.EvaluationFailed)
	got := gathered(t, m.Registry(), "twinway_subscription_evaluations_total")
	if len(got) != 3 || got["failed "] != 1 || got["matched "] != 0 || got["filtered "] != 0 {
		t.Errorf("%v", got)
	}
}

func TestCounterThatIsRead(t *testing.T) {
	m := metrics.New()
	value := 1.0
	m.Counter("steps_total", "Of something.", func() float64 { return value })
	value = 2
	if got := gathered(t, m.Registry(), "twinway_steps_total"); got[""] != 2 {
		t.Errorf("%v", got)
	}
}

func TestGauge(t *testing.T) {
	m := metrics.New()
	value := 1.0
	m.Gauge("height", "Of something.", func() float64 { return value })
	value = 2
	if got := gathered(t, m.Registry(), "twinway_height"); got[""] != 2 {
		t.Errorf("%v", got)
	}
}

func TestDroppedEventsAreCountedByReason(t *testing.T) {
	m := metrics.New()
	m.HistoryDroppedByCount(16)
	m.HistoryDroppedByAge(3)
	m.HistoryDroppedByAge(4)
	got := gathered(t, m.Registry(), "twinway_history_events_dropped_total")
	if len(got) != 2 || got["count "] != 16 || got["age "] != 7 {
		t.Errorf("dropped: %v", got)
	}
}
