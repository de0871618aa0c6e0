package connections_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"github.com/twinway/twinway/internal/management"
)

// site is a gateway at the edge and one in the cloud, and the cable between them.
type site struct {
	t           testing.TB
	edge, cloud *world
	cable       *cable
}

// cloudAt is the Connection of the edge to the cloud.
func cloudAt(address string) string {
	return fmt.Sprintf(`
apiVersion: twinway.dev/v1alpha1
kind: Connection
metadata: {name: cloud}
spec:
  gatewayRef: {name: demo}
  type: DittoWebSocket
  uri: ws://%s/ws/2
  credentials: {basic: {name: cloud-credentials}}
  reconnect: {initialDelay: 100ms, maxDelay: 1s}
---
apiVersion: v1
kind: Secret
metadata: {name: cloud-credentials}
stringData: {username: ditto, password: ditto}
`, address)
}

// through is a Subscription of the Connection to the cloud, with further lines of its spec.
func through(name, direction, signal, lines string) string {
	text := fmt.Sprintf(`
apiVersion: twinway.dev/v1alpha1
kind: Subscription
metadata: {name: %s}
spec:
  connectionRef: {name: cloud}
  direction: %s
  signal: %s
  authorizationSubjects: ["integration:cloud"]
%s`, name, direction, signal, lines)
	if direction == "Outbound" {
		text += "\n  target: {delivery: AtLeastOnce}"
	}
	return text
}

// newSite runs both gateways, and waits until they are connected.
func newSite(t testing.TB, subscriptions ...string) *site {
	t.Helper()
	s := &site{t: t, cloud: start(t)}
	s.cable = lay(t, func() string { return s.cloud.public })
	s.edge = start(t, append([]string{cloudAt(s.cable.Address)}, subscriptions...)...)
	for _, w := range []*world{s.edge, s.cloud} {
		w.policy("org.acme:mirror", "integration:cloud")
	}
	s.edge.awaitState("cloud", management.LinkOpen)
	return s
}

// twins mirrors the changes of twins in both directions.
var twins = []string{through("out", "Outbound", "TwinEvents", ""), through("in", "Inbound", "TwinEvents", "")}

// things returns the things of a gateway by their ids, without what it notes of them itself.
func (w *world) things() map[string]any {
	w.t.Helper()
	var found struct{ Items []map[string]any }
	if err := json.Unmarshal([]byte(w.must(http.MethodGet, "/api/2/search/things?option=size(200)", "")), &found); err != nil {
		w.t.Fatal(err)
	}
	all := map[string]any{}
	for _, thing := range found.Items {
		all[thing["thingId"].(string)] = thing
	}
	return all
}

// alike waits until both gateways have the same things.
func (s *site) alike() map[string]any {
	s.t.Helper()
	var edge, cloud map[string]any
	defer func() {
		if s.t.Failed() {
			s.t.Logf("edge %v\ncloud %v", edge, cloud)
		}
	}()
	eventually(s.t, "both ends are alike", func() bool {
		edge, cloud = s.edge.things(), s.cloud.things()
		return reflect.DeepEqual(edge, cloud)
	})
	return edge
}

// watcher counts the events of a gateway.
type watcher struct {
	mu     sync.Mutex
	events int
}

// watch counts the events of a gateway until the test ends.
func (w *world) watch() *watcher {
	w.t.Helper()
	a, watching := w.app("START-SEND-EVENTS"), &watcher{}
	var reading sync.WaitGroup
	w.t.Cleanup(func() {
		_ = a.conn.CloseNow()
		reading.Wait()
	})
	ctx := w.t.Context()
	reading.Go(func() {
		for {
			kind, _, err := a.conn.Read(ctx)
			if err != nil {
				return
			}
			if kind == websocket.MessageText {
				watching.mu.Lock()
				watching.events++
				watching.mu.Unlock()
			}
		}
	})
	return watching
}

func (w *watcher) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.events
}

// thing makes a thing that is mirrored.
func (w *world) thing(name string) {
	w.t.Helper()
	w.must(http.MethodPut, "/api/2/things/org.acme:"+name, `{"policyId":"org.acme:mirror","attributes":{"of":"`+name+`"}}`)
}

