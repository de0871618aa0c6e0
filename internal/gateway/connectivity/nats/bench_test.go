package nats

import (
	"sync"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/link/linktest"
	"github.com/twinway/twinway/internal/snapshot"
)

// payload is about as large as an event of the protocol.
var payload = make([]byte, 400)

var both = []snapshot.DeliveryGuarantee{snapshot.AtLeastOnce, snapshot.AtMostOnce}

// BenchmarkPublish publishes to a server on this machine, with a stream in memory.
func BenchmarkPublish(b *testing.B) {
	for _, delivery := range both {
		b.Run(string(delivery), func(b *testing.B) {
			s := newServer(b, nil)
			newStream(b, s, inMemory)
			client := dial(b, to(s), &linktest.Inbox{})
			b.ReportAllocs()
			var outcomes sync.WaitGroup
			outcomes.Add(b.N)
			b.ResetTimer()
			for range b.N {
				m := &external.Message{Address: "s.a", Payload: payload, Headers: external.Headers{
					"content-type": "application/json", "correlation-id": "c-1",
				}}
				if err := client.Publish(b.Context(), m, delivery, func(link.Outcome) { outcomes.Done() }); err != nil {
					b.Fatal(err)
				}
			}
			outcomes.Wait()
		})
	}
}

func inMemory(c *jetstream.StreamConfig) { c.Storage, c.MaxMsgs = jetstream.MemoryStorage, 100_000 }

// BenchmarkConsume consumes from a server on this machine, and accepts at once.
func BenchmarkConsume(b *testing.B) {
	for _, delivery := range both {
		b.Run(string(delivery), func(b *testing.B) {
			s := newServer(b, nil)
			newStream(b, s, inMemory)
			conn := outside(b, s)
			// No more is under way than finds room.
			room := make(chan struct{}, maxWaiting/2)
			var seen sync.WaitGroup
			seen.Add(b.N)
			connection := to(s, source("s", delivery, "s.a"))
			client, err := New().Dial(b.Context(), linktest.Config(connection, linktest.ConsumerFunc(func(c link.Consumed) {
				if c.Settle != nil {
					c.Settle(link.Accept)
				}
				<-room
				seen.Done()
			})))
			if err != nil {
				b.Fatal(err)
			}
			defer linktest.End(client)
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				room <- struct{}{}
				if err := conn.Publish("s.a", payload); err != nil {
					b.Fatal(err)
				}
			}
			seen.Wait()
		})
	}
}
