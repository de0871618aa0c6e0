package gateway_test

import (
	"testing"
	"time"

	"github.com/twinway/twinway/internal/snapshot"
)

// Every way of asking for an answer, for every kind of signal, leads to what the rules say: nothing, the response, an error,
// or aggregated acknowledgements.
//
// What is answered before a time is over is asked first, with times that are never over. Then come the others; what is silent
// is asked before what is waited for longest, so that whatever came late would be seen. In the end nobody waits and nobody owes.
func TestEveryQuestionHasItsOutcome(t *testing.T) {
	g := start(t, within(time.Minute))
	requesters := map[*kind]*asker{}
	for _, k := range kinds {
		k.cast(t, g)
		requesters[k] = newAsker(t, g, k)
	}
	t.Run("at once", func(t *testing.T) {
		for _, k := range kinds {
			t.Run(k.name, func(t *testing.T) {
				t.Parallel()
				requesters[k].askAll(t, k.answeredAtOnce())
			})
		}
	})
	mustApply(t, g, configuration(t, within(shortly)), "session.commandTimeout")
	t.Run("in time", func(t *testing.T) {
		for _, k := range kinds {
			t.Run(k.name, func(t *testing.T) {
				t.Parallel()
				requesters[k].askAll(t, append(k.unanswered(), k.answeredLate()...))
			})
		}
	})
	until(t, "nobody waits", func() bool { return metric(t, g, "waits") == 0 && metric(t, g, "dues") == 0 })
}

// shortly is for how long is waited for what never comes, if something else of the answer has to come meanwhile.
const shortly = 4 * time.Second

func within(timeout time.Duration) func(*snapshot.Snapshot) {
	return func(s *snapshot.Snapshot) { s.Session.CommandTimeout = timeout }
}
