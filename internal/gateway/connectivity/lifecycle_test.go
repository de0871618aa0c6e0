package connectivity

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

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/management"
	"github.com/twinway/twinway/internal/snapshot"
)

// life is a service with real hubs, a real broker and real metrics, whose other end does what the test says. It implements link.Kind.
type life struct {
	*land
	service *Service

	mu sync.Mutex
	// silent: the other end does not answer who dials. Refusal: nobody is taken who has no other password.
	silent  bool
	refusal error
	dials   []link.Config
	client  *far // the last
}

func inLife(t *testing.T, f func(w *life)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := newLand(t, snapshot.ConnectionMQTT)
		w := &life{land: l}
		w.service = NewService(Options{
			Kinds:   map[snapshot.ConnectionType]func() link.Kind{snapshot.ConnectionMQTT: func() link.Kind { return w }},
			Handler: l, Hubs: l.peer.hubs, Broker: l.peer.broker, Metrics: l.metrics, Logger: slog.New(slog.DiscardHandler), Clock: time.Now,
			Changed: func() {},
		})
		defer w.service.Close()
		f(w)
	})
}

// Dial implements link.Kind.
func (w *life) Dial(ctx context.Context, c link.Config) (link.Client, error) {
	w.mu.Lock()
	w.dials = append(w.dials, c)
	silent, refusal := w.silent, w.refusal
	w.mu.Unlock()
	switch {
	case silent:
		<-ctx.Done()
		return nil, ctx.Err()
	case refusal != nil:
		time.Sleep(time.Second)
		return nil, refusal
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.client = newFar()
	w.client.say = later
	return w.client, nil
}

// dialled returns how often somebody has dialled.
func (w *life) dialled() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.dials)
}

// dial returns one of the attempts.
func (w *life) dial(i int) link.Config {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.dials[i]
}

// last returns the last client.
func (w *life) last() *far {
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.client
}

func (w *life) set(silent bool, refusal error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.silent, w.refusal = silent, refusal
}

// linkTo returns a connection "link" to somewhere.
func linkTo(uri, password string) snapshot.Connection {
	return snapshot.Connection{
		Name: "link", Type: snapshot.ConnectionMQTT, State: snapshot.ConnectionOpen, URI: uri,
		Reconnect:   snapshot.Reconnect{InitialDelay: time.Second, MaxDelay: time.Hour},
		Credentials: &snapshot.Credentials{Basic: &snapshot.BasicCredentials{Username: "u", Password: snapshot.SecretContent(password)}},
	}
}

// surely returns a Subscription "out" to an address whose signals are delivered at least once.
func surely(address string) snapshot.Subscription {
	return snapshot.Subscription{
		Name: "out", Connection: "link", Direction: snapshot.Outbound, Signal: snapshot.SignalTwinEvents, AuthorizationSubjects: []string{"test:out"},
		Target: &snapshot.Target{Address: address, Payload: snapshot.TargetDittoProtocol, Delivery: snapshot.AtLeastOnce},
	}
}

func (w *life) configure(c snapshot.Connection, subs ...snapshot.Subscription) {
	w.service.Configure(&snapshot.Snapshot{Connections: []snapshot.Connection{c}, Subscriptions: subs})
	synctest.Wait()
}

// events publishes events of a thing, with numbers.
func (w *life) events(thing string, numbers ...int) {
	for _, n := range numbers {
		w.publish(snapshot.SignalTwinEvents, event(thing, n))
	}
	synctest.Wait()
}

// arrived returns what a client was given, as "address number".
func arrived(f *far) (all []string) {
	synctest.Wait()
	for _, text := range f.got() {
		address, payload, _ := strings.Cut(text, " ")
		_, after, _ := strings.Cut(payload, `"value":`)
		number, _, _ := strings.Cut(after, ",")
		all = append(all, address+" "+number)
	}
	return all
}

