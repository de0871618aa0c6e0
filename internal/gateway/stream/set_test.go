package stream_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/stream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var kind = &stream.Kind{
	Member: "item", NotFound: protocol.ErrStreamNotFound, Protocol: protocol.ErrStreamProtocol, Timeout: protocol.ErrStreamTimeout,
}

// client is the other side of a set, with a clock that goes when it is told to.
type client struct {
	t   *testing.T
	set *stream.Set
	// served is how often sources were asked, released how many were released.
	served, released int

	mu     sync.Mutex
	now    time.Time
	frames []string
}

// connect returns a client whose set works at once, where it is woken.
func connect(t *testing.T) *client {
	c := &client{t: t, now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	c.set = stream.NewSet(kind, stream.Options{
		Send:  func(_ context.Context, frame []byte) error { c.take(frame); return nil },
		Go:    func(work func()) bool { work(); return true },
		Clock: c.clock,
	})
	t.Cleanup(c.set.Close)
	return c
}

func (c *client) clock() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *client) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// take notes a frame as "action id what correlation-id".
func (c *client) take(frame []byte) {
	var e struct {
		Topic   string
		Path    string
		Headers struct {
			ID          string `json:"correlation-id"`
			ContentType string `json:"content-type"`
			Originator  string `json:"ditto-originator"`
		}
		Value struct {
			ID    string `json:"subscriptionId"`
			Item  json.RawMessage
			Error struct {
				Status int
				Error  string
			}
		}
	}
	_, rest, _ := bytes.Cut(frame, []byte(`{"topic`))
	if err := json.Unmarshal(append([]byte(`{"topic`), rest...), &e); err != nil {
		c.t.Errorf("%v in %s", err, frame)
	}
	topic, action, _ := strings.Cut(e.Topic, "/streaming/")
	if topic != "ns/t/things/twin" || e.Path != "/" || e.Headers.ContentType != "application/json" || e.Headers.Originator != "nginx:who" {
		c.t.Errorf("got %s", frame)
	}
	what := string(e.Value.Item)
	if e.Value.Error.Error != "" {
		what = strconv.Itoa(e.Value.Error.Status) + " " + strings.TrimPrefix(e.Value.Error.Error, "streaming.subscription.")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.frames = append(c.frames, strings.Join(strings.Fields(action+" "+e.Value.ID+" "+what+" "+e.Headers.ID), " "))
}

// told returns the frames that came since.
func (c *client) told() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer func() { c.frames = nil }()
	return strings.Join(c.frames, ", ")
}

func message(correlation string) stream.Message {
	var h protocol.Headers
	h.SetString(protocol.HeaderCorrelationID, correlation)
	topic := protocol.Topic{
		Namespace: "ns", Name: "t", Group: protocol.Things, Channel: protocol.Twin, Criterion: protocol.Streaming, Action: protocol.Request,
	}
	return stream.Message{Topic: topic, Headers: h, Originator: "nginx:who"}
}

// source yields the letters of a text. A dash is a step without an element, an exclamation mark a failure.
func (c *client) source(text string) stream.Source {
	return func(_ context.Context, dst []byte, demand int64) ([]byte, stream.Step, *protocol.Error) {
		c.served++
		switch {
		case text == "":
			return dst, stream.End, nil
		case text[0] == '-':
			text = text[1:]
			return dst, stream.Again, nil
		case text[0] == '!':
			return dst, stream.End, protocol.ErrThingNotFound("ns:t")
		case demand <= 0:
			return dst, stream.More, nil
		}
		dst = append(dst, text[0])
		text = text[1:]
		return dst, stream.Item, nil
	}
}

// reply takes what answers a message.
func (c *client) reply(answer *protocol.SubscriptionSignal) {
	c.take(answer.Append(nil))
}

// do does what a line of a script says.
func (c *client) do(line string) {
	c.t.Helper()
	words := strings.Fields(line + " ")
	m := message("")
	if len(words) > 1 {
		m = message(words[len(words)-1])
	}
	switch words[0] {
	case "subscribe":
		id, err := c.set.Subscribe(m, c.source(strings.Trim(words[1], `"`)), func() { c.released++ })
		if err != nil {
			c.reply(m.Failed("", err))
			return
		}
		c.reply(m.Created(id))
	case "request":
		demand, err := strconv.ParseInt(words[2], 10, 64)
		if err != nil {
			c.t.Fatal(err)
		}
		if err := c.set.Request(m, words[1], demand); err != nil {
			c.reply(m.Failed(words[1], err))
		}
	case "cancel":
		if err := c.set.Cancel(words[1]); err != nil {
			c.reply(m.Failed(words[1], err))
		}
	case "pass":
		d, err := time.ParseDuration(words[1])
		if err != nil {
			c.t.Fatal(err)
		}
		c.pass(d)
		c.set.Sweep()
	default:
		c.t.Fatalf("no such step: %s", line)
	}
}