func (w *world) set(thing, attribute string, value int) {
	w.t.Helper()
	w.must(http.MethodPut, "/api/2/things/org.acme:"+thing+"/attributes/"+attribute, fmt.Sprint(value))
}

func (w *world) remove(path string) {
	w.t.Helper()
	w.must(http.MethodDelete, "/api/2/things/org.acme:"+path, "")
}

// Two gateways that mirror each other are alike, and nothing that is mirrored comes back.
func TestMirror(t *testing.T) {
	t.Parallel()
	s := newSite(t, twins...)
	atEdge, atCloud := s.edge.watch(), s.cloud.watch()
	s.edge.thing("pump")
	s.cloud.thing("fan")
	s.alike()
	const changes = 50
	for n := range changes {
		s.edge.set("pump", "n", n)
		s.cloud.set("fan", "n", n)
		s.cloud.set("pump", "level", n)
	}
	s.alike()
	const done = 2 + 3*changes
	eventually(t, "all events", func() bool { return atEdge.count() >= done && atCloud.count() >= done })
	s.quiet()
	if edge, cloud := atEdge.count(), atCloud.count(); edge != done || cloud != done {
		t.Errorf("%d changes are %d events at the edge and %d in the cloud", done, edge, cloud)
	}
}

// quiet waits until the edge has nothing under way, in either direction.
func (s *site) quiet() {
	s.t.Helper()
	eventually(s.t, "nothing is under way", func() bool {
		in, out := s.edge.figures("cloud", "in", "in"), s.edge.figures("cloud", "out", "out")
		return in.settled() && out.gone()
	})
}

// What both ends have done while they could not speak with each other is the same at both when they can.
func TestMirrorOverACut(t *testing.T) {
	t.Parallel()
	s := newSite(t, twins...)
	atEdge, atCloud := s.edge.watch(), s.cloud.watch()
	for _, name := range []string{"pump", "valve", "gone"} {
		s.edge.thing(name)
	}
	for _, name := range []string{"fan", "lamp", "away"} {
		s.cloud.thing(name)
	}
	s.alike()
	changes := 6
	const rounds = 4
	for round := range rounds {
		s.cable.sever()
		eventually(t, "the edge notices", func() bool { return s.edge.connection("cloud").State != string(management.LinkOpen) })
		for n := range 20 {
			s.edge.set("pump", "n", 100*round+n)
			s.cloud.set("fan", "n", 100*round+n)
		}
		s.edge.set("lamp", "edge", round)
		s.cloud.set("valve", "cloud", round)
		s.edge.thing(fmt.Sprintf("edge%d", round))
		s.cloud.thing(fmt.Sprintf("cloud%d", round))
		s.edge.set(fmt.Sprintf("edge%d", round), "n", round)
		s.cloud.set(fmt.Sprintf("cloud%d", round), "n", round)
		changes += 2*20 + 6
		switch round {
		case 0:
			s.edge.remove("gone")
			s.cloud.remove("away")
			changes += 2
		case 1:
			s.edge.remove("pump/attributes/of")
			s.cloud.remove("fan/attributes/of")
			changes += 2
		case 2:
			s.edge.remove("edge0")
			s.edge.thing("edge0")
			s.cloud.remove("cloud0")
			s.cloud.thing("cloud0")
			changes += 4
		}
		s.cable.mend()
		s.edge.awaitState("cloud", management.LinkOpen)
	}
	all := s.alike()
	if want := 4 + 2*rounds; len(all) != want {
		t.Errorf("there are %d things, want %d", len(all), want)
	}
	s.quiet()
	edge, cloud := atEdge.count(), atCloud.count()
	t.Logf("%d changes are %d events at the edge and %d in the cloud", changes, edge, cloud)
	// What was under way when the cable was cut comes twice, and what was deleted and made again may come as one.
	if most := changes + 40*rounds; edge > most || cloud > most {
		t.Errorf("%d changes are %d events at the edge and %d in the cloud", changes, edge, cloud)
	}
	if dials := s.cable.dialled(); dials != rounds+1 {
		t.Errorf("the edge has connected %d times for %d cuts", dials, rounds)
	}
}

