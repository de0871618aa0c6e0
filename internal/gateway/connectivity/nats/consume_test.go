package nats

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/link/linktest"
	"github.com/twinway/twinway/internal/snapshot"
)

// durable is what the consumer of a source s is called.
const durable = "twinway-s"

func numbers(from, to int) []string {
	var all []string
	for i := from; i < to; i++ {
		all = append(all, strconv.Itoa(i))
	}
	return all
}

func TestListen(t *testing.T) {
	s := newServer(t, nil)
	in := &linktest.Inbox{}
	dial(t, to(s, source("s", snapshot.AtMostOnce, "in.*.up")), in)
	other := outside(t, s)
	sent := []*nats.Msg{
		{
			Subject: "in.t.up", Reply: "answers", Data: []byte("1"),
			Header: nats.Header{"Content-Type": {"text/plain"}, "x": {"first", "second"}, "nats.subject": {"forged"}},
		},
		{Subject: "in.t.down"},
		{Subject: "in.u.up", Data: []byte("2"), Header: nats.Header{"reply-to": {"elsewhere"}}},
	}
	for _, msg := range sent {
		if err := other.PublishMsg(msg); err != nil {
			t.Fatal(err)
		}
	}
	linktest.Eventually(t, "two messages", func() bool { return len(in.All()) == 2 })
	want := []external.Message{
		{Address: "in.t.up", Key: "in.t.up", Payload: []byte("1"), Headers: external.Headers{
			"content-type": "text/plain", "x": "first", "reply-to": "answers", "nats.subject": "in.t.up",
		}},
		{Address: "in.u.up", Key: "in.u.up", Payload: []byte("2"), Headers: external.Headers{
			"reply-to": "elsewhere", "nats.subject": "in.u.up",
		}},
	}
	for i, c := range in.All() {
		if diff := cmp.Diff(want[i], c.Message); diff != "" {
			t.Error(diff)
		}
		if c.Source != "s" || c.Settle != nil {
			t.Errorf("%+v", c)
		}
	}
}

func TestQueueGroup(t *testing.T) {
	s := newServer(t, nil)
	one, two := &linktest.Inbox{}, &linktest.Inbox{}
	for _, in := range []*linktest.Inbox{one, two} {
		connection := to(s, source("s", snapshot.AtMostOnce, "in"))
		connection.NATS.QueueGroup = "g"
		dial(t, connection, in)
	}
	other := outside(t, s)
	for i := range 100 {
		if err := other.Publish("in", fmt.Append(nil, i)); err != nil {
			t.Fatal(err)
		}
	}
	linktest.Eventually(t, "all messages", func() bool { return len(one.All())+len(two.All()) >= 100 })
	if err := other.Publish("in", []byte("last")); err != nil {
		t.Fatal(err)
	}
	linktest.Eventually(t, "the last", func() bool { return slices.Contains(append(one.Payloads(), two.Payloads()...), "last") })
	if all := append(one.Payloads(), two.Payloads()...); len(all) != 101 {
		t.Errorf("%d messages", len(all))
	}
	if len(one.All()) == 0 || len(two.All()) == 0 {
		t.Errorf("%d and %d", len(one.All()), len(two.All()))
	}
}