// Each script is what a client says, and behind the arrow what it is told.
func TestSubscriptions(t *testing.T) {
	for name, script := range map[string]string{
		"nothing comes before it is requested": `
			subscribe 123 s → created 0 s
			request 0 1 r → next 0 1 r`,
		"ids are counted": `
			subscribe 1 a → created 0 a
			subscribe 1 b → created 1 b
			cancel 1 c →
			subscribe 1 d → created 2 d`,
		"no more comes than is requested": `
			subscribe 12345 s → created 0 s
			request 0 2 r → next 0 1 r, next 0 2 r
			request 0 1 q → next 0 3 q`,
		"what is left of a larger demand is served": `
			subscribe 12 s → created 0 s
			request 0 9223372036854775807 r → next 0 1 r, next 0 2 r, complete 0 r`,
		"the end needs no demand": `
			subscribe 12 s → created 0 s
			request 0 2 r → next 0 1 r, next 0 2 r, complete 0 r`,
		"nothing at all": `
			subscribe "" s → created 0 s
			request 0 1 r → complete 0 r`,
		"work without elements": `
			subscribe --1--2-- s → created 0 s
			request 0 1 r → next 0 1 r
			request 0 1 q → next 0 2 q, complete 0 q`,
		"a failure comes when it is met": `
			subscribe 1! s → created 0 s
			request 0 1 r → next 0 1 r, failed 0 404 things:thing.notfound r
			request 0 1 q → failed 0 400 protocol.error q`,
		"a failure at once": `
			subscribe ! s → created 0 s
			request 0 5 r → failed 0 404 things:thing.notfound r`,
		"no demand": `
			subscribe 1 s → created 0 s
			request 0 0 r → failed 0 400 protocol.error r`,
		"less than no demand": `
			subscribe 123 s → created 0 s
			request 0 1 r → next 0 1 r
			request 0 -1 q → failed 0 400 protocol.error q
			request 0 1 p → failed 0 400 protocol.error p`,
		"a subscription that never was": `
			request 0 1 r → failed 0 404 not.found r
			cancel 0 c → failed 0 404 not.found c
			subscribe 1 s → created 0 s
			request 00 1 r → failed 00 404 not.found r
			cancel 00 c → failed 00 404 not.found c
			cancel x c → failed x 404 not.found c`,
		"a request behind the end": `
			subscribe 1 s → created 0 s
			request 0 1 r → next 0 1 r, complete 0 r
			pass 9s →
			request 0 1 q → failed 0 400 protocol.error q
			pass 1s →
			request 0 1 p → failed 0 404 not.found p`,
		"a request behind a cancellation": `
			subscribe 123 s → created 0 s
			request 0 1 r → next 0 1 r
			cancel 0 c →
			pass 9999ms →
			request 0 1 q → failed 0 400 protocol.error q
			pass 1ms →
			request 0 1 p → failed 0 404 not.found p`,
		"a cancellation behind the end": `
			subscribe 1 s → created 0 s
			request 0 1 r → next 0 1 r, complete 0 r
			cancel 0 c →
			pass 1h →
			cancel 0 c →`,
		"nothing is heard": `
			subscribe 1 s → created 0 s
			pass 59999ms →
			pass 1ms → failed 0 408 timeout s
			request 0 1 r → failed 0 400 protocol.error r`,
		"nothing more is heard": `
			subscribe 123 s → created 0 s
			pass 59s →
			request 0 1 r → next 0 1 r
			pass 59s →
			request 0 1 q → next 0 2 q
			pass 60s → failed 0 408 timeout q`,
		"something is heard of another": `
			subscribe 123 a → created 0 a
			subscribe 123 b → created 1 b
			pass 30s →
			request 1 1 r → next 1 1 r
			pass 30s → failed 0 408 timeout a
			pass 30s → failed 1 408 timeout r`,
		"they take turns": `
			subscribe -123 a → created 0 a
			subscribe 456 b → created 1 b
			request 0 2 r → next 0 1 r, next 0 2 r
			request 1 1 q → next 1 4 q`,
	} {
		t.Run(name, func(t *testing.T) {
			c := connect(t)
			for line := range strings.Lines(strings.TrimSpace(script)) {
				do, want, _ := strings.Cut(strings.TrimSpace(line), "→")
				c.do(do)
				if got := c.told(); got != strings.TrimSpace(want) {
					t.Errorf("%s: told %q, want %q", do, got, strings.TrimSpace(want))
				}
			}
		})
	}
}

// Before the first request the source is not even asked, and afterwards once more than it is asked for elements.
func TestSourcesAreNotAskedAhead(t *testing.T) {
	c := connect(t)
	c.do("subscribe 1234 s")
	c.pass(time.Second)
	c.set.Sweep()
	if c.served != 0 {
		t.Errorf("the source was asked %d times before the first request", c.served)
	}
	c.do("request 0 2 r")
	if c.served != 3 {
		t.Errorf("the source was asked %d times for 2 elements, want 3", c.served)
	}
	c.set.Sweep()
	if c.served != 3 {
		t.Errorf("the source was asked %d times, and nothing was requested", c.served)
	}
}

// A set takes so many subscriptions, and takes others when some have ended.
func TestOpenSubscriptionsAreBounded(t *testing.T) {
	c := connect(t)
	for range stream.MaxOpen {
		c.do("subscribe 1 s")
	}
	c.told()
	c.do("subscribe 1 s")
	if got := c.told(); got != "failed 429 too.many.requests s" {
		t.Errorf("one too many is told %q", got)
	}
	c.do("cancel 3 c")
	c.do("subscribe 1 s")
	if got, want := c.told(), fmt.Sprintf("created %d s", stream.MaxOpen); got != want {
		t.Errorf("one in place of another is told %q, want %q", got, want)
	}
}

// However many end, only some are remembered, the latest.
func TestEndedSubscriptionsAreBounded(t *testing.T) {
	c := connect(t)
	const many = 1000
	for i := range many {
		c.do("subscribe 1 s")
		c.do(fmt.Sprintf("cancel %d c", i))
	}
	c.told()
	c.do(fmt.Sprintf("request %d 1 r", many-1))
	c.do("request 0 1 r")
	if got, want := c.told(), fmt.Sprintf("failed %d 400 protocol.error r, failed 0 404 not.found r", many-1); got != want {
		t.Errorf("told %q, want %q", got, want)
	}
}
