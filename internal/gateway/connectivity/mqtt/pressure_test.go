package mqtt

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/paho"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/link/linktest"
	"github.com/twinway/twinway/internal/gateway/connectivity/mqtt/packet"
	"github.com/twinway/twinway/internal/snapshot"
)

// Who takes nothing has the broker keep what there is, beyond what there is room for; and then gets all of it.
func TestSlowConsumer(t *testing.T) {
	everywhere(t, setup{}, func(t *testing.T, w *world) {
		w.inbox = make(inbox)
		w.source("all", 1, snapshot.AtLeastOnce, "from/#")
		device, c := newDevice(t, w.broker), w.dial(t)
		messages := 4 * maxUnsettled
		if strings.Contains(t.Name(), "mochi/V5") {
			messages = maxUnsettled // It sends nothing more once it had to wait.
		}
		for i := range messages {
			device.say(t, 1, "from/a", strconv.Itoa(i))
		}
		in := c.(*client).intake
		seen := map[string]bool{}
		for len(seen) < messages {
			in.mu.Lock()
			waiting := len(in.queue)
			in.mu.Unlock()
			if waiting > maxWaiting {
				t.Fatalf("%d messages wait", waiting)
			}
			select {
			case <-c.Lost():
				t.Fatalf("lost after %d: %v", len(seen), c.Err())
			default:
			}
			got := w.inbox.next(t)
			seen[string(got.Message.Payload)] = true
			got.Settle(link.Accept)
		}
	})
}

// Protocol rule: the broker ends a connection of which it hears nothing, also if that is because it is not listened to.
func TestPingsWhileNothingIsTaken(t *testing.T) {
	for _, version := range []snapshot.MQTTVersion{snapshot.MQTT3, snapshot.MQTT5} {
		t.Run(string(version), func(t *testing.T) {
			enough := make(chan struct{})
			w := scriptedWorld(t, version, func(s *scripted) {
				s.accept(version, 1)
				flood := append([]byte{0x30, 0xff, 0x7f, 0, 1, 'a'}, make([]byte, 0x3fff-3)...)
				go func() {
					for {
						if _, err := s.conn.Write(flood); err != nil {
							return
						}
					}
				}()
				for range 20 {
					if s.await(packet.PINGREQ) == nil {
						return
					}
				}
				close(enough)
				s.drain()
			})
			w.inbox = make(inbox)
			w.connection.MQTT.KeepAlive = 40 * time.Millisecond
			w.source("all", 0, snapshot.AtMostOnce, "a")
			c := w.dial(t)
			select {
			case <-enough:
			case <-c.Lost():
				t.Fatalf("lost: %v", c.Err())
			case <-time.After(linktest.Enough):
				t.Fatal("no pings")
			}
			// Nobody says goodbye to a broker that does not read.
			c.(*client).fail(errSilentEnd)
		})
	}
}

func TestNoAnswerToPings(t *testing.T) {
	w := scriptedWorld(t, snapshot.MQTT5, func(s *scripted) {
		s.accept(snapshot.MQTT5, 0)
		s.drain()
	})
	w.connection.MQTT.KeepAlive = 40 * time.Millisecond
	c := w.dial(t)
	linktest.AwaitLost(t, c)
	if !errors.Is(c.Err(), errNoAnswer) {
		t.Errorf("lost because of %v", c.Err())
	}
}

// A broker that answers nothing is given up within twice the time that it may be silent, however often it is pinged meanwhile; one that
// answers never is.
func TestSilence(t *testing.T) {
	for name, c := range map[string]struct {
		answers bool
		want    error
	}{"it answers": {true, nil}, "it does not": {false, errNoAnswer}} {
		t.Run(name, func(t *testing.T) {
			w := scriptedWorld(t, snapshot.MQTT5, func(s *scripted) {
				s.accept(snapshot.MQTT5, 0)
				s.drain()
			})
			const every = 16 * time.Hour // so that nobody but the test looks
			w.connection.MQTT.KeepAlive = every
			cl := w.dial(t).(*client)
			var err error
			for at := time.Duration(0); at <= 2*every && err == nil; at += every / 4 {
				now := time.Now().Add(at)
				if c.answers {
					cl.pulse.last.Store(max(cl.pulse.last.Load(), cl.pulse.pinged+1))
				}
				err = cl.check(now)
			}
			if !errors.Is(err, c.want) {
				t.Errorf("ended with %v, want %v", err, c.want)
			}
		})
	}
}