// While there is no client, what a Subscription has taken waits for the next one, also when the Subscription is changed meanwhile, and goes
// before what the changed one takes.
func TestChangedSubscriptionLosesNothingWithoutClient(t *testing.T) {
	inLife(t, func(w *life) {
		w.configure(linkTo("tcp://a", "p"), surely("one"))
		w.set(false, errors.New("nobody home"))
		w.last().lose()
		w.events("t", 1, 2)
		w.configure(linkTo("tcp://a", "p"), surely("two"))
		w.events("t", 3)
		time.Sleep(5 * time.Minute)
		w.set(false, nil)
		w.configure(linkTo("tcp://a", "q"), surely("two"))
		time.Sleep(2 * time.Second)
		var got []string
		for range 4 {
			got = append(got, arrived(w.last())...)
			w.last().answer(deliveredAs)
		}
		if diff := cmp.Diff([]string{"one 1", "one 2", "two 3"}, got); diff != "" {
			t.Error(diff)
		}
	})
}

// However often a Subscription is changed, each that it was goes out before the next, also by another client.
func TestChangedSubscriptionsKeepTheirTurn(t *testing.T) {
	inLife(t, func(w *life) {
		w.configure(linkTo("tcp://a", "p"), surely("one"))
		w.events("t", 1)
		w.configure(linkTo("tcp://a", "p"), surely("two"))
		w.events("t", 2)
		w.configure(linkTo("tcp://a", "p"), surely("three"))
		w.events("t", 3)
		got := arrived(w.last())
		w.last().lose()
		time.Sleep(2 * time.Second)
		for range 4 {
			got = append(got, arrived(w.last())...)
			w.last().answer(deliveredAs)
		}
		if diff := cmp.Diff([]string{"one 1", "one 1", "two 2", "three 3"}, got); diff != "" {
			t.Error(diff)
		}
	})
}

// What is wanted now does not wait for an attempt at what was wanted before.
func TestDialThatIsNotWantedAnyMoreEnds(t *testing.T) {
	for name, change := range map[string]func(w *life){
		"another address": func(w *life) { w.configure(linkTo("tcp://b", "p")) },
		"closed": func(w *life) {
			c := linkTo("tcp://a", "p")
			c.State = snapshot.ConnectionClosed
			w.configure(c)
		},
		"gone":           func(w *life) { w.service.Configure(&snapshot.Snapshot{}) },
		"out of service": func(w *life) { w.service.Part(context.Background()) },
	} {
		t.Run(name, func(t *testing.T) {
			inLife(t, func(w *life) {
				w.set(true, nil)
				w.configure(linkTo("tcp://a", "p"))
				w.set(false, nil)
				began := time.Now()
				change(w)
				synctest.Wait()
				connections, _ := w.service.Status()
				_, there := w.service.Events("link")
				switch {
				case time.Since(began) > time.Second:
					t.Errorf("it has taken %v", time.Since(began))
				case name == "gone":
					if there {
						t.Error("it is still there")
					}
				case name == "another address":
					if connections[0].State != management.LinkOpen || w.dial(1).Connection.URI != "tcp://b" {
						t.Errorf("%+v", connections)
					}
				case connections[0].State != management.LinkClosed:
					t.Errorf("%+v", connections)
				}
			})
		})
	}
}

// Credentials that have changed while the attempt with the old ones was under way are tried at once.
func TestCredentialsThatChangeDuringAnAttempt(t *testing.T) {
	inLife(t, func(w *life) {
		w.set(false, &link.Refusal{Cause: errors.New("bad password")})
		w.configure(linkTo("tcp://a", "old"))
		for w.dialled() < 8 { // the next pause is long
			time.Sleep(time.Second / 2)
		}
		w.configure(linkTo("tcp://a", "new"))
		w.set(false, nil)
		time.Sleep(2 * time.Second)
		if n := w.dialled(); n != 9 {
			t.Errorf("dialled %d times", n)
		}
	})
}

// Credentials are for whom they were given with: a client of another address, which is about to be closed, does not get them.
func TestCredentialsAreOfTheirConnection(t *testing.T) {
	inLife(t, func(w *life) {
		password := func(i int) string { return string(w.dial(i).Current().Credentials.Basic.Password) }
		w.configure(linkTo("tcp://a", "one"))
		w.configure(linkTo("tcp://a", "two"))
		if got := password(0); got != "two" {
			t.Errorf("the client has %q", got)
		}
		w.configure(linkTo("tcp://b", "three"))
		time.Sleep(time.Second)
		if one, other := password(0), password(1); one != "two" || other != "three" {
			t.Errorf("the clients have %q and %q", one, other)
		}
	})
}

