package dittows_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/twinway/twinway/internal/gateway/connectivity/dittows"
	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/snapshot"
)

// other is another end that does as the test says.
type other struct {
	*httptest.Server
	t testing.TB
	// answer returns what a text is answered with, nothing for "".
	answer func(o *other, text string) string

	mu   sync.Mutex
	ws   *websocket.Conn
	all  sync.WaitGroup
	told []string
}

func newOther(t testing.TB, answer func(*other, string) string) *other {
	t.Helper()
	o := &other{t: t, answer: answer}
	o.Server = httptest.NewServer(o)
	t.Cleanup(func() {
		o.Close()
		o.all.Wait()
	})
	return o
}

func (o *other) address() string { return o.Listener.Addr().String() }

// ServeHTTP implements http.Handler.
func (o *other) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.all.Add(1)
	defer o.all.Done()
	ws, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = ws.CloseNow() }()
	o.mu.Lock()
	o.ws = ws
	o.mu.Unlock()
	for {
		_, text, err := ws.Read(r.Context())
		if err != nil {
			return
		}
		o.mu.Lock()
		o.told = append(o.told, string(text))
		o.mu.Unlock()
		if answer := o.answer(o, string(text)); answer != "" {
			o.say(answer) //nolint:contextcheck // That of the test, which says something, too.
		}
	}
}

func (o *other) say(text string) {
	o.mu.Lock()
	ws := o.ws
	o.mu.Unlock()
	_ = ws.Write(o.t.Context(), websocket.MessageText, []byte(text))
}

func (o *other) heard() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]string(nil), o.told...)
}

// confirming answers control messages, and what the test says to all else.
func confirming(otherwise func(o *other, text string) string) func(*other, string) string {
	return func(o *other, text string) string {
		if command, _, _ := strings.Cut(text, "?"); strings.HasPrefix(text, "S") {
			return command + ":ACK"
		}
		return otherwise(o, text)
	}
}

func silent(*other, string) string { return "" }

// What the close code says is what people are told, and whether they have to do something.
func TestCloseCodes(t *testing.T) {
	for code, refusal := range map[websocket.StatusCode]bool{
		websocket.StatusNormalClosure: false, websocket.StatusGoingAway: false, websocket.StatusServiceRestart: false,
		websocket.StatusTryAgainLater: false, websocket.StatusInternalError: false, websocket.StatusPolicyViolation: true,
		3000: true, 4401: true, 4403: true, 4000: false,
	} {
		t.Run(fmt.Sprint(int(code)), func(t *testing.T) {
			o := newOther(t, func(o *other, text string) string {
				_ = o.ws.Close(code, "for a reason")
				return ""
			})
			n := newNear(t, o.address(), dittows.Settings{})
			c := n.open()
			outcome := make(chan link.Outcome, 1)
			m := &external.Message{Payload: []byte(happened("a", "modified", "/attributes/a", "1", 1))}
			if err := c.Publish(t.Context(), m, snapshot.AtLeastOnce, func(o link.Outcome) { outcome <- o }); err != nil {
				t.Fatal(err)
			}
			<-c.Lost()
			err := c.Err()
			if _, ok := errors.AsType[*link.Refusal](err); ok != refusal || err == nil || !strings.Contains(err.Error(), fmt.Sprintf("code %d: for a reason", code)) {
				t.Errorf("lost because of %v, a refusal: %v", err, ok)
			}
			if o := <-outcome; !o.Again || o.Status != 503 {
				t.Errorf("what was not answered comes to %+v", o)
			}
			if err := c.Publish(t.Context(), m, snapshot.AtLeastOnce, func(link.Outcome) { t.Error("there is an outcome") }); !errors.Is(err, link.ErrLost) {
				t.Errorf("publishing on a lost client: %v", err)
			}
		})
	}
}

