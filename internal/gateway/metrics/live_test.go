package metrics_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/broker"
	"github.com/twinway/twinway/internal/gateway/metrics"
)

func TestLiveSignalsAreCountedByKind(t *testing.T) {
	m := metrics.New()
	m.LivePublished(metrics.LiveClaim)
	m.LivePublished(metrics.LiveEvent)
	m.LivePublished(metrics.LiveEvent)
	want := map[string]float64{"message ": 0, "claim ": 1, "command ": 0, "event ": 2}
	if diff := cmp.Diff(want, gathered(t, m.Registry(), "twinway_live_signals_published_total")); diff != "" {
		t.Error(diff)
	}
}

// What an alert looks at must be there before it counts, in the words of who tells of it.
func TestWhatBecomesOfWaitsIsThereFromTheBeginning(t *testing.T) {
	ends, reasons := map[string]float64{}, map[string]float64{}
	for _, end := range []broker.End{broker.Answered, broker.TimedOut, broker.Failed, broker.Abandoned, broker.Refused} {
		ends[string(end)+" "] = 0
	}
	for _, reason := range []broker.Lost{broker.Unknown, broker.Mismatched, broker.Repeated} {
		reasons[string(reason)+" "] = 0
	}
	m := metrics.New()
	check := func(when string) {
		t.Helper()
		if diff := cmp.Diff(ends, gathered(t, m.Registry(), "twinway_waits_ended_total")); diff != "" {
			t.Errorf("%s: %s", when, diff)
		}
		if diff := cmp.Diff(reasons, gathered(t, m.Registry(), "twinway_answers_lost_total")); diff != "" {
			t.Errorf("%s: %s", when, diff)
		}
	}
	check("before")
	m.WaitEnded(string(broker.TimedOut))
	m.WaitEnded("in a new way")
	m.AnswerLost(string(broker.Repeated))
	ends["timed-out "], ends["in a new way "], reasons["repeated "] = 1, 1, 1
	check("after")
}

func TestAnswersAreCounted(t *testing.T) {
	m := metrics.New()
	m.WeaklyAcknowledged()
	m.AnswerUnread()
	m.AnswerUnread()
	for name, want := range map[string]float64{"twinway_weak_acknowledgements_total": 1, "twinway_answers_unread_total": 2} {
		if got := gathered(t, m.Registry(), name)[""]; got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
}
