package dittows_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/dittows"
	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/snapshot"
)

// happened returns an event of a twin at this end.
func happened(thing, action, path, value string, revision int) string {
	if value != "" {
		value = `,"value":` + value
	}
	return fmt.Sprintf(`{"topic":"test/%s/things/twin/events/%s","headers":{"correlation-id":"same","response-required":false,"requested-acks":[],"timeout":"0"},`+
		`"path":%q%s,"revision":%d,"timestamp":"2026-01-01T00:00:00Z"}`, thing, action, path, value, revision)
}

// What happens to twins here happens to them there, and the outcome is what the other end says.
func TestTwinEventsGoOut(t *testing.T) {
	g := remote(t)
	d := newDevice(t, g)
	for _, delivery := range []snapshot.DeliveryGuarantee{snapshot.AtLeastOnce, snapshot.AtMostOnce} {
		t.Run(string(delivery), func(t *testing.T) {
			n := newNear(t, g.Address(), dittows.Settings{})
			c := n.open()
			thing := "mirror-" + strings.ToLower(string(delivery))
			sure := delivery == snapshot.AtLeastOnce
			for i, step := range []struct {
				text   string
				status int
			}{
				{happened(thing, "created", "/", `{"thingId":"test:`+thing+`","attributes":{"a":1}}`, 1), 201},
				{happened(thing, "modified", "/attributes/a", "2", 2), 204},
				{happened(thing, "merged", "/attributes", `{"b":{"c":true}}`, 3), 204},
				{happened(thing, "created", "/features/f", `{"properties":{"p":1}}`, 4), 201},
				{happened(thing, "deleted", "/attributes/a", "", 5), 204},
				{happened(thing, "deleted", "/attributes/a", "", 5), 204}, // again: it is as it should be
			} {
				o := n.publish(c, step.text, delivery)
				if want := map[bool]int{true: step.status, false: 202}[sure]; o.Status != want || o.Err != nil || o.Again {
					t.Errorf("step %d comes to %+v, want %d", i, o, want)
				}
			}
			d.send(`{"topic":"test/` + thing + `/things/twin/commands/retrieve","headers":{"correlation-id":"r"},"path":"/","fields":"attributes,features"}`)
			want := `{"attributes":{"b":{"c":true}},"features":{"f":{"properties":{"p":1}}}}`
			// What is not answered is done behind what was sent before, and before nothing else.
			until(t, "the twin is the same", func() bool {
				if got := read(t, d.receive()); string(got.Value) == want {
					return true
				}
				d.send(`{"topic":"test/` + thing + `/things/twin/commands/retrieve","headers":{"correlation-id":"r"},"path":"/","fields":"attributes,features"}`)
				return false
			})
			if len(n.all()) != 0 {
				t.Errorf("answers to commands were consumed: %s", n.all()[0].Message.Payload)
			}
		})
	}
}

// What the other end does not take is told, and whether it may be tried again.
func TestOutcomesOfWhatIsNotTaken(t *testing.T) {
	g := remote(t)
	n := newNear(t, g.Address(), dittows.Settings{})
	c := n.open()
	for name, tc := range map[string]struct {
		text   string
		status int
		says   string
	}{
		"a part of nothing":    {happened("absent", "modified", "/attributes/a", "1", 1), 404, "things:thing.notfound"},
		"no JSON":              {"{", 400, "json.invalid"},
		"what is no signal":    {`{"topic":"test/a/things/twin/commands/retrieve","headers":{},"path":"/"}`, 422, "no command"},
		"a policy's":           {`{"topic":"test/a/policies/announcements/subjectDeletion","headers":{},"path":"/","value":{}}`, 422, "no command"},
		"an event of no value": {happened("absent", "modified", "/attributes/a", "", 1), 422, "no command"},
	} {
		o := n.publish(c, tc.text, snapshot.AtLeastOnce)
		if o.Status != tc.status || o.Again || o.Err == nil || !strings.Contains(o.Err.Error(), tc.says) {
			t.Errorf("%s comes to %+v, want %d %s", name, o, tc.status, tc.says)
		}
	}
	if o := n.publish(c, happened("absent", "modified", "/attributes/a", "1", 1), snapshot.AtLeastOnce); o.Answer == nil || !strings.Contains(string(o.Answer.Payload), "things:thing.notfound") {
		t.Errorf("the answer is %+v", o.Answer)
	}
}

