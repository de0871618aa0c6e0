package nats

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/link/linktest"
	"github.com/twinway/twinway/internal/snapshot"
)

func TestSubjects(t *testing.T) {
	for subject, want := range map[string]error{
		"a": nil, "a.b-c_d.ns:t": nil, "_INBOX.x.1": nil, "$KV.bucket.key": nil, "a*b.c>": nil, "ü": nil, strings.Repeat("s", maxSubject): nil,
		"": errSubject, ".": errSubject, "a..b": errSubject, "a.": errSubject, ".a": errSubject, "a b": errSubject, "a\tb": errSubject,
		"a\r\nPUB x 0": errSubject, "a.*": errSubject, "a.>": errSubject, "*": errSubject, strings.Repeat("s", maxSubject+1): errSubject,
		"a\x00":                   errSubject,
		"$JS.API.STREAM.DELETE.S": errReserved, "$JS.ACK.S.c.1.1.1.1.0": errReserved, "$SYS.REQ.SERVER.PING": errReserved,
	} {
		if got := publishable(subject); !errors.Is(got, want) {
			t.Errorf("%q: %v, want %v", subject, got, want)
		}
	}
}

func TestPublishAtMostOnce(t *testing.T) {
	s := newServer(t, nil)
	other := outside(t, s)
	sub, err := other.SubscribeSync("out.>")
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Flush(); err != nil {
		t.Fatal(err)
	}
	client := dial(t, to(s), &linktest.Inbox{})
	m := external.Message{Address: "out.x", Payload: []byte("1"), Headers: external.Headers{
		"correlation-id": "c-1", "content-type": "text/plain", "reply-to": "answers.1", "two": "lines\r\nInjected: yes",
	}}
	if o := linktest.Publish(t, client, m, snapshot.AtMostOnce); o.Status != http.StatusNoContent {
		t.Fatalf("%+v", o)
	}
	got, err := sub.NextMsg(linktest.Enough)
	if err != nil {
		t.Fatal(err)
	}
	want := nats.Header{"correlation-id": {"c-1"}, "content-type": {"text/plain"}, "two": {"lines  Injected: yes"}}
	if diff := cmp.Diff(want, got.Header); diff != "" {
		t.Error(diff)
	}
	if got.Subject != "out.x" || got.Reply != "answers.1" || string(got.Data) != "1" {
		t.Errorf("%+v", got)
	}
	m.Headers["reply-to"] = "$JS.API.STREAM.DELETE.S"
	linktest.Publish(t, client, m, snapshot.AtMostOnce)
	if got, err = sub.NextMsg(linktest.Enough); err != nil || got.Reply != "" {
		t.Errorf("reply %q, %v", got.Reply, err)
	}
}

func TestPublishAtLeastOnce(t *testing.T) {
	s := newServer(t, nil)
	js := newStream(t, s, nil)
	client := dial(t, to(s), &linktest.Inbox{})
	m := external.Message{Address: "s.x", Payload: []byte("1"), Headers: external.Headers{"reply-to": "answers.1"}}
	if o := linktest.Publish(t, client, m, snapshot.AtLeastOnce); o.Status != http.StatusNoContent || o.Err != nil {
		t.Fatalf("%+v", o)
	}
	stream, err := js.Stream(t.Context(), "S")
	if err != nil {
		t.Fatal(err)
	}
	got, err := stream.GetLastMsgForSubject(t.Context(), "s.x")
	if err != nil {
		t.Fatal(err)
	}
	if string(got.Data) != "1" || got.Header.Get("reply-to") != "answers.1" {
		t.Errorf("%+v", got)
	}
}

func TestPublishNever(t *testing.T) {
	s := newServer(t, func(o *server.Options) { o.MaxPayload = 2000 })
	newStream(t, s, func(c *jetstream.StreamConfig) { c.MaxMsgSize = 1000 })
	client := dial(t, to(s), &linktest.Inbox{})
	for _, test := range []struct {
		name     string
		delivery snapshot.DeliveryGuarantee
		m        external.Message
		status   int
	}{
		{"no subject", snapshot.AtMostOnce, external.Message{Address: "a b"}, http.StatusBadRequest},
		{"a command to the server", snapshot.AtMostOnce, external.Message{Address: "$JS.API.STREAM.DELETE.S"}, http.StatusBadRequest},
		{"no header", snapshot.AtMostOnce, external.Message{Address: "a", Headers: external.Headers{"a b": "c"}}, http.StatusBadRequest},
		{"too large", snapshot.AtMostOnce, external.Message{Address: "a", Payload: make([]byte, 3000)}, http.StatusRequestEntityTooLarge},
		{"no stream", snapshot.AtLeastOnce, external.Message{Address: "nowhere"}, http.StatusNotFound},
		{"too large", snapshot.AtLeastOnce, external.Message{Address: "s.a", Payload: make([]byte, 3000)}, http.StatusRequestEntityTooLarge},
		{
			"too large for the stream", snapshot.AtLeastOnce, external.Message{Address: "s.a", Payload: make([]byte, 1500)},
			http.StatusRequestEntityTooLarge,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if o := linktest.Publish(t, client, test.m, test.delivery); o.Status != test.status || o.Err == nil || o.Again {
				t.Errorf("%+v, want %d", o, test.status)
			}
		})
	}
	if o := linktest.Publish(t, client, external.Message{Address: "s.a"}, snapshot.AtLeastOnce); !o.Delivered() {
		t.Errorf("the next message: %+v", o)
	}
}