// Another Subscription changes nothing about the connection.
func TestSubscriptionsChangeWithoutReconnecting(t *testing.T) {
	t.Parallel()
	s := newSite(t, twins...)
	s.edge.thing("pump")
	s.alike()
	messages := through("messages", "Inbound", "Messages", "")
	s.edge.apply(append([]string{cloudAt(s.cable.Address), messages}, twins...)...)
	asked := func() bool {
		for _, sub := range s.edge.connection("cloud").Subscriptions {
			if sub.Name == "messages" && sub.State == management.LinkOpen {
				return true
			}
		}
		return false
	}
	eventually(t, "the new Subscription is open", asked)
	s.edge.apply(cloudAt(s.cable.Address), messages, through("in", "Inbound", "TwinEvents", `  filter: exists(attributes/wanted)`))
	s.edge.set("pump", "local", 1)
	eventually(t, "what has no attribute that is wanted stays in the cloud", func() bool {
		s.cloud.set("pump", "unwanted", 1)
		before := s.edge.figures("cloud", "in", "in")["consumed"]
		s.cloud.set("pump", "unwanted", 2)
		s.cloud.thing("marker")
		s.cloud.must(http.MethodPut, "/api/2/things/org.acme:marker/attributes/wanted", "1")
		eventually(t, "what is wanted comes", func() bool { return s.edge.figures("cloud", "in", "in")["consumed"] > before })
		return s.edge.figures("cloud", "in", "in")["consumed"] == before+1
	})
	if status, _ := s.cloud.do(http.MethodGet, "/api/2/things/org.acme:pump/attributes/local", ""); status != http.StatusNotFound {
		t.Errorf("what is subscribed to no more goes out: %d", status)
	}
	if dials := s.cable.dialled(); dials != 1 {
		t.Errorf("the edge has connected %d times", dials)
	}
}

// Messages and live commands cross the link in both directions, and so do their answers.
func TestLiveAcrossTheLink(t *testing.T) {
	t.Parallel()
	s := newSite(t, append([]string{
		through("messages-out", "Outbound", "Messages", ""), through("messages-in", "Inbound", "Messages", ""),
		through("live-out", "Outbound", "LiveCommands", ""), through("live-in", "Inbound", "LiveCommands", ""),
	}, twins...)...)
	s.edge.thing("pump")
	s.alike()
	for name, ends := range map[string]struct{ from, to *world }{"from the cloud": {s.cloud, s.edge}, "from the edge": {s.edge, s.cloud}} {
		device := ends.to.app("START-SEND-MESSAGES", "START-SEND-LIVE-COMMANDS")
		asker := ends.from.app()
		for n := range 10 {
			id := fmt.Sprintf("m-%d-%s", n, name[9:])
			asker.send(envelope("org.acme/pump/things/live/messages/ask", "/inbox/messages/ask", fmt.Sprint(n), `{"correlation-id":"`+id+`","content-type":"application/json"}`))
			device.await(name+" a message", containing("/inbox/messages/ask", id))
			device.send(`{"topic":"org.acme/pump/things/live/messages/ask","path":"/inbox/messages/ask","headers":{"correlation-id":"` + id +
				`","content-type":"application/json"},"status":200,"value":"answer ` + id + `"}`)
			asker.await(name+" the answer to a message", containing(`"status":200`, "answer "+id))

			id = fmt.Sprintf("c-%d-%s", n, name[9:])
			asker.send(envelope("org.acme/pump/things/live/commands/retrieve", "/attributes", "", `{"correlation-id":"`+id+`"}`))
			device.await(name+" a live command", containing("live/commands/retrieve", id))
			device.send(`{"topic":"org.acme/pump/things/live/commands/retrieve","path":"/attributes","headers":{"correlation-id":"` + id +
				`"},"status":200,"value":{"live":"` + id + `"}}`)
			asker.await(name+" the answer to a live command", containing(`"status":200`, `"live":"`+id+`"`))
		}
		_ = device.conn.CloseNow()
		_ = asker.conn.CloseNow()
	}
	// Nobody answers.
	asker := s.cloud.app()
	asker.send(envelope("org.acme/pump/things/live/messages/ask", "/inbox/messages/ask", "1", `{"correlation-id":"late","content-type":"application/json","timeout":"1s"}`))
	asker.await("a timeout", containing(`"status":408`, "late"))
}
