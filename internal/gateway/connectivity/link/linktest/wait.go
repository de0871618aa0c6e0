package linktest

import (
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
)

// Enough is how long a test waits for what has to come.
const Enough = 30 * time.Second

// Eventually waits until something is true.
func Eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(Enough); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if is() {
			return
		}
	}
	t.Fatalf("%s: not in time", what)
}

// AwaitLost waits until a client is of no use any more.
func AwaitLost(t testing.TB, client link.Client) {
	t.Helper()
	select {
	case <-client.Lost():
	case <-time.After(Enough):
		t.Fatal("not lost")
	}
}
