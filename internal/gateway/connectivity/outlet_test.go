package connectivity

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/wire"
	"github.com/twinway/twinway/internal/snapshot"
)

// subscription returns an outbound Subscription "out" that writes the values of attributes, as far as change has it so.
func subscription(change func(s *snapshot.Subscription)) *snapshot.Subscription {
	s := &snapshot.Subscription{
		Name: "out", Connection: "link", Direction: snapshot.Outbound, Signal: snapshot.SignalTwinEvents,
		AuthorizationSubjects: []string{"test:out"},
		Target: &snapshot.Target{
			Address: "to/{{ thing:name }}", Payload: snapshot.TargetDittoProtocol, Delivery: snapshot.AtLeastOnce,
		},
	}
	if change != nil {
		change(s)
	}
	return s
}

// outlet opens the outlet of a Subscription until the end of the test.
func (l *land) outlet(change func(s *snapshot.Subscription)) *outlet {
	l.Helper()
	o, err := newOutlet(l.peer, subscription(change))
	if err != nil {
		l.Fatal(err)
	}
	o.open()
	l.Cleanup(o.close)
	return o
}

func atMostOnce(s *snapshot.Subscription) { s.Target.Delivery = snapshot.AtMostOnce }

// values returns the numbers of events that were published, with the names of their things: "a0".
func values(published []string) (all []string) {
	for _, p := range published {
		address, text, _ := strings.Cut(p, " ")
		_, n, _ := strings.Cut(text, `"value":`)
		n, _, _ = strings.Cut(n, ",")
		all = append(all, strings.TrimPrefix(address, "to/")+n)
	}
	return all
}

func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestOutletDelivers(t *testing.T) {
	for _, delivery := range []snapshot.DeliveryGuarantee{snapshot.AtMostOnce, snapshot.AtLeastOnce} {
		t.Run(string(delivery), func(t *testing.T) {
			inLand(t, snapshot.ConnectionMQTT, func(l *land) {
				o, f := l.outlet(func(s *snapshot.Subscription) { s.Target.Delivery = delivery }), newFar()
				o.use(f)
				l.publish(snapshot.SignalTwinEvents, event("a", 0), event("b", 1), event("a", 2))
				synctest.Wait()
				same(l, "published", values(f.got()), []string{"a0", "b1", "a2"})
				same(l, "counted", l.counts("out"), "consumed:3 delivered:3 mapped:3")
				same(l, "noted", l.noted("out")[:2], []string{"dispatched to/a ns:a", "delivered to/a ns:a"})
			})
		})
	}
}

func TestOutletWithoutClient(t *testing.T) {
	inLand(t, snapshot.ConnectionMQTT, func(l *land) {
		sure, once, f := l.outlet(nil), l.outlet(func(s *snapshot.Subscription) { atMostOnce(s); s.Name = "once" }), newFar()
		l.publish(snapshot.SignalTwinEvents, event("a", 0))
		synctest.Wait()
		same(l, "counted of what is sure", l.counts("out"), "consumed:1 waiting:1")
		same(l, "counted of what is tried once", l.counts("once"), "consumed:1 dropped:1 mapped:1")
		sure.use(f)
		once.use(f)
		synctest.Wait()
		same(l, "published", values(f.got()), []string{"a0"})
	})
}

// What can be delivered later is tried again: after 75 to 100 ms, then twice that and so on. Nothing of the same thing comes before it,
// but others do.
func TestOutletTriesAgain(t *testing.T) {
	inLand(t, snapshot.ConnectionMQTT, func(l *land) {
		o, f := l.outlet(nil), newFar()
		var tried []time.Time
		f.tell(func(m *external.Message) (link.Outcome, bool) {
			if m.Key == "ns:a" {
				tried = append(tried, time.Now())
				return link.Outcome{Status: 503, Err: errors.New("busy"), Again: true}, true
			}
			return deliveredAs, true
		})
		o.use(f)
		l.publish(snapshot.SignalTwinEvents, event("a", 0), event("a", 1), event("b", 2))
		synctest.Wait()
		same(l, "published at once", values(f.got()), []string{"a0", "b2"})
		time.Sleep(time.Minute)
		synctest.Wait()
		for i, d := range []time.Duration{100, 200, 400, 800, 1600, 3200, 6400, 10000, 10000} {
			if waited := tried[i+1].Sub(tried[i]); waited <= d*3/4*time.Millisecond || waited > d*time.Millisecond {
				l.Errorf("try %d comes after %v", i+1, waited)
			}
		}
		for _, each := range values(f.got()) {
			same(l, "published again", each, "a0")
		}
		f.tell(nil)
		time.Sleep(longRest)
		synctest.Wait()
		same(l, "published in the end", values(f.got()), []string{"a0", "a1"})
		same(l, "counted", l.counts("out"), fmt.Sprintf("consumed:3 delivered:3 mapped:3 retried:%d", len(tried)))
	})
}

