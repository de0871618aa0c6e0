package mqtt

import (
	"bufio"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/paho"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/link/linktest"
	"github.com/twinway/twinway/internal/gateway/connectivity/mqtt/packet"
	"github.com/twinway/twinway/internal/snapshot"
)

// Many who publish at once find that there is room at once. None of them is told that the client is lost while it is not: who is told
// that waits for another.
func TestNotLostBecauseMuchWaits(t *testing.T) {
	never := make(chan struct{})
	w := scriptedWorld(t, snapshot.MQTT5, func(s *scripted) {
		s.accept(snapshot.MQTT5, 0)
		<-never
	})
	defer close(never)
	c := w.dial(t).(*client)
	// The others, who have found room as well: of one the message is being written for ever, of one it waits.
	much := func(b []byte) []byte { return append(b, make([]byte, overfull+1)...) }
	c.out.add(much, nil)
	for writing := false; !writing; time.Sleep(time.Millisecond) {
		c.out.mu.Lock()
		writing = len(c.out.pending) == 0
		c.out.mu.Unlock()
	}
	c.out.add(much, nil)
	if err := c.flights.await(t.Context(), 1, c.leaving); err != nil {
		t.Fatal(err)
	}
	outcomes := 0
	done := func(link.Outcome) { outcomes++ }
	for qos, publish := range []func(*packet.Publish, func(link.Outcome)) error{c.throw, c.launch} {
		if err := publish(&packet.Publish{Topic: "a", QoS: byte(qos)}, done); err != nil {
			t.Errorf("QoS %d: %v", qos, err)
		}
	}
	select {
	case <-c.Lost():
		t.Fatal(c.Err())
	default:
	}
	linktest.End(c)
	if outcomes != 2 {
		t.Errorf("%d outcomes", outcomes)
	}
}

// What the other end causes and does not read is bounded.
func TestAnswersAreBounded(t *testing.T) {
	o := newOutbox(nil)
	b, n := make([]byte, 1<<20), 0
	for o.answer(b) {
		if n++; n > overfull>>20+1 {
			t.Fatal("no bound")
		}
	}
	o.take(nil)
	if !o.answer(b) {
		t.Error("no answer although all was read")
	}
}

// What waits to be handed over is as large as it is, wherever it carries its weight.
func TestPropertiesCount(t *testing.T) {
	in := newIntake()
	for n := 0; in.add(arrival{publish: &packet.Publish{
		Topic:      "a",
		Properties: packet.Properties{User: []packet.Property{{Key: "k", Value: strings.Repeat("v", 1<<17)}}},
	}}); n++ {
		if n > maxWaitingBytes>>17 {
			t.Fatal("no bound")
		}
	}
	for range len(in.queue) {
		in.remove()
	}
	if in.bytes != 0 {
		t.Errorf("%d bytes of nothing", in.bytes)
	}
}

// A message that is all properties is dropped, and acknowledged: it would come again as it is.
func TestTooManyProperties(t *testing.T) {
	everywhere(t, setup{}, func(t *testing.T, w *world) {
		if w.connection.MQTT.Version != snapshot.MQTT5 {
			t.Skip("no properties")
		}
		w.source("all", 1, snapshot.AtLeastOnce, "from/#")
		device := newDevice(t, w.broker)
		w.dial(t)
		much := paho.UserProperties{}
		for range 8 {
			much = append(much, paho.UserProperty{Key: "k", Value: strings.Repeat("v", 40_000)})
		}
		device.send(t, &paho.Publish{Topic: "from/a", QoS: 1, Properties: &paho.PublishProperties{User: much}})
		device.say(t, 1, "from/a", "after")
		w.inbox.expect(t, "after")[0].Settle(link.Accept)
	})
}

// A long message over a slow line is no silence.
func TestSlowMessageIsHeard(t *testing.T) {
	here, there := net.Pipe()
	defer here.Close()
	defer there.Close()
	c := &client{socket: &socket{conn: here, reader: bufio.NewReader(here)}}
	c.pulse.last.Store(1)
	ended := make(chan error, 1)
	go func() {
		_, err := c.body(8 * hearing)
		ended <- err
	}()
	if _, err := there.Write(make([]byte, 2*hearing)); err != nil {
		t.Fatal(err)
	}
	for until := time.Now().Add(linktest.Enough); c.pulse.last.Load() == 1; time.Sleep(time.Millisecond) {
		if time.Now().After(until) {
			t.Fatal("nothing was heard")
		}
	}
	_ = there.Close()
	if err := <-ended; err == nil || errors.Is(err, link.ErrLost) {
		t.Error(err)
	}
}

// A broker that never answers to the second half leaves identifiers for what is still to be sent.
func TestUnreleasedAreBounded(t *testing.T) {
	m := newMemory()
	for id := range 1 << 16 {
		m.leave([]uint16{uint16(id)})
	}
	if n := len(m.takeUnreleased()); n != maxUnreleased {
		t.Errorf("%d", n)
	}
}
