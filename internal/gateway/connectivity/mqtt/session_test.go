package mqtt

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/link/linktest"
	"github.com/twinway/twinway/internal/snapshot"
)

// barrier publishes a message that comes after everything that the broker has for the gateway, and returns what came before.
func barrier(t *testing.T, w *world, d *device) []link.Consumed {
	t.Helper()
	d.say(t, 1, "from/barrier", "barrier")
	var before []link.Consumed
	for {
		got := w.inbox.next(t)
		if string(got.Message.Payload) == "barrier" {
			got.Settle(link.Accept)
			return before
		}
		before = append(before, got)
	}
}

// heard returns when the broker has heard whatever a client has told it.
func heard(t *testing.T, c link.Client) {
	t.Helper()
	linktest.Publish(t, c, external.Message{Address: "to/a"}, snapshot.AtLeastOnce)
}

func payloads(all []link.Consumed) string {
	text := ""
	for _, c := range all {
		text += string(c.Message.Payload) + " "
	}
	return text
}

// Protocol rule: what is not acknowledged is delivered again when the client comes back, and what is, is not.
func TestAcknowledgedWhenSettled(t *testing.T) {
	for _, qos := range []int{1, 2} {
		t.Run(fmt.Sprint("QoS", qos), func(t *testing.T) {
			everywhere(t, setup{}, func(t *testing.T, w *world) {
				w.source("all", qos, snapshot.AtLeastOnce, "from/#")
				device, c := newDevice(t, w.broker), w.dial(t)
				device.say(t, 2, "from/a", "one")
				w.inbox.expect(t, "one")
				w.cut(t, c)

				c = w.dial(t)
				again := w.inbox.expect(t, "one")[0]
				if again.Redelivered != 1 {
					t.Errorf("redelivered %d times", again.Redelivered)
				}
				again.Settle(link.Accept)
				if before := barrier(t, w, device); len(before) > 0 {
					t.Errorf("before the barrier: %s", payloads(before))
				}
				linktest.End(c)

				w.dial(t)
				if before := barrier(t, w, device); len(before) > 0 {
					t.Errorf("after it was settled: %s", payloads(before))
				}
			})
		})
	}
}

func TestRejectedIsAcknowledged(t *testing.T) {
	everywhere(t, setup{}, func(t *testing.T, w *world) {
		w.source("all", 1, snapshot.AtLeastOnce, "from/#")
		device, c := newDevice(t, w.broker), w.dial(t)
		device.say(t, 1, "from/a", "poison")
		w.inbox.expect(t, "poison")[0].Settle(link.Reject)
		heard(t, c)
		w.cut(t, c)
		w.dial(t)
		for _, c := range barrier(t, w, device) {
			if string(c.Message.Payload) == "poison" {
				t.Error("the message came again")
			}
		}
	})
}

// Protocol rule: messages are acknowledged in the order in which they came.
func TestSettledOutOfOrder(t *testing.T) {
	everywhere(t, setup{}, func(t *testing.T, w *world) {
		w.source("all", 1, snapshot.AtLeastOnce, "from/#")
		device, c := newDevice(t, w.broker), w.dial(t)
		device.say(t, 1, "from/a", "one", "two", "three")
		came := w.inbox.expect(t, "one", "two", "three")
		came[2].Settle(link.Accept)
		came[1].Settle(link.Accept)
		heard(t, c)
		w.cut(t, c)

		c = w.dial(t)
		came = w.inbox.resume(t, "one", "two", "three")
		came[2].Settle(link.Accept)
		came[1].Settle(link.Accept)
		came[0].Settle(link.Accept)
		barrier(t, w, device)
		linktest.End(c)

		w.dial(t)
		if before := barrier(t, w, device); len(before) > 0 {
			t.Errorf("came again: %s", payloads(before))
		}
	})
}

// What is to be delivered again holds up nothing else, and comes again until it is accepted, with how often it has come.
func TestRedelivery(t *testing.T) {
	everywhere(t, setup{}, func(t *testing.T, w *world) {
		w.kind.redelivery = time.Millisecond
		w.source("all", 1, snapshot.AtLeastOnce, "from/#")
		device, c := newDevice(t, w.broker), w.dial(t)
		device.say(t, 1, "from/a", "bad", "good")
		came := w.inbox.expect(t, "bad", "good")
		came[1].Settle(link.Accept)
		came[0].Settle(link.Redeliver)
		for times := 1; times <= 6; times++ {
			linktest.AwaitLost(t, c)
			if err := c.Err(); !errors.Is(err, errRedelivery) {
				t.Fatalf("lost because of %v", err)
			}
			linktest.End(c)
			c = w.dial(t)
			bad := w.inbox.expect(t, "bad")[0]
			if bad.Redelivered != times {
				t.Errorf("redelivered %d times, want %d", bad.Redelivered, times)
			}
			if times < 6 {
				bad.Settle(link.Redeliver)
			} else {
				bad.Settle(link.Accept)
			}
		}
		if before := barrier(t, w, device); len(before) > 0 {
			t.Errorf("came again: %s", payloads(before))
		}
		if n := len(w.kind.memory.troubles); n != 0 {
			t.Errorf("%d messages are remembered", n)
		}
	})
}

