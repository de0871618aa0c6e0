package gateway_test

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/twinway/twinway/internal/gateway"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/test/gatewaytest"
)

func TestMessageTooLarge(t *testing.T) {
	g := start(t, func(s *snapshot.Snapshot) { s.Limits.Message.MaxSize = 4 << 10 })
	c := dial(t, g, gatewaytest.User)
	fits := command("absent", "retrieve", "/", "")
	fits += strings.Repeat(" ", 4<<10-len(fits))
	if status, code := c.do(fits); status != 404 {
		t.Errorf("a message of the largest size is answered %d %s", status, code)
	}
	c.send(fits + " ")
	if code, _ := c.closed(); code != 1009 {
		t.Errorf("closed with %d, want 1009", code)
	}
	until(t, "the session is gone", func() bool { return metric(t, g, `sessions_closed_total{code="1009"}`) == 1 })
	if n := metric(t, g, "sessions"); n != 0 {
		t.Errorf("%v sessions are left", n)
	}
}

// The answers to all commands together would be hundreds of megabytes.
func TestClientThatDoesNotReadIsHeldUp(t *testing.T) {
	const commands, size, inFlight = 10_000, 40 << 10, 16
	g := start(t, func(s *snapshot.Snapshot) { s.Limits.Sessions.InFlightCommands = inFlight })
	c := dial(t, g, gatewaytest.User)
	if status, code := c.do(command("large", "create", "/", `{"attributes":{"a":"`+strings.Repeat("x", size)+`"}}`)); status != 201 {
		t.Fatalf("create: %d %s", status, code)
	}
	sent := make(chan error, 1)
	go func() {
		for i := range commands {
			text := correlated(fmt.Sprint("c", i), "large", "retrieve", "/", "")
			if err := c.ws.Write(t.Context(), websocket.MessageText, []byte(text)); err != nil {
				sent <- err
				return
			}
		}
		sent <- nil
	}()
	received := func() float64 { return metric(t, g, `messages_received_total{kind="command"}`) }
	settle(t, received)
	var memory runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&memory)
	// What was taken was answered into the system's socket buffers, a few
	// megabytes, or is in flight.
	if n := received(); n > commands/4 {
		t.Errorf("%v commands were taken of a client that reads nothing", n)
	}
	if memory.HeapAlloc > 100<<20 {
		t.Errorf("%d MiB are in use", memory.HeapAlloc>>20)
	}
	for i := range commands {
		var e struct {
			Headers map[string]any
			Status  int
		}
		if err := json.Unmarshal([]byte(c.receive()), &e); err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprint("c", i); e.Status != 200 || e.Headers["correlation-id"] != want {
			t.Fatalf("answer %d is %d to %v", i, e.Status, e.Headers["correlation-id"])
		}
	}
	if err := <-sent; err != nil {
		t.Error(err)
	}
}

// A few answers can be as large as many: their bytes are bounded, too.
func TestLargeAnswersThatWaitHoldUpTheirClient(t *testing.T) {
	const things, size, commands = 64, 90 << 10, 100
	g := start(t)
	setup := dial(t, g, gatewaytest.User)
	var ids []string
	for i := range things {
		name := fmt.Sprint("large", i)
		if status, code := setup.do(command(name, "create", "/", `{"attributes":{"a":"`+strings.Repeat("x", size)+`"}}`)); status != 201 {
			t.Fatalf("create: %d %s", status, code)
		}
		ids = append(ids, `"test:`+name+`"`)
	}
	before := metric(t, g, `messages_received_total{kind="command"}`)
	conn, _ := rawDial(t, g, 64<<10)
	text := rawText(`{"topic":"_/_/things/twin/commands/retrieve","headers":{},"path":"/","value":{"thingIds":[` + strings.Join(ids, ",") + `]}}`)
	for range commands {
		if _, err := conn.Write(text); err != nil {
			t.Fatal(err)
		}
	}
	received := func() float64 { return metric(t, g, `messages_received_total{kind="command"}`) - before }
	until(t, "a command is taken", func() bool { return received() > 0 })
	settle(t, received)
	// One answer is 5.6 MiB: the first may be in the system's buffers, the
	// next waits, and no further command is taken.
	if n := received(); n > 4 {
		t.Errorf("%v commands were taken of a client that reads none of its large answers", n)
	}
}

// settle waits until a value has not changed for a while. What is asserted
// after it must hold before, too.
func settle(t *testing.T, value func() float64) {
	t.Helper()
	last, same := -1.0, 0
	until(t, "the value settles", func() bool {
		if v := value(); v != last {
			last, same = v, 0
			return false
		}
		same++
		return same == 40
	})
}

// overflow publishes until the queue of a subscriber that does not read is
// full, and returns how many events were published.
func overflow(t *testing.T, g *gateway.Gateway, publisher *client) (published int) {
	t.Helper()
	value := `"` + strings.Repeat("x", 50<<10) + `"`
	if status, code := publisher.do(command("busy", "create", "/", `{}`)); status != 201 {
		t.Fatalf("create: %d %s", status, code)
	}
	published = 1
	until(t, "the subscriber's queue is full", func() bool {
		for range 50 {
			if status, code := publisher.do(command("busy", "modify", "/attributes/a", value)); status != 201 && status != 204 {
				t.Fatalf("modify: %d %s", status, code)
			}
			published++
		}
		return metric(t, g, "signals_dropped_total") > 0
	})
	return published
}