// Statuses of answers are those of outcomes. Some say that it may be tried again.
func TestOutcomeOfStatus(t *testing.T) {
	status := atomic.Int32{}
	o := newOther(t, func(_ *other, text string) string {
		e := read(t, text)
		if e.Headers["response-required"] != true || e.Headers["requested-acks"] != nil || e.Headers["timeout"] != nil {
			t.Errorf("the command is %s", text)
		}
		return fmt.Sprintf(`{"topic":"test/a/things/twin/errors","headers":{"correlation-id":%q},"path":"/","value":{"status":%d,"error":"a:b","message":"secret"},"status":%[2]d}`,
			e.Headers["correlation-id"], status.Load())
	})
	n := newNear(t, o.address(), dittows.Settings{})
	c := n.open()
	for code, again := range map[int]bool{
		400: false, 401: false, 403: false, 404: false, 409: false, 412: false, 413: false, 424: false,
		408: true, 429: true, 500: true, 502: true, 503: true, 504: true,
	} {
		status.Store(int32(code))
		got := n.publish(c, happened("a", "modified", "/attributes/a", "1", 1), snapshot.AtLeastOnce)
		if got.Status != code || got.Again != again || got.Err == nil || strings.Contains(got.Err.Error(), "secret") || !strings.Contains(got.Err.Error(), "a:b") {
			t.Errorf("%d comes to %+v", code, got)
		}
	}
}

// What is not answered in time may be tried again, and an answer that comes too late is nobody's.
func TestNoAnswer(t *testing.T) {
	o := newOther(t, silent)
	n := newNear(t, o.address(), dittows.Settings{Tick: time.Millisecond, Answering: 20 * time.Millisecond})
	c := n.open()
	event := happened("a", "modified", "/attributes/a", "1", 1)
	if got := n.publish(c, event, snapshot.AtLeastOnce); got.Status != 408 || !got.Again {
		t.Errorf("no answer comes to %+v", got)
	}
	e := read(t, o.heard()[0])
	o.say(fmt.Sprintf(`{"topic":"test/a/things/twin/commands/modify","headers":{"correlation-id":%q},"path":"/attributes/a","status":204}`, e.Headers["correlation-id"]))
	if got := n.publish(c, event, snapshot.AtLeastOnce); got.Status != 408 {
		t.Errorf("the late answer is taken for another: %+v", got)
	}
}

// Texts that are no messages do not matter.
func TestHostileTexts(t *testing.T) {
	o := newOther(t, confirming(silent))
	n := newNear(t, o.address(), dittows.Settings{})
	c := n.open()
	n.ask(c, inbound(snapshot.SignalTwinEvents), inbound(snapshot.SignalLiveEvents))
	for _, text := range []string{
		"", "x", "{", "[]", `{"topic":1}`, "START-SEND-EVENTS:ACK", "STOP-SEND-NOTHING:ACK", `{"topic":"a/b/things/twin/errors","path":"/","status":500}`,
		`{"topic":"a/b/things/twin/commands/modify","path":"/"}`, `{"topic":"_/_/things/twin/search/next","path":"/","value":{}}`,
		`{"topic":"a/b/things/live/messages/x","path":"/inbox/messages/x"}`, `{"topic":"a/b/connections/commands/create","path":"/"}`,
		`{"topic":"a/b/things/twin/acks","headers":{"correlation-id":"x"},"path":"/","status":200}`, strings.Repeat("[", 10_000),
	} {
		o.say(text)
	}
	o.say(`{"topic":"a/b/things/twin/events/modified","path":"/attributes","value":{}}`) // without a revision
	o.say(`{"topic":"a/b/things/live/events/modified","path":"/attributes","value":{},"revision":1}`)
	if got := n.await(2); len(got) != 2 || c.Err() != nil {
		t.Errorf("%d were consumed, the client is %v", len(got), c.Err())
	}
}

// A refusal may not say what it is about.
func TestRefusalWithoutCorrelation(t *testing.T) {
	o := newOther(t, func(_ *other, text string) string {
		if strings.HasPrefix(text, "START-") {
			return `{"topic":"unknown/unknown/things/twin/errors","headers":{},"path":"/","value":{"status":400,"error":"things:field.selection.invalid"},"status":400}`
		}
		return text + ":ACK"
	})
	n := newNear(t, o.address(), dittows.Settings{})
	err := n.open().Ask(t.Context(), []*snapshot.Subscription{inbound(snapshot.SignalMessages)})
	if refused, ok := errors.AsType[*link.RefusedSubscription](err); !ok || !strings.Contains(refused.Error(), "things:field.selection.invalid") {
		t.Errorf("refused because of %v", err)
	}
}

// An end that confirms nothing does not hold up who asks longer than they want.
func TestAskWithoutConfirmation(t *testing.T) {
	o := newOther(t, silent)
	n := newNear(t, o.address(), dittows.Settings{})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := n.open().Ask(ctx, []*snapshot.Subscription{inbound(snapshot.SignalMessages)}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("asked: %v", err)
	}
}

