package gateway_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/test/gatewaytest"
)

func keeping(records int) func(*snapshot.Snapshot) {
	return func(s *snapshot.Snapshot) { s.Storage.History.MaxRecords = records }
}

// streaming returns the text of a message about the persisted events of a thing.
func streaming(thing, action, value string) string {
	return message("test/"+thing+"/things/twin/streaming/"+action, "/", value)
}

func request(thing, id string, demand int) string {
	return streaming(thing, "request", fmt.Sprintf(`{"subscriptionId":%q,"demand":%d}`, id, demand))
}

// told is what a client is told of a subscription.
type told struct {
	Topic string
	Value struct {
		ID    string `json:"subscriptionId"`
		Item  item
		Error struct{ Error string }
	}
}

// action returns what is told, with the error's code if there is one.
func (f told) action() string {
	return strings.TrimSpace(f.Topic[strings.LastIndexByte(f.Topic, '/')+1:] + " " + f.Value.Error.Error)
}

// item is an event.
type item struct {
	Topic, Path, Timestamp string
	Value                  json.RawMessage
	Revision               int64
}

func (c *client) told() (f told) {
	c.t.Helper()
	mustUnmarshal(c.t, c.receive(), &f)
	return f
}

func (c *client) mustBeTold(want string) {
	c.t.Helper()
	if f := c.told(); f.action() != want {
		c.t.Fatalf("told %q, want %q", f.action(), want)
	}
}

// subscribe subscribes for the events of a thing and returns the id.
func (c *client) subscribe(thing, value string) string {
	c.t.Helper()
	c.send(streaming(thing, "subscribeForPersistedEvents", value))
	f := c.told()
	if f.action() != "created" {
		c.t.Fatalf("told %q", f.action())
	}
	return f.Value.ID
}

// change makes a thing and changes it, until it has the given revision: the n-th change sets one of its attributes to n.
func change(t *testing.T, g *gateway.Gateway, thing string, revisions int) {
	t.Helper()
	c := dial(t, g, gatewaytest.User)
	defer func() { _ = c.ws.CloseNow() }()
	c.mustDo(command(thing, "create", "/", `{"attributes":{"about":"`+strings.Repeat("x", 200)+`"}}`), 201, "")
	const window = 100
	for n := 2; n <= revisions; n++ {
		c.send(command(thing, "modify", pathOf(n), strconv.Itoa(n)))
		if n > window+1 {
			c.receive()
		}
	}
	for range min(revisions-1, window) {
		c.receive()
	}
}

// pathOf returns what the change to a revision is about.
func pathOf(revision int) string { return fmt.Sprintf("/attributes/a%d/b", revision%10) }

// eventOf returns the event of the change to a revision.
func eventOf(revision int) string {
	action := "modified"
	if revision <= 11 {
		action = "created"
	}
	return fmt.Sprintf("test/long/things/twin/events/%s %s %d", action, pathOf(revision), revision)
}

func (i item) String() string { return i.Topic + " " + i.Path + " " + string(i.Value) }

// A thing that changed ten thousand times: a client reads all of its history, as fast and as slowly as it likes, and every
// state that it ever had.
func TestLongHistory(t *testing.T) {
	const revisions = 10_000
	g := start(t, keeping(revisions))
	change(t, g, "long", revisions)
	c := dial(t, g, gatewaytest.User)
	for _, demand := range []int{1, 7, 999, revisions} {
		t.Run(fmt.Sprintf("by %d", demand), func(t *testing.T) {
			c := &client{t, c.ws}
			id := c.subscribe("long", `{"fromHistoricalRevision":2}`)
			left := 0
			last := ""
			for n := 2; n <= revisions; n++ {
				if left == 0 {
					c.send(request("long", id, demand))
					left = demand
				}
				left--
				f := c.told()
				if f.action() != "next" || f.Value.ID != id {
					t.Fatalf("revision %d: told %q of %s", n, f.action(), f.Value.ID)
				}
				got := f.Value.Item
				if got.Revision != int64(n) || got.String() != eventOf(n) || got.Timestamp < last {
					t.Fatalf("told %v of revision %d at %s after %s, want %s", got, got.Revision, got.Timestamp, last, eventOf(n))
				}
				last = got.Timestamp
			}
			c.mustBeTold("complete")
		})
	}
	for n := 11; n < revisions; n += 487 {
		answer := c.ask(fmt.Sprintf(`{"topic":"test/long/things/twin/commands/retrieve","headers":{"correlation-id":"r","at-historical-revision":%d},`+
			`"path":"/attributes","fields":"a0,a1,a2,a3,a4,a5,a6,a7,a8,a9"}`, n))
		var got struct {
			Status int
			Value  map[string]struct{ B int }
		}
		mustUnmarshal(t, answer, &got)
		want := map[string]struct{ B int }{}
		for i := n - 9; i <= n; i++ {
			want[fmt.Sprintf("a%d", i%10)] = struct{ B int }{i}
		}
		if diff := cmp.Diff(want, got.Value); diff != "" || got.Status != 200 {
			t.Errorf("at revision %d, status %d (-want +got):\n%s", n, got.Status, diff)
		}
	}
}