func TestSlowSubscriberIsClosed(t *testing.T) {
	g := start(t, func(s *snapshot.Snapshot) { s.Limits.Sessions.OutboundQueue = 8 })
	slow, publisher := dial(t, g, gatewaytest.User), dial(t, g, gatewaytest.User)
	slow.ask("START-SEND-EVENTS")
	overflow(t, g, publisher)
	slow.mustClose(1013)
	until(t, "the session is gone", func() bool { return metric(t, g, `sessions_closed_total{code="1013"}`) == 1 })
	publisher.mustWork()
	if n := metric(t, g, "subscriptions"); n != 0 {
		t.Errorf("%v subscriptions are left", n)
	}
}

func TestSlowSubscriberMissesEvents(t *testing.T) {
	g := start(t, func(s *snapshot.Snapshot) {
		s.Limits.Sessions.OutboundQueue = 8
		s.Limits.Sessions.Overflow = snapshot.OverflowDropNewest
	})
	slow, publisher := dial(t, g, gatewaytest.User), dial(t, g, gatewaytest.User)
	slow.ask("START-SEND-EVENTS")
	// Its commands are answered behind a full queue, all of them.
	published := overflow(t, g, publisher)
	const asked = 100
	for i := range asked {
		slow.send(correlated(fmt.Sprint("c", i), "absent", "retrieve", "/", ""))
	}
	events, answers := 0, 0
	for answers < asked {
		var e struct {
			Topic   string
			Headers map[string]any
			Status  int
		}
		if err := json.Unmarshal([]byte(slow.receive()), &e); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(e.Topic, "/events/") {
			events++
			continue
		}
		if want := fmt.Sprint("c", answers); e.Status != 404 || e.Headers["correlation-id"] != want {
			t.Fatalf("answer %d is %d to %v", answers, e.Status, e.Headers["correlation-id"])
		}
		answers++
	}
	dropped := int(metric(t, g, "signals_dropped_total"))
	if events+dropped != published {
		t.Errorf("%d events arrived and %d were counted as dropped, but %d published", events, dropped, published)
	}
	slow.mustWork()
}

func TestTextThatIsNotUTF8(t *testing.T) {
	g := start(t)
	c := dial(t, g, gatewaytest.User)
	c.send("\xff")
	c.mustClose(1007)
}

func TestTokenOnASessionWithoutOne(t *testing.T) {
	g := start(t)
	c := dial(t, g, gatewaytest.User)
	c.send("JWT-TOKEN?jwtToken=abc")
	c.mustClose(1008)
}

func TestSilentPeerIsPingedAndGivenUp(t *testing.T) {
	g := start(t, func(s *snapshot.Snapshot) { s.Session.PingInterval = time.Second })
	alive := dial(t, g, gatewaytest.User)
	answers := make(chan string)
	go func() { // reading is what lets the library answer pings
		defer close(answers)
		for {
			_, text, err := alive.ws.Read(t.Context())
			if err != nil {
				return
			}
			answers <- string(text)
		}
	}()
	_, dead := rawDial(t, g, 0)
	rest, _ := io.ReadAll(dead) // ends with an error or without one
	if len(rest) < 2 || binary.BigEndian.Uint16(rest) != 0x8900 {
		t.Errorf("a silent peer gets %x, want an empty ping first", rest)
	}
	until(t, "one session is left", func() bool { return metric(t, g, "sessions") == 1 })
	if n := metric(t, g, `sessions_closed_total{code="1006"}`); n != 1 {
		t.Errorf("%v sessions ended without a close frame, want 1", n)
	}
	alive.send(command("absent", "retrieve", "/", ""))
	if status, _ := statusOf(t, <-answers); status != 404 {
		t.Errorf("the peer that answers pings got %d", status)
	}
	_ = alive.ws.CloseNow()
	<-answers
}

func TestIdleSessionsAreCheap(t *testing.T) {
	const sessions = 200
	g := start(t)
	before := runtime.NumGoroutine()
	for range sessions {
		conn, reader := rawDial(t, g, 0)
		if _, err := conn.Write(rawText("START-SEND-EVENTS")); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(reader, make([]byte, 2+len("START-SEND-EVENTS:ACK"))); err != nil {
			t.Fatal(err)
		}
	}
	if n := metric(t, g, "subscriptions"); n != sessions {
		t.Errorf("%v sessions are subscribed", n)
	}
	const others = sessions / 10 // of the HTTP servers and of the runtime
	until(t, "an idle session has one goroutine", func() bool { return runtime.NumGoroutine() <= before+sessions+others })
}

func TestVanishedClientsLeaveNothing(t *testing.T) {
	g := start(t)
	for i := range 20 {
		conn, reader := rawDial(t, g, 0)
		if _, err := conn.Write(rawText("START-SEND-EVENTS")); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(reader, make([]byte, 2+len("START-SEND-EVENTS:ACK"))); err != nil {
			t.Fatal(err)
		}
		if i%2 == 0 { // half of them with a reset
			if err := conn.SetLinger(0); err != nil {
				t.Fatal(err)
			}
		}
		_ = conn.Close()
	}
	until(t, "nothing is left", func() bool {
		m := samples(t, g)
		return m["twinway_sessions"] == 0 && m["twinway_subscriptions"] == 0 && m[`twinway_sessions_closed_total{code="1006"}`] == 20
	})
}
