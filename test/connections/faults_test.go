package connections_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/management"
)

// eventsTo is a Subscription of events to the carrier's own Connection.
func eventsTo(c carrier) string {
	return fmt.Sprintf(`
apiVersion: twinway.dev/v1alpha1
kind: Subscription
metadata: {name: events}
spec:
  connectionRef: {name: devices}
  direction: Outbound
  signal: TwinEvents
  authorizationSubjects: ["integration:sink"]
  target: {address: %q, delivery: AtLeastOnce}`, c.target())
}

// each runs a test with each carrier.
func each(t *testing.T, test func(t *testing.T, c carrier)) {
	t.Parallel()
	for kind, of := range carriers {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			test(t, of(t))
		})
	}
}

// A broker that is stopped and started, and a cable that is cut, cost nothing but time: in both directions everything arrives, and what goes
// out in order.
func TestBrokerComesBack(t *testing.T) {
	each(t, func(t *testing.T, c carrier) {
		c.received()
		w := start(t, devicesAt(c, ""), eventsTo(c))
		w.awaitState("devices", management.LinkOpen)
		w.policy("org.acme:open", "integration:devices", "integration:sink")
		w.must(http.MethodPut, "/api/2/things/org.acme:lamp", `{"policyId":"org.acme:open"}`)
		w.must(http.MethodPut, "/api/2/things/org.acme:pump", `{"policyId":"org.acme:open"}`)
		const rounds, changes = 3, 60
		for round := range rounds {
			switch round {
			case 1:
				c.stop()
			case 2:
				c.sever()
			}
			for n := range changes { // by somebody else, to whom the broker is nothing
				w.must(http.MethodPut, "/api/2/things/org.acme:lamp/attributes/n", strconv.Itoa(round*changes+n+1))
			}
			switch round {
			case 1:
				c.start()
			case 2:
				c.mend()
			}
			for n := range changes {
				c.publish("pump", change("pump", round*changes+n+1))
			}
		}
		w.awaitState("devices", management.LinkOpen)
		var twin string
		eventually(t, "all changes by the device are in its twin", func() bool {
			twin = w.must(http.MethodGet, "/api/2/things/org.acme:pump/attributes", "")
			return strings.Count(twin, `"n`) == rounds*changes
		})
		var revisions []int
		eventually(t, "all events have arrived", func() bool {
			revisions = lampRevisions(c.received())
			return len(revisions) == rounds*changes+1
		})
		if !slices.IsSorted(revisions) {
			t.Errorf("events have arrived as %v", revisions)
		}
		eventually(t, "the figures agree", func() bool {
			in, out := w.figures("devices", "in", "up"), w.figures("devices", "out", "events")
			return in.settled() && in["accepted"] >= rounds*changes && in["rejected"] == 0 &&
				out.gone() && out["delivered"] == rounds*changes+2 && out["dropped"]+out["failed"] == 0
		})
	})
}

// lampRevisions returns the revisions of the events of the lamp, each when it came first.
func lampRevisions(events []string) (revisions []int) {
	for _, e := range events {
		if found := revisionAt.FindStringSubmatch(e); found != nil && strings.Contains(e, "org.acme/lamp/") {
			n, _ := strconv.Atoi(found[1])
			if !slices.Contains(revisions, n) {
				revisions = append(revisions, n)
			}
		}
	}
	return revisions
}

// A server that takes nothing for a while slows the devices' broker down: there is a bound to what waits in the gateway, and nothing is dropped.
func TestServerThatStalls(t *testing.T) {
	t.Parallel()
	for kind := range carriers {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			c := newChain(t, kind)
			stalled := make(chan struct{})
			open := sync.OnceFunc(func() { close(stalled) })
			t.Cleanup(open)
			c.sink.before = func() { <-stalled }
			c.w = start(t, c.manifests()...)
			c.w.awaitState("devices", management.LinkOpen)
			c.things()
			c.speak()()
			var in, out figures
			for before := -1; before != in["consumed"]; time.Sleep(300 * time.Millisecond) { // until it does not get worse
				before = in["consumed"]
				in, out = c.w.figures("devices", "in", "up"), c.w.figures("sink", "out", "events")
			}
			t.Logf("stalled: in %v, out %v", in, out)
			const all = chainThings * chainChanges
			if in["consumed"] >= all || in["waiting"] > 1000 || out["waiting"] > 1000 {
				t.Errorf("the broker is not slowed down: in %v, out %v", in, out)
			}
			if out["dropped"] > 0 {
				t.Errorf("something was dropped: %v", out)
			}
			open()
			c.present()
			c.inOrder()
			c.counted(all)
		})
	}
}

// What is no message, what speaks for others, and what fails again and again is not in the way of what follows.
func TestPoison(t *testing.T) {
	each(t, func(t *testing.T, c carrier) {
		s := newSink(t)
		s.status = func(p pushed) int {
			if strings.Contains(p.body, "poison") {
				return http.StatusInternalServerError
			}
			return http.StatusNoContent
		}
		w := start(t, devicesAt(c, asksForPush+"\n    enforcement: "+c.self()), pushTo(s.URL, `    issuedAck: "sink:pushed"`))
		w.awaitState("devices", management.LinkOpen)
		w.policy("org.acme:open", "integration:devices", "integration:sink")
		for _, thing := range []string{"good", "bad"} {
			w.must(http.MethodPut, "/api/2/things/org.acme:"+thing, `{"policyId":"org.acme:open","attributes":{}}`)
		}
		poison := []string{
			`{"topic":`, `[]`, `"text"`, "\x00\xff", `{"topic":"org.acme/bad/things/twin/commands/modify","path":"/attributes/x"`, // no messages
			envelope("org.acme/good/things/twin/commands/modify", "/attributes/stolen", "1", ""), // of somebody else
			envelope("org.acme/bad/things/twin/commands/explode", "/", "", ""),                   // no command
			envelope("org.acme/bad/things/twin/commands/modify", "/thingId", `"org.acme:x"`, ""), // refused
		}
		for n, text := range poison {
			c.publish("bad", text)
			c.publish("bad", change("bad", n+1))
		}
		eventually(t, "what follows is done", func() bool {
			twin := w.must(http.MethodGet, "/api/2/things/org.acme:bad/attributes", "")
			return strings.Count(twin, `"n`) == len(poison)
		})
		if twin := w.must(http.MethodGet, "/api/2/things/org.acme:good", ""); strings.Contains(twin, "stolen") {
			t.Errorf("a device has spoken for another: %s", twin)
		}
		var in figures
		eventually(t, "what is no good is rejected", func() bool {
			in = w.figures("devices", "in", "up")
			return in["rejected"] == len(poison) && in["accepted"] == len(poison) && in.settled()
		})

		// One that the server always refuses, with a status that says that it may be better later.
		c.publish("bad", envelope("org.acme/bad/things/twin/commands/modify", "/attributes/poison", "1", ""))
		for n := range 20 {
			c.publish("good", change("good", n+1))
			c.publish("bad", change("bad", 100+n))
		}
		eventually(t, "what follows what fails again and again is done", func() bool {
			first, _ := s.told()
			return len(first["good"]) == 20 && len(first["bad"]) == len(poison)+20
		})
		if _, ok := c.(*mosquitto); ok {
			return // it would take a minute until the message is given up
		}
		eventually(t, "it is given up", func() bool { return w.figures("devices", "in", "up")["dropped"] == 1 })
		in = w.figures("devices", "in", "up")
		if in["redelivered"] != 5 || in["rejected"] != len(poison)+1 {
			t.Errorf("in %v", in)
		}
	})
}
