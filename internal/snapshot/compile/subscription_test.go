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

func TestTopicsMayHaveWildcardsInFunctions(t *testing.T) {
	c := connection("push")
	c.Spec.Type, c.Spec.URI = v1alpha1.ConnectionMQTT, "mqtt://a"
	s := outbound("events", "push")
	s.Spec.Target.Address = new(v1alpha1.Template("a/{{ thing:id | fn:replace('+','#') }}"))
	if _, findings := compile.Compile(world(c, s)); len(findings) > 0 {
		t.Errorf("findings: %v", findings)
	}
}