// What is no longer kept is neither shown nor told; the rest is, from the oldest on.
func TestHistoryThatIsNotKept(t *testing.T) {
	const revisions, kept = 300, 50
	g := start(t, keeping(kept))
	change(t, g, "long", revisions)
	c := dial(t, g, gatewaytest.User)
	c.mustDo(`{"topic":"test/long/things/twin/commands/retrieve","headers":{"at-historical-revision":2},"path":"/"}`, 404, "things:thing.history.notfound")
	c.mustDo(`{"topic":"test/long/things/twin/commands/retrieve","headers":{"at-historical-timestamp":"2020-01-01T00:00:00Z"},"path":"/"}`,
		404, "things:thing.history.notfound")
	c.mustDo(fmt.Sprintf(`{"topic":"test/long/things/twin/commands/retrieve","headers":{"at-historical-revision":%d},"path":"/"}`, revisions-kept+1), 200, "")
	id := c.subscribe("long", "")
	c.send(request("long", id, revisions))
	first := c.told().Value.Item.Revision
	if first > revisions-kept+1 || first < 2 {
		t.Fatalf("the first event is that of revision %d", first)
	}
	for n := first + 1; n <= revisions; n++ {
		if got := c.told().Value.Item; got.Revision != n {
			t.Fatalf("told of revision %d, want %d", got.Revision, n)
		}
	}
	c.mustBeTold("complete")
}

// startAt runs a gateway with a clock that the test sets forward.
func startAt(t *testing.T) (g *gateway.Gateway, forward func(time.Duration)) {
	t.Helper()
	var passed atomic.Int64
	g, err := gateway.Start(configuration(t), gateway.Options{
		DataDir: t.TempDir(), Listen: "127.0.0.1:0", Logger: slog.New(slog.DiscardHandler),
		Clock: func() time.Time { return time.Now().Add(time.Duration(passed.Load())) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.Close() })
	return g, func(d time.Duration) { passed.Add(int64(d)) }
}

// A subscription of which nothing is heard for a minute ends, and is forgotten ten seconds later.
func TestStreamsTimeOut(t *testing.T) {
	g, forward := startAt(t)
	change(t, g, "long", 3)
	c := dial(t, g, gatewaytest.User)
	silent, heard := c.subscribe("long", ""), c.subscribe("long", "")
	forward(40 * time.Second)
	c.send(request("long", heard, 1))
	c.mustBeTold("next")
	forward(20 * time.Second)
	f := c.told()
	if f.action() != "failed streaming.subscription.timeout" || f.Value.ID != silent {
		t.Fatalf("told %q of %s", f.action(), f.Value.ID)
	}
	c.send(request("long", silent, 1))
	c.mustBeTold("failed streaming.subscription.protocol.error")
	forward(10 * time.Second)
	c.send(request("long", silent, 1))
	c.mustBeTold("failed streaming.subscription.not.found")
	c.send(request("long", heard, 9))
	c.mustBeTold("next")
	c.mustBeTold("next")
	c.mustBeTold("complete")
}

// A stream ends when its reader may no longer read the thing, or when that is no longer the one that it was, however much was
// requested before.
func TestStreamsEndWithTheirReason(t *testing.T) {
	const revisions = 200
	for name, end := range map[string]func(owner *client){
		"the permission is withdrawn": func(owner *client) {
			owner.mustDo(policyCommand("p", "delete", "/entries/guests", ""), 204, "")
		},
		"the thing is deleted": func(owner *client) {
			owner.mustDo(command("long", "delete", "/", ""), 204, "")
		},
		"the thing is made again": func(owner *client) {
			owner.mustDo(command("long", "delete", "/", ""), 204, "")
			owner.mustDo(command("long", "create", "/", `{"policyId":"test:p"}`), 201, "")
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := start(t, keeping(revisions), withUser("reader"))
			owner, reader := dial(t, g, gatewaytest.User), dial(t, g, "reader")
			owner.mustDo(policyCommand("p", "create", "/", policyOf(`{"nginx:reader":{"type":"user"}}`)), 201, "")
			owner.mustDo(command("long", "create", "/", `{"policyId":"test:p"}`), 201, "")
			for n := 2; n <= revisions; n++ {
				owner.do(command("long", "modify", "/attributes", fmt.Sprintf(`{"n":%d}`, n)))
			}
			id := reader.subscribe("long", "")
			reader.send(request("long", id, 1))
			reader.mustBeTold("next")
			end(owner)
			reader.send(request("long", id, revisions))
			for got := ""; got != "failed things:thing.notfound"; {
				f := reader.told()
				if got = f.action(); f.Value.Item.Revision > 1 { // that there is one more is known, but it is read when it is requested
					t.Fatalf("told %q of revision %d", got, f.Value.Item.Revision)
				}
			}
		})
	}
}