// The same cause is told in the same words each time, whatever port of ours was used.
func TestCausesStayTheSame(t *testing.T) {
	told := map[string]bool{}
	for port := range 3 {
		for _, text := range []string{
			"read tcp 10.0.0.7:%d->10.0.0.8:1883: connection reset by peer", "read tcp [::1]:%d->[::1]:1883: connection reset by peer",
			"lookup b on 10.0.0.1:53: read udp 10.0.0.7:%d->10.0.0.1:53: i/o timeout",
		} {
			st := down("reconnecting", fmt.Errorf(text, 40000+port))
			told[st.message] = true
			if !strings.Contains(st.message, "1:53: i/o timeout") && !strings.Contains(st.message, ":1883: connection reset by peer") {
				t.Error(st.message)
			}
		}
	}
	if len(told) != 3 {
		t.Errorf("told %v", told)
	}
}

// What ends leaves no metrics, and no events, behind.
func TestNothingIsLeftOfInboundSubscriptions(t *testing.T) {
	l := newLand(t, snapshot.ConnectionDittoWebSocket)
	c := &connection{peer: l.peer, wanted: &desire{connection: &snapshot.Connection{}}}
	in, err := newInlet(l.peer, nil)
	if err != nil {
		t.Fatal(err)
	}
	in.ask([]*snapshot.Subscription{{Name: "one"}, {Name: "two"}})
	for _, name := range []string{"one", "two"} {
		(*in.feeds.Load())[name].notes.note(Event{Kind: EventConsumed})
	}
	in.ask([]*snapshot.Subscription{{Name: "two"}})
	names := func() (all []string) {
		for _, e := range l.peer.journal.events() {
			all = append(all, e.Name)
		}
		return all
	}
	if got := names(); !slices.Equal(got, []string{"two"}) {
		t.Errorf("there are events of %q", got)
	}
	(*in.feeds.Load())["two"].flow.Waiting(1)
	c.leave(in)
	if got := names(); got != nil {
		t.Errorf("there are events of %q", got)
	}
	if got := l.counts("two"); got != "" {
		t.Errorf("there is counted %q", got)
	}
}

// A storm of changes, while signals flow and the other end neither answers nor takes anything, leaves nothing behind.
func TestStormOfChanges(t *testing.T) {
	inLife(t, func(w *life) {
		for i := range 1000 {
			c := linkTo(fmt.Sprintf("tcp://%d", i/100), fmt.Sprint(i))
			if i%50 == 49 {
				c.State = snapshot.ConnectionClosed
			}
			w.set(i%7 == 0, nil)
			w.service.Configure(&snapshot.Snapshot{Connections: []snapshot.Connection{c}, Subscriptions: []snapshot.Subscription{surely(fmt.Sprint("to", i))}})
			w.publish(snapshot.SignalTwinEvents, event("t", i))
			time.Sleep(10 * time.Millisecond)
		}
		synctest.Wait()
		c := w.service.all()[0]
		c.mu.Lock()
		leaving := c.laden("out")
		c.mu.Unlock()
		if n := w.peer.hubs[snapshot.SignalTwinEvents].Subscribers(); n > 1 || leaving > maxLeaving {
			t.Errorf("there are %d subscribers, and %d that leave", n, leaving)
		}
		w.service.Configure(&snapshot.Snapshot{})
		time.Sleep(time.Minute)
		if _, there := w.service.Events("link"); there {
			t.Error("it is still there")
		}
		if got := w.counts("out"); got != "" {
			t.Errorf("there is counted %q", got)
		}
	})
}

// Also what is tried once waits until it is its turn, instead of being dropped for want of a client.
func TestChangedSubscriptionThatIsTriedOnce(t *testing.T) {
	inLife(t, func(w *life) {
		once := func(address string) snapshot.Subscription {
			s := surely(address)
			s.Target.Delivery = snapshot.AtMostOnce
			return s
		}
		w.configure(linkTo("tcp://a", "p"), once("one"))
		w.events("t", 1)
		w.configure(linkTo("tcp://a", "p"), once("two"))
		w.events("t", 2)
		if got := arrived(w.last()); !slices.Equal(got, []string{"one 1"}) {
			t.Errorf("arrived %q", got)
		}
		w.last().answer(deliveredAs)
		if got := arrived(w.last()); !slices.Equal(got, []string{"two 2"}) {
			t.Errorf("arrived %q", got)
		}
	})
}
