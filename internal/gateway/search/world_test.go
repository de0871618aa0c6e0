package search_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/broker"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/query"
	"github.com/twinway/twinway/internal/gateway/search"
	"github.com/twinway/twinway/internal/gateway/stream"
	"github.com/twinway/twinway/internal/gateway/wire"
)

// world is a session, a service, and things to be found. The clock goes when it is told to.
type world struct {
	t       testing.TB
	quiet   bool // what is told is not noted
	service *search.Service
	set     *stream.Set
	metrics *metrics.Metrics
	now     time.Time
	told    []string

	// things are found by every search. A dash among them is a moment of work, a dot a thing that has gone meanwhile, an
	// exclamation mark an error.
	things []string
	// working is called whenever a cursor works, sending whenever something is sent on demand.
	working func(ctx context.Context)
	sending func()
	// asked are the searches that were begun, taken the numbers of things that cursors were asked for, and closed is how many
	// cursors were closed.
	asked  []*query.Query
	taken  []int
	closed int
	// closedTo are the namespaces that the session may not address.
	closedTo []string
}

const timeout = 10 * time.Second

func newWorld(t testing.TB, things ...string) *world {
	w := &world{t: t, metrics: metrics.New(), now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), things: things, sending: func() {}}
	w.service = search.NewService(search.Options{
		Finder: w, Metrics: w.metrics, Clock: w.clock, Settings: search.Settings{Timeout: timeout},
	})
	w.set = stream.NewSet(search.Kind, stream.Options{
		Send: func(_ context.Context, frame []byte) error {
			w.sending()
			w.note(frame)
			return nil
		},
		Go:    func(work func()) bool { work(); return true },
		Clock: w.clock,
	})
	t.Cleanup(w.set.Close)
	return w
}

func (w *world) clock() time.Time { return w.now }

// These make the world a search.Requester.

func (w *world) Audience() *pubsub.Audience            { return &pubsub.Audience{Subjects: []string{"nginx:who"}} }
func (w *world) Deliver(wire.Burst)                    {}
func (w *world) Party() *broker.Party                  { return nil }
func (w *world) Reply(answer exchange.Envelope, _ int) { w.note(answer.Append(nil)) }
func (w *world) Answer(exchange.Envelope)              { w.t.Error("an answer to who does not wait") }
func (w *world) NoReply()                              { w.told = append(w.told, "-") }
func (w *world) MayAccess(group protocol.Group, namespace string) bool {
	return group == protocol.Things && !slices.Contains(w.closedTo, namespace)
}

func (w *world) Streams(kind *stream.Kind) *stream.Set {
	if kind != search.Kind {
		w.t.Error("another kind of streams")
	}
	return w.set
}

// Find implements search.Finder.
func (w *world) Find(_ context.Context, who exchange.Requester, q *query.Query) (search.Cursor, *protocol.Error) {
	if who != w {
		w.t.Error("somebody else searches")
	}
	w.asked = append(w.asked, q)
	return &cursor{world: w, left: w.things}, nil
}

// cursor goes through the things of a world.
type cursor struct {
	world  *world
	left   []string
	closed bool
}

// Next implements search.Cursor.
func (c *cursor) Next(ctx context.Context, n int) (items [][]byte, step stream.Step, err *protocol.Error) {
	if c.closed {
		c.world.t.Error("a cursor is used that was closed")
	}
	c.world.taken = append(c.world.taken, n)
	if c.world.working != nil {
		c.world.working(ctx)
	}
	for ; len(c.left) > 0; c.left = c.left[1:] {
		switch text := c.left[0]; {
		case text == "-":
			c.left = c.left[1:]
			return items, stream.Again, nil
		case text == "!" && len(items) > 0:
			return items, stream.More, nil
		case text == "!":
			return nil, stream.End, protocol.ErrSearchAborted()
		case len(items) == n:
			return items, stream.More, nil
		case text == ".":
			c.left = c.left[1:]
			if len(c.left) == 0 {
				return items, stream.End, nil
			}
			return items, stream.More, nil
		default:
			items = append(items, []byte(text))
		}
	}
	return items, stream.End, nil
}

