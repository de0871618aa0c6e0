package dittows_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/connectivity/dittows"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/snapshot"
)

// live returns an envelope of the live channel.
func live(thing, rest, path, value, more string) string {
	return fmt.Sprintf(`{"topic":"test/%s/things/live/%s","headers":{"correlation-id":"live","content-type":"application/json"%s},"path":%q,"value":%s,"revision":1}`,
		thing, rest, more, path, value)
}

// announcing is a policy whose second subject is announced as soon as it may, being about to expire.
func announcing() string {
	expiry := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	const all = `{"grant":["READ","WRITE"],"revoke":[]}`
	return `{"entries":{"owner":{"subjects":{"nginx:ditto":{"type":"user","expiry":"` + expiry + `","announcement":{"beforeExpiry":"2h"}},` +
		`"nginx:other":{"type":"user"}},"resources":{"policy:/":` + all + `,"thing:/":` + all + `}}}}`
}

// Each signal is consumed by the Subscription that asks for it, as it came.
func TestSignalsComeIn(t *testing.T) {
	g := remote(t)
	d := newDevice(t, g)
	d.do("lamp", "create", "/", `{}`)
	const noAnswer = `,"response-required":false`
	for signal, tc := range map[snapshot.Signal]struct{ text, want string }{
		snapshot.SignalTwinEvents: {
			`{"topic":"test/lamp/things/twin/commands/modify","headers":{"correlation-id":"live"},"path":"/attributes/a","value":1}`,
			"test/lamp/things/twin/events/created /attributes/a 1",
		},
		snapshot.SignalMessages:            {live("lamp", "messages/on", "/inbox/messages/on", `{"now":true}`, noAnswer), `test/lamp/things/live/messages/on /inbox/messages/on {"now":true}`},
		snapshot.SignalLiveCommands:        {live("lamp", "commands/modify", "/attributes/a", `2`, noAnswer), "test/lamp/things/live/commands/modify /attributes/a 2"},
		snapshot.SignalLiveEvents:          {live("lamp", "events/modified", "/attributes/a", `3`, ""), "test/lamp/things/live/events/modified /attributes/a 3"},
		snapshot.SignalPolicyAnnouncements: {`{"topic":"test/soon/policies/commands/create","headers":{"correlation-id":"p"},"path":"/","value":` + announcing() + `}`, "test/soon/policies/announcements/subjectDeletion /"},
	} {
		t.Run(string(signal), func(t *testing.T) {
			n := newNear(t, g.Address(), dittows.Settings{})
			n.ask(n.open(), inbound(signal))
			d.send(tc.text)
			got := n.await(1)[0]
			if e := read(t, string(got.Message.Payload)); !strings.HasPrefix(e.said(), tc.want) || got.Source != "in-"+string(signal) {
				t.Errorf("%s consumed %s", got.Source, e.said())
			}
		})
	}
}

// What was asked for changes on the session that there is, and only what has changed is asked for again.
func TestSubscriptionsChangeWithoutReconnecting(t *testing.T) {
	g := remote(t)
	d := newDevice(t, g)
	d.do("a", "create", "/", `{}`)
	p := newProxy(t, g.Address())
	n := newNear(t, p.listener.Addr().String(), dittows.Settings{})
	c := n.open()
	set := func(value string) {
		d.do("a", "modify", "/attributes/a", value)
		d.send(live("a", "events/modified", "/attributes/mark", value, "")) // behind what comes of the change
	}
	said := func(count int) (out []string) {
		for _, m := range n.await(count) {
			e := read(t, string(m.Message.Payload))
			out = append(out, m.Source+" "+e.Path+" "+string(e.Value))
		}
		return out
	}
	filter := func(f string) func(*snapshot.Subscription) { return func(s *snapshot.Subscription) { s.Filter = f } }
	named := func(name string) func(*snapshot.Subscription) {
		return func(s *snapshot.Subscription) { s.Name = name }
	}
	marks := inbound(snapshot.SignalLiveEvents, named("marks"))
	n.ask(c, inbound(snapshot.SignalTwinEvents, named("twins")), marks)
	set("1")
	want := []string{"twins /attributes/a 1", "marks /attributes/mark 1"}
	if diff := cmp.Diff(want, said(len(want))); diff != "" {
		t.Fatal(diff)
	}
	n.ask(c, inbound(snapshot.SignalTwinEvents, named("large"), filter("gt(attributes/a,5)")), marks)
	set("2")
	set("6")
	want = append(want, "marks /attributes/mark 2", "large /attributes/a 6", "marks /attributes/mark 6")
	if diff := cmp.Diff(want, said(len(want))); diff != "" {
		t.Fatal(diff)
	}
	elsewhere := func(s *snapshot.Subscription) { s.Namespaces = []string{"org.a", "org.b"} }
	n.ask(c, inbound(snapshot.SignalTwinEvents, elsewhere), marks)
	set("7")
	n.ask(c, marks)
	set("8")
	want = append(want, "marks /attributes/mark 7", "marks /attributes/mark 8")
	if diff := cmp.Diff(want, said(len(want))); diff != "" {
		t.Fatal(diff)
	}
	n.ask(c, inbound(snapshot.SignalTwinEvents, named("twins"), func(s *snapshot.Subscription) { s.Namespaces, s.ExtraFields = []string{"test"}, "attributes" }))
	set("9")
	want = append(want, "twins /attributes/a 9")
	if diff := cmp.Diff(want, said(len(want))); diff != "" {
		t.Fatal(diff)
	}
	if handshakes := p.accepted.Load(); handshakes != 1 {
		t.Errorf("there were %d connections", handshakes)
	}
}

