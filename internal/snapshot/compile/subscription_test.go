package compile_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/internal/snapshot/compile"
)

// push returns a Connection that needs no Secret.
func push() *v1alpha1.Connection {
	c := connection("push")
	c.Spec.Type, c.Spec.URI = v1alpha1.ConnectionHTTPPush, "https://example.com"
	return c
}

func TestSubscriptionsAreResolved(t *testing.T) {
	snap, findings := compile.Compile(world(connection("cloud"), push(), outbound("z", "push"), subscription("a", "cloud")))
	if len(findings) > 0 {
		t.Fatalf("findings: %v", findings)
	}
	want := []snapshot.Subscription{
		{
			Name: "a", Connection: "cloud", Direction: snapshot.Inbound, Signal: snapshot.SignalTwinEvents,
			AuthorizationSubjects: []string{"integration:cloud"},
		},
		{
			Name: "z", Connection: "push", Direction: snapshot.Outbound, Signal: snapshot.SignalTwinEvents,
			AuthorizationSubjects: []string{"integration:z", "integration:a"}, // in the order that was given
			Namespaces:            []string{"com.another", "com.example"},
			Filter:                `and(gt(attributes/temperature,20),eq(topic:action,"modified"))`,
			ExtraFields:           "attributes/location,features/*/properties",
			Target: &snapshot.Target{
				Address: "POST:/twins/{{ thing:id }}",
				Headers: map[string]string{"X-Topic": "{{ topic:full }}", "x-at": "{{ time:now-1h[d] }}"},
				Payload: snapshot.TargetCloudEvent, Delivery: snapshot.AtLeastOnce, IssuedAck: "push:sent",
			},
		},
	}
	if diff := cmp.Diff(want, snap.Subscriptions); diff != "" {
		t.Errorf("subscriptions (-want +got):\n%s", diff)
	}
}

