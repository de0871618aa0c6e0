package mqtt

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/eclipse/paho.golang/paho"
	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link/linktest"
	"github.com/twinway/twinway/internal/snapshot"
)

func TestOut(t *testing.T) {
	everywhere(t, setup{}, func(t *testing.T, w *world) {
		device, c := newDevice(t, w.broker, "to/#"), w.dial(t)
		for _, row := range []struct {
			delivery snapshot.DeliveryGuarantee
			headers  external.Headers
			topic    string
			qos      byte
		}{
			{snapshot.AtMostOnce, nil, "to/a", 0},
			{snapshot.AtLeastOnce, nil, "to/a", 1},
			{snapshot.AtLeastOnce, external.Headers{"mqtt.qos": "0"}, "to/a", 0},
			{snapshot.AtMostOnce, external.Headers{"mqtt.qos": "1"}, "to/a", 1},
			{snapshot.AtMostOnce, external.Headers{"mqtt.qos": "2"}, "to/a", 2},
			{snapshot.AtMostOnce, external.Headers{"MQTT.Topic": "to/b"}, "to/b", 0},
		} {
			payload := fmt.Sprint(row)
			outcome := linktest.Publish(t, c, external.Message{Address: "to/a", Headers: row.headers, Payload: []byte(payload)}, row.delivery)
			if outcome.Status != 200 || outcome.Err != nil {
				t.Errorf("%v: %+v", row, outcome)
			}
			got := device.next(t)
			if got.Topic != row.topic || got.QoS != row.qos || string(got.Payload) != payload {
				t.Errorf("%v: received %s with QoS %d: %q", row, got.Topic, got.QoS, got.Payload)
			}
		}
	})
}

func TestPropertiesOut(t *testing.T) {
	everywhere(t, setup{}, func(t *testing.T, w *world) {
		device, c := newDevice(t, w.broker, "to/#"), w.dial(t)
		linktest.Publish(t, c, external.Message{Address: "to/a", Headers: external.Headers{
			"correlation-id": "c-1", "reply-to": "from/a", "content-type": "text/plain", "mqtt.message-expiry-interval": "3000",
			"mqtt.retain": "false", "ditto-x": "y", "A": "b",
		}}, snapshot.AtLeastOnce)
		got := device.next(t).Properties
		if w.connection.MQTT.Version == snapshot.MQTT3 {
			if len(got.User) > 0 || got.ContentType != "" || got.CorrelationData != nil || got.MessageExpiry != nil {
				t.Errorf("there are properties: %+v", got)
			}
			return
		}
		if string(got.CorrelationData) != "c-1" || got.ResponseTopic != "from/a" || got.ContentType != "text/plain" {
			t.Errorf("properties %+v", got)
		}
		if got.MessageExpiry == nil || *got.MessageExpiry > 3000 || *got.MessageExpiry < 2000 {
			t.Errorf("expiry %v", got.MessageExpiry)
		}
		want := paho.UserProperties{{Key: "A", Value: "b"}, {Key: "ditto-x", Value: "y"}}
		if diff := cmp.Diff(want, got.User); diff != "" {
			t.Error(diff)
		}
	})
}

func TestIn(t *testing.T) {
	everywhere(t, setup{}, func(t *testing.T, w *world) {
		w.source("low", 0, snapshot.AtMostOnce, "low/+")
		w.source("once", 1, snapshot.AtMostOnce, "once/#")
		w.source("high", 2, snapshot.AtLeastOnce, "high/#")
		device, c := newDevice(t, w.broker), w.dial(t)
		defer linktest.End(c)
		for _, row := range []struct {
			topic, source, qos string
			settle             bool
		}{
			{"low/a", "low", "0", false},
			{"once/a", "once", "1", false},
			{"high/a/b", "high", "2", true},
		} {
			device.say(t, 2, row.topic, "hello")
			got := w.inbox.next(t)
			want := external.Headers{"mqtt.topic": row.topic, "mqtt.qos": row.qos, "mqtt.retain": "false"}
			if diff := cmp.Diff(external.Message{Address: row.topic, Headers: want, Payload: []byte("hello")}, got.Message); diff != "" {
				t.Error(diff)
			}
			if got.Source != row.source || got.Redelivered != 0 || (got.Settle != nil) != row.settle {
				t.Errorf("%s: source %s, redelivered %d, settle %t", row.topic, got.Source, got.Redelivered, got.Settle != nil)
			}
			if got.Settle != nil {
				got.Settle(0)
			}
		}
	})
}