// TestPublishAgain has a stream that is full for now.
func TestPublishAgain(t *testing.T) {
	s := newServer(t, nil)
	js := newStream(t, s, func(c *jetstream.StreamConfig) { c.MaxMsgs, c.Discard = 1, jetstream.DiscardNew })
	client := dial(t, to(s), &linktest.Inbox{})
	m := external.Message{Address: "s.a", Payload: []byte("x")}
	if o := linktest.Publish(t, client, m, snapshot.AtLeastOnce); !o.Delivered() {
		t.Fatalf("%+v", o)
	}
	if o := linktest.Publish(t, client, m, snapshot.AtLeastOnce); o.Status != http.StatusServiceUnavailable || !o.Again || o.Err == nil {
		t.Errorf("%+v", o)
	}
	stream, err := js.Stream(t.Context(), "S")
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	if o := linktest.Publish(t, client, m, snapshot.AtLeastOnce); !o.Delivered() {
		t.Errorf("later: %+v", o)
	}
}

func TestPublishKeepsOrder(t *testing.T) {
	s := newServer(t, nil)
	js := newStream(t, s, nil)
	client := dial(t, to(s), &linktest.Inbox{})
	const all = 1500
	var outcomes sync.WaitGroup
	for i := range all {
		outcomes.Add(1)
		m := &external.Message{Address: "s.a", Payload: fmt.Append(nil, i)}
		if err := client.Publish(t.Context(), m, snapshot.AtLeastOnce, func(o link.Outcome) {
			if !o.Delivered() {
				t.Errorf("%+v", o)
			}
			outcomes.Done()
		}); err != nil {
			t.Fatal(err)
		}
	}
	outcomes.Wait()
	stream, err := js.Stream(t.Context(), "S")
	if err != nil {
		t.Fatal(err)
	}
	for i := range uint64(all) {
		if got, err := stream.GetMsg(t.Context(), i+1); err != nil || string(got.Data) != fmt.Sprint(i) {
			t.Fatalf("message %d: %s, %v", i, got.Data, err)
		}
	}
}

func TestPublishOnWhatIsClosed(t *testing.T) {
	s := newServer(t, nil)
	client := dial(t, to(s), &linktest.Inbox{})
	linktest.End(client)
	for _, delivery := range []snapshot.DeliveryGuarantee{snapshot.AtLeastOnce, snapshot.AtMostOnce} {
		err := client.Publish(t.Context(), &external.Message{Address: "a"}, delivery, func(link.Outcome) { t.Error("done was called") })
		if !errors.Is(err, link.ErrLost) {
			t.Errorf("%v", err)
		}
	}
	<-client.Lost()
	if client.Err() != nil {
		t.Errorf("closed: %v", client.Err())
	}
}

func TestCloseWaitsForOutcomes(t *testing.T) {
	s := newServer(t, nil)
	newStream(t, s, nil)
	client := dial(t, to(s), &linktest.Inbox{})
	const n = 300
	outcomes := make(chan link.Outcome, n)
	for range n {
		if err := client.Publish(t.Context(), &external.Message{Address: "s.a"}, snapshot.AtLeastOnce,
			func(o link.Outcome) { outcomes <- o }); err != nil {
			t.Fatal(err)
		}
	}
	linktest.End(client)
	if len(outcomes) != n {
		t.Fatalf("%d outcomes", len(outcomes))
	}
	for range n {
		if o := <-outcomes; !o.Delivered() {
			t.Fatalf("%+v", o)
		}
	}
}

func TestPublishIsBounded(t *testing.T) {
	s := newServer(t, nil)
	newStream(t, s, nil)
	network := linktest.NewCable(t, s.Addr().String())
	connection := to(s)
	connection.URI = "nats://" + network.Address
	client := dial(t, connection, &linktest.Inbox{})
	network.Freeze()
	var outcomes atomic.Int32
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for i := range maxUnderWay + 1 {
		if i == maxUnderWay {
			cancel()
		}
		err := client.Publish(ctx, &external.Message{Address: "s.a"}, snapshot.AtLeastOnce, func(link.Outcome) { outcomes.Add(1) })
		if (err == nil) != (i < maxUnderWay) {
			t.Fatalf("message %d: %v", i, err)
		}
	}
	closing, now := context.WithCancel(context.Background())
	now()
	client.Close(closing)
	if n := outcomes.Load(); n != maxUnderWay {
		t.Errorf("%d have an outcome", n)
	}
}
