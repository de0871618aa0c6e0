package connections_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/management"
)

// withWill has the broker say that the gateway is gone, if it goes without a word.
func withWill(c *mosquitto, manifest string) string {
	return strings.Replace(manifest, "sessionExpiry: 1h}", "sessionExpiry: 1h, lastWill: {topic: gateways/demo, message: gone, qos: 1}}", 1)
}

// A gateway that is drained says goodbye to brokers, and brings out what it has taken before.
func TestDrain(t *testing.T) {
	t.Parallel()
	broker, s := newMosquitto(t), newSink(t)
	s.before = func() { time.Sleep(5 * time.Millisecond) }
	watcher := (&mqttBroker{address: broker.at}).device(t, "watcher", "gateways/#")
	broker.received()
	toBroker := strings.Replace(eventsTo(broker), "name: events", "name: to-broker", 1)
	manifests := []string{withWill(broker, devicesAt(broker, "")), toBroker, pushTo(s.URL, "    delivery: AtLeastOnce")}
	w := start(t, manifests...)
	w.awaitState("devices", management.LinkOpen)
	w.policy("org.acme:open", "integration:sink", "integration:devices")
	w.must(http.MethodPut, "/api/2/things/org.acme:lamp", `{"policyId":"org.acme:open"}`)
	const changes = 200
	for n := range changes {
		w.must(http.MethodPut, "/api/2/things/org.acme:lamp/attributes/n"+fmt.Sprint(n+1), fmt.Sprint(n))
	}
	w.g.Drain(t.Context(), true)
	if pushed := s.known(); pushed != changes {
		t.Errorf("%d of %d changes were pushed before the gateway was drained", pushed, changes)
	}
	eventually(t, "the broker has all events", func() bool { return len(lampRevisions(broker.received())) == changes+1 })
	for _, name := range []string{"devices", "sink"} {
		if state := w.connection(name).State; state != string(management.LinkClosed) {
			t.Errorf("%s is %s", name, state)
		}
	}
	w.stop()
	broker.publish("lamp", "marker") // what the broker says of it is said before
	gate := (&mqttBroker{address: broker.at}).device(t, "marker")
	gate.publish("gateways/marker", "x")
	eventually(t, "the marker", func() bool { return len(watcher.received("gateways/marker")) == 1 })
	if said := watcher.received("gateways/demo"); len(said) > 0 {
		t.Errorf("the broker says %q of a gateway that has said goodbye", said)
	}
}

// What a device says while the gateway is away waits at the broker.
func TestNothingIsMissingAfterADrain(t *testing.T) {
	each(t, func(t *testing.T, c carrier) {
		w := start(t, devicesAt(c, ""))
		w.awaitState("devices", management.LinkOpen)
		w.policy("org.acme:open", "integration:devices")
		w.must(http.MethodPut, "/api/2/things/org.acme:pump", `{"policyId":"org.acme:open"}`)
		speaking := make(chan struct{})
		const changes = 300
		go func() {
			defer close(speaking)
			for n := range changes {
				c.publish("pump", change("pump", n+1))
			}
		}()
		snap := w.g.Current()
		for range 2 {
			eventually(t, "some are done", func() bool { return w.figures("devices", "in", "up")["accepted"] > 20 })
			w.g.Drain(t.Context(), true)
			w.stop()
			w.run(snap)
		}
		<-speaking
		eventually(t, "all changes are there", func() bool {
			twin := w.must(http.MethodGet, "/api/2/things/org.acme:pump/attributes", "")
			for n := range changes {
				if !strings.Contains(twin, fmt.Sprintf(`"n%d":`, n+1)) {
					return false
				}
			}
			return true
		})
	})
}