// A client that takes nothing is sent no more than finds room; others are served, and it holds up nobody who closes.
func TestStreamToAClientThatTakesNothing(t *testing.T) {
	const revisions = 3000
	g := start(t, keeping(revisions), draining(0, time.Second))
	change(t, g, "long", revisions)
	conn, _ := rawDial(t, g, 4<<10)
	for i := range 30 {
		for _, text := range []string{
			streaming("long", "subscribeForPersistedEvents", `{}`), request("long", strconv.Itoa(i), revisions),
		} {
			if _, err := conn.Write(rawText(text)); err != nil {
				t.Fatal(err)
			}
		}
	}
	other := dial(t, g, gatewaytest.User)
	id := other.subscribe("long", "")
	other.send(request("long", id, revisions))
	for range revisions {
		other.mustBeTold("next")
	}
	other.mustBeTold("complete")
	g.Drain(t.Context(), true)
}

// A stream ends with its session when the gateway is drained, and one that is being written does not keep it waiting.
func TestDrainEndsStreams(t *testing.T) {
	const revisions = 2000
	g := start(t, keeping(revisions), draining(0, time.Minute))
	change(t, g, "long", revisions)
	c := dial(t, g, gatewaytest.User)
	id := c.subscribe("long", "")
	c.send(request("long", id, revisions))
	c.mustBeTold("next")
	done := make(chan struct{})
	go func() {
		defer close(done)
		g.Drain(t.Context(), true)
	}()
	c.mustClose(1012)
	<-done
}

// A subscription too many is refused, and those that there are go on.
func TestSessionsHaveABoundedNumberOfStreams(t *testing.T) {
	g := start(t)
	change(t, g, "long", 3)
	c := dial(t, g, gatewaytest.User)
	for range 64 {
		c.subscribe("long", "")
	}
	c.mustDo(streaming("long", "subscribeForPersistedEvents", ""), 429, "too.many.requests")
	c.send(request("long", "63", 1))
	c.mustBeTold("next")
	c.send(streaming("long", "cancel", `{"subscriptionId":"5"}`))
	if id := c.subscribe("long", ""); id != "64" {
		t.Errorf("the one in the place of another has the id %s", id)
	}
}

// Namespaces that a session may not address have no history for it, and an empty namespace is the default one.
func TestNamespacesOfStreams(t *testing.T) {
	g := start(t, withAccess(opening("org.eclipse.ditto")))
	c := dial(t, g, gatewaytest.User)
	for _, group := range []string{"things/twin", "policies"} {
		const subscribe = "/streaming/subscribeForPersistedEvents"
		c.mustDo(message("test/t/"+group+subscribe, "/", ""), 403, notAccessible)
		c.send(message("/t/"+group+subscribe, "/", ""))
		if f := c.told(); f.action() != "created" || f.Topic != "org.eclipse.ditto/t/"+group+"/streaming/created" {
			t.Errorf("told %q on %s", f.action(), f.Topic)
		}
	}
}