// A Subscription that the other end does not take is refused by its name, and the others are taken.
func TestSubscriptionIsRefused(t *testing.T) {
	g := remote(t)
	d := newDevice(t, g)
	n := newNear(t, g.Address(), dittows.Settings{})
	c := n.open()
	bad := inbound(snapshot.SignalLiveEvents, func(s *snapshot.Subscription) { s.Name, s.Filter = "bad", "eq(" })
	err := c.Ask(t.Context(), []*snapshot.Subscription{inbound(snapshot.SignalTwinEvents), bad})
	refused, ok := errors.AsType[*link.RefusedSubscription](err)
	if !ok || refused.Name != "bad" || !strings.Contains(err.Error(), "rql.expression.invalid") {
		t.Fatalf("refused because of %v", err)
	}
	d.do("a", "create", "/", `{}`)
	n.await(1)
	n.ask(c, inbound(snapshot.SignalTwinEvents), inbound(snapshot.SignalLiveEvents))
	d.send(live("a", "events/modified", "/attributes/a", `1`, ""))
	n.await(2)
}

// Who consumes slowly slows down the other end, and the connection lives all the same. All comes, in order.
func TestSlowConsumer(t *testing.T) {
	g := remote(t)
	d := newDevice(t, g)
	d.do("a", "create", "/", `{}`)
	p := newProxy(t, g.Address())
	n := newNear(t, p.listener.Addr().String(), dittows.Settings{Frames: 4, Tick: time.Millisecond, Idle: 5 * time.Millisecond, Patience: 20 * time.Millisecond})
	c := n.open()
	n.ask(c, inbound(snapshot.SignalTwinEvents))
	gate := make(chan struct{})
	n.first(func(ctx context.Context, _ link.Consumed) error {
		select {
		case <-gate:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	const count = 200
	for i := range count {
		d.do("a", "modify", "/attributes/a", fmt.Sprint(i))
	}
	time.Sleep(200 * time.Millisecond) // ten times as long as a ping may be unanswered where the socket is read
	if err := c.Err(); err != nil || len(n.all()) != 0 {
		t.Fatalf("%d were consumed, the connection is %v", len(n.all()), err)
	}
	close(gate)
	for i, m := range n.await(count) {
		if e := read(t, string(m.Message.Payload)); string(e.Value) != fmt.Sprint(i) || m.Message.Key != "test:a" {
			t.Fatalf("message %d is %s with the key %s", i, e.said(), m.Message.Key)
		}
	}
	if c.Err() != nil || p.accepted.Load() != 1 {
		t.Errorf("the connection was lost: %v", c.Err())
	}
}

// A peer that no longer answers while it is listened to is lost.
func TestSilentPeerIsLost(t *testing.T) {
	g := remote(t)
	p := newProxy(t, g.Address())
	n := newNear(t, p.listener.Addr().String(), dittows.Settings{Tick: time.Millisecond, Idle: 20 * time.Millisecond, Patience: 50 * time.Millisecond})
	c := n.open()
	n.ask(c, inbound(snapshot.SignalTwinEvents))
	p.frozen.Store(true)
	<-c.Lost()
	if err := c.Err(); err == nil || !strings.Contains(err.Error(), "no longer answers") {
		t.Errorf("lost because of %v", err)
	}
}

// Closing ends what consumes, and is no loss.
func TestCloseWhileConsuming(t *testing.T) {
	g := remote(t)
	d := newDevice(t, g)
	n := newNear(t, g.Address(), dittows.Settings{Frames: 2})
	c := n.open()
	n.ask(c, inbound(snapshot.SignalTwinEvents))
	var calls atomic.Int32
	n.first(func(ctx context.Context, _ link.Consumed) error {
		calls.Add(1)
		<-ctx.Done()
		return ctx.Err()
	})
	d.do("a", "create", "/", `{}`)
	for i := range 20 {
		d.do("a", "modify", "/attributes/a", fmt.Sprint(i))
	}
	until(t, "something is consumed", func() bool { return calls.Load() > 0 })
	shut(c)
	<-c.Lost()
	if c.Err() != nil {
		t.Errorf("closed with %v", c.Err())
	}
	if err := c.Ask(t.Context(), nil); err == nil {
		t.Error("a closed client can be asked")
	}
}
