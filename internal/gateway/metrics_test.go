package gateway_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/test/gatewaytest"
)

// Every metric of the gateway's own and what it shows after some traffic.
func TestMetricsAfterSomeTraffic(t *testing.T) {
	g := start(t)
	subscriber, c := dial(t, g, gatewaytest.User), dial(t, g, gatewaytest.User)
	handshake(t, g, "/ws/2", authorization("secretuser", "wrong"))
	subscriber.ask("START-SEND-EVENTS")
	c.do(command("secretthing", "create", "/", `{"attributes":{"a":1}}`))
	subscriber.receive()
	c.do(command("secretthing", "retrieve", "/", ""))
	c.do(command("absent", "retrieve", "/", ""))
	c.ask("no envelope")
	c.send(`{"topic":"test/secretthing/things/twin/events/modified","headers":{},"path":"/","value":{}}`)
	c.mustWork()
	mustApply(t, g, configuration(t, withUser("anna")), "authentication.basic.users")
	g.ConfigurationInvalid()
	_ = dial(t, g, gatewaytest.User).ws.Close(1000, "")
	until(t, "a session has ended", func() bool { return metric(t, g, "sessions") == 2 })

	got := samples(t, g)
	want := map[string]float64{
		`sessions_opened_total`:                             3,
		`sessions_closed_total{code="1000"}`:                1,
		`handshakes_refused_total{status="401"}`:            1,
		`messages_received_total{kind="command"}`:           4,
		`messages_received_total{kind="control"}`:           1,
		`messages_received_total{kind="invalid"}`:           1,
		`messages_received_total{kind="discarded"}`:         1,
		`commands_total{action="create",status="201"}`:      1,
		`commands_total{action="retrieve",status="200"}`:    1,
		`commands_total{action="retrieve",status="404"}`:    2,
		`command_duration_seconds_count{action="create"}`:   1,
		`command_duration_seconds_count{action="retrieve"}`: 3,
		`signals_published_total`:                           1,
		`signals_delivered_total`:                           1,
		`signals_dropped_total`:                             0,
		`signals_filtered_total`:                            0,
		`subscription_evaluations_total{result="matched"}`:  0,
		`engine_group_commands_count`:                       1,
		`engine_queue_commands`:                             0,
		`store_refused_total`:                               0,
		`store_commit_duration_seconds_count`:               1,
		`store_appends_total`:                               2, // the thing and its policy
		`history_events_dropped_total{reason="count"}`:      0,
		`history_events_dropped_total{reason="age"}`:        0,
		`configurations_total{result="applied"}`:            1,
		`configurations_total{result="invalid"}`:            1,
		`sessions`:                                          2,
		`subscriptions`:                                     1,
		`session_queue_signals`:                             0,
		`ready`:                                             1,
	}
	for name, value := range want {
		if v, ok := got["twinway_"+name]; !ok || v != value {
			t.Errorf("%s is %v (present: %t), want %v", name, v, ok, value)
		}
	}
	for _, name := range []string{"store_bytes_total", "store_disk_bytes", "store_memory_bytes", "command_duration_seconds_sum{action=\"create\"}"} {
		if got["twinway_"+name] <= 0 {
			t.Errorf("%s is %v", name, got["twinway_"+name])
		}
	}
	mustHaveBoundedLabels(t, string(get(t, g, "/metrics").body))
}

// mustHaveBoundedLabels checks that the metrics' labels have only values that
// the protocol bounds, and that every metric is explained.
func mustHaveBoundedLabels(t *testing.T, text string) {
	t.Helper()
	label := regexp.MustCompile(`[{,]([a-z_]+)="`)
	known := map[string]bool{"code": true, "method": true, "outcome": true, "step": true, "status": true, "kind": true, "action": true, "reason": true, "result": true, "hash": true, "le": true}
	help, families := map[string]bool{}, map[string]bool{}
	for line := range strings.Lines(text) {
		if name, ok := strings.CutPrefix(line, "# HELP twinway_"); ok {
			help[strings.Fields(name)[0]] = true
		}
		if name, ok := strings.CutPrefix(line, "# TYPE twinway_"); ok {
			families[strings.Fields(name)[0]] = true
		}
		if !strings.HasPrefix(line, "twinway_") {
			continue
		}
		for _, match := range label.FindAllStringSubmatch(line, -1) {
			if !known[match[1]] {
				t.Errorf("unexpected label: %s", line)
			}
		}
	}
	if diff := cmp.Diff(families, help); diff != "" || len(help) < 20 {
		t.Errorf("metrics without an explanation: %s", diff)
	}
	for _, secret := range []string{"secretuser", "secretthing", gatewaytest.User, "127.0.0.1"} {
		if strings.Contains(text, secret) {
			t.Errorf("the metrics contain %q", secret)
		}
	}
}

// What subscriptions with parameters come to shows over all sessions, and what it has cost.
func TestMetricsOfFilteredSubscriptions(t *testing.T) {
	g := start(t)
	author := dial(t, g, gatewaytest.User)
	for range 3 {
		dial(t, g, gatewaytest.User).ask("START-SEND-EVENTS?filter=gt(attributes/a,5)")
	}
	matching := dial(t, g, gatewaytest.User)
	matching.ask("START-SEND-EVENTS?filter=lt(attributes/a,5)&extraFields=_revision")
	author.do(command("thing", "create", "/", `{"attributes":{"a":1}}`))
	if event := matching.receive(); !strings.Contains(event, `"extra":{"_revision":1}`) {
		t.Errorf("received %s", event)
	}
	for name, want := range map[string]float64{
		`signals_filtered_total`: 3, `signals_delivered_total`: 1,
		`subscription_evaluations_total{result="matched"}`: 1, `subscription_evaluations_total{result="filtered"}`: 1,
		`subscription_evaluations_total{result="failed"}`: 0,
	} {
		if got := metric(t, g, name); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
}
