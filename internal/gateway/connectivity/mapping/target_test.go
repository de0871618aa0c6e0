package mapping

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/placeholder"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/snapshot"
)

// moment is when signals are mapped.
var moment = time.Date(2026, 3, 4, 5, 6, 10, 0, time.UTC)

// Signals as their subscribers are told of them.
const (
	signalEvent = `{"topic":"ns/t/things/twin/events/modified","headers":{"correlation-id":"c","response-required":false,"ditto-originator":"nginx:me",` +
		`"entity-revision":7,"content-type":"application/json","requested-acks":["x:y"],"Mine":"1"},"path":"/features/lamp/properties/on","value":true,` +
		`"extra":{"attributes":{"room":"kitchen","tags":["a","b"],"size":{"w":1},"none":null}},"revision":7,"timestamp":"2026-03-04T05:06:07.8Z"}`
	signalMessage = `{"topic":"ns/t/things/live/messages/ask/me","headers":{"correlation-id":"c","response-required":true,"ditto-message-direction":"TO",` +
		`"ditto-message-subject":"ask/me","ditto-message-thing-id":"ns:t","ditto-message-feature-id":"lamp","channel":"live","content-type":"text/plain"},` +
		`"path":"/features/lamp/inbox/messages/ask/me","value":"hello"}`
	signalAnnouncement = `{"topic":"ns/p/policies/announcements/subjectDeletion","headers":{"correlation-id":"c"},"path":"/","value":{"subjectIds":["a:b"]}}`
)

