package session

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/broker"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
)

// asking publishes each envelope as a message that its sender waits for, for a very long time, and tells when it has.
type asking struct {
	t         *testing.T
	books     *broker.Broker
	hub       *pubsub.Hub
	published chan *Session
}

func (a asking) Handle(_ context.Context, from *Session, env *protocol.Envelope) {
	id, _ := env.Headers.String(protocol.HeaderCorrelationID)
	w, err := a.books.Open(from.Party(), broker.Terms{
		Plan:     ack.Plan{Labels: []string{"of:device", protocol.LabelLiveResponse}, ResponseRequired: true, Reply: ack.Aggregate, Wait: time.Hour},
		Received: time.Now(), ThingID: "n:t", Channel: protocol.Live, CorrelationID: id, Live: true,
		Done: func(r ack.Result, _ any) { a.t.Errorf("the requester is told %v of what nobody answered", r.Outcome) },
	})
	if err != nil {
		a.t.Error(err)
	}
	a.hub.Publish([]*pubsub.Signal{{Namespace: "n", Origin: from, Body: message{}, Account: w}})
	from.NoReply()
	a.published <- from
}

type message struct{}

func (message) View(*pubsub.Audience, *pubsub.Want) pubsub.View { return "whole" }

func (message) AppendSignal(dst []byte, _ pubsub.View, _ *pubsub.Delivery) ([]byte, bool) {
	return append(dst, "a message"...), true
}

func (message) Forget() {}

// ends are the waits that have ended, and who was left then.
type ends struct {
	broker.Hooks
	mu   sync.Mutex
	seen []string
	look func() string
}

func (e *ends) WaitEnded(how broker.End) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.seen = append(e.seen, string(how)+", "+e.look())
}

// world is an application that waits for a device.
type world struct {
	server              *Server
	books               *broker.Broker
	hub                 *pubsub.Hub
	ends                *ends
	application, device *client
}

// waiting returns a world in which two messages are waited for.
func waiting(t *testing.T) *world {
	t.Helper()
	w := &world{hub: pubsub.NewHub(), ends: &ends{}}
	w.ends.look = func() string {
		// Who waited is not subscribed any more, but still has its labels.
		if w.hub.Subscribers() == 1 && w.server.registry.Len() == 2 {
			return "between hub and registry"
		}
		return "out of order"
	}
	w.books = broker.New(broker.Options{Hooks: w.ends})
	t.Cleanup(w.books.Close)
	handler := asking{t, w.books, w.hub, make(chan *Session, 10)}
	server, url := newTestServer(t, as(alice), handler, func(o *Options) {
		o.Hubs, o.Broker = Hubs{protocol.SignalMessages: w.hub}, w.books
	})
	w.server = server
	w.application, w.device = dial(t, url+"?declared-acks=of:application", nil), dial(t, url+"?declared-acks=of:device", nil)
	for _, c := range []*client{w.application, w.device} {
		c.send("START-SEND-MESSAGES")
		c.mustGet("START-SEND-MESSAGES:ACK")
	}
	for _, id := range []string{"one", "two"} {
		w.application.send(`{"topic":"n/t/things/live/messages/hi","path":"/inbox/messages/hi","headers":{"correlation-id":"` + id + `"}}`)
		<-handler.published
		w.device.mustGet("a message")
	}
	w.mustHave(t, 2, 2)
	return w
}

// mustHave waits until that many wait and owe.
func (w *world) mustHave(t *testing.T, waits, dues int) {
	t.Helper()
	wait(t, func() bool { return w.books.Waits() == waits && w.books.Dues() == dues })
}

// Who is gone owes nothing. Who waits does so until its time is over.
func TestSessionThatOwesAnAnswerEnds(t *testing.T) {
	w := waiting(t)
	_ = w.device.CloseNow()
	w.mustHave(t, 2, 0)
	if w.server.Registry().Declared("of:device") {
		t.Error("what a session declared outlives it")
	}
	_ = w.application.CloseNow()
	w.mustHave(t, 0, 0)
}

// Who is gone waits for nothing, and is owed nothing: its waits go when it receives nothing any more, and before others can
// have the labels that it declared.
func TestSessionThatWaitsEnds(t *testing.T) {
	w := waiting(t)
	_ = w.application.CloseNow()
	w.mustHave(t, 0, 0)
	wait(t, func() bool { return w.server.Registry().Len() == 1 })
	w.ends.mu.Lock()
	defer w.ends.mu.Unlock()
	if diff := cmp.Diff([]string{"abandoned, between hub and registry", "abandoned, between hub and registry"}, w.ends.seen); diff != "" {
		t.Error(diff)
	}
	w.device.send("STOP-SEND-MESSAGES")
	w.device.mustGet("STOP-SEND-MESSAGES:ACK")
}

// Sessions part as soon as what they sent has been published: nobody stays to wait for others.
func TestSessionsThatWaitPart(t *testing.T) {
	w := waiting(t)
	w.ends.look = func() string { return "parted" }
	go func() { w.server.Registry().PartAll(t.Context(), closeServiceRestart, "bye", 0) }()
	w.application.mustClose(closeServiceRestart)
	w.device.mustClose(closeServiceRestart)
	w.mustHave(t, 0, 0)
}

// A server that is closed leaves nothing behind, whoever waits.
func TestServerClosesWithWaits(t *testing.T) {
	w := waiting(t)
	w.ends.look = func() string { return "closed" }
	w.server.Close()
	if waits, dues := w.books.Waits(), w.books.Dues(); waits != 0 || dues != 0 {
		t.Errorf("%d waits and %d dues are left", waits, dues)
	}
}
