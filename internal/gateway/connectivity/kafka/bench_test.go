package kafka

import (
	"fmt"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/link/linktest"
	"github.com/twinway/twinway/internal/snapshot"
)

// payload is about as large as an event of the protocol.
var payload = make([]byte, 400)

// BenchmarkPublish publishes at least once to a cluster on this machine.
func BenchmarkPublish(b *testing.B) {
	cluster := newCluster(b, kfake.SeedTopics(4, "out"), kfake.BlackholeProduce())
	client := linktest.Dial(b, New(), linktest.Config(to(cluster), &linktest.Inbox{}))
	b.ReportAllocs()
	var outcomes sync.WaitGroup
	outcomes.Add(b.N)
	b.ResetTimer()
	for i := range b.N {
		m := &external.Message{
			Address: "out", Key: fmt.Sprint("org.acme:t", i%100), Payload: payload,
			Headers: external.Headers{"content-type": "application/json", "correlation-id": "c-1"},
		}
		if err := client.Publish(b.Context(), m, snapshot.AtLeastOnce, func(link.Outcome) { outcomes.Done() }); err != nil {
			b.Fatal(err)
		}
	}
	outcomes.Wait()
}

// BenchmarkConsume consumes from a cluster on this machine, and accepts at once. It includes what the cluster and who produces take.
func BenchmarkConsume(b *testing.B) {
	for _, delivery := range []snapshot.DeliveryGuarantee{snapshot.AtLeastOnce, snapshot.AtMostOnce} {
		b.Run(string(delivery), func(b *testing.B) {
			cluster := newCluster(b, kfake.SeedTopics(4, "in"))
			producer := outside(b, cluster)
			var seen sync.WaitGroup
			seen.Add(b.N)
			linktest.Dial(b, New(), linktest.Config(to(cluster, source("s", delivery, "in")), linktest.ConsumerFunc(func(c link.Consumed) {
				if c.Settle != nil {
					c.Settle(link.Accept)
				}
				seen.Done()
			})))
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				producer.Produce(b.Context(), &kgo.Record{Topic: "in", Partition: int32(i % 4), Value: payload}, nil)
			}
			seen.Wait()
		})
	}
}