// TestListenSlowly loses what finds no room, says so, and goes on.
func TestListenSlowly(t *testing.T) {
	s := newServer(t, nil)
	gate := make(chan struct{})
	in := &linktest.Inbox{Do: func(context.Context, link.Consumed) { <-gate }}
	var mu sync.Mutex
	var log bytes.Buffer
	c := linktest.Config(to(s, source("s", snapshot.AtMostOnce, "in")), in)
	c.Logger = slog.New(slog.NewTextHandler(lockedWriter{&mu, &log}, nil))
	client := linktest.Dial(t, kind{swift}, c)
	other := outside(t, s)
	const sent = maxWaiting + 500
	for i := range sent {
		if err := other.Publish("in", fmt.Append(nil, i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := other.Flush(); err != nil {
		t.Fatal(err)
	}
	sub := client.(*natsClient).listeners[0].sub
	linktest.Eventually(t, "some are dropped", func() bool { n, _ := sub.Dropped(); return n >= sent-maxWaiting-1 })
	close(gate)
	linktest.Eventually(t, "the loss is logged", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return strings.Contains(log.String(), "messages are lost because")
	})
	dropped, _ := sub.Dropped()
	linktest.Eventually(t, "all others", func() bool { return len(in.All()) == sent-dropped })
	if err := other.Publish("in", []byte("last")); err != nil {
		t.Fatal(err)
	}
	linktest.Eventually(t, "the next", func() bool { return slices.Contains(in.Payloads(), "last") })
}

// natsClient is what clients are, where a variable has the name.
type natsClient = client

type lockedWriter struct {
	mu *sync.Mutex
	w  *bytes.Buffer
}

func (l lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

func TestPull(t *testing.T) {
	s := newServer(t, nil)
	js := newStream(t, s, nil)
	in := &linktest.Inbox{}
	dial(t, to(s, source("s", snapshot.AtLeastOnce, "s.a", "s.b.*")), in)
	msg := &nats.Msg{Subject: "s.a", Data: []byte("1"), Header: nats.Header{"Correlation-ID": {"c-1"}}}
	if _, err := js.PublishMsg(t.Context(), msg); err != nil {
		t.Fatal(err)
	}
	store(t, js, "s.c", "other")
	store(t, js, "s.b.x", "2")
	linktest.Eventually(t, "two messages", func() bool { return len(in.All()) == 2 })
	want := []external.Message{
		{Address: "s.a", Key: "s.a", Payload: []byte("1"), Headers: external.Headers{"correlation-id": "c-1", "nats.subject": "s.a"}},
		{Address: "s.b.x", Key: "s.b.x", Payload: []byte("2"), Headers: external.Headers{"nats.subject": "s.b.x"}},
	}
	for i, c := range in.All() {
		if diff := cmp.Diff(want[i], c.Message); diff != "" {
			t.Error(diff)
		}
		if c.Source != "s" || c.Redelivered != 0 {
			t.Errorf("%+v", c)
		}
	}
	linktest.Eventually(t, "all is settled", settled(t, js, durable))
}

func TestPullBeginsWithWhatIsNew(t *testing.T) {
	for _, retention := range []jetstream.RetentionPolicy{jetstream.LimitsPolicy, jetstream.InterestPolicy, jetstream.WorkQueuePolicy} {
		t.Run(retention.String(), func(t *testing.T) {
			s := newServer(t, nil)
			js := newStream(t, s, func(c *jetstream.StreamConfig) { c.Retention = retention })
			store(t, js, "s.a", "0")
			in := &linktest.Inbox{}
			client := dial(t, to(s, source("s", snapshot.AtLeastOnce, "s.a")), in)
			linktest.End(client)
			store(t, js, "s.a", "1")
			dial(t, to(s, source("s", snapshot.AtLeastOnce, "s.a")), in)
			linktest.Eventually(t, "the message", func() bool { return slices.Contains(in.Payloads(), "1") })
			if got := slices.Contains(in.Payloads(), "0"); got != (retention == jetstream.WorkQueuePolicy) {
				t.Errorf("what was there before: %v", got)
			}
		})
	}
}

func TestSettlement(t *testing.T) {
	s := newServer(t, nil)
	js := newStream(t, s, nil)
	in := &linktest.Inbox{}
	var accepted atomic.Bool
	in.Use(func(_ context.Context, c link.Consumed) {
		switch string(c.Message.Payload) {
		case "reject":
			c.Settle(link.Reject)
		case "again":
			if c.Redelivered < 3 {
				c.Settle(link.Redeliver)
				c.Settle(link.Accept) // too late
				return
			}
			c.Settle(link.Accept)
		case "later":
			time.Sleep(3 * swift.ack)
			accepted.Store(true)
			c.Settle(link.Accept)
		default:
			c.Settle(link.Accept)
		}
	})
	dial(t, to(s, source("s", snapshot.AtLeastOnce, "s.a")), in)
	store(t, js, "s.a", "accept", "reject", "again", "last")
	linktest.Eventually(t, "all is settled", settled(t, js, durable))
	var counts []int
	for _, c := range in.All() {
		if string(c.Message.Payload) == "again" {
			counts = append(counts, c.Redelivered)
		}
	}
	if diff := cmp.Diff([]int{0, 1, 2, 3}, counts); diff != "" {
		t.Error(diff)
	}
	if n := len(in.All()); n != 7 {
		t.Errorf("%d messages: %v", n, in.Payloads())
	}
	// What takes longer than the server waits does not come twice, nor what waits behind it.
	store(t, js, "s.a", "later", "behind")
	linktest.Eventually(t, "all is settled", func() bool { return accepted.Load() && settled(t, js, durable)() })
	if n := len(in.All()); n != 9 {
		t.Errorf("%d messages: %v", n, in.Payloads())
	}
}

// TestRedelivery has a message come again long before the server would have it come by itself, and nothing wait for it.
func TestRedelivery(t *testing.T) {
	s := newServer(t, nil)
	js := newStream(t, s, nil)
	in := &linktest.Inbox{Do: func(_ context.Context, c link.Consumed) {
		if string(c.Message.Payload) == "0" && c.Redelivered < 5 {
			c.Settle(link.Redeliver)
			return
		}
		c.Settle(link.Reject)
	}}
	linktest.Dial(t, patient(), linktest.Config(to(s, source("s", snapshot.AtLeastOnce, "s.a")), in))
	store(t, js, "s.a", "0", "1", "2")
	linktest.Eventually(t, "all is settled", settled(t, js, durable))
	got := in.Payloads()
	if last := got[len(got)-1]; len(got) != 8 || last != "0" {
		t.Errorf("%v", got)
	}
}

// TestPullSlowly takes no message: no more is fetched than there is room for.
func TestPullSlowly(t *testing.T) {
	s := newServer(t, nil)
	js := newStream(t, s, nil)
	gate := make(chan struct{})
	in := &linktest.Inbox{Do: func(_ context.Context, c link.Consumed) {
		<-gate
		c.Settle(link.Accept)
	}}
	dial(t, to(s, source("s", snapshot.AtLeastOnce, "s.a")), in)
	const sent = 3 * maxFetched
	store(t, js, "s.a", numbers(0, sent)...)
	linktest.Eventually(t, "as many as there is room for", func() bool {
		unsettled, _ := pending(t, js, durable)
		return unsettled == maxFetched+1
	})
	time.Sleep(2 * swift.ack)
	if unsettled, waiting := pending(t, js, durable); unsettled != maxFetched+1 || waiting != sent-maxFetched-1 {
		t.Errorf("%d unsettled, %d waiting", unsettled, waiting)
	}
	close(gate)
	linktest.Eventually(t, "all is settled", settled(t, js, durable))
	if diff := cmp.Diff(numbers(0, sent), in.Payloads()); diff != "" {
		t.Error(diff)
	}
}

// TestRestart closes and opens clients while messages come in: those that were accepted are not missing, and those that were not
// settled come again.
func TestRestart(t *testing.T) {
	s := newServer(t, nil)
	js := newStream(t, s, nil)
	connection := to(s, source("s", snapshot.AtLeastOnce, "s.a"))
	var mu sync.Mutex
	accepted := map[string]int{}
	n := 0
	in := &linktest.Inbox{}
	in.Use(func(_ context.Context, c link.Consumed) {
		mu.Lock()
		defer mu.Unlock()
		if n++; n%7 == 0 && n < 300 {
			return // never settled by this client
		}
		accepted[string(c.Message.Payload)]++
		c.Settle(link.Accept)
	})
	const all = 600
	client := dial(t, connection, in)
	for i := range 6 {
		seen := len(in.All())
		store(t, js, "s.a", numbers(i*100, (i+1)*100)...)
		linktest.Eventually(t, "some messages", func() bool { return len(in.All()) > seen+20 })
		linktest.End(client)
		client = dial(t, connection, in)
	}
	linktest.Eventually(t, "all are accepted", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(accepted) == all
	})
	linktest.Eventually(t, "all is settled", settled(t, js, durable))
	mu.Lock()
	defer mu.Unlock()
	for text, n := range accepted {
		if n != 1 {
			t.Errorf("%s was accepted %d times", text, n)
		}
	}
}

// TestServerRestart stops the server while messages flow both ways, and starts it again with what it had: nothing that was accepted is
// missing on either side.
func TestServerRestart(t *testing.T) {
	dir := t.TempDir()
	port := 0
	start := func() *server.Server {
		s := newServer(t, func(o *server.Options) {
			o.StoreDir = dir
			if port != 0 {
				o.Port = port
			}
		})
		port = s.Addr().(*net.TCPAddr).Port
		return s
	}
	s := start()
	js := newStream(t, s, nil)
	in := &linktest.Inbox{}
	connection := to(s, source("s", snapshot.AtLeastOnce, "s.in"))
	client := dial(t, connection, in)
	store(t, js, "s.in", numbers(0, 50)...)
	delivered := 0
	for i := range 20 {
		m := external.Message{Address: "s.out", Payload: fmt.Append(nil, i)}
		if o := linktest.Publish(t, client, m, snapshot.AtLeastOnce); o.Delivered() {
			delivered++
		}
	}
	stop(s)
	linktest.AwaitLost(t, client)
	if client.Err() == nil {
		t.Error("no cause")
	}
	linktest.End(client)
	s = start()
	js = newStream(t, s, nil)
	dial(t, connection, in)
	store(t, js, "s.in", numbers(50, 100)...)
	linktest.Eventually(t, "all is settled", settled(t, js, durable))
	got := map[string]bool{}
	for _, text := range in.Payloads() {
		got[text] = true
	}
	if len(got) != 100 {
		t.Errorf("%d of 100", len(got))
	}
	stream, err := js.Stream(t.Context(), "S")
	if err != nil {
		t.Fatal(err)
	}
	info, err := stream.Info(t.Context(), jetstream.WithSubjectFilter("s.out"))
	if err != nil {
		t.Fatal(err)
	}
	if stored := info.State.Subjects["s.out"]; delivered != 20 || stored != 20 {
		t.Errorf("%d delivered, %d stored", delivered, stored)
	}
}

// TestServerStops loses a client that consumes nothing, too.
func TestServerStops(t *testing.T) {
	s := newServer(t, nil)
	client := dial(t, to(s), &linktest.Inbox{})
	stop(s)
	linktest.AwaitLost(t, client)
	if client.Err() == nil {
		t.Error("no cause")
	}
}

// TestNetworkCut loses the client in bounded time; what had no outcome has one, and what was not settled comes again.
func TestNetworkCut(t *testing.T) {
	s := newServer(t, nil)
	js := newStream(t, s, nil)
	network := linktest.NewCable(t, s.Addr().String())
	connection := to(s, source("s", snapshot.AtLeastOnce, "s.in"))
	connection.URI = "nats://" + network.Address
	in := &linktest.Inbox{}
	in.Use(func(context.Context, link.Consumed) {})
	client := dial(t, connection, in)
	store(t, js, "s.in", "1")
	linktest.Eventually(t, "the message", func() bool { return len(in.All()) == 1 })
	network.Freeze()
	outcome := make(chan link.Outcome, 2)
	if err := client.Publish(t.Context(), &external.Message{Address: "s.out"}, snapshot.AtLeastOnce,
		func(o link.Outcome) { outcome <- o }); err != nil {
		t.Fatal(err)
	}
	linktest.AwaitLost(t, client)
	if client.Err() == nil {
		t.Error("no cause")
	}
	in.All()[0].Settle(link.Accept) // nobody hears of it
	linktest.End(client)
	if o := <-outcome; !o.Again || o.Status != 503 {
		t.Errorf("%+v", o)
	}
	network.Thaw()
	in.Use(nil)
	dial(t, connection, in)
	linktest.Eventually(t, "it comes again", func() bool { return len(in.All()) == 2 })
	if c := in.All()[1]; string(c.Message.Payload) != "1" || c.Redelivered < 1 {
		t.Errorf("%+v", c)
	}
	linktest.Eventually(t, "all is settled", settled(t, js, durable))
}

func TestConsumerIsDeleted(t *testing.T) {
	s := newServer(t, nil)
	js := newStream(t, s, nil)
	client := dial(t, to(s, source("s", snapshot.AtLeastOnce, "s.in")), &linktest.Inbox{})
	time.Sleep(20 * time.Millisecond) // in most runs it waits for messages then, in others it is about to
	if err := js.DeleteConsumer(t.Context(), "S", durable); err != nil {
		t.Fatal(err)
	}
	linktest.AwaitLost(t, client)
	if client.Err() == nil {
		t.Error("no cause")
	}
}

func TestTwoStreams(t *testing.T) {
	s := newServer(t, nil)
	js := newStream(t, s, nil)
	newStream(t, s, func(c *jetstream.StreamConfig) { c.Name, c.Subjects = "T", []string{"t.*"} })
	in := &linktest.Inbox{}
	dial(t, to(s, source("s", snapshot.AtLeastOnce, "s.a", "t.a"), source("u", snapshot.AtLeastOnce, "t.b")), in)
	store(t, js, "s.a", "1")
	store(t, js, "t.a", "2")
	store(t, js, "t.b", "3")
	linktest.Eventually(t, "three messages", func() bool { return len(in.All()) == 3 })
	got := map[string]string{}
	for _, c := range in.All() {
		got[string(c.Message.Payload)] = c.Source
	}
	if diff := cmp.Diff(map[string]string{"1": "s", "2": "s", "3": "u"}, got); diff != "" {
		t.Error(diff)
	}
}

// TestConsumerThatIsThere keeps what others have set, but for the subjects.
func TestConsumerThatIsThere(t *testing.T) {
	s := newServer(t, nil)
	js := newStream(t, s, nil)
	store(t, js, "s.b", "0")
	if _, err := js.CreateConsumer(t.Context(), "S", jetstream.ConsumerConfig{
		Durable: durable, AckPolicy: jetstream.AckExplicitPolicy, FilterSubject: "s.a", MaxAckPending: 7,
		DeliverPolicy: jetstream.DeliverAllPolicy, MaxDeliver: 2,
	}); err != nil {
		t.Fatal(err)
	}
	in := &linktest.Inbox{}
	dial(t, to(s, source("s", snapshot.AtLeastOnce, "s.a", "s.b")), in)
	store(t, js, "s.b", "1")
	linktest.Eventually(t, "the message", func() bool { return slices.Contains(in.Payloads(), "1") })
	consumer, err := js.Consumer(t.Context(), "S", durable)
	if err != nil {
		t.Fatal(err)
	}
	got := consumer.CachedInfo().Config
	if got.MaxAckPending != 7 || got.MaxDeliver != -1 || got.AckWait != swift.ack ||
		!slices.Equal(got.FilterSubjects, []string{"s.a", "s.b"}) {
		t.Errorf("%+v", got)
	}
}

// TestNothingIsTakenAnyMore has a consumer that takes no more before the client is closed, as it does when a connection is changed: the
// client stays as it is until it is closed, and the next one gets what was not taken.
func TestNothingIsTakenAnyMore(t *testing.T) {
	s := newServer(t, nil)
	js := newStream(t, s, nil)
	connection := to(s, source("s", snapshot.AtLeastOnce, "s.a"))
	in := &linktest.Inbox{}
	client := dial(t, connection, &linktest.Turnstile{Inbox: in, Left: 3})
	store(t, js, "s.a", numbers(0, 10)...)
	linktest.Eventually(t, "three messages", func() bool { return len(in.All()) == 3 })
	if o := linktest.Publish(t, client, external.Message{Address: "s.b"}, snapshot.AtLeastOnce); !o.Delivered() {
		t.Errorf("%+v", o)
	}
	linktest.End(client)
	dial(t, connection, in)
	linktest.Eventually(t, "all is settled", settled(t, js, durable))
	got := in.Payloads()
	slices.Sort(got)
	if diff := cmp.Diff(numbers(0, 10), got); diff != "" {
		t.Error(diff)
	}
}