// signal returns a signal in a text.
func signal(t testing.TB, text string) *Signal {
	t.Helper()
	s, err := ReadSignal([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v: %s", text, err, err.Description)
	}
	return s
}

// target returns a target of the connection cloud.
func target(t testing.TB, of snapshot.Target) *Target {
	t.Helper()
	if of.Payload == "" {
		of.Payload = snapshot.TargetDittoProtocol
	}
	made, err := NewTarget("cloud", snapshot.ConnectionMQTT, &snapshot.Subscription{Name: "s", Target: &of})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// mapped returns the message for a signal.
func mapped(t testing.TB, to *Target, text string) *external.Message {
	t.Helper()
	m, err := to.Map(signal(t, text), "made", moment)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestReadSignal(t *testing.T) {
	s := signal(t, signalEvent)
	originator, _ := s.Headers.String(protocol.HeaderOriginator)
	if originator != "nginx:me" || s.CorrelationID != "c" || s.Revision != 7 || string(s.Text) != signalEvent {
		t.Errorf("originator %q, correlation id %q, revision %d, text %s", originator, s.CorrelationID, s.Revision, s.Text)
	}
	if diff := cmp.Diff([]string{"x:y"}, s.RequestedAcks); diff != "" {
		t.Errorf("requested acknowledgements (-want +got):\n%s", diff)
	}
	if _, err := ReadSignal([]byte(`{"topic":"ns/t"}`)); err == nil {
		t.Error("what is no envelope is a signal")
	}
}

// An envelope goes as it came, to an address that the signal is put into, in the order of its entity.
func TestTargetOfEnvelopes(t *testing.T) {
	to := target(t, snapshot.Target{Address: "dev/{{ thing:name }}/{{ topic:action }}", Headers: map[string]string{"mqtt.retain": "false", "Room": "{{ thing-json:attributes/room }}"}})
	want := &external.Message{
		Address: "dev/t/modified",
		Headers: external.Headers{"content-type": "application/vnd.eclipse.ditto+json", "mqtt.retain": "false", "Room": "kitchen"},
		Payload: []byte(signalEvent),
		Key:     "ns:t",
	}
	if diff := cmp.Diff(want, mapped(t, to, signalEvent)); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
}

// The order of announcements is that of their policy.
func TestTargetOfAnnouncements(t *testing.T) {
	m := mapped(t, target(t, snapshot.Target{Address: "{{ policy:id }}/{{ topic:subject }}/{{ resource:type }}"}), signalAnnouncement)
	if m.Key != "ns:p" || m.Address != "ns:p/subjectDeletion/policy" {
		t.Errorf("key %s, address %s", m.Key, m.Address)
	}
}

// A connection whose other end is an endpoint of the protocol has no addresses.
func TestTargetWithoutAddress(t *testing.T) {
	if m := mapped(t, target(t, snapshot.Target{}), signalEvent); m.Address != "" || string(m.Payload) != signalEvent {
		t.Errorf("address %q, payload %s", m.Address, m.Payload)
	}
}

// What placeholders of targets stand for.
func TestTargetPlaceholders(t *testing.T) {
	const patched = `{"topic":"ns/t/things/twin/events/merged","headers":{},"path":"/","value":{"attributes":{"a":null,"b":2},"features":{"x":{},"y":{}}},` +
		`"extra":{"attributes":{"a":1,"b":1,"c":1}}}`
	for _, tc := range []struct{ signal, template, want string }{
		{signalEvent, "a/b", "a/b"},
		{signalEvent, "{{ thing:id }} {{ thing:namespace }} {{ thing:name }}", "ns:t ns t"},
		{signalEvent, "{{ entity:id }} {{ feature:id }} {{ connection:id }}", "ns:t lamp cloud"},
		{signalEvent, "{{ topic:full }}", "ns/t/things/twin/events/modified"},
		{signalEvent, "{{ topic:namespace }} {{ topic:entityName }} {{ topic:group }} {{ topic:channel }} {{ topic:criterion }} {{ topic:action }} {{ topic:action-subject }}",
			"ns t things twin events modified modified"},
		{signalMessage, "{{ topic:subject }} {{ topic:action-subject }}", "ask/me ask/me"},
		{signalEvent, "{{ topic:subject | fn:default('none') }}", "none"},
		{signalEvent, "{{ resource:type }} {{ resource:path }}", "thing /features/lamp/properties/on"},
		{signalMessage, "{{ resource:type }} {{ resource:path }} {{ feature:id }}", "message /features/lamp/inbox/messages/ask/me lamp"},
		{signalEvent, "{{ header:mine }} {{ header:CORRELATION-ID }} {{ header:ditto-originator }} {{ header:entity-revision }} {{ header:requested-acks }}", `1 c nginx:me 7 ["x:y"]`},
		{signalEvent, "{{ header:other | fn:default('none') }}", "none"},
		{signalEvent, "{{ time:now }} {{ time:now-1h[d] }} {{ time:now_epoch_millis }}", "2026-03-04T05:06:10Z 2026-03-04T00:00:00Z 1772600770000"},
		// The thing is what has changed, in its place, and the extra fields.
		{signalEvent, "{{ thing-json:attributes/room }} {{ thing-json:/features/lamp/properties/on }} {{ thing-json:thingId }}", "kitchen true ns:t"},
		{signalEvent, "{{ thing-json:attributes/size }} {{ thing-json:attributes/tags | fn:join('+') }}", `{"w":1} a+b`},
		{signalEvent, "{{ thing-json:attributes/none | fn:default('none') }} {{ thing-json:policyId | fn:default('none') }}", "none none"},
		{patched, "{{ thing-json:attributes/a | fn:default('gone') }} {{ thing-json:attributes/b }} {{ thing-json:attributes/c }}", "gone 2 1"},
		{signalMessage, "{{ thing-json:attributes/a | fn:default('none') }}", "none"},
		{`{"topic":"ns/t/things/live/commands/modify","headers":{},"path":"/attributes/a","value":1,"extra":{"attributes":{"b":2}}}`,
			"{{ thing-json:attributes/a | fn:default('not yet') }} {{ thing-json:attributes/b }}", "not yet 2"},
		{strings.Replace(signalMessage, `"value"`, `"extra":{"attributes":{"a":1}},"value"`, 1), "{{ thing-json:attributes/a }}", "1"},
		// The first of several values counts, whatever is around it.
		{patched, "{{ feature:id }}", "x"},
		{signalEvent, "{{ thing-json:attributes/tags }}/{{ header:requested-acks | fn:replace('x','z') }}", `a/["z:y"]`},
		// A message is not refused for a subject that is no path.
		{`{"topic":"ns/t/things/live/messages/a//b","headers":{},"path":"/inbox/messages/a//b"}`, "{{ resource:path }}{{ feature:id | fn:default('.') }}", "/inbox/messages/a//b."},
	} {
		t.Run(tc.template, func(t *testing.T) {
			to := target(t, snapshot.Target{Address: "to", Headers: map[string]string{"x": tc.template}})
			if diff := cmp.Diff(tc.want, mapped(t, to, tc.signal).Headers["x"]); diff != "" {
				t.Errorf("header (-want +got):\n%s", diff)
			}
			m := mapped(t, target(t, snapshot.Target{Address: tc.template}), tc.signal)
			if diff := cmp.Diff(tc.want, m.Address); diff != "" {
				t.Errorf("address (-want +got):\n%s", diff)
			}
		})
	}
}

// Headers that have no value, and those that are reserved, are left out.
func TestTargetHeaders(t *testing.T) {
	const media = "application/vnd.eclipse.ditto+json"
	for _, tc := range []struct {
		name    string
		headers map[string]string
		want    external.Headers
	}{
		{"fixed", map[string]string{"a": "b", "C": ""}, external.Headers{"content-type": media, "a": "b", "C": ""}},
		{"unresolved", map[string]string{"a": "x{{ header:other }}", "b": "{{ feature:id }}"}, external.Headers{"content-type": media, "b": "lamp"}},
		{"deleted", map[string]string{"a": "{{ fn:delete() }}", "b": "{{ thing:id | fn:filter('like','x*') | fn:default('no') }}"}, external.Headers{"content-type": media, "b": "no"}},
		{"reserved", map[string]string{"ditto-originator": "you", "DITTO-x": "1", "dittox": "1"}, external.Headers{"content-type": media, "dittox": "1"}},
		{"another content type", map[string]string{"Content-Type": "text/{{ topic:channel }}"}, external.Headers{"content-type": "text/twin"}},
		{"a content type that has no value", map[string]string{"content-type": "{{ header:other }}"}, external.Headers{"content-type": media}},
		{"no content type", map[string]string{"CONTENT-TYPE": "{{ fn:delete() }}"}, external.Headers{}},
		{"those that mean the same everywhere", map[string]string{"Correlation-ID": "{{ header:correlation-id }}", "Reply-To": "r"}, external.Headers{"content-type": media, "correlation-id": "c", "reply-to": "r"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := mapped(t, target(t, snapshot.Target{Headers: tc.headers}), signalEvent)
			if diff := cmp.Diff(tc.want, m.Headers); diff != "" {
				t.Errorf("headers (-want +got):\n%s", diff)
			}
		})
	}
}

// Without an address there is no message.
func TestTargetUnresolved(t *testing.T) {
	for _, template := range []string{"a/{{ header:other }}", "{{ thing-json:attributes/b }}", "{{ fn:delete() }}", "{{ thing:id | fn:filter('eq','x') }}", "{{ thing:name | fn:replace('t','') }}"} {
		m, err := target(t, snapshot.Target{Address: template}).Map(signal(t, signalEvent), "made", moment)
		var unresolved *Unresolved
		if m != nil || !errors.As(err, &unresolved) || unresolved.Template != template {
			t.Errorf("%s: message %v, error %v", template, m, err)
		}
	}
	if got, want := (&Unresolved{"a/{{ header:b }}"}).Error(), "the address a/{{ header:b }} has no value for this signal"; got != want {
		t.Errorf("error %q", got)
	}
}

// A template that resolves to more than there may be is an error, not a message without it.
func TestTargetTooMuch(t *testing.T) {
	const list = "{{ header:mine | fn:replace('1','aaaaaaaaaaa') | fn:split('a') }}"
	for _, of := range []snapshot.Target{{Address: list + list}, {Headers: map[string]string{"x": list + list}}} {
		var unresolved *Unresolved
		m, err := target(t, of).Map(signal(t, signalEvent), "made", moment)
		if m != nil || !errors.Is(err, placeholder.ErrTooManyResults) || errors.As(err, &unresolved) {
			t.Errorf("message %v, error %v", m, err)
		}
	}
}

// What cannot be used is said when the target is made.
func TestNewTargetRefuses(t *testing.T) {
	for want, of := range map[string]*snapshot.Target{
		"subscription s has no target":                                nil,
		`address: placeholder: unknown placeholder "jwt:sub"`:         {Payload: snapshot.TargetDittoProtocol, Address: "{{ jwt:sub }}"},
		`address: placeholder: unknown placeholder "thing:owner"`:     {Payload: snapshot.TargetDittoProtocol, Address: "{{ thing:owner }}"},
		`address: placeholder: unknown placeholder "thing-json:a//b"`: {Payload: snapshot.TargetDittoProtocol, Address: "{{ thing-json:a//b }}"},
		`address: placeholder: unknown placeholder "thing-json:/"`:    {Payload: snapshot.TargetDittoProtocol, Address: "{{ thing-json:/ }}"},
		`address: placeholder: unknown placeholder "time:then"`:       {Payload: snapshot.TargetDittoProtocol, Address: "{{ thing:id | fn:default(time:then) }}"},
		`header x: placeholder: invalid syntax at byte 2`:             {Payload: snapshot.TargetDittoProtocol, Headers: map[string]string{"x": "{{"}},
		`header x: placeholder: unknown placeholder "source:address"`: {Payload: snapshot.TargetDittoProtocol, Headers: map[string]string{"x": "{{ source:address }}"}},
		`there is no payload "Text"`:                                  {Payload: "Text"},
		"fields: invalid field selector":                              {Payload: snapshot.TargetNormalizedThing, Fields: "a,"},
	} {
		_, err := NewTarget("cloud", snapshot.ConnectionMQTT, &snapshot.Subscription{Name: "s", Target: of})
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%+v: error %v, want %s", of, err, want)
		}
	}
}