func TestOutletLeavesAloneAsLongAsItIsAsked(t *testing.T) {
	inLand(t, snapshot.ConnectionHTTPPush, func(l *land) {
		o, f := l.outlet(nil), newFar()
		f.tell(always(link.Outcome{Status: 429, Again: true, RetryAfter: 20 * time.Second}))
		o.use(f)
		l.publish(snapshot.SignalTwinEvents, event("a", 0))
		synctest.Wait()
		f.got()
		time.Sleep(20*time.Second - 1)
		synctest.Wait()
		same(l, "published too soon", f.got(), []string(nil))
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		same(l, "published again", values(f.got()), []string{"a0"})
	})
}

func TestOutletFails(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*snapshot.Subscription)
		out    link.Outcome
	}{
		{"what cannot be delivered later", nil, link.Outcome{Status: 404, Err: errors.New("the answer is 404")}},
		{"what is tried once", atMostOnce, link.Outcome{Status: 503, Err: errors.New("the answer is 503"), Again: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inLand(t, snapshot.ConnectionHTTPPush, func(l *land) {
				o, f := l.outlet(c.change), newFar()
				f.tell(always(c.out))
				o.use(f)
				l.publish(snapshot.SignalTwinEvents, event("a", 0), event("a", 1))
				time.Sleep(time.Minute)
				same(l, "published", values(f.got()), []string{"a0", "a1"})
				same(l, "counted", l.counts("out"), "consumed:2 failed:2 mapped:2")
				if !slices.Contains(l.noted("out"), "delivered! to/a ns:a "+c.out.Err.Error()) {
					l.Errorf("not noted: %q", l.noted("out"))
				}
			})
		})
	}
}

// What was on its way when a connection was lost goes by the next one, in order for each thing.
func TestOutletOutlivesClients(t *testing.T) {
	inLand(t, snapshot.ConnectionMQTT, func(l *land) {
		o, f := l.outlet(nil), newFar()
		f.tell(later)
		o.use(f)
		l.publish(snapshot.SignalTwinEvents, event("a", 0), event("b", 1), event("a", 2))
		synctest.Wait()
		same(l, "published", values(f.got()), []string{"a0", "b1"})
		f.lose()
		synctest.Wait()
		l.publish(snapshot.SignalTwinEvents, event("c", 3))
		synctest.Wait()
		o.use(nil)
		next := newFar()
		o.use(next)
		synctest.Wait()
		same(l, "published by the next", values(next.got()), []string{"a0", "b1", "c3", "a2"})
		same(l, "counted", l.counts("out"), "consumed:4 delivered:4 mapped:4 retried:2")
	})
}

// Whatever clients do, everything arrives at least once, and of each thing in order: what is new never comes before what is older.
func TestOutletLosesNothing(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			inLand(t, snapshot.ConnectionMQTT, func(l *land) { stormyOutlet(l, rand.New(rand.NewPCG(seed, 0))) })
		})
	}
}