// The broker's own idea of how long it hears nothing counts.
func TestKeepAliveOfBroker(t *testing.T) {
	pinged := make(chan struct{})
	w := scriptedWorld(t, snapshot.MQTT5, func(s *scripted) {
		s.accept(snapshot.MQTT5, 0, 0x13, 0, 1)
		if s.await(packet.PINGREQ) != nil {
			close(pinged)
		}
		s.drain()
	})
	w.dial(t)
	select {
	case <-pinged:
	case <-time.After(linktest.Enough):
		t.Error("no ping")
	}
}

// Every message has exactly one outcome, unless it was not taken, whatever happens.
func TestOneOutcome(t *testing.T) {
	everywhere(t, setup{}, func(t *testing.T, w *world) {
		for round := range 3 {
			c := w.dial(t)
			const publishers, messages = 4, 300
			var taken, outcomes, twice atomic.Int64
			ended := make(chan struct{}, publishers)
			for range publishers {
				go func() {
					defer func() { ended <- struct{}{} }()
					for i := range messages {
						var told atomic.Int32
						m := &external.Message{Address: "a", Headers: external.Headers{"mqtt.qos": strconv.Itoa(i % 3)}}
						err := c.Publish(t.Context(), m, snapshot.AtLeastOnce, func(link.Outcome) {
							if told.Add(1) > 1 {
								twice.Add(1)
							}
							outcomes.Add(1)
						})
						if errors.Is(err, link.ErrLost) {
							return
						}
						taken.Add(1)
					}
				}()
			}
			switch round {
			case 0:
				w.network.Cut()
			case 1:
				linktest.End(c)
			}
			for range publishers {
				<-ended
			}
			linktest.End(c)
			if taken.Load() != outcomes.Load() || twice.Load() > 0 {
				t.Errorf("round %d: %d taken, %d outcomes, %d twice", round, taken.Load(), outcomes.Load(), twice.Load())
			}
			if round == 2 && taken.Load() != publishers*messages {
				t.Errorf("%d taken", taken.Load())
			}
		}
	})
}

// What was published before Close has its outcome.
func TestCloseWaits(t *testing.T) {
	everywhere(t, setup{}, func(t *testing.T, w *world) {
		device, c := newDevice(t, w.broker, "to/#"), w.dial(t)
		const messages = 200
		delivered := make(chan bool, messages)
		for i := range messages {
			m := &external.Message{Address: "to/a", Headers: external.Headers{"mqtt.qos": strconv.Itoa(i % 3)}}
			if err := c.Publish(t.Context(), m, snapshot.AtLeastOnce, outcome(delivered)); err != nil {
				t.Fatal(err)
			}
		}
		linktest.End(c)
		for range messages {
			if !<-delivered {
				t.Fatal("not delivered")
			}
			device.next(t)
		}
		if c.Err() != nil {
			t.Errorf("closed because of %v", c.Err())
		}
		select {
		case <-c.Lost():
		default:
			t.Error("a closed client is not lost")
		}
	})
}

// Publish waits for room, as long as it may.
func TestWindow(t *testing.T) {
	var sent atomic.Int64
	w := scriptedWorld(t, snapshot.MQTT5, func(s *scripted) {
		s.accept(snapshot.MQTT5, 0, 0x21, 0, 3)
		for {
			switch h, _ := s.read(); h.Type {
			case packet.PUBLISH:
				sent.Add(1)
			case 0, packet.DISCONNECT:
				return
			}
		}
	})
	c := w.dial(t)
	full := make(chan struct{})
	ctx, cancel := contextUntil(t, full)
	defer cancel()
	outcomes := make(chan bool, 10)
	for range 3 {
		if err := c.Publish(ctx, &external.Message{Address: "a"}, snapshot.AtLeastOnce, outcome(outcomes)); err != nil {
			t.Fatal(err)
		}
	}
	close(full)
	if err := c.Publish(ctx, &external.Message{Address: "a"}, snapshot.AtLeastOnce, outcome(outcomes)); !errors.Is(err, ctx.Err()) || err == nil {
		t.Errorf("the fourth: %v", err)
	}
	c.(*client).fail(errSilentEnd)
	for range 3 {
		if <-outcomes {
			t.Error("delivered")
		}
	}
	linktest.End(c)
	if n := sent.Load(); n > 3 || len(outcomes) > 0 {
		t.Errorf("%d sent, %d outcomes more", n, len(outcomes))
	}
}

