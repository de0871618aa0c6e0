package connectivity

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/wire"
	"github.com/twinway/twinway/internal/snapshot"
)

// nowhere is a client that takes everything at once.
type nowhere struct{ *far }

func (nowhere) Publish(_ context.Context, _ *external.Message, _ snapshot.DeliveryGuarantee, done func(link.Outcome)) error {
	done(deliveredAs)
	return nil
}

// void handles commands by replying that they are done.
type void struct{}

func (void) Handle(_ context.Context, from exchange.Requester, _ *protocol.Envelope) {
	from.Reply(done204, 0)
}

var done204 = &protocol.Response{Status: 204}

// BenchmarkOutlet is about signals of a hundred things, in bursts of 64 as commits have them.
func BenchmarkOutlet(b *testing.B) {
	for _, c := range []struct {
		name   string
		kind   snapshot.ConnectionType
		change func(s *snapshot.Subscription)
	}{
		{"sure", snapshot.ConnectionMQTT, nil},
		{"once", snapshot.ConnectionMQTT, atMostOnce},
		{"normalized", snapshot.ConnectionMQTT, func(s *snapshot.Subscription) { s.Target.Payload = snapshot.TargetNormalizedThing }},
		{"mirrored", snapshot.ConnectionDittoWebSocket, func(s *snapshot.Subscription) { s.Target.Address = "" }},
	} {
		b.Run(c.name, func(b *testing.B) {
			l := newLand(b, c.kind)
			o, err := newOutlet(l.peer, subscription(c.change))
			if err != nil {
				b.Fatal(err)
			}
			o.open()
			defer o.close()
			o.use(nowhere{})
			const size = 64
			burst := wire.NewBurst(size, 300)
			for n := range size {
				burst.Add(func(dst []byte) ([]byte, bool) {
					return fmt.Appendf(dst, event(fmt.Sprintf("thing-%d", n%100), n), "id", []byte("[]")), true
				})
			}
			b.ReportAllocs()
			for sent := 0; sent < b.N; sent += size {
				for o.waiting()+size > maxQueued {
					time.Sleep(50 * time.Microsecond)
				}
				o.Deliver(burst.First(b.N - sent))
			}
			for o.waiting() > 0 {
				time.Sleep(50 * time.Microsecond)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "signals/s")
		})
	}
}

func (o *outlet) waiting() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.queue.count
}

// BenchmarkInlet is about modifications that are done at once.
func BenchmarkInlet(b *testing.B) {
	for _, c := range []struct {
		name   string
		change func(s *snapshot.Source)
	}{
		{"silent", func(s *snapshot.Source) { s.ReplyTo = "" }},
		{"replied to", nil},
		{"with header mapping", func(s *snapshot.Source) {
			s.ReplyTo = ""
			s.Headers = map[string]string{"device": "{{ source:address | fn:substring-after('/') }}", "kind": "{{ header:kind }}"}
			s.Enforcement = &snapshot.Enforcement{Input: "{{ source:address }}", Filters: []string{"from/{{ thing:name }}"}}
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			l := newLand(b, snapshot.ConnectionKafka)
			l.peer.handler = void{}
			in := l.inlet(c.change)
			in.use(nowhere{})
			text, headers := []byte(modify("")), external.Headers{"reply-to": "back", "kind": "sensor"}
			settle := func(link.Settlement) {}
			b.ReportAllocs()
			for range b.N {
				err := in.Consume(b.Context(), link.Consumed{Source: "in", Settle: settle, Message: external.Message{Address: "from/a", Payload: text, Headers: headers}})
				if err != nil {
					b.Fatal(err)
				}
			}
			in.replies.drain(b.Context())
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}
