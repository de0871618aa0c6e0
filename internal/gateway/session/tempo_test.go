package session

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

func TestFirstMessagesAfterARestAreCalm(t *testing.T) {
	var tempo tempo
	now := time.Unix(1, 0)
	for round, pause := range []time.Duration{rest, rest, time.Hour} {
		now = now.Add(pause)
		for i := range 3 * manyBrisk {
			if got := tempo.calm(now); got != (i < manyBrisk) {
				t.Fatalf("after rest %d, message %d: calm is %v", round, i, got)
			}
			now = now.Add((rest - 1) * time.Duration(i%2))
		}
		now = tempo.last
	}
}

func TestSeldomMessagesAreAllCalm(t *testing.T) {
	var tempo tempo
	for i := range 5 * manyBrisk {
		if !tempo.calm(time.Unix(int64(i)*int64(rest/time.Second), 0)) {
			t.Fatalf("message %d is not", i)
		}
	}
}

// goroutine returns which one this is.
func goroutine() string {
	stack := make([]byte, 64)
	return strings.Fields(string(stack[:runtime.Stack(stack, false)]))[1]
}

func TestSessionWaitsWithANewGoroutineUnlessItIsBusy(t *testing.T) {
	var by []string
	_, url := newTestServer(t, as(alice), answering(func(*Session, *protocol.Envelope) string {
		by = append(by, goroutine())
		return fmt.Sprint(len(by))
	}))
	c := dial(t, url, nil)
	const n = 3 * manyBrisk
	for i := range n {
		c.send(`{"topic":"n/t/things/twin/commands/retrieve","path":"/"}`)
		c.mustGet(fmt.Sprint(i + 1))
	}
	if again := slices.Compact(slices.Clone(by)); len(again) != manyBrisk+1 {
		t.Errorf("%d messages were handled by %d goroutines, want one for each of the first %d and one for the others: %v", n, len(again), manyBrisk, by)
	}
}
