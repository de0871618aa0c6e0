package mapping

import (
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/snapshot"
)

// A device may speak only for itself.
func TestEnforcement(t *testing.T) {
	const failed = "400 connectivity:connection.id.enforcement.failed"
	for _, c := range []struct {
		input, filters, message string
		want                    string // "" if it is taken
	}{
		{"{{ source:address }}", "dev/{{ thing:name }}/up", `dev/t/up | {"topic":"ns/t/things/twin/commands/delete","path":"/"}`, ""},
		{"{{ source:address }}", "dev/{{ thing:name }}/up", `dev/u/up | {"topic":"ns/t/things/twin/commands/delete","path":"/"}`, failed},
		{"{{ source:address }}", "x;dev/{{ thing:name }}/up", `dev/t/up | {"topic":"ns/t/things/twin/commands/delete","path":"/"}`, ""},
		{"{{ header:Device_Id }}", "{{ entity:id }}", `dev/t | device_id: ns:t | {"topic":"ns/t/things/twin/commands/delete","path":"/"}`, ""},
		{"{{ header:device_id }}", "{{ entity:id }}", `dev/t | {"topic":"ns/t/things/twin/commands/delete","path":"/"}`, failed},
		{"{{ header:device_id }}", "{{ thing:namespace }}", `dev/t | device_id: ns | {"topic":"ns/t/things/live/messages/s","path":"/inbox/messages/s"}`, ""},
		{"{{ header:device_id }}", "{{ feature:id }}", `dev/t | device_id: f | {"topic":"ns/t/things/live/messages/a//b","path":"/features/f/inbox/messages/a//b"}`, ""},
		{"{{ header:device_id }}", "{{ feature:id }}", `dev/t | device_id: f | {"topic":"ns/t/things/twin/commands/modify","path":"/features/g/properties","value":{}}`, failed},
		{"{{ header:device_id }}", "{{ feature:id }}", `dev/t | device_id: f | {"topic":"ns/t/things/twin/commands/modify","path":"/features/g~1f/properties","value":{}}`, failed},
		{"{{ header:device_id }}", "{{ feature:id }}", `dev/t | device_id: g | {"topic":"ns/t/things/twin/commands/modify","path":"/features","value":{ "f" : {}, "g":{}}}`, ""},
		{"{{ header:device_id }}", "{{ feature:id }}", `dev/t | device_id: g | {"topic":"ns/t/things/twin/commands/modify","path":"/","value":{"features":{"g":{}}}}`, ""},
		{"{{ header:device_id }}", "{{ feature:id }}", `dev/t | device_id: attributes | {"topic":"ns/t/things/twin/commands/modify","path":"/attributes","value":{}}`, failed},

		// A policy is no thing, even if they have the same id.
		{"{{ header:device_id }}", "{{ thing:id }}", `dev/t | device_id: ns:t | {"topic":"ns/t/policies/commands/delete","path":"/"}`, failed},
		{"{{ header:device_id }}", "{{ policy:id }}", `dev/t | device_id: ns:t | {"topic":"ns/t/things/twin/commands/delete","path":"/"}`, failed},
		{"{{ header:device_id }}", "{{ policy:id }}", `dev/t | device_id: ns:t | {"topic":"ns/t/policies/commands/delete","path":"/"}`, ""},
		{"{{ header:device_id }}", "{{ entity:id }}", `dev/t | device_id: ns:t | {"topic":"ns/t/policies/commands/delete","path":"/"}`, ""},

		// What is about several things is about none that a device could speak for.
		{"{{ header:device_id }}", "{{ thing:id }};{{ entity:name }}", `dev/t | device_id: _:_ | {"topic":"_/_/things/twin/commands/retrieve","path":"/","value":{"thingIds":["ns:u"]}}`, failed},
		{"{{ header:device_id }}", "{{ thing:namespace }};{{ entity:namespace }}", `dev/t | device_id: ns | {"topic":"ns/_/things/twin/commands/retrieve","path":"/","value":{"thingIds":["ns:u"]}}`, failed},
		{"{{ header:device_id }}", "{{ thing:id }}", `dev/t | device_id: _:_ | {"topic":"_/_/things/twin/search/subscribe","path":"/"}`, failed},

		// Nothing equals nothing.
		{"{{ header:device_id }}", "{{ header:device_id }}", `dev/t | device_id:  | {"topic":"ns/t/things/twin/commands/delete","path":"/"}`, failed},
		{"{{ header:device_id | fn:default('') }}", "{{ feature:id | fn:default('') }}", `dev/t | {"topic":"ns/t/things/twin/commands/delete","path":"/"}`, failed},
		{"{{ header:device_id | fn:delete() }}", "{{ thing:id }}", `dev/t | device_id: ns:t | {"topic":"ns/t/things/twin/commands/delete","path":"/"}`, failed},
		{"{{ source:address }}", "\uFFFD", "\xff | " + `{"topic":"ns/t/things/twin/commands/delete","path":"/"}`, failed},

		// Answers, acknowledgements and events are no exceptions.
		{"{{ header:device_id }}", "{{ thing:id }}", `dev/t | device_id: ns:t | {"topic":"ns/u/things/twin/acks/my:ack","path":"/","status":200}`, failed},
		{"{{ header:device_id }}", "{{ thing:id }}", `dev/t | device_id: ns:t | {"topic":"ns/u/things/live/messages/s","path":"/inbox/messages/s","status":200}`, failed},
		{"{{ header:device_id }}", "{{ thing:id }}", `dev/t | device_id: ns:t | {"topic":"ns/u/things/live/events/modified","path":"/attributes/a","value":1,"revision":1}`, failed},
		{"{{ header:device_id }}", "{{ thing:id }}", `dev/t | device_id: ns:t | {"topic":"ns/t/things/twin/acks/my:ack","path":"/","status":200}`, ""},
	} {
		s := sourceOf(t, func(s *snapshot.Source) {
			s.Enforcement = &snapshot.Enforcement{Input: c.input, Filters: strings.Split(c.filters, ";")}
		})
		mapped, err := s.Map(message(c.message), madeID, noon)
		got := ""
		if err != nil {
			got = became(mapped, err)
		}
		if got != c.want || (len(mapped.Commands) == 0) != (c.want != "") {
			t.Errorf("%s = %s: %s: %q, want %q", c.input, c.filters, c.message, got, c.want)
		}
	}
}

// Also the thing that is created must be one that the device speaks for, and nothing is done if anything must not be.
func TestEnforcementOfImplicitThings(t *testing.T) {
	s := sourceOf(t, func(s *snapshot.Source) {
		creates(`{"thingId":"ns:{{ header:device }}"}`)(s)
		s.Payload = snapshot.SourceDittoProtocol
		s.Enforcement = &snapshot.Enforcement{Input: "ns:{{ source:address }}", Filters: []string{"{{ thing:id }}"}}
	})
	const failed = "400 connectivity:connection.id.enforcement.failed"
	for text, want := range map[string]string{
		`d | device: d | {"topic":"ns/d/things/twin/commands/delete","path":"/"}`: "",
		`d | device: e | {"topic":"ns/d/things/twin/commands/delete","path":"/"}`: failed,
		`d | device: d | {"topic":"ns/e/things/twin/commands/delete","path":"/"}`: failed,
	} {
		mapped, err := s.Map(message(text), madeID, noon)
		if err == nil && (want != "" || len(mapped.Commands) != 2) || err != nil && became(mapped, err) != want || err != nil && mapped.Commands != nil {
			t.Errorf("%s: %s, want %q", text, became(mapped, err), want)
		}
	}
}