// Close implements search.Cursor.
func (c *cursor) Close() {
	if c.closed {
		c.world.t.Error("a cursor is closed twice")
	}
	c.closed = true
	c.world.closed++
}

// note notes a frame as "action correlation-id value", or "topic: status code" for an error.
func (w *world) note(frame []byte) {
	if w.quiet {
		return
	}
	var e struct {
		Topic, Path string
		Headers     map[string]any
		Value       struct {
			ID     *string `json:"subscriptionId"`
			Items  json.RawMessage
			Status int
			Error  json.RawMessage
		}
	}
	_, rest, _ := bytes.Cut(frame, []byte(`{"topic`))
	if err := json.Unmarshal(append([]byte(`{"topic`), rest...), &e); err != nil {
		w.t.Errorf("%v in %s", err, frame)
		return
	}
	if e.Path != "/" || e.Headers["content-type"] != "application/json" || e.Headers["response-required"] != false {
		w.t.Errorf("got %s", frame)
	}
	action, isSearch := strings.CutPrefix(e.Topic, "_/_/things/twin/search/")
	if !isSearch {
		w.told = append(w.told, fmt.Sprintf("%s: %d %s %v", e.Topic, e.Value.Status, e.Value.Error, e.Headers["correlation-id"]))
		return
	}
	if e.Headers["ditto-originator"] != "nginx:who" {
		w.t.Errorf("got %s", frame)
	}
	text := fmt.Sprintf("%s %v %s %s", action, e.Headers["correlation-id"], *e.Value.ID, e.Value.Items)
	if e.Value.Error != nil {
		var failure struct {
			Status         int
			Error, Message string
		}
		if err := json.Unmarshal(e.Value.Error, &failure); err != nil || failure.Message == "" {
			w.t.Errorf("got %s", frame)
		}
		text += strconv.Itoa(failure.Status) + " " + failure.Error
	}
	w.told = append(w.told, strings.TrimSpace(text))
}

// say sends a message: "action correlation-id value" to the topic and path where searches are, or "topic path value".
func (w *world) say(line string) {
	w.t.Helper()
	words := append(strings.SplitN(strings.TrimSpace(line), " ", 3), "", "")
	topic, path, headers, value := "_/_/things/twin/search/"+words[0], "/", `{"correlation-id":"`+words[1]+`"}`, words[2]
	if strings.Contains(words[0], "/") {
		topic, path, headers = words[0], words[1], `{"correlation-id":"c"}`
	}
	text := fmt.Sprintf(`{"topic":%q,"path":%q,"headers":%s`, topic, path, headers)
	if fields, rest, ok := strings.Cut(value, " fields "); ok {
		text += `,"fields":"` + rest + `"`
		value = fields
	}
	if value != "" {
		text += `,"value":` + value
	}
	var env protocol.Envelope
	if err := protocol.Decode([]byte(text+"}"), &env); err != nil {
		w.t.Fatalf("%s: %s", line, err.Message)
	}
	w.service.Handle(context.Background(), w, &env)
}

// play plays a script of what the session says and, behind an arrow, what it is told.
func (w *world) play(script string) {
	w.t.Helper()
	for line := range strings.Lines(strings.TrimSpace(script)) {
		say, want, _ := strings.Cut(strings.TrimSpace(line), "→")
		w.told = nil
		if pass, ok := strings.CutPrefix(say, "pass "); ok {
			w.pass(strings.TrimSpace(pass))
		} else {
			w.say(say)
		}
		if got := strings.Join(w.told, ", "); got != strings.TrimSpace(want) {
			w.t.Errorf("%s\ntold %s\nwant %s", say, got, strings.TrimSpace(want))
		}
	}
}

func (w *world) pass(duration string) {
	d, err := time.ParseDuration(duration)
	if err != nil {
		w.t.Fatal(err)
	}
	w.now = w.now.Add(d)
	w.set.Sweep()
}