func stormyOutlet(l *land, random *rand.Rand) {
	const things, each = 7, 40
	var arrived []string
	arrive := func(m *external.Message) {
		arrived = append(arrived, values([]string{"to/" + m.Key[3:] + " " + string(m.Payload)})...)
	}
	var truths []bool // whether those have arrived of which it is not said
	o := l.outlet(nil)
	var mu sync.Mutex // guards all of the above
	fate := func(m *external.Message) (link.Outcome, bool) {
		mu.Lock()
		defer mu.Unlock()
		arrives, said := random.IntN(2) == 0, random.IntN(2) == 0
		if arrives {
			arrive(m)
		}
		switch {
		case !said:
			truths = append(truths, arrives)
			return link.Outcome{}, false
		case arrives:
			return deliveredAs, true
		}
		return link.Outcome{Status: 503, Again: true, Err: errors.New("busy")}, true
	}
	f := newFar()
	f.tell(fate)
	o.use(f)
	for n := range each {
		for thing := range things {
			l.publish(snapshot.SignalTwinEvents, event(string(rune('a'+thing)), n))
		}
		roll := func(sides int) int {
			mu.Lock()
			defer mu.Unlock()
			return random.IntN(sides)
		}
		time.Sleep(time.Duration(roll(300)) * time.Millisecond)
		synctest.Wait()
		switch roll(4) {
		case 0:
			f.lose()
			synctest.Wait()
			mu.Lock()
			truths = nil
			mu.Unlock()
			f = newFar()
			f.tell(fate)
			o.use(f)
		case 1:
			f.mu.Lock()
			mu.Lock()
			held, said := f.held, truths
			f.held, truths = nil, nil
			mu.Unlock()
			f.mu.Unlock()
			for i, done := range held {
				if said[i] {
					done(deliveredAs)
				} else {
					done(link.Outcome{Status: 503, Again: true})
				}
			}
		}
	}
	synctest.Wait()
	f.lose()
	f = newFar()
	f.tell(func(m *external.Message) (link.Outcome, bool) {
		arrive(m)
		return deliveredAs, true
	})
	o.use(f)
	if left := o.drain(l.Context()); left != 0 {
		l.Errorf("%d are left", left)
	}
	for thing := range things {
		name, next := string(rune('a'+thing)), 0
		for _, a := range arrived {
			if n, found := strings.CutPrefix(a, name); found {
				now, _ := strconv.Atoi(n)
				if now > next || now < next-1 {
					l.Errorf("of %s %d comes when %d is next", name, now, next)
				}
				next = max(next, now+1)
			}
		}
		if next != each {
			l.Errorf("of %s %d have arrived", name, next)
		}
	}
}

// Of what is to be delivered surely, one signal of each thing is on its way at a time.
func TestOutletKeepsOneOfEachThingOnItsWay(t *testing.T) {
	inLand(t, snapshot.ConnectionMQTT, func(l *land) {
		o, f := l.outlet(nil), newFar()
		f.tell(later)
		o.use(f)
		var texts []string
		for n := range 30 {
			texts = append(texts, event(string(rune('a'+n%3)), n))
		}
		l.publish(snapshot.SignalTwinEvents, texts...)
		for n := range 10 {
			synctest.Wait()
			same(l, "published", values(f.got()), []string{fmt.Sprintf("a%d", 3*n), fmt.Sprintf("b%d", 3*n+1), fmt.Sprintf("c%d", 3*n+2)})
			f.answer(deliveredAs)
		}
	})
}

// What is tried once keeps its order because clients keep it, and need not wait for the outcome of what is before it.
func TestOutletThatTriesOnceDoesNotWait(t *testing.T) {
	inLand(t, snapshot.ConnectionMQTT, func(l *land) {
		o, f := l.outlet(atMostOnce), newFar()
		f.tell(later)
		o.use(f)
		l.publish(snapshot.SignalTwinEvents, event("a", 0), event("a", 1), event("a", 2))
		synctest.Wait()
		same(l, "published", values(f.got()), []string{"a0", "a1", "a2"})
		f.lose()
		synctest.Wait()
		same(l, "counted", l.counts("out"), "consumed:3 failed:3 mapped:3")
		l.publish(snapshot.SignalTwinEvents, event("a", 3))
		synctest.Wait()
		same(l, "counted with a client that is lost", l.counts("out"), "consumed:4 dropped:1 failed:3 mapped:4")
	})
}