func TestPropertiesIn(t *testing.T) {
	everywhere(t, setup{}, func(t *testing.T, w *world) {
		w.source("all", 1, snapshot.AtMostOnce, "from/#")
		device, c := newDevice(t, w.broker), w.dial(t)
		defer linktest.End(c)
		expiry := uint32(3000)
		device.send(t, &paho.Publish{Topic: "from/a", QoS: 1, Properties: &paho.PublishProperties{
			CorrelationData: []byte("c-1"), ResponseTopic: "to/a", ContentType: "text/plain", MessageExpiry: &expiry,
			// Who sends cannot say what the broker says, nor where the protocol has another place for it.
			User: paho.UserProperties{
				{Key: "Subject", Value: "one"}, {Key: "subject", Value: "two"}, {Key: "mqtt.topic", Value: "from/b"},
				{Key: "MQTT.retain", Value: "true"}, {Key: "reply-to", Value: "to/b"},
			},
		}})
		got := w.inbox.next(t).Message.Headers
		want := external.Headers{"mqtt.topic": "from/a", "mqtt.qos": "1", "mqtt.retain": "false"}
		if w.connection.MQTT.Version == snapshot.MQTT5 {
			want["correlation-id"], want["reply-to"], want["content-type"], want["subject"] = "c-1", "to/a", "text/plain", "two"
			if len(got["mqtt.message-expiry-interval"]) != 4 {
				t.Errorf("expiry %q", got["mqtt.message-expiry-interval"])
			}
			delete(got, "mqtt.message-expiry-interval")
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		device.send(t, &paho.Publish{Topic: "from/a", QoS: 1, Properties: &paho.PublishProperties{
			User: paho.UserProperties{{Key: "mqtt.message-expiry-interval", Value: "1"}, {Key: "Mqtt.other", Value: "1"}},
		}})
		want = external.Headers{"mqtt.topic": "from/a", "mqtt.qos": "1", "mqtt.retain": "false"}
		if diff := cmp.Diff(want, w.inbox.next(t).Message.Headers); diff != "" {
			t.Error(diff)
		}
	})
}

func TestRetained(t *testing.T) {
	everywhere(t, setup{}, func(t *testing.T, w *world) {
		c := w.dial(t)
		linktest.Publish(t, c, external.Message{Address: "state/a", Payload: []byte("kept"), Headers: external.Headers{"mqtt.retain": "true"}},
			snapshot.AtLeastOnce)
		linktest.Publish(t, c, external.Message{Address: "state/b", Payload: []byte("gone")}, snapshot.AtLeastOnce)
		linktest.End(c)
		w.source("state", 1, snapshot.AtMostOnce, "state/#")
		defer linktest.End(w.dial(t))
		newDevice(t, w.broker).say(t, 1, "state/c", "fresh")
		for i, got := range w.inbox.resume(t, "kept", "fresh") {
			if want := fmt.Sprint(i == 0); got.Message.Headers["mqtt.retain"] != want {
				t.Errorf("retained: %s, want %s", got.Message.Headers["mqtt.retain"], want)
			}
		}
	})
}

func TestLarge(t *testing.T) {
	everywhere(t, setup{}, func(t *testing.T, w *world) {
		w.source("all", 1, snapshot.AtLeastOnce, "from/#")
		device, c := newDevice(t, w.broker, "to/#"), w.dial(t)
		defer linktest.End(c)
		large := bytes.Repeat([]byte("0123456789abcdef"), 5<<20/16)
		if o := linktest.Publish(t, c, external.Message{Address: "to/a", Payload: large}, snapshot.AtLeastOnce); !o.Delivered() {
			t.Fatal(o)
		}
		if !bytes.Equal(device.next(t).Payload, large) {
			t.Error("what went out is not what came")
		}
		device.send(t, &paho.Publish{Topic: "from/a", QoS: 1, Payload: large})
		got := w.inbox.next(t)
		if !bytes.Equal(got.Message.Payload, large) {
			t.Error("what came in is not what was sent")
		}
		got.Settle(0)
		// What is too long is dropped, and stops nothing.
		device.send(t, &paho.Publish{Topic: "from/a", QoS: 1, Payload: make([]byte, maxPacket)})
		device.say(t, 1, "from/a", "small")
		w.inbox.expect(t, "small")
	})
}

func TestOrderOut(t *testing.T) {
	everywhere(t, setup{}, func(t *testing.T, w *world) {
		device, c := newDevice(t, w.broker, "to/#"), w.dial(t)
		const messages = 1000
		outcomes := make(chan bool, messages)
		for i := range messages {
			m := &external.Message{Address: "to/a", Payload: []byte(fmt.Sprint(i))}
			if err := c.Publish(t.Context(), m, snapshot.AtLeastOnce, outcome(outcomes)); err != nil {
				t.Fatal(err)
			}
		}
		for i := range messages {
			if got := string(device.next(t).Payload); got != fmt.Sprint(i) {
				t.Fatalf("message %s in the place of %d", got, i)
			}
			if !<-outcomes {
				t.Fatal("not delivered")
			}
		}
	})
}

func TestNotPublishable(t *testing.T) {
	w := newWorld(t, "mochi", snapshot.MQTT5, setup{})
	c := w.dial(t)
	long := strings.Repeat("x", 65536)
	for _, m := range []external.Message{
		{Address: ""},
		{Address: "a/+"},
		{Address: "a/#"},
		{Address: "a\x00b"},
		{Address: "a\xff"},
		{Address: long},
		{Address: "a", Headers: external.Headers{"mqtt.qos": "3"}},
		{Address: "a", Headers: external.Headers{"mqtt.qos": "one"}},
		{Address: "a", Headers: external.Headers{"mqtt.retain": "maybe"}},
		{Address: "a", Headers: external.Headers{"mqtt.topic": ""}},
		{Address: "a", Headers: external.Headers{"mqtt.topic": "$SYS/a"}},
		{Address: "a", Headers: external.Headers{"mqtt.message-expiry-interval": "-1"}},
		{Address: "a", Headers: external.Headers{"reply-to": "b/#"}},
		{Address: "a", Headers: external.Headers{"correlation-id": long}},
		{Address: "a", Headers: external.Headers{"content-type": long}},
		{Address: "a", Headers: external.Headers{"other": long}},
		{Address: "a", Headers: external.Headers{long: "other"}},
	} {
		o := linktest.Publish(t, c, m, snapshot.AtLeastOnce)
		if o.Status != 400 || o.Err == nil || o.Again {
			t.Errorf("%.40q %.40q: %+v", m.Address, m.Headers, o)
		}
		if o.Err != nil && len(o.Err.Error()) > 200 {
			t.Errorf("a long error: %d bytes", len(o.Err.Error()))
		}
	}
	if o := linktest.Publish(t, c, external.Message{Address: "a"}, snapshot.AtLeastOnce); !o.Delivered() {
		t.Errorf("afterwards: %+v", o)
	}
	// What MQTT 3 has no place for cannot be wrong there.
	w.connection.MQTT.Version = snapshot.MQTT3
	m := external.Message{Address: "a", Headers: external.Headers{"reply-to": "b/#", "mqtt.message-expiry-interval": "-1", "other": long}}
	if o := linktest.Publish(t, w.dial(t), m, snapshot.AtLeastOnce); !o.Delivered() {
		t.Errorf("with MQTT 3: %+v", o)
	}
}
