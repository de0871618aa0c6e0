package connectivity

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/snapshot"
)

// However replies and answers come, and by which goroutines, each message is settled once and leaves nothing behind.
func TestInletUnderStress(t *testing.T) {
	l := newLand(t, snapshot.ConnectionKafka)
	var answering sync.WaitGroup
	l.peer.handler = handlerFunc(func(from exchange.Requester, _ *protocol.Envelope) {
		switch rand.IntN(5) {
		case 0:
			from.Reply(success(204), 0)
		case 1:
			answering.Go(func() { from.Reply(failed(503), 0) })
		case 2:
			answering.Go(func() { from.Answer(acks(204, 404)) })
			from.NoReply()
		case 3:
			from.NoReply()
			answering.Go(func() { from.Answer(acks(204, 204)) })
		case 4:
			answering.Go(from.NoReply)
			answering.Go(func() { from.Answer(acks(408)) })
		}
	})
	in := l.inlet(func(s *snapshot.Source) {
		s.ImplicitThing = &snapshot.ImplicitThing{Thing: `{"thingId":"ns:a","policyId":"ns:p"}`}
	})
	in.use(nowhere{})
	const consumers, each = 4, 500
	var settled [consumers * each]atomic.Int32
	var consuming sync.WaitGroup
	for c := range consumers {
		consuming.Go(func() {
			for n := range each {
				err := in.Consume(t.Context(), link.Consumed{
					Source: "in", Settle: func(link.Settlement) { settled[c*each+n].Add(1) },
					Message: external.Message{Address: "from/a", Payload: []byte(modify(`"requested-acks":["test:0","test:1"],`)), Headers: external.Headers{"reply-to": "back"}},
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	consuming.Wait()
	if left := in.drain(t.Context()); left != 0 {
		t.Errorf("%d are left", left)
	}
	answering.Wait()
	for i := range settled {
		if times := settled[i].Load(); times != 1 {
			t.Errorf("message %d was settled %d times", i, times)
		}
	}
	if in.room.underway != 0 || in.room.waiting != 0 || in.room.bytes != 0 {
		t.Errorf("the room has %d under way with %d bytes, and %d that wait", in.room.underway, in.room.bytes, in.room.waiting)
	}
}

type handlerFunc func(exchange.Requester, *protocol.Envelope)

func (f handlerFunc) Handle(_ context.Context, from exchange.Requester, env *protocol.Envelope) {
	f(from, env)
}

// tossing is a client that does what it wants, by goroutines of its own.
type tossing struct {
	*far
	working sync.WaitGroup

	mu      sync.Mutex
	arrived map[string][]string // payloads by key
}

func (c *tossing) Publish(_ context.Context, m *external.Message, _ snapshot.DeliveryGuarantee, done func(link.Outcome)) error {
	select {
	case <-c.lost:
		return link.ErrLost
	default:
	}
	toss := rand.IntN(8)
	if toss > 0 {
		c.mu.Lock()
		c.arrived[m.Key] = append(c.arrived[m.Key], string(m.Payload))
		c.mu.Unlock()
	}
	tell := func() {
		if toss == 0 {
			done(link.Outcome{Status: 503, Err: link.ErrLost, Again: true})
			return
		}
		done(deliveredAs)
	}
	if rand.IntN(2) == 0 {
		tell()
	} else {
		c.working.Go(tell)
	}
	return nil
}

// Whatever clients and hubs do at the same time, each signal is delivered, those of one thing in order, and nothing is left.
func TestOutletUnderStress(t *testing.T) {
	l := newLand(t, snapshot.ConnectionMQTT)
	o := l.outlet(nil)
	arrived := map[string][]string{}
	client := &tossing{far: newFar(), arrived: arrived}
	o.use(client)
	const publishers, each = 4, 200 // together no more than there is room for
	var publishing sync.WaitGroup
	for p := range publishers {
		publishing.Go(func() {
			for n := range each {
				body := &news{event(fmt.Sprintf("t%d", p), n), "id"}
				l.peer.hubs[snapshot.SignalTwinEvents].Publish([]*pubsub.Signal{{Namespace: "ns", Body: body}})
			}
		})
	}
	old := []*tossing{client}
	for range 20 {
		close(client.lost)
		client = &tossing{far: newFar(), arrived: map[string][]string{}}
		old = append(old, client)
		o.use(client)
	}
	publishing.Wait()
	if left := o.drain(t.Context()); left != 0 {
		t.Errorf("%d are left", left)
	}
	got := map[string]int{}
	for _, c := range old {
		c.working.Wait()
		for key, all := range c.arrived {
			for _, payload := range all {
				n, want := got[key], fmt.Sprintf(event(key[3:], got[key]), "id", "[]")
				if payload != want {
					t.Fatalf("of %s number %d is %s", key, n, payload)
				}
				got[key]++
			}
		}
	}
	for p := range publishers {
		if key := fmt.Sprintf("ns:t%d", p); got[key] != each {
			t.Errorf("of %s %d have arrived", key, got[key])
		}
	}
	if o.queue.count != 0 || o.queue.bytes != 0 || len(o.lanes) != 0 || len(o.resting) != 0 {
		t.Errorf("left: %d, %d bytes, %d lanes, %d that rest", o.queue.count, o.queue.bytes, len(o.lanes), len(o.resting))
	}
}