// There is room for so many signals, and so many bytes. What finds none is dropped, the newest first, and its requester knows at once.
func TestOutletIsBounded(t *testing.T) {
	inLand(t, snapshot.ConnectionMQTT, func(l *land) {
		o, f := l.outlet(func(s *snapshot.Subscription) { s.Target.IssuedAck = "link:sent" }), newFar()
		for n := range maxQueued {
			l.publish(snapshot.SignalTwinEvents, event("a", n))
		}
		var asker asker
		l.ask(&asker, snapshot.SignalTwinEvents, "a", event("a", maxQueued), "over", "link:sent")
		synctest.Wait()
		same(l, "told", asker.got(), []string{`link:sent=503 {"status":503,"error":"connectivity:message.sending.failed"`})
		same(l, "counted", l.counts("out"), "consumed:1001 dropped:1 waiting:1000")
		noted := l.noted("out")
		slices.Sort(noted)
		same(l, "noted", noted, []string{"acknowledged! ns:a", "dropped! " + noRoom})
		o.use(f)
		synctest.Wait()
		if got := values(f.got()); len(got) != maxQueued || got[maxQueued-1] != "a999" {
			l.Errorf("%d were published", len(got))
		}
		l.publish(snapshot.SignalTwinEvents, event("a", 1))
		synctest.Wait()
		same(l, "published when there is room", values(f.got()), []string{"a1"})
	})
}

func TestOutletIsBoundedInBytes(t *testing.T) {
	inLand(t, snapshot.ConnectionMQTT, func(l *land) {
		l.outlet(nil)
		big := strings.Replace(event("a", 1), `"value":1`, `"value":"`+strings.Repeat("x", maxQueuedBytes/2)+`"`, 1)
		whole := strings.Replace(event("a", 1), `"value":1`, `"value":"`+strings.Repeat("x", maxQueuedBytes)+`"`, 1)
		l.publish(snapshot.SignalTwinEvents, whole)
		same(l, "counted with one that is too large", l.counts("out"), "consumed:1 waiting:1")
		l.publish(snapshot.SignalTwinEvents, event("a", 1))
		synctest.Wait()
		same(l, "counted with one that fills it", l.counts("out"), "consumed:2 dropped:1 waiting:1")
		o := l.outlet(func(s *snapshot.Subscription) { s.Name = "other" })
		l.publish(snapshot.SignalTwinEvents, big, big, event("a", 1))
		synctest.Wait()
		same(l, "counted with large ones", l.counts("other"), "consumed:3 dropped:1 waiting:2")
		f := newFar()
		o.use(f)
		synctest.Wait()
		same(l, "counted in the end", l.counts("other"), "consumed:3 delivered:2 dropped:1 mapped:2")
		if o.queue.bytes != 0 || o.queue.count != 0 || len(o.lanes) != 0 {
			l.Errorf("left: %d bytes of %d, %d lanes", o.queue.bytes, o.queue.count, len(o.lanes))
		}
	})
}

// What waits does not hold the burst that it came with.
func TestOutletKeepsNothingOfBursts(t *testing.T) {
	inLand(t, snapshot.ConnectionMQTT, func(l *land) {
		o := l.outlet(nil)
		burst := wire.NewBurst(1, 100)
		burst.Add(func(dst []byte) ([]byte, bool) { return append(dst, event("a", 0)...), true })
		o.Deliver(burst)
		if &o.queue.fresh[0].text[0] == &burst.Text(0)[0] {
			l.Error("it is the burst's")
		}
	})
}

// A client that takes nothing stops the outlet, and nobody else.
func TestOutletWaitsForSlowClients(t *testing.T) {
	inLand(t, snapshot.ConnectionMQTT, func(l *land) {
		o, f := l.outlet(nil), newFar()
		f.full = true
		o.use(f)
		l.publish(snapshot.SignalTwinEvents, event("a", 0), event("b", 1))
		synctest.Wait()
		ctx, cancel := context.WithTimeout(l.Context(), time.Second)
		defer cancel()
		if left := o.drain(ctx); left != 2 {
			l.Errorf("%d are left", left)
		}
		o.close()
		same(l, "counted", l.counts("out"), "consumed:2 dropped:2 mapped:2")
	})
}

func TestOutletDrains(t *testing.T) {
	inLand(t, snapshot.ConnectionMQTT, func(l *land) {
		o, f := l.outlet(nil), newFar()
		f.tell(later)
		o.use(f)
		l.publish(snapshot.SignalTwinEvents, event("a", 0), event("a", 1))
		synctest.Wait()
		left := make(chan int)
		go func() { left <- o.drain(l.Context()) }()
		synctest.Wait()
		l.publish(snapshot.SignalTwinEvents, event("a", 2)) // it does not want this any more
		f.tell(nil)
		f.answer(deliveredAs)
		if n := <-left; n != 0 {
			l.Errorf("%d are left", n)
		}
		same(l, "published", values(f.got()), []string{"a0", "a1"})
	})
}