// Where the broker keeps no session, nothing waits for what cannot come again.
func TestNoRedeliveryWithoutSession(t *testing.T) {
	everywhere(t, setup{}, func(t *testing.T, w *world) {
		w.kind.redelivery = time.Millisecond
		w.connection.MQTT.CleanStart, w.connection.MQTT.SessionExpiry = true, 0
		w.source("all", 1, snapshot.AtLeastOnce, "from/#")
		device, c := newDevice(t, w.broker), w.dial(t)
		for i := range 2 * maxUnsettled {
			device.say(t, 1, "from/a", fmt.Sprint(i))
			w.inbox.expect(t, fmt.Sprint(i))[0].Settle(link.Redeliver)
		}
		select {
		case <-c.Lost():
			t.Errorf("the client is lost: %v", c.Err())
		default:
		}
	})
}

func TestSession(t *testing.T) {
	everywhere(t, setup{}, func(t *testing.T, w *world) {
		w.source("all", 1, snapshot.AtLeastOnce, "from/#")
		device := newDevice(t, w.broker)
		linktest.End(w.dial(t))
		device.leave(t, "from/a", "one", "two")
		c := w.dial(t)
		for _, came := range w.inbox.resume(t, "one", "two") {
			came.Settle(link.Accept)
		}
		linktest.End(c)
		// What is not subscribed to any more is not kept.
		w.connection.Sources = nil
		w.source("other", 1, snapshot.AtLeastOnce, "from/barrier")
		linktest.End(w.dial(t))
		device.leave(t, "from/a", "three")
		w.connection.Sources = nil
		w.source("all", 1, snapshot.AtLeastOnce, "from/#")
		c = w.dial(t)
		if before := barrier(t, w, device); len(before) > 0 {
			t.Errorf("came without subscription: %s", payloads(before))
		}
		linktest.End(c)
		// A clean start forgets.
		w.connection.MQTT.CleanStart = true
		device.leave(t, "from/a", "four")
		w.kind = newKind()
		c = w.dial(t)
		if before := barrier(t, w, device); len(before) > 0 {
			t.Errorf("came after a clean start: %s", payloads(before))
		}
		// With MQTT 5 a clean start is one start, and not one for each connection.
		linktest.End(c)
		device.leave(t, "from/a", "five")
		w.dial(t)
		before := payloads(barrier(t, w, device))
		if kept := before == "five "; kept != (w.connection.MQTT.Version == snapshot.MQTT5) {
			t.Errorf("after another connection came: %q", before)
		}
	})
}

// What is left over of a session for filters that nobody has any more is acknowledged.
func TestMessagesForNobody(t *testing.T) {
	everywhere(t, setup{}, func(t *testing.T, w *world) {
		w.source("all", 1, snapshot.AtLeastOnce, "from/#")
		device := newDevice(t, w.broker)
		linktest.End(w.dial(t))
		device.leave(t, "from/a", "one")
		w.connection.Sources = nil
		w.source("other", 1, snapshot.AtLeastOnce, "from/barrier")
		c := w.dial(t)
		if before := barrier(t, w, device); len(before) > 0 {
			t.Errorf("came: %s", payloads(before))
		}
		linktest.End(c)
		w.connection.Sources = nil
		w.source("all", 1, snapshot.AtLeastOnce, "from/#")
		w.dial(t)
		if before := barrier(t, w, device); len(before) > 0 {
			t.Errorf("came later: %s", payloads(before))
		}
	})
}

func TestLastWill(t *testing.T) {
	everywhere(t, setup{}, func(t *testing.T, w *world) {
		w.connection.MQTT.LastWill = &snapshot.LastWill{Topic: "wills/gateway", Message: "gone", QoS: 1, Retain: true}
		device := newDevice(t, w.broker, "wills/#")
		linktest.End(w.dial(t))
		device.say(t, 1, "wills/barrier", "barrier")
		if got := device.next(t); string(got.Payload) != "barrier" {
			t.Errorf("%q although the client was closed", got.Payload)
		}
		w.cut(t, w.dial(t))
		if got := device.next(t); got.Topic != "wills/gateway" || string(got.Payload) != "gone" || got.QoS != 1 {
			t.Errorf("will %q on %s with QoS %d", got.Payload, got.Topic, got.QoS)
		}
		if got := newDevice(t, w.broker, "wills/gateway").next(t); !got.Retain {
			t.Error("the will is not retained")
		}
	})
}

func TestBrokerRestarts(t *testing.T) {
	everywhere(t, setup{}, func(t *testing.T, w *world) {
		w.source("all", 1, snapshot.AtLeastOnce, "from/#")
		c := w.dial(t)
		w.broker.stop()
		linktest.AwaitLost(t, c)
		if c.Err() == nil {
			t.Error("lost for no reason")
		}
		if err := c.Publish(t.Context(), &external.Message{Address: "a"}, snapshot.AtLeastOnce, nil); !errors.Is(err, link.ErrLost) {
			t.Errorf("published: %v", err)
		}
		linktest.End(c)
		if _, err := w.attempt(t); err == nil {
			t.Fatal("open without a broker")
		}
		w.broker.start(t)
		c = w.dial(t)
		newDevice(t, w.broker).say(t, 1, "from/a", "hello")
		w.inbox.expect(t, "hello")[0].Settle(link.Accept)
		if o := linktest.Publish(t, c, external.Message{Address: "a"}, snapshot.AtLeastOnce); !o.Delivered() {
			t.Error(o)
		}
		linktest.End(c)
	})
}