// Signals of the live channel arrive as they are, and answers to them come in for whoever waits here.
func TestLiveSignalsGoOut(t *testing.T) {
	g := remote(t)
	d := newDevice(t, g)
	d.do("lamp", "create", "/", `{}`)
	for _, start := range []string{"MESSAGES", "LIVE-COMMANDS", "LIVE-EVENTS"} {
		d.send("START-SEND-" + start)
		d.receive()
	}
	n := newNear(t, g.Address(), dittows.Settings{})
	c := n.open()
	for name, tc := range map[string]struct{ text, arrives, answer string }{
		"message": {
			live("lamp", "messages/on", "/inbox/messages/on", `{"now":true}`, ""), `test/lamp/things/live/messages/on /inbox/messages/on {"now":true}`,
			`{"topic":"test/lamp/things/live/messages/on","headers":{"correlation-id":%q,"content-type":"application/json"},"path":"/inbox/messages/on","value":"done","status":200}`,
		},
		"command": {
			live("lamp", "commands/modify", "/attributes/a", `2`, ""), "test/lamp/things/live/commands/modify /attributes/a 2",
			`{"topic":"test/lamp/things/live/commands/modify","headers":{"correlation-id":%q},"path":"/attributes/a","status":204}`,
		},
		"command that fails": {
			live("lamp", "commands/delete", "/attributes/a", `null`, ""), "test/lamp/things/live/commands/delete /attributes/a",
			`{"topic":"test/lamp/things/live/errors","headers":{"correlation-id":%q},"path":"/","value":{"status":404,"error":"a:b","message":"c"},"status":404}`,
		},
		"event": {live("lamp", "events/modified", "/attributes/a", `3`, ""), "test/lamp/things/live/events/modified /attributes/a 3", ""},
	} {
		before := len(n.all())
		if o := n.publish(c, tc.text, snapshot.AtLeastOnce); o.Status != 202 || o.Err != nil {
			t.Errorf("%s: %+v", name, o)
		}
		got := read(t, d.receive())
		if !strings.HasPrefix(got.said(), tc.arrives) {
			t.Errorf("%s arrives as %s", name, got.said())
		}
		if tc.answer == "" {
			continue
		}
		d.send(fmt.Sprintf(tc.answer, got.Headers["correlation-id"]))
		answer := n.await(before + 1)[before]
		if e := read(t, string(answer.Message.Payload)); answer.Source != "" || e.Headers["correlation-id"] != "live" || e.Status/100 == 0 {
			t.Errorf("%s is answered by %q with %s", name, answer.Source, answer.Message.Payload)
		}
	}
}

// What a device at the other end is answered goes out on the same session.
func TestAnswersGoOut(t *testing.T) {
	g := remote(t)
	d := newDevice(t, g)
	d.do("lamp", "create", "/", `{}`)
	n := newNear(t, g.Address(), dittows.Settings{})
	c := n.open()
	n.ask(c, inbound(snapshot.SignalMessages))
	d.send(live("lamp", "messages/on", "/inbox/messages/on", `1`, ""))
	asked := read(t, string(n.await(1)[0].Message.Payload))
	answer := fmt.Sprintf(`{"topic":%q,"headers":{"correlation-id":%q,"content-type":"application/json"},"path":%q,"value":"done","status":200}`,
		asked.Topic, asked.Headers["correlation-id"], asked.Path)
	if o := n.publish(c, answer, snapshot.AtLeastOnce); o.Status != 202 {
		t.Errorf("the answer comes to %+v", o)
	}
	if got := read(t, d.receive()); string(got.Value) != `"done"` || got.Headers["correlation-id"] != "live" {
		t.Errorf("the device is answered %+v", got)
	}
}

// Each message has one outcome, however the connection ends; those that were not done can be tried again, and then all are.
func TestNothingIsMissingAfterCuts(t *testing.T) {
	g := remote(t)
	d := newDevice(t, g)
	d.do("count", "create", "/", `{}`)
	p := newProxy(t, g.Address())
	n := newNear(t, p.listener.Addr().String(), dittows.Settings{})
	const total = 1500
	var outcomes, delivered atomic.Int32
	left := make(chan int, total)
	for i := range total {
		left <- i
	}
	clients := 0
	for delivered.Load() < total {
		c, err := n.dial()
		if err != nil {
			p.mend()
			continue
		}
		clients++
		sent := 0
		outcomes.Store(0)
		for c.Err() == nil && delivered.Load() < total {
			var i int
			select {
			case i = <-left:
			default:
				time.Sleep(time.Millisecond)
				continue
			}
			m := &external.Message{Payload: []byte(happened("count", "modified", fmt.Sprintf("/attributes/k%d", i), fmt.Sprint(i), i))}
			err := c.Publish(t.Context(), m, snapshot.AtLeastOnce, func(o link.Outcome) {
				outcomes.Add(1)
				switch {
				case o.Delivered():
					delivered.Add(1)
				case o.Again:
					left <- i
				default:
					t.Errorf("%d comes to %+v", i, o)
				}
			})
			if err != nil {
				left <- i
				break
			}
			if sent++; sent%300 == 0 && clients < 6 {
				p.cut()
			}
		}
		shut(c)
		if got := int(outcomes.Load()); got != sent {
			t.Fatalf("%d were sent and %d have an outcome", sent, got)
		}
	}
	d.send(`{"topic":"test/count/things/twin/commands/retrieve","headers":{"correlation-id":"r"},"path":"/attributes"}`)
	got := read(t, d.receive())
	for i := range total {
		if !strings.Contains(string(got.Value), fmt.Sprintf(`"k%d":%d`, i, i)) {
			t.Fatalf("%d is missing", i)
		}
	}
	if clients < 3 {
		t.Errorf("there were only %d clients", clients)
	}
}
