package connectivity_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/broker"
	"github.com/twinway/twinway/internal/gateway/connectivity"
	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/snapshot"
)

// abroad is the outside of a service: other ends that take connections or do not, as the test says.
type abroad struct {
	t       *testing.T
	service *connectivity.Service
	start   time.Time

	mu      sync.Mutex
	refuse  map[string]error // by password, why a client is not taken; "" for all others
	clients []*client
	told    []string // what the other ends have seen
	changes int
}

// note adds what an other end has seen.
func (a *abroad) note(format string, values ...any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.told = append(a.told, fmt.Sprintf(format, values...))
}

// seen returns what the other ends have seen since the last time.
func (a *abroad) seen() []string {
	synctest.Wait()
	a.mu.Lock()
	defer a.mu.Unlock()
	told := a.told
	a.told = nil
	return told
}

// kindOf is a kind of connection. It implements link.Kind.
type kindOf struct {
	abroad *abroad
	name   string
}

func (k kindOf) Dial(_ context.Context, c link.Config) (link.Client, error) {
	a, password := k.abroad, ""
	if now := c.Current(); now.Credentials != nil && now.Credentials.Basic != nil {
		password = string(now.Credentials.Basic.Password)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	err := a.refuse[password]
	if err == nil {
		err = a.refuse[""]
	}
	a.told = append(a.told, fmt.Sprintf("%s dialled %s %s: %v", k.name, c.Connection.URI, password, err))
	if err != nil {
		return nil, err
	}
	cl := &client{abroad: a, name: k.name, lost: make(chan struct{})}
	a.clients = append(a.clients, cl)
	return cl, nil
}

// client is a client of one kind. It implements link.Asker.
type client struct {
	abroad *abroad
	name   string
	lost   chan struct{}
	once   sync.Once
	err    error
}

func (c *client) lose(err error) {
	c.once.Do(func() {
		c.err = err
		close(c.lost)
	})
}

func (c *client) Publish(_ context.Context, m *external.Message, _ snapshot.DeliveryGuarantee, done func(link.Outcome)) error {
	c.abroad.note("%s got %s", c.name, m.Address)
	done(link.Outcome{Status: 200})
	return nil
}

func (c *client) Lost() <-chan struct{} { return c.lost }
func (c *client) Err() error            { return c.err }

func (c *client) Close(context.Context) {
	c.abroad.note("%s closed", c.name)
	c.lose(nil)
}

// Ask refuses what wants the namespace "forbidden".
func (c *client) Ask(_ context.Context, inbound []*snapshot.Subscription) error {
	var errs []error
	for _, s := range inbound {
		c.abroad.note("%s asked for %s of %s", c.name, s.Signal, strings.Join(s.Namespaces, ","))
		if slices.Contains(s.Namespaces, "forbidden") {
			errs = append(errs, &link.RefusedSubscription{Name: s.Name, Cause: errors.New("not you")})
		}
	}
	return errors.Join(errs...)
}

// deaf takes no envelope. It implements connectivity.Handler.
type deaf struct{}

func (deaf) Handle(_ context.Context, from exchange.Requester, _ *protocol.Envelope) { from.NoReply() }

// venture lets a test happen in a bubble, with a service that is closed at its end.
func venture(t *testing.T, f func(t *testing.T, a *abroad)) {
	synctest.Test(t, func(t *testing.T) {
		a := &abroad{t: t, start: time.Now(), refuse: map[string]error{}}
		hubs := map[snapshot.Signal]*pubsub.Hub{}
		for _, signal := range []snapshot.Signal{
			snapshot.SignalTwinEvents, snapshot.SignalMessages, snapshot.SignalLiveCommands, snapshot.SignalLiveEvents, snapshot.SignalPolicyAnnouncements,
		} {
			hubs[signal] = pubsub.NewHub()
		}
		b := broker.New(broker.Options{})
		defer b.Close()
		kinds := map[snapshot.ConnectionType]func() link.Kind{}
		for _, kind := range []snapshot.ConnectionType{snapshot.ConnectionMQTT, snapshot.ConnectionDittoWebSocket} {
			kinds[kind] = func() link.Kind { return kindOf{a, string(kind)} }
		}
		a.service = connectivity.NewService(connectivity.Options{
			Kinds: kinds, Handler: deaf{}, Hubs: hubs, Broker: b, Metrics: metrics.New(), Logger: slog.New(slog.DiscardHandler), Clock: time.Now,
			Changed: func() {
				a.service.Status() // as who is told does
				a.mu.Lock()
				defer a.mu.Unlock()
				a.changes++
			},
		})
		defer a.service.Close()
		f(t, a)
	})
}

// connectionTo returns an open connection of type MQTT, changed.
func connectionTo(name string, change ...func(*snapshot.Connection)) snapshot.Connection {
	c := snapshot.Connection{
		Name: name, Type: snapshot.ConnectionMQTT, State: snapshot.ConnectionOpen, URI: "tcp://" + name + ":1883",
		Reconnect: snapshot.Reconnect{InitialDelay: time.Second, MaxDelay: 30 * time.Second},
		MQTT:      &snapshot.MQTT{Version: snapshot.MQTT5, ClientID: name, KeepAlive: time.Minute},
	}
	for _, f := range change {
		f(&c)
	}
	return c
}

func password(p string) func(*snapshot.Connection) {
	return func(c *snapshot.Connection) {
		c.Credentials = &snapshot.Credentials{Basic: &snapshot.BasicCredentials{Username: "u", Password: snapshot.SecretContent(p)}}
	}
}

func outbound(name, connection, address string) snapshot.Subscription {
	return snapshot.Subscription{
		Name: name, Connection: connection, Direction: snapshot.Outbound, Signal: snapshot.SignalTwinEvents, AuthorizationSubjects: []string{"a:b"},
		Target: &snapshot.Target{Address: address, Payload: snapshot.TargetDittoProtocol, Delivery: snapshot.AtMostOnce},
	}
}

func (a *abroad) configure(connections []snapshot.Connection, subscriptions ...snapshot.Subscription) {
	a.service.Configure(&snapshot.Snapshot{Connections: connections, Subscriptions: subscriptions})
}

// expect compares what the other ends have seen.
func (a *abroad) expect(want ...string) {
	a.t.Helper()
	if diff := cmp.Diff(want, a.seen()); diff != "" {
		a.t.Errorf("seen (-want +got):\n%s", diff)
	}
}

// states compares the status of everything, as "name state message".
func (a *abroad) states(want ...string) {
	a.t.Helper()
	synctest.Wait()
	var got []string
	connections, subscriptions := a.service.Status()
	for _, s := range append(connections, subscriptions...) {
		got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %s", s.Name, s.State, s.Message)))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		a.t.Errorf("status (-want +got):\n%s", diff)
	}
}

// events returns what happened on a connection, as "kind message".
func (a *abroad) events(name string) (all []string) {
	events, ok := a.service.Events(name)
	if !ok {
		return []string{"none"}
	}
	for _, e := range events {
		all = append(all, strings.TrimSpace(string(e.Kind)+" "+e.Message))
	}
	return all
}

func TestConnectionIsKeptOpen(t *testing.T) {
	venture(t, func(t *testing.T, a *abroad) {
		a.configure([]snapshot.Connection{connectionTo("b")}, outbound("out", "b", "x"))
		a.expect("MQTT dialled tcp://b:1883 : <nil>")
		a.states("b Open", "out Open")
		a.clients[0].lose(errors.New("cable cut"))
		a.states("b Connecting reconnecting: cable cut", "out Connecting reconnecting: cable cut")
		a.expect("MQTT closed")
		time.Sleep(1100 * time.Millisecond)
		a.expect("MQTT dialled tcp://b:1883 : <nil>")
		a.states("b Open", "out Open")
		if diff := cmp.Diff([]string{"opened", "lost cable cut", "opened"}, a.events("b")); diff != "" {
			t.Error(diff)
		}
	})
}

// A connection that cannot be made is tried again after a delay that doubles, with a random part of up to a half, and says why.
func TestBackOff(t *testing.T) {
	venture(t, func(t *testing.T, a *abroad) {
		a.refuse[""] = errors.New("nobody home")
		a.configure([]snapshot.Connection{connectionTo("b")})
		last := time.Now()
		for i, longest := range []time.Duration{0, 1, 2, 4, 8, 16, 30, 30} {
			longest *= time.Second
			for len(a.seen()) == 0 {
				time.Sleep(10 * time.Millisecond)
			}
			waited := time.Since(last)
			if last = time.Now(); waited > longest+20*time.Millisecond || waited < longest/2 {
				t.Errorf("attempt %d after %v, want at most %v and at least half of that", i, waited, longest)
			}
			a.states("b Connecting cannot connect: nobody home")
		}
		changes := a.changes
		time.Sleep(10 * time.Minute)
		if a.changes != changes {
			t.Errorf("told of %d changes although the state is the same", a.changes-changes)
		}
	})
}

// What only the user can mend is a failure, and is tried again at once when the credentials are others.
func TestRefusal(t *testing.T) {
	venture(t, func(t *testing.T, a *abroad) {
		a.refuse["old"] = &link.Refusal{Cause: errors.New("bad user name or password")}
		a.configure([]snapshot.Connection{connectionTo("b", password("old"))})
		a.states("b Failed bad user name or password")
		time.Sleep(5 * time.Minute)
		if tries := len(a.seen()); tries < 5 {
			t.Errorf("tried %d times", tries)
		}
		a.configure([]snapshot.Connection{connectionTo("b", password("new"))})
		a.expect("MQTT dialled tcp://b:1883 new: <nil>")
		a.states("b Open")
	})
}

// Other credentials, other delays and other Subscriptions leave a connection as it is; what it consists of does not.
func TestWhatReconnects(t *testing.T) {
	quick := func(c *snapshot.Connection) { c.Reconnect.MaxDelay = time.Second }
	for name, tc := range map[string]struct {
		change func(*snapshot.Connection)
		subs   []snapshot.Subscription
		want   []string
	}{
		"nothing":              {func(*snapshot.Connection) {}, nil, nil},
		"a password":           {password("new"), nil, nil},
		"delays":               {quick, nil, nil},
		"trust":                {func(c *snapshot.Connection) { c.TLS.CA = "other" }, nil, nil},
		"a Subscription":       {func(*snapshot.Connection) {}, []snapshot.Subscription{outbound("out", "b", "y")}, nil},
		"another Subscription": {func(*snapshot.Connection) {}, []snapshot.Subscription{outbound("out", "b", "x"), outbound("out2", "b", "y")}, nil},
		"where it goes": {func(c *snapshot.Connection) { c.URI = "tcp://c:1883" }, nil,
			[]string{"MQTT closed", "MQTT dialled tcp://c:1883 old: <nil>"}},
		"another way to prove something": {func(c *snapshot.Connection) { c.Credentials = &snapshot.Credentials{Bearer: "t"} }, nil,
			[]string{"MQTT closed", "MQTT dialled tcp://b:1883 : <nil>"}},
		"the name of the other end": {func(c *snapshot.Connection) { c.TLS.ServerName = "x" }, nil,
			[]string{"MQTT closed", "MQTT dialled tcp://b:1883 old: <nil>"}},
		"options": {func(c *snapshot.Connection) { c.MQTT = &snapshot.MQTT{ClientID: "z"} }, nil,
			[]string{"MQTT closed", "MQTT dialled tcp://b:1883 old: <nil>"}},
		"its type": {func(c *snapshot.Connection) { c.Type, c.MQTT = snapshot.ConnectionDittoWebSocket, nil }, nil,
			[]string{"MQTT closed", "DittoWebSocket dialled tcp://b:1883 old: <nil>"}},
		"its state": {func(c *snapshot.Connection) { c.State = snapshot.ConnectionClosed }, nil, []string{"MQTT closed"}},
	} {
		t.Run(name, func(t *testing.T) {
			venture(t, func(t *testing.T, a *abroad) {
				subs := []snapshot.Subscription{outbound("out", "b", "x")}
				a.configure([]snapshot.Connection{connectionTo("b", password("old"))}, subs...)
				a.expect("MQTT dialled tcp://b:1883 old: <nil>")
				time.Sleep(time.Hour) // it has proved to be stable
				if tc.subs != nil {
					subs = tc.subs
				}
				a.configure([]snapshot.Connection{connectionTo("b", password("old"), tc.change)}, subs...)
				time.Sleep(time.Second)
				a.expect(tc.want...)
			})
		})
	}
}

// One that is not there any more is closed; one that comes back is opened again, when the first has gone.
func TestConnectionComesAndGoes(t *testing.T) {
	venture(t, func(t *testing.T, a *abroad) {
		a.configure([]snapshot.Connection{connectionTo("b"), connectionTo("c")})
		a.states("b Open", "c Open")
		a.seen()
		a.configure([]snapshot.Connection{connectionTo("c")})
		a.expect("MQTT closed")
		a.states("c Open")
		if diff := cmp.Diff([]string{"none"}, a.events("b")); diff != "" {
			t.Error(diff)
		}
		a.configure(nil)
		a.configure([]snapshot.Connection{connectionTo("c")})
		a.states("c Open")
		a.service.Close()
		a.configure([]snapshot.Connection{connectionTo("d")})
		a.states("d Connecting")
	})
}

// While the gateway is out of service nothing is connected.
func TestPartAndAccept(t *testing.T) {
	venture(t, func(t *testing.T, a *abroad) {
		a.configure([]snapshot.Connection{connectionTo("b")}, outbound("out", "b", "x"))
		a.states("b Open", "out Open")
		a.seen()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		a.service.Part(ctx)
		if ctx.Err() != nil {
			t.Error("does not come to rest")
		}
		a.expect("MQTT closed")
		a.states("b Closed", "out Closed")
		a.configure([]snapshot.Connection{connectionTo("b"), connectionTo("c")}, outbound("out", "b", "x"))
		a.states("b Closed", "c Closed", "out Closed")
		a.service.Accept()
		a.states("b Open", "c Open", "out Open")
	})
}

// A Subscription that the other end refuses does not flow; the others do, and it may be mended without a new connection.
func TestRefusedSubscription(t *testing.T) {
	venture(t, func(t *testing.T, a *abroad) {
		in := func(name, namespace string) snapshot.Subscription {
			return snapshot.Subscription{
				Name: name, Connection: "b", Direction: snapshot.Inbound, Signal: snapshot.SignalTwinEvents, Namespaces: []string{namespace},
				AuthorizationSubjects: []string{"a:b"},
			}
		}
		other := func(c *snapshot.Connection) { c.Type, c.MQTT = snapshot.ConnectionDittoWebSocket, nil }
		a.configure([]snapshot.Connection{connectionTo("b", other)}, in("i", "forbidden"), in("j", "mine"))
		a.states("b Open", "i Failed not you", "j Open")
		a.expect("DittoWebSocket dialled tcp://b:1883 : <nil>", "DittoWebSocket asked for TwinEvents of forbidden", "DittoWebSocket asked for TwinEvents of mine")
		a.configure([]snapshot.Connection{connectionTo("b", other)}, in("i", "allowed"), in("j", "mine"))
		a.states("b Open", "i Open", "j Open")
		a.expect("DittoWebSocket asked for TwinEvents of allowed", "DittoWebSocket asked for TwinEvents of mine")
	})
}

// Labels are declared as long as the connection is to be open, whether or not it is.
func TestDeclaredLabels(t *testing.T) {
	venture(t, func(t *testing.T, a *abroad) {
		a.refuse[""] = errors.New("nobody home")
		issues := outbound("out", "b", "x")
		issues.Target.IssuedAck = "b:sent"
		source := func(c *snapshot.Connection) {
			c.Sources = []snapshot.Source{{Name: "s", Addresses: []string{"t"}, AuthorizationSubjects: []string{"a:b"}, Payload: snapshot.SourceDittoProtocol, DeclaredAcks: []string{"b:done"}}}
		}
		declared := func() string {
			var all []string
			for _, label := range []string{"b:sent", "b:done", "b:other", ""} {
				if a.service.Declared(label) {
					all = append(all, label)
				}
			}
			return strings.Join(all, " ")
		}
		a.configure([]snapshot.Connection{connectionTo("b", source)}, issues)
		if got := declared(); got != "b:sent b:done" {
			t.Errorf("declared %q", got)
		}
		a.configure([]snapshot.Connection{connectionTo("b", source, func(c *snapshot.Connection) { c.State = snapshot.ConnectionClosed })}, issues)
		if got := declared(); got != "" {
			t.Errorf("declared %q by a closed one", got)
		}
	})
}
