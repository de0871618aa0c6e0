package mqtt

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/link/linktest"
	"github.com/twinway/twinway/internal/snapshot"
)

// A message comes once to each source that wants it, however the broker deals with subscriptions that overlap.
func TestOverlappingSources(t *testing.T) {
	for _, row := range []struct {
		name    string
		filters map[string][]string
		want    map[string]int // copies by source, of a message to a/b/c
	}{
		{"the same filter", map[string][]string{"one": {"a/b/c"}, "two": {"a/b/c"}}, map[string]int{"one": 1, "two": 1}},
		{"one covers the other", map[string][]string{"one": {"a/#"}, "two": {"a/b/c"}, "three": {"x"}}, map[string]int{"one": 1, "two": 1}},
		{"several of one source", map[string][]string{"one": {"a/#", "a/+/c", "a/b/c"}}, map[string]int{"one": 1}},
		{"everything", map[string][]string{"one": {"#", "a/b/c"}, "two": {"+/b/#", "a/b/+"}}, map[string]int{"one": 1, "two": 1}},
	} {
		t.Run(row.name, func(t *testing.T) {
			everywhere(t, setup{}, func(t *testing.T, w *world) {
				for _, name := range slices.Sorted(maps.Keys(row.filters)) {
					w.source(name, 1, snapshot.AtLeastOnce, row.filters[name]...)
				}
				w.source("end", 1, snapshot.AtLeastOnce, "from/barrier")
				device, c := newDevice(t, w.broker), w.dial(t)
				defer linktest.End(c)
				for _, qos := range []byte{0, 1, 2} {
					device.say(t, qos, "a/b/c", "hello")
				}
				device.say(t, 1, "from/barrier", "barrier")
				got := map[string]int{}
				for {
					m := w.inbox.next(t)
					if m.Settle != nil {
						m.Settle(link.Accept)
					}
					if m.Source == "end" {
						break
					}
					if string(m.Message.Payload) == "hello" {
						got[m.Source]++
					}
				}
				for name := range row.want {
					row := row.want[name] * 3
					if got[name] != row {
						t.Errorf("%s has got %d of %d", name, got[name], row)
					}
				}
				if len(got) != len(row.want) {
					t.Errorf("got %v", got)
				}
			})
		})
	}
}

// A message is acknowledged when all sources have settled that it came to.
func TestAcknowledgedByAllSources(t *testing.T) {
	everywhere(t, setup{}, func(t *testing.T, w *world) {
		w.source("barrier", 1, snapshot.AtLeastOnce, "from/barrier")
		w.source("one", 1, snapshot.AtLeastOnce, "a/#")
		w.source("three", 1, snapshot.AtMostOnce, "a/#")
		w.source("two", 1, snapshot.AtLeastOnce, "a/#")
		device, c := newDevice(t, w.broker), w.dial(t)
		device.say(t, 1, "a/b", "hello")
		came := w.inbox.expect(t, "hello", "hello", "hello")
		came[0].Message.Payload[0] = 'j' // It belongs to who has got it.
		if string(came[2].Message.Payload) != "hello" {
			t.Error("sources share a payload")
		}
		came[0].Settle(link.Accept)
		w.cut(t, c)
		c = w.dial(t)
		came = w.inbox.expect(t, "hello", "hello", "hello")
		came[2].Settle(link.Reject)
		came[0].Settle(link.Accept)
		heard(t, c)
		w.cut(t, c)
		w.dial(t)
		for _, c := range barrier(t, w, device) {
			if string(c.Message.Payload) == "hello" {
				t.Error("came again")
			}
		}
	})
}

// A source gets messages with the QoS that it has asked for, at most, whatever another one has.
func TestQoSOfEachSource(t *testing.T) {
	everywhere(t, setup{}, func(t *testing.T, w *world) {
		w.source("low", 0, snapshot.AtMostOnce, "a/#")
		w.source("middle", 1, snapshot.AtMostOnce, "a/b")
		device, c := newDevice(t, w.broker), w.dial(t)
		defer linktest.End(c)
		device.say(t, 2, "a/b", "hello")
		got := map[string]string{}
		for range 2 {
			m := w.inbox.next(t)
			got[m.Source] = m.Message.Headers["mqtt.qos"]
		}
		if diff := cmp.Diff(map[string]string{"low": "0", "middle": "1"}, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestMatches(t *testing.T) {
	for _, row := range []struct {
		filter, topic string
		want          bool
	}{
		{"a", "a", true}, {"a", "b", false}, {"a", "a/b", false}, {"a/b", "a", false}, {"a/", "a", false}, {"a", "a/", false},
		{"+", "a", true}, {"+", "a/b", false}, {"+/+", "a/b", true}, {"+/+", "/b", true}, {"/+", "/b", true}, {"+", "/b", false},
		{"a/+", "a", false}, {"a/+", "a/", true}, {"a/+/c", "a/b/c", true}, {"a/+/c", "a/b/d", false},
		{"#", "a", true}, {"#", "a/b/c", true}, {"a/#", "a", true}, {"a/#", "a/b/c", true}, {"a/#", "b", false}, {"a/#", "ab", false},
		{"+/#", "a", true}, {"a/b/#", "a", false},
		{"#", "$SYS/a", false}, {"+/a", "$SYS/a", false}, {"$SYS/#", "$SYS/a", true}, {"$SYS/+", "$SYS/a", true},
	} {
		if got := matches(row.filter, row.topic); got != row.want {
			t.Errorf("%s matches %s: %t", row.filter, row.topic, got)
		}
	}
}

func TestCovers(t *testing.T) {
	for _, row := range []struct {
		wide, narrow string
		want         bool
	}{
		{"#", "a/+", true}, {"#", "#", true}, {"a/#", "a/b/#", true}, {"a/#", "a/#", true}, {"a/#", "a", true}, {"a/b/#", "a/#", false},
		{"+", "#", false}, {"+", "+", true}, {"+/b", "a/b", true}, {"a/+", "+/b", false}, {"a/b", "a/+", false}, {"+/#", "#", false},
		{"#", "$SYS/#", false}, {"+/a", "$SYS/a", false}, {"$SYS/#", "$SYS/a", true}, {"a/+/#", "a/#", false},
	} {
		if got := covers(row.wide, row.narrow); got != row.want {
			t.Errorf("%s covers %s: %t", row.wide, row.narrow, got)
		}
	}
}

func TestSubscriptions(t *testing.T) {
	qos := func(q int) *int { return &q }
	sources := []snapshot.Source{
		{Name: "one", QoS: qos(0), Addresses: []string{"a/#", "b"}},
		{Name: "two", QoS: qos(2), Addresses: []string{"a/b", "$share/g/a/c"}, Delivery: snapshot.AtLeastOnce},
		{Name: "three", QoS: qos(1), Addresses: []string{"b"}},
	}
	for identified, want := range map[bool][]string{
		true:  {"a/# 0 false", "b 1 false", "a/b 2 true", "$share/g/a/c 2 true"},
		false: {"a/# 2 true", "b 1 false", "$share/g/a/c 2 true"},
	} {
		var got []string
		ids := map[int]bool{}
		for _, f := range newRoutes(sources, identified).filters {
			if !f.covered {
				got = append(got, fmt.Sprint(f.text, " ", f.qos, " ", f.least))
			}
			if ids[f.id] || f.id < 1 || f.id > maxSubscriptionID {
				t.Errorf("identifier %d", f.id)
			}
			ids[f.id] = true
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("identified %t: %s", identified, diff)
		}
	}
}