// Protocol rule: an identifier is not used for another message while the broker has the half of one with QoS 2.
func TestHalfSent(t *testing.T) {
	identifier := make(chan string, 1)
	w := scriptedWorld(t, snapshot.MQTT5, func(s *scripted) {
		s.accept(snapshot.MQTT5, 0)
		identifier <- string(s.await(packet.PUBLISH)[3:5])
	})
	w.connection.MQTT.SessionExpiry = time.Hour
	c := w.dial(t)
	if o := linktest.Publish(t, c, external.Message{Address: "a", Headers: external.Headers{"mqtt.qos": "2"}}, snapshot.AtLeastOnce); !o.Again {
		t.Errorf("half sent: %+v", o)
	}
	linktest.End(c)
	released := make(chan bool, 1)
	w.connection.URI = "tcp://" + script(t, func(s *scripted) {
		s.await(packet.CONNECT)
		s.write(0x20, 3, 1, 0, 0)
		body := s.await(packet.PUBREL)
		released <- string(body) == <-identifier
		s.write(append([]byte{0x70, 2}, body...)...)
		s.drain()
	})
	w.dial(t)
	if !<-released {
		t.Error("something else was released")
	}
}

// Protocol rule: a message of QoS 2 that was taken is not taken again if the broker has not heard of it.
func TestHalfReceived(t *testing.T) {
	message := []byte{0x34, 8, 0, 1, 'a', 0, 7, 0, 'h', 'i'}
	w := scriptedWorld(t, snapshot.MQTT5, func(s *scripted) {
		s.accept(snapshot.MQTT5, 1)
		s.write(message...)
		s.await(packet.PUBREC)
	})
	w.connection.MQTT.SessionExpiry = time.Hour
	w.source("all", 2, snapshot.AtLeastOnce, "a")
	c := w.dial(t)
	w.inbox.expect(t, "hi")[0].Settle(link.Accept)
	linktest.AwaitLost(t, c)
	linktest.End(c)

	again := append([]byte{}, message...)
	again[0] |= 8
	completed := make(chan struct{})
	w.connection.URI = "tcp://" + script(t, func(s *scripted) {
		s.await(packet.CONNECT)
		s.write(0x20, 3, 1, 0, 0)
		s.write(again...)
		body := s.awaitAll(packet.SUBSCRIBE, packet.PUBREC)[packet.SUBSCRIBE]
		if body == nil {
			close(completed)
			return
		}
		s.write(0x90, 4, body[0], body[1], 0, 2)
		s.write(0x62, 2, 0, 7)
		s.await(packet.PUBCOMP)
		close(completed)
		// The identifier is free now.
		again[9] = 'o'
		s.write(again...)
		s.drain()
	})
	w.dial(t)
	<-completed
	w.inbox.expect(t, "ho")
}

// What is remembered of messages that come again and again is bounded.
func TestTroublesAreBounded(t *testing.T) {
	m := newMemory()
	message := func(i int) *packet.Publish { return &packet.Publish{Topic: "a", Payload: []byte(fmt.Sprint(i))} }
	for i := range 3 * maxTroubles {
		m.trouble(message(i))
		m.trouble(message(0))
	}
	if len(m.troubles) != maxTroubles {
		t.Errorf("%d are remembered", len(m.troubles))
	}
	if n := m.times(message(0)); n != 3*maxTroubles+1 {
		t.Errorf("the one that came always is counted %d times", n)
	}
	if n := m.times(message(1)); n != 0 {
		t.Errorf("the one that came long ago is counted %d times", n)
	}
}