// An end without history and search is noted once, and its new events are told.
func TestEndWithoutHistory(t *testing.T) {
	unknown := `{"topic":"unknown/unknown/things/twin/errors","headers":{"correlation-id":%q},"path":"/","value":{"status":400,"error":"protocoladapter:unknown.topicpath"},"status":400}`
	o := newOther(t, confirming(func(_ *other, text string) string {
		return fmt.Sprintf(unknown, read(t, text).Headers["correlation-id"])
	}))
	n := newNear(t, o.address(), dittows.Settings{})
	for round := range 3 {
		c := n.open()
		n.ask(c, inbound(snapshot.SignalTwinEvents))
		o.say(fmt.Sprintf(`{"topic":"test/a/things/twin/events/modified","headers":{},"path":"/attributes","value":{},"revision":%d}`, 10*round+10))
		n.await(round + 1)
		shut(c)
	}
	if noted := strings.Count(n.log.String(), "level=WARN"); noted != 1 {
		t.Errorf("noted %d times: %s", noted, n.log)
	}
}

// What is lost with the connection while nobody has read it may be tried again.
func TestLiveSignalIsNotRead(t *testing.T) {
	block := make(chan struct{})
	o := newOther(t, func(*other, string) string { <-block; return "" })
	n := newNear(t, o.address(), dittows.Settings{})
	c := n.open()
	outcome := make(chan link.Outcome, 2)
	for range 2 { // while the first is handled the second is not read, nor is the ping behind it
		m := &external.Message{Payload: []byte(live("lamp", "events/modified", "/attributes/a", `3`, ""))}
		if err := c.Publish(t.Context(), m, snapshot.AtLeastOnce, func(o link.Outcome) { outcome <- o }); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "the first is read", func() bool { return len(o.heard()) == 1 })
	o.mu.Lock()
	ws := o.ws
	o.mu.Unlock()
	_ = ws.CloseNow()
	close(block)
	for range 2 {
		if got := <-outcome; !got.Again || got.Status/100 == 2 {
			t.Errorf("it comes to %+v", got)
		}
	}
}

// What may be without an outcome is bounded: who publishes more waits, as long as it likes.
func TestWindow(t *testing.T) {
	o := newOther(t, silent)
	n := newNear(t, o.address(), dittows.Settings{})
	c := n.open()
	m := &external.Message{Payload: []byte(happened("a", "modified", "/attributes/a", "1", 1))}
	for i := range 1000 {
		if err := c.Publish(t.Context(), m, snapshot.AtLeastOnce, func(link.Outcome) {}); err != nil {
			t.Fatalf("message %d: %v", i, err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := c.Publish(ctx, m, snapshot.AtLeastOnce, func(link.Outcome) { t.Error("there is an outcome") }); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("one more: %v", err)
	}
	const answer = `{"topic":"test/a/things/live/messages/x","headers":{"correlation-id":"x"},"path":"/inbox/messages/x","status":200}`
	if got := n.publish(c, answer, snapshot.AtLeastOnce); got.Status != 202 {
		t.Errorf("an answer waits with them: %+v", got)
	}
	c.Close(ctx) // which has ended: it waits for nothing
}

// What was asked for already is not asked for again.
func TestAskAgain(t *testing.T) {
	o := newOther(t, confirming(silent))
	n := newNear(t, o.address(), dittows.Settings{})
	c := n.open()
	filtered := inbound(snapshot.SignalMessages, func(s *snapshot.Subscription) {
		s.Filter, s.Namespaces, s.ExtraFields = `eq(attributes/a,"b&c")`, []string{"a", "b"}, "attributes(a,b)"
	})
	renamed := *filtered
	renamed.Name = "renamed"
	for _, asked := range [][]*snapshot.Subscription{{filtered}, {filtered}, {&renamed}, {}, {}} {
		n.ask(c, asked...)
	}
	heard := o.heard()
	if len(heard) != 2 || heard[1] != "STOP-SEND-MESSAGES" {
		t.Fatalf("told %q", heard)
	}
	control, _, err := protocol.ParseControl([]byte(heard[0]))
	if err != nil || control.Filter != filtered.Filter || control.ExtraFields != filtered.ExtraFields || !slices.Equal(control.Namespaces, filtered.Namespaces) {
		t.Errorf("asked for %+v, %v", control, err)
	}
}