func TestFindingsAboutSubscriptions(t *testing.T) {
	filter := func(text string) func(*v1alpha1.Subscription) {
		return func(s *v1alpha1.Subscription) { s.Spec.Filter = &text }
	}
	extra := func(text string) func(*v1alpha1.Subscription) {
		return func(s *v1alpha1.Subscription) { s.Spec.ExtraFields = &text }
	}
	address := func(text v1alpha1.Template) func(*v1alpha1.Subscription) {
		return func(s *v1alpha1.Subscription) { s.Spec.Target.Address = &text }
	}
	through := func(kind v1alpha1.ConnectionType, uri string) *v1alpha1.Connection {
		c := connection("push")
		c.Spec.Type, c.Spec.URI = kind, uri
		return c
	}
	target := func(change func(*v1alpha1.Target)) func(*v1alpha1.Subscription) {
		return func(s *v1alpha1.Subscription) { change(s.Spec.Target) }
	}
	withLabel := func(label v1alpha1.AcknowledgementLabel) *v1alpha1.Connection {
		c := through("MQTT", "mqtt://a")
		c.Spec.Sources = []v1alpha1.Source{{
			Name: "up", Addresses: []v1alpha1.Address{"a"}, AuthorizationSubjects: []v1alpha1.SubjectTemplate{"a:a"},
			DeclaredAcks: []v1alpha1.AcknowledgementLabel{label},
		}}
		return c
	}
	const (
		kafkaAddress = "spec.target.address: must be a topic of letters, digits, dots, hyphens and underscores, such as twins, twins/{{ thing:id }} with a key, or twins#0 with a partition"
		natsAddress  = "spec.target.address: must be a subject such as twins.{{ thing:name }}, without spaces, the wildcards * and >, and nothing between two dots"
	)
	inbound := func(s *v1alpha1.Subscription) { s.Spec.Direction, s.Spec.Target = v1alpha1.Inbound, nil }
	announcements := func(s *v1alpha1.Subscription) {
		s.Spec.Signal, s.Spec.Filter, s.Spec.ExtraFields = v1alpha1.SignalPolicyAnnouncements, nil, nil
	}
	tests := map[string]struct {
		connection *v1alpha1.Connection // push if nil
		change     func(*v1alpha1.Subscription)
		want       string
	}{
		"filter syntax":             {change: filter("gt(attributes/a, 1)"), want: `spec.filter: invalid RQL expression at byte 16: expected a value, found " 1)"`},
		"filter of no property":     {change: filter("eq(temperature,1)"), want: `spec.filter: unknown property at byte 3, found "temperature"`},
		"filter of a whole feature": {change: filter("eq(features/lamp,1)"), want: `spec.filter: unknown property at byte 3, found "features/lamp"`},
		"filter too long":           {change: filter(strings.Repeat("a", 4097)), want: "spec.filter: must have at most 4096 characters, got 4097"},
		"no selector":               {change: extra("attributes/a,"), want: `spec.extraFields: The field selector "attributes/a," is not valid.`},
		"fields that nothing has":   {change: extra("temperature"), want: `spec.extraFields: The field "/temperature" cannot be selected.`},
		"fields of a header":        {change: extra("features/{{ header:a }}"), want: "spec.extraFields: must not use header:a: the prefix must be entity or feature"},
		"address without method":    {change: address("/twins"), want: "spec.target.address: must be method and path of a request, such as POST:/twins/{{ thing:id }}"},
		"address of a token":        {change: address("POST:/{{ jwt:sub }}"), want: "spec.target.address: must not use jwt:sub: the prefix must be header or connection or thing or entity or feature or topic or resource or time or thing-json"},
		"no part of the thing":      {change: address("POST:/{{ thing-json:a//b }}"), want: "spec.target.address: must not use thing-json:a//b: the name must be a JSON pointer such as attributes/location"},
		"thing of an announcement":  {change: func(s *v1alpha1.Subscription) { announcements(s); s.Spec.Target.Headers = nil }, want: "spec.target.address: must not use thing:id: the prefix must be header or connection or policy or entity or topic or resource or time"},
		"no address":                {change: func(s *v1alpha1.Subscription) { s.Spec.Target.Address = nil }, want: "spec.target.address: is required for Connections of type HTTPPush"},
		"subject twice":             {change: func(s *v1alpha1.Subscription) { s.Spec.AuthorizationSubjects[1] = "integration:z" }, want: "spec.authorizationSubjects[1]: is there already, in spec.authorizationSubjects[0]"},
		"inbound from a server":     {change: inbound, want: "spec.direction: direction Inbound is for Connections of type DittoWebSocket; what the others consume say their sources"},
		"topic with a wildcard":     {connection: through("MQTT", "mqtt://a"), change: address("a/+/{{ thing:id | fn:replace('+','#') }}"), want: "spec.target.address: must be a topic without the wildcards + and #"},
		"key without a topic":       {connection: through("Kafka", "tcp://a:1"), change: address("/{{ thing:id }}"), want: kafkaAddress},
		"partition in words":        {connection: through("Kafka", "tcp://a:1"), change: address("twins#first"), want: kafkaAddress},
		"topic with a space":        {connection: through("Kafka", "tcp://a:1"), change: address("twins of {{ thing:id }}"), want: kafkaAddress},
		"subject with a wildcard":   {connection: through("NATS", "nats://a"), change: address("twins.*.{{ thing:name }}"), want: natsAddress},
		"subject with a space":      {connection: through("NATS", "nats://a"), change: address("twins {{ thing:name }}"), want: natsAddress},
		"subject ends in a dot":     {connection: through("NATS", "nats://a"), change: address("twins."), want: natsAddress},
		"fields of another payload": {change: target(func(t *v1alpha1.Target) { t.Fields = new("thingId") }), want: "spec.target: fields and deletedFields are for payload NormalizedThing"},
		"deletions of another":      {change: target(func(t *v1alpha1.Target) { t.DeletedFields = new(v1alpha1.Disabled) }), want: "spec.target: fields and deletedFields are for payload NormalizedThing"},
		"no fields":                 {change: target(func(t *v1alpha1.Target) { t.Payload, t.Fields = new(v1alpha1.TargetNormalizedThing), new("thingId,") }), want: `spec.target.fields: must be a list of fields such as thingId,features/gps, got "thingId,"`},
		"label of the gateway":      {change: target(func(t *v1alpha1.Target) { t.IssuedAck = new(v1alpha1.AcknowledgementLabel("twin-persisted")) }), want: "spec.target: issuedAck must not be twin-persisted or search-persisted"},
		"label of a source":         {connection: withLabel("push:sent"), change: address("a"), want: "spec.target.issuedAck: push:sent is declared by source up of the Connection already"},
		"address of a WebSocket":    {connection: connection("push"), change: func(s *v1alpha1.Subscription) { s.Spec.Target.Payload = nil }, want: "spec.target.address: an address is not for Connections of type DittoWebSocket, which have none"},
		"payload of a WebSocket":    {connection: connection("push"), change: func(s *v1alpha1.Subscription) { s.Spec.Target.Address = nil }, want: "spec.target.payload: must be DittoProtocol for Connections of type DittoWebSocket"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			through := tt.connection
			if through == nil {
				through = push()
			}
			s := outbound("events", "push")
			tt.change(s)
			outcomes, orphans := compile.Gateways(world(through, s))
			links := outcomes[0].Links
			if len(links) != 2 || !links[0].Accepted || links[1].Accepted || len(orphans) > 0 {
				t.Fatalf("links %v, orphans %v", links, orphans)
			}
			if diff := cmp.Diff([]string{"Subscription default/events: " + tt.want}, texts(links[1].Findings)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// What an expression comes to is known only when there is a signal.
func TestAddressesMayHaveAnythingInExpressions(t *testing.T) {
	for _, test := range []struct {
		kind    v1alpha1.ConnectionType
		uri     string
		address v1alpha1.Template
	}{
		{"MQTT", "mqtt://a", "a/{{ thing:id | fn:replace('+','#') }}"},
		{"Kafka", "tcp://a:1", "{{ header:topic }}"},
		{"Kafka", "tcp://a:1", "twins-{{ thing:namespace }}/{{ thing:id | fn:replace(' ','') }} and more"},
		{"Kafka", "tcp://a:1", "twins#{{ header:partition }}"},
		{"NATS", "nats://a", "twins.{{ thing:name | fn:replace('.','*') }}.{{ topic:action }}"},
	} {
		c := connection("push")
		c.Spec.Type, c.Spec.URI = test.kind, test.uri
		s := outbound("events", "push")
		s.Spec.Target.Address = &test.address
		if _, findings := compile.Compile(world(c, s)); len(findings) > 0 {
			t.Errorf("%s: findings: %v", test.address, findings)
		}
	}
}

func TestSourcesConsumeWhatBrokersHave(t *testing.T) {
	for _, test := range []struct {
		kind      v1alpha1.ConnectionType
		uri       string
		addresses []v1alpha1.Address
	}{
		{"MQTT", "mqtt://a", []v1alpha1.Address{"#", "+", "a/+/b", "/a/#", "$share/g/a/+", "ä b//c"}},
		{"Kafka", "tcp://a:1", []v1alpha1.Address{"a", "a.b_c-d"}},
		{"NATS", "nats://a", []v1alpha1.Address{">", "*", "a.*.b", "a.>", "$JS.x"}},
	} {
		c := connection("link")
		c.Spec.Type, c.Spec.URI = test.kind, test.uri
		c.Spec.Sources = []v1alpha1.Source{{Name: "up", Addresses: test.addresses, AuthorizationSubjects: []v1alpha1.SubjectTemplate{"a:a"}}}
		if _, findings := compile.Compile(world(c)); len(findings) > 0 {
			t.Errorf("%s: findings: %v", test.kind, findings)
		}
	}
}

// What only one Subscription can have is that of the first by name, of those that
// are accepted.
func TestWhatSubscriptionsShareNot(t *testing.T) {
	labelled := func(name, connection string, label v1alpha1.AcknowledgementLabel) *v1alpha1.Subscription {
		s := outbound(name, connection)
		s.Spec.Target.IssuedAck = &label
		return s
	}
	refused := subscription("a-refused", "cloud")
	refused.Spec.Filter = new("not(")
	messages := subscription("d", "cloud")
	messages.Spec.Signal = v1alpha1.SignalMessages
	_, findings := compile.Compile(world(
		connection("cloud"), connection("elsewhere"), push(),
		subscription("c", "cloud"), subscription("b", "cloud"), refused, messages, subscription("e", "elsewhere"),
		labelled("x", "push", "push:sent"), labelled("y", "push", "push:sent"), labelled("z", "push", "push:other"),
		labelled("l1", "push", "live-response"), labelled("l2", "push", "live-response"),
	))
	want := []string{
		`Subscription default/a-refused: spec.filter: invalid RQL expression at byte 4: expected an operator with its parentheses`,
		"Subscription default/c: spec.signal: Subscription b asks the same Connection for TwinEvents already, and the other end sends each signal once; " +
			"use one Subscription with the namespaces and the filter of both, or another Connection",
		"Subscription default/y: spec.target.issuedAck: push:sent is issued by Subscription x of the same Connection already; " +
			"whoever asks for it could not tell which of the two delivered",
	}
	if diff := cmp.Diff(want, texts(findings)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestNormalizedThingsAreResolved(t *testing.T) {
	s := outbound("things", "push")
	s.Spec.Target.Payload = new(v1alpha1.TargetNormalizedThing)
	s.Spec.Target.Fields, s.Spec.Target.DeletedFields = new("thingId,features(gps,lamp/properties)"), new(v1alpha1.Enabled)
	snap, findings := compile.Compile(world(push(), s))
	if len(findings) > 0 {
		t.Fatalf("findings: %v", findings)
	}
	if got := snap.Subscriptions[0].Target; got.Fields != *s.Spec.Target.Fields || !got.DeletedFields {
		t.Errorf("target %+v", got)
	}
}
