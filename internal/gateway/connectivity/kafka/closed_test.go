package kafka

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/link/linktest"
	"github.com/twinway/twinway/internal/snapshot"
)

// Whoever closes a client that nobody answers to knows of each message what became of it.
func TestClosedWithoutAnswer(t *testing.T) {
	for range 5 {
		valve := newValve()
		cluster := newCluster(t, kfake.SeedTopics(4, "out"), kfake.ListenFn(valve.listen))
		client := dial(t, to(cluster), &linktest.Inbox{})
		published(t, client, external.Message{Address: "out"})
		valve.cut()
		var outcomes atomic.Int32
		const messages = 400
		for range messages {
			m := &external.Message{Address: "out", Payload: []byte("x")}
			if err := client.Publish(t.Context(), m, snapshot.AtLeastOnce, func(link.Outcome) { outcomes.Add(1) }); err != nil {
				t.Fatal(err)
			}
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		client.Close(gone)
		if n := outcomes.Load(); n != messages {
			t.Errorf("%d of %d outcomes when it is closed", n, messages)
		}
		valve.heal()
	}
}