func BenchmarkOut(b *testing.B) {
	for _, version := range []snapshot.MQTTVersion{snapshot.MQTT3, snapshot.MQTT5} {
		b.Run(string(version), func(b *testing.B) {
			w := newWorld(b, "mochi", version, setup{})
			w.connection.URI = "tcp://" + w.broker.address
			c := w.dial(b)
			delivered := make(chan bool, b.N)
			m := &external.Message{Address: "to/a", Payload: make([]byte, 200)}
			done := func(o link.Outcome) { delivered <- o.Delivered() }
			b.ReportAllocs()
			for b.Loop() {
				if err := c.Publish(b.Context(), m, snapshot.AtLeastOnce, done); err != nil {
					b.Fatal(err)
				}
				select {
				case <-delivered:
				default:
				}
			}
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
			go func() {
				for range delivered {
				}
			}()
			linktest.End(c)
			close(delivered)
		})
	}
}

// Mochi is not measured with MQTT 5: it sends nothing more once it had to wait for an acknowledgement.
func BenchmarkIn(b *testing.B) {
	for _, row := range []struct {
		broker  string
		version snapshot.MQTTVersion
	}{{"mochi", snapshot.MQTT3}, {"mosquitto", snapshot.MQTT3}, {"mosquitto", snapshot.MQTT5}} {
		b.Run(row.broker+"/"+string(row.version), func(b *testing.B) {
			w := newWorld(b, row.broker, row.version, setup{})
			w.connection.URI = "tcp://" + w.broker.address
			w.source("all", 1, snapshot.AtLeastOnce, "from/#")
			w.dial(b)
			device := newDevice(b, w.broker)
			const lead = 100
			payload := make([]byte, 200)
			send := func() {
				_, err := device.client.PublishWithOptions(b.Context(), &paho.Publish{Topic: "from/a", QoS: 1, Payload: payload},
					paho.PublishOptions{Method: paho.PublishMethod_AsyncSend})
				if err != nil {
					b.Fatal(err)
				}
			}
			for range lead {
				send()
			}
			b.ReportAllocs()
			for b.Loop() {
				w.inbox.next(b).Settle(link.Accept)
				send()
			}
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
			for range lead {
				w.inbox.next(b).Settle(link.Accept)
			}
		})
	}
}

// slowReturn settles what it is given, if it is to, and returns a while after that, however soon nothing is to be consumed any more.
type slowReturn struct{ settled, back chan struct{} }

func (s slowReturn) Consume(_ context.Context, c link.Consumed) error {
	if c.Settle != nil {
		c.Settle(link.Accept)
	}
	close(s.settled)
	<-s.back
	return nil
}

// What was taken is acknowledged before the goodbye, also if who takes it has not returned yet.
func TestTakenIsAcknowledgedBeforeTheGoodbye(t *testing.T) {
	for _, delivery := range []snapshot.DeliveryGuarantee{snapshot.AtLeastOnce, snapshot.AtMostOnce} {
		t.Run(string(delivery), func(t *testing.T) { mustAcknowledgeFirst(t, delivery) })
	}
}

func mustAcknowledgeFirst(t *testing.T, delivery snapshot.DeliveryGuarantee) {
	t.Helper()
	consumer, said := slowReturn{make(chan struct{}), make(chan struct{})}, make(chan packet.Type, 1)
	w := scriptedWorld(t, snapshot.MQTT3, func(s *scripted) {
		s.accept(snapshot.MQTT3, 1)
		s.write(0x32, 6, 0, 1, 'a', 0, 7, 'x')
		h, _ := s.read()
		said <- h.Type
	})
	w.source("all", 1, delivery, "a")
	c := linktest.Dial(t, w.kind, linktest.Config(w.connection, consumer))
	<-consumer.settled
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		linktest.End(c)
	}()
	var first packet.Type
	select {
	case first = <-said:
		close(consumer.back)
	case <-time.After(100 * time.Millisecond): // time for a goodbye that does not wait
		close(consumer.back)
		first = <-said
	}
	if first != packet.PUBACK {
		t.Errorf("it says %v first", first)
	}
	<-closed
}