// What has no outcome when an outlet ends is refused to who waits for it: what is fresh, what waits for its turn, and what rests.
func TestOutletRefusesWhatIsLeft(t *testing.T) {
	inLand(t, snapshot.ConnectionMQTT, func(l *land) {
		o, f := l.outlet(func(s *snapshot.Subscription) { s.Target.IssuedAck = "link:sent" }), newFar()
		f.tell(func(m *external.Message) (link.Outcome, bool) {
			return link.Outcome{Status: 503, Again: true}, m.Key == "ns:a"
		})
		o.use(f)
		askers := make([]asker, 5)
		for i, name := range []string{"a", "a", "b", "b", "c"} {
			if i == 4 {
				synctest.Wait()
				o.use(nil)
			}
			l.ask(&askers[i], snapshot.SignalTwinEvents, name, event(name, i), "id"+strconv.Itoa(i), "link:sent")
		}
		synctest.Wait()
		o.close()
		for i := range askers {
			got := len(askers[i].got())
			if want := 1; (got == want) != (i != 2 && i != 3) {
				l.Errorf("asker %d was told %d times", i, got)
			}
		}
		f.answer(link.Outcome{Status: 503, Again: true}) // one of b was on its way, the other behind it
		for i := range askers[2:4] {
			same(l, "told of what was on its way", len(askers[i+2].got()), 1)
		}
		same(l, "counted", l.counts("out"), "consumed:5 dropped:4 failed:1 mapped:4 retried:1")
	})
}

func TestOutletSubscribesAsWhatItIs(t *testing.T) {
	inLand(t, snapshot.ConnectionMQTT, func(l *land) {
		l.labels = []string{"link:done"}
		o, f := l.outlet(func(s *snapshot.Subscription) {
			s.Namespaces, s.Target.IssuedAck = []string{"other"}, "link:sent"
		}), newFar()
		o.use(f)
		l.publish(snapshot.SignalTwinEvents, event("a", 0))
		synctest.Wait()
		same(l, "published of another namespace", f.got(), []string(nil))
		same(l, "audience", *o.Audience(), pubsub.Audience{Subjects: []string{"test:out"}, Acks: []string{"link:done", "link:sent"}})
	})
}

// What came in through the connection does not go out through it again.
func TestOutletDoesNotEcho(t *testing.T) {
	inLand(t, snapshot.ConnectionMQTT, func(l *land) {
		o, f := l.outlet(nil), newFar()
		o.use(f)
		own := &request{receipt: &receipt{inlet: &inlet{peer: l.peer}}}
		l.peer.hubs[snapshot.SignalTwinEvents].Publish([]*pubsub.Signal{{Namespace: "ns", Origin: own, Body: &news{event("a", 0), "id"}}})
		synctest.Wait()
		same(l, "published", f.got(), []string(nil))
	})
}

func TestNewOutletRefuses(t *testing.T) {
	l := newLand(t, snapshot.ConnectionMQTT)
	for name, change := range map[string]func(s *snapshot.Subscription){
		"rql.expression.invalid":             func(s *snapshot.Subscription) { s.Filter = "eq(" },
		"things:field.selection.invalid":     func(s *snapshot.Subscription) { s.ExtraFields = "bogus" },
		"address":                            func(s *snapshot.Subscription) { s.Target.Address = "{{ nothing }}" },
		"nothing is published of type Other": func(s *snapshot.Subscription) { s.Signal = "Other" },
		"The field \"attributes/x\"": func(s *snapshot.Subscription) {
			s.Signal, s.ExtraFields = snapshot.SignalPolicyAnnouncements, "attributes/x"
		},
	} {
		if _, err := newOutlet(l.peer, subscription(change)); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What takes the place of a signal that could not be made is not sent.
func TestOutletDoesNotSendErrors(t *testing.T) {
	inLand(t, snapshot.ConnectionMQTT, func(l *land) {
		o, f := l.outlet(nil), newFar()
		o.use(f)
		l.publish(snapshot.SignalTwinEvents, `{"topic":"ns/a/things/twin/errors","headers":{"correlation-id":"%s","requested-acks":%s},"path":"/","value":{},"status":500}`)
		synctest.Wait()
		same(l, "published", f.got(), []string(nil))
		same(l, "counted", l.counts("out"), "consumed:1 failed:1")
	})
}

// Another endpoint of the protocol is sent envelopes as they are; how events are repeated there is for who speaks with it.
func TestOutletToAnotherEndpoint(t *testing.T) {
	for _, c := range []struct {
		name   string
		signal snapshot.Signal
		text   string
		want   []string
	}{
		{"a change", snapshot.SignalTwinEvents, event("a", 7), []string{" " + fmt.Sprintf(event("a", 7), "id0", "[]")}},
		{"a message", snapshot.SignalMessages, aMessage("a"), []string{" " + fmt.Sprintf(aMessage("a"), "id0", "[]")}},
		{
			"an announcement", snapshot.SignalPolicyAnnouncements,
			`{"topic":"ns/p/policies/announcements/subjectDeletion","headers":{"correlation-id":"%s","x":%s},"path":"/","value":{}}`, nil,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			inLand(t, snapshot.ConnectionDittoWebSocket, func(l *land) {
				o, f := l.outlet(func(s *snapshot.Subscription) { s.Target.Address, s.Signal = "", c.signal }), newFar()
				o.use(f)
				l.publish(c.signal, c.text)
				synctest.Wait()
				same(l, "published", f.got(), c.want)
			})
		})
	}
}

// What the outlet acknowledges itself is not asked of the other end.
func TestOutletKeepsItsLabel(t *testing.T) {
	inLand(t, snapshot.ConnectionDittoWebSocket, func(l *land) {
		l.labels = []string{"link:other"}
		o, f := l.outlet(func(s *snapshot.Subscription) {
			s.Signal, s.Target.Address, s.Target.IssuedAck = snapshot.SignalMessages, "", "link:sent"
		}), newFar()
		o.use(f)
		var asker asker
		l.ask(&asker, snapshot.SignalMessages, "a", aMessage("a"), "id", "link:sent", "link:other")
		synctest.Wait()
		if got := f.got(); len(got) != 1 || !strings.Contains(got[0], `"requested-acks":["link:other"]`) {
			l.Errorf("published: %q", got)
		}
	})
}

func TestOutletToAnotherEndpointSetsHeaders(t *testing.T) {
	inLand(t, snapshot.ConnectionDittoWebSocket, func(l *land) {
		o, f := l.outlet(func(s *snapshot.Subscription) {
			s.Signal, s.Target.Address, s.Target.Headers = snapshot.SignalMessages, "", map[string]string{"site": "{{ thing:namespace }}"}
		}), newFar()
		o.use(f)
		l.publish(snapshot.SignalMessages, aMessage("a"))
		synctest.Wait()
		if got := f.got(); len(got) != 1 || !strings.Contains(got[0], `"site":"ns"`) {
			l.Errorf("published: %q", got)
		}
	})
}

// Some signals ask only others for acknowledgements.
func TestOutletIsNotAsked(t *testing.T) {
	inLand(t, snapshot.ConnectionHTTPPush, func(l *land) {
		l.labels = []string{"link:other"}
		o, f := l.outlet(func(s *snapshot.Subscription) { s.Target.IssuedAck = "link:sent" }), newFar()
		o.use(f)
		var asker asker
		l.ask(&asker, snapshot.SignalTwinEvents, "a", event("a", 0), "id", "link:other")
		synctest.Wait()
		same(l, "published", len(f.got()), 1)
		if noted := l.noted("out"); slices.ContainsFunc(noted, func(s string) bool { return strings.HasPrefix(s, "acknowledged") }) {
			l.Errorf("noted: %q", noted)
		}
	})
}

// What the other end is told in the first moment after it was busy, it is told at different times.
func TestRestVaries(t *testing.T) {
	seen := map[time.Duration]bool{}
	for range 20 {
		seen[rest(3, 0)] = true
	}
	if len(seen) < 10 {
		t.Errorf("%d different times in 20", len(seen))
	}
	if d := rest(0, time.Hour); d != mostRest {
		t.Errorf("who asks for an hour is left alone for %v", d)
	}
}
