package compile_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/internal/snapshot/compile"
)

func TestConnectionsAreResolved(t *testing.T) {
	pair, ca := newKeyPair(t, "link"), mustCertificate(t)
	o := world(linkSecret(pair, ca))
	for _, kind := range connectionTypes {
		o.Connections = append(o.Connections, compile.Connection{Connection: ofType(strings.ToLower(string(kind)), kind)})
	}
	snap, findings := compile.Compile(o)
	if len(findings) > 0 {
		t.Fatalf("findings: %v", findings)
	}
	resolved := func(name string, kind snapshot.ConnectionType, uri string, credentials *snapshot.Credentials) snapshot.Connection {
		return snapshot.Connection{
			Name: name, Type: kind, State: snapshot.ConnectionClosed, URI: uri, Credentials: credentials,
			TLS:       snapshot.ConnectionTLS{CA: snapshot.Content(ca), ServerName: "broker.internal"},
			Reconnect: snapshot.Reconnect{InitialDelay: 500 * time.Millisecond, MaxDelay: time.Hour},
		}
	}
	ditto := resolved("dittowebsocket", snapshot.ConnectionDittoWebSocket, "wss://ditto.example.com/ws/2",
		&snapshot.Credentials{Bearer: "TopSecretToken"})
	push := resolved("httppush", snapshot.ConnectionHTTPPush, "https://example.com/hooks",
		&snapshot.Credentials{OAuth2: &snapshot.OAuth2ClientCredentials{
			TokenEndpoint: "https://login.example.com/token?tenant=a", ClientID: "twinway", ClientSecret: "TopSecretClient",
			Scopes: []string{"read", "write"}, Audience: "twins",
		}})
	push.HTTPPush = &snapshot.HTTPPush{Parallelism: 1, Timeout: 100 * time.Millisecond, OmitBody: []string{"GET", "PUT"}}
	kafka := resolved("kafka", snapshot.ConnectionKafka, "ssl://a:9092,b:9092",
		&snapshot.Credentials{Basic: &snapshot.BasicCredentials{Username: "operator", Password: "TopSecret:1"}})
	kafka.Kafka = &snapshot.Kafka{SASLMechanism: snapshot.SASLPlain, GroupID: "twins"}
	mqtt := resolved("mqtt", snapshot.ConnectionMQTT, "mqtts://broker.example.com:8883",
		&snapshot.Credentials{ClientCertificate: &snapshot.ClientCertificate{Certificate: pair.certificate, Key: pair.key}})
	mqtt.MQTT = &snapshot.MQTT{Version: snapshot.MQTT3, ClientID: "edge", KeepAlive: 5 * time.Second, CleanStart: true,
		LastWill: &snapshot.LastWill{Topic: "gateways/edge", Message: "gone\n", QoS: 2, Retain: true}}
	mqtt.Sources = []snapshot.Source{
		{
			Name: "a", Addresses: []string{"a"}, AuthorizationSubjects: []string{"a:a"},
			Delivery: snapshot.AtLeastOnce, QoS: new(1), Payload: snapshot.SourceDittoProtocol, RequestedAcks: []string{"twin-persisted"},
		},
		{
			Name: "up", Addresses: []string{"devices/+/state", "devices/+/up"},
			AuthorizationSubjects: []string{"integration:{{ header:device }}", "integration:all"},
			Delivery:              snapshot.AtMostOnce, QoS: new(2), Payload: snapshot.SourceImplicitThing,
			ImplicitThing: &snapshot.ImplicitThing{Thing: thingTemplate},
			Enforcement: &snapshot.Enforcement{
				Input: "{{ source:address }}", Filters: []string{"devices/{{ entity:name }}/state", "devices/{{ thing:name }}/up"},
			},
			Headers:       map[string]string{"correlation-id": "{{ header:id | fn:default(topic:action) }}"},
			RequestedAcks: []string{"search-persisted", "twin-persisted"}, DeclaredAcks: []string{"field:done"},
			ReplyTo: "devices/{{ thing:name }}/reply", ReplyHeaders: map[string]string{"Content-Type": "{{ header:content-type }}"},
			Replies: []snapshot.ReplyKind{snapshot.ReplyNack, snapshot.ReplyResponse},
		},
	}
	nats := resolved("nats", snapshot.ConnectionNATS, "tls://nats.example.com:4222", nil)
	nats.NATS = &snapshot.NATS{Consumer: "edge_1", QueueGroup: "edges.a"}
	if diff := cmp.Diff([]snapshot.Connection{ditto, push, kafka, mqtt, nats}, snap.Connections); diff != "" {
		t.Errorf("connections (-want +got):\n%s", diff)
	}
}

func TestKeysOfSignaturesAreResolved(t *testing.T) {
	for _, want := range []snapshot.HMAC{
		{
			Algorithm: snapshot.HMACAWS4, KeyID: "AKIA", Key: "TopSecret+Key", Region: "eu-central-1", Service: "s3",
			ContentHash: snapshot.ContentHashUnsigned, SingleEncoding: true, SignedHeaders: []string{"content-type", "host", "x-amz-date"},
		},
		{Algorithm: snapshot.HMACAzureMonitor, KeyID: "plant", Key: "VG9wU2VjcmV0"},
		{
			Algorithm: snapshot.HMACAzureSAS, KeyID: "sender", Key: "VG9wU2VjcmV0",
			Endpoint: "https://plant.servicebus.windows.net/hub", TTL: time.Hour,
		},
	} {
		c := requests("link", hmac(v1alpha1.HMACAlgorithm(want.Algorithm)))
		snap, findings := compile.Compile(world(c, linkSecret(newKeyPair(t, "link"), mustCertificate(t))))
		if len(findings) > 0 {
			t.Fatalf("%s: findings: %v", want.Algorithm, findings)
		}
		if diff := cmp.Diff(&snapshot.Credentials{HMAC: &want}, snap.Connections[0].Credentials); diff != "" {
			t.Errorf("%s (-want +got):\n%s", want.Algorithm, diff)
		}
	}
}

func TestFindingsAboutConnections(t *testing.T) {
	const at = "Connection default/link: "
	const secretAt = "Secret default/link: data"
	credentials := func(c v1alpha1.ConnectionCredentials) func(*v1alpha1.Connection) {
		return func(l *v1alpha1.Connection) { l.Spec.Credentials = &c }
	}
	basic := credentials(v1alpha1.ConnectionCredentials{Basic: &v1alpha1.SecretReference{Name: "link"}})
	bearer := credentials(v1alpha1.ConnectionCredentials{Bearer: &v1alpha1.KeyReference{Name: "link", Key: "token"}})
	certificate := credentials(v1alpha1.ConnectionCredentials{ClientCertificate: &v1alpha1.SecretReference{Name: "link"}})
	uri := func(kind v1alpha1.ConnectionType, uri string) func(*v1alpha1.Connection) {
		return func(l *v1alpha1.Connection) { l.Spec.Type, l.Spec.URI = kind, uri }
	}
	withSource := func(change func(*v1alpha1.Source)) func(*v1alpha1.Connection) {
		return func(l *v1alpha1.Connection) {
			*l = *ofType("link", v1alpha1.ConnectionMQTT)
			l.Spec.Credentials, l.Spec.TLS = nil, nil
			change(&l.Spec.Sources[0])
		}
	}
	data := func(key, value string) func(*corev1.Secret) {
		return func(s *corev1.Secret) { s.Data[key] = []byte(value) }
	}
	signed := func(algorithm v1alpha1.HMACAlgorithm, change func(*v1alpha1.HMACCredentials)) func(*v1alpha1.Connection) {
		return func(l *v1alpha1.Connection) {
			*l = *requests("link", hmac(algorithm))
			change(l.Spec.Credentials.HMAC)
		}
	}
	asIs := func(*v1alpha1.HMACCredentials) {}
	consumes := func(kind v1alpha1.ConnectionType, uri string, addresses ...v1alpha1.Address) func(*v1alpha1.Connection) {
		return func(l *v1alpha1.Connection) {
			l.Spec.Type, l.Spec.URI = kind, uri
			l.Spec.Sources = []v1alpha1.Source{{Name: "up", Addresses: addresses, AuthorizationSubjects: []v1alpha1.SubjectTemplate{"a:a"}}}
		}
	}
	thing := func(text string) func(*v1alpha1.Connection) {
		return withSource(func(s *v1alpha1.Source) { s.ImplicitThing.Thing = text })
	}
	const (
		aFilter  = "spec.sources[0].addresses[0]: must be a topic filter: + stands for a whole level, and # for all that follow"
		aTopic   = "spec.sources[0].addresses[0]: must be a topic: letters, digits, dots, hyphens and underscores, at most 249"
		aSubject = "spec.sources[0].addresses[0]: must be a subject without spaces and nothing between two dots: * stands for a whole token, and > for all that follow"
		noThing  = "spec.sources[0].implicitThing.thing: must be the JSON of a thing, with every template in a string"
		noID     = `spec.sources[0].implicitThing.thing: must have a thingId, such as "com.example:{{ header:device }}"`
	)
	other := newKeyPair(t, "other")
	const badURI = "spec.uri: must have a host, and a port between 1 and 65535 if any"
	tests := map[string]struct {
		change func(*v1alpha1.Connection)
		secret func(*corev1.Secret)
		want   string
	}{
		"name":                     {change: func(l *v1alpha1.Connection) { l.Name = "Link" }, want: `Connection default/Link: metadata.name: must be a lower-case DNS subdomain of at most 253 characters, got "Link"`},
		"no host":                  {change: uri("DittoWebSocket", "wss://:443"), want: at + badURI},
		"port 0":                   {change: uri("DittoWebSocket", "wss://a:0"), want: at + badURI},
		"port too large":           {change: uri("MQTT", "mqtts://a:65536"), want: at + badURI},
		"second address no host":   {change: uri("Kafka", "ssl://a:9092,:9092"), want: at + badURI},
		"second address empty":     {change: uri("Kafka", "ssl://a:9092,"), want: at + badURI},
		"password in the URI":      {change: uri("DittoWebSocket", "wss://a:TopSecret@b"), want: at + "spec.uri: must be scheme://host:port/path, without user name, password, query and fragment"},
		"another scheme":           {change: uri("NATS", "wss://a"), want: at + "spec.uri: the scheme of uri must fit type: ws or wss for DittoWebSocket, http or https for HTTPPush, mqtt, mqtts, tcp or ssl for MQTT, tcp or ssl for Kafka, nats or tls for NATS"},
		"no Secret":                {change: basic, secret: func(s *corev1.Secret) { s.Name = "other" }, want: at + "spec.credentials.basic.name: Secret default/link not found"},
		"Secret elsewhere":         {change: basic, secret: func(s *corev1.Secret) { s.Namespace = "other" }, want: at + "spec.credentials.basic.name: Secret default/link not found"},
		"no password":              {change: basic, secret: func(s *corev1.Secret) { delete(s.Data, "password") }, want: at + "spec.credentials.basic.name: Secret default/link has no entry password"},
		"empty password":           {change: basic, secret: data("password", "\n"), want: secretAt + "[password]: must not be empty"},
		"long password":            {change: basic, secret: data("password", strings.Repeat("TopSecret", 500)), want: secretAt + "[password]: must have at most 4096 bytes"},
		"password in Latin-1":      {change: basic, secret: data("password", "TopSecret\xe4"), want: secretAt + "[password]: must be text in UTF-8"},
		"user with colon":          {change: basic, secret: data("username", "TopSecret:a"), want: secretAt + "[username]: must have no colon, which ends a user name"},
		"user with line break":     {change: basic, secret: data("username", "TopSecret\na"), want: secretAt + "[username]: must be text without control characters"},
		"no token":                 {change: bearer, secret: func(s *corev1.Secret) { delete(s.Data, "token") }, want: at + "spec.credentials.bearer.key: Secret default/link has no entry token"},
		"token with line break":    {change: bearer, secret: data("token", "TopSecret\na"), want: secretAt + "[token]: must be text without control characters"},
		"certificate is a key":     {change: certificate, secret: func(s *corev1.Secret) { s.Data["tls.crt"] = s.Data["tls.key"] }, want: secretAt + "[tls.crt]: block 1 is a private key; only certificates belong here, and the key must be replaced"},
		"certificate is no PEM":    {change: certificate, secret: data("tls.crt", "TopSecret"), want: secretAt + "[tls.crt]: must be certificates in PEM"},
		"key is no PEM":            {change: certificate, secret: data("tls.key", "TopSecret"), want: secretAt + "[tls.key]: must be the private key, in PEM, of the first certificate of tls.crt"},
		"key of another":           {change: certificate, secret: data("tls.key", string(other.key)), want: secretAt + "[tls.key]: must be the private key, in PEM, of the first certificate of tls.crt"},
		"authorities are no PEM":   {change: func(l *v1alpha1.Connection) { l.Spec.TLS = &v1alpha1.ConnectionTLS{CA: inSecret("link", "token")} }, want: secretAt + "[token]: must be certificates in PEM"},
		"subject of a thing":       {change: withSource(func(s *v1alpha1.Source) { s.AuthorizationSubjects[0] = "{{ thing:id }}" }), want: at + "spec.sources[0].authorizationSubjects[0]: must not use thing:id: the prefix must be header or source or connection"},
		"subject twice":            {change: withSource(func(s *v1alpha1.Source) { s.AuthorizationSubjects[0] = "integration:all" }), want: at + "spec.sources[0].authorizationSubjects[1]: is there already, in spec.sources[0].authorizationSubjects[0]"},
		"source twice":             {change: withSource(func(s *v1alpha1.Source) { s.Name = "a" }), want: at + "spec.sources[1]: is there already, in spec.sources[0]"},
		"enforced by a token":      {change: withSource(func(s *v1alpha1.Source) { s.Enforcement.Input = "{{ jwt:sub }}" }), want: at + "spec.sources[0].enforcement.input: must not use jwt:sub: the prefix must be header or source or connection"},
		"another name of a source": {change: withSource(func(s *v1alpha1.Source) { s.Enforcement.Input = "{{ source:name }}" }), want: at + "spec.sources[0].enforcement.input: must not use source:name: the name must be address"},
		"filter over the message":  {change: withSource(func(s *v1alpha1.Source) { s.Enforcement.Filters[1] = "{{ header:a }}" }), want: at + "spec.sources[0].enforcement.filters[1]: must not use header:a: the prefix must be thing or policy or entity or feature"},
		"no template":              {change: withSource(func(s *v1alpha1.Source) { s.Headers["Correlation-ID"] = "{{ header }}" }), want: at + `spec.sources[0].headers[Correlation-ID]: must be a template such as {{ jwt:sub }}, at "header }}"`},
		"header twice":             {change: withSource(func(s *v1alpha1.Source) { s.Headers["correlation-id"] = "a" }), want: at + "spec.sources[0].headers: correlation-id is there in upper and lower case"},
		"no thing":                 {change: withSource(func(s *v1alpha1.Source) { s.ImplicitThing = nil }), want: at + "spec.sources[0]: implicitThing is required for payload ImplicitThing"},
		"thing is no JSON":         {change: thing(`{"thingId":{{ header:id }}}`), want: at + noThing},
		"thing is a list":          {change: thing(`["{{ header:id }}"]`), want: at + noThing},
		"thing is nothing":         {change: thing("null"), want: at + noID},
		"thing without an id":      {change: thing(`{"policyId":"a:b"}`), want: at + noID},
		"empty id of a thing":      {change: thing(`{"thingId":""}`), want: at + noID},
		"number of a thing":        {change: thing(`{"thingId":1}`), want: at + noID},
		"thing of itself":          {change: thing(`{"thingId":"{{ thing:id }}"}`), want: at + "spec.sources[0].implicitThing.thing: must not use thing:id: the prefix must be header or source or connection or request or time"},
		"thing of a raw message": {change: withSource(func(s *v1alpha1.Source) {
			s.Payload, s.Headers = new(v1alpha1.SourceRawMessage), map[string]v1alpha1.Template{"Status": "{{ thing:id }}"}
		}), want: at + "spec.sources[0].headers[Status]: must not use thing:id: the prefix must be header or source or connection or request or time"},
		"templates of a thing":     {change: thing(`{"thingId":"a:b","attributes":[` + strings.Repeat(`"{{ header:a }}",`, 64) + `"{{ header:b }}"]}`), want: at + "spec.sources[0].implicitThing.thing: must have at most 64 strings with expressions"},
		"key of a thing":           {change: thing(`{"thingId":"a:b","attributes":{"{{ fn:none() }}":1}}`), want: at + `spec.sources[0].implicitThing.thing: has a function that does not exist, at "none"`},
		"at least once with qos 0": {change: withSource(func(s *v1alpha1.Source) { s.Delivery, s.QoS = nil, new(int32(0)) }), want: at + "spec.sources[0]: qos 0 is for delivery AtMostOnce"},
		"headers of no reply":      {change: withSource(func(s *v1alpha1.Source) { s.ReplyTo, s.Replies = nil, nil }), want: at + "spec.sources[0]: replyHeaders and replies need replyTo"},
		"reply to many":            {change: withSource(func(s *v1alpha1.Source) { s.ReplyTo = new(v1alpha1.Template("a/#")) }), want: at + "spec.sources[0].replyTo: must be a topic without the wildcards + and #"},
		"declares the gateway's":   {change: withSource(func(s *v1alpha1.Source) { s.DeclaredAcks[0] = "live-response" }), want: at + "spec.sources[0].declaredAcks: must not be twin-persisted, search-persisted or live-response"},
		"half a level":             {change: consumes("MQTT", "mqtt://a", "devices/a+/up"), want: at + aFilter},
		"all in the middle":        {change: consumes("MQTT", "mqtt://a", "devices/#/up"), want: at + aFilter},
		"half of all":              {change: consumes("MQTT", "mqtt://a", "devices/a#"), want: at + aFilter},
		"topics of Kafka":          {change: consumes("Kafka", "tcp://a:1", "devices/up"), want: at + aTopic},
		"long topic of Kafka":      {change: consumes("Kafka", "tcp://a:1", v1alpha1.Address(strings.Repeat("a", 250))), want: at + aTopic},
		"topic of two sources": {change: func(l *v1alpha1.Connection) {
			consumes("Kafka", "tcp://a:1", "a", "b")(l)
			l.Spec.Sources = append(l.Spec.Sources, l.Spec.Sources[0])
			l.Spec.Sources[1].Name, l.Spec.Sources[1].Addresses = "more", []v1alpha1.Address{"b"}
		}, want: at + "spec.sources[1].addresses[0]: a topic belongs to one source, and is in spec.sources[0] already"},
		"nothing between dots":     {change: consumes("NATS", "nats://a", "devices..up"), want: at + aSubject},
		"half a token":             {change: consumes("NATS", "nats://a", "devices.a*"), want: at + aSubject},
		"all tokens in the middle": {change: consumes("NATS", "nats://a", "devices.>.up"), want: at + aSubject},
		"space in a subject":       {change: consumes("NATS", "nats://a", "devices up"), want: at + aSubject},
		"signature of nowhere":     {change: signed(v1alpha1.HMACAWS4, func(h *v1alpha1.HMACCredentials) { h.Region = nil }), want: at + "spec.credentials.hmac: region and service are required for algorithm AWS4-HMAC-SHA256"},
		"region of Azure":          {change: signed(v1alpha1.HMACAzureMonitor, func(h *v1alpha1.HMACCredentials) { h.Region = new("a") }), want: at + "spec.credentials.hmac: region, service, contentHash, pathEncoding and signedHeaders are for algorithm AWS4-HMAC-SHA256"},
		"signature of nothing":     {change: signed(v1alpha1.HMACAzureSAS, func(h *v1alpha1.HMACCredentials) { h.Endpoint = nil }), want: at + "spec.credentials.hmac: endpoint is required for algorithm AzureSAS"},
		"signature for a while":    {change: signed(v1alpha1.HMACAzureMonitor, func(h *v1alpha1.HMACCredentials) { h.TTL = new(v1alpha1.Duration("1h")) }), want: at + "spec.credentials.hmac: endpoint and ttl are for algorithm AzureSAS"},
		"no secret key":            {change: signed(v1alpha1.HMACAWS4, asIs), secret: func(s *corev1.Secret) { delete(s.Data, "secret-key") }, want: at + "spec.credentials.hmac.secretRef.name: Secret default/link has no entry secret-key"},
		"key is no base64":         {change: signed(v1alpha1.HMACAzureSAS, asIs), secret: data("shared-key", "TopSecret!"), want: secretAt + "[shared-key]: must be a key in base64"},
		"signs by WebSocket":       {change: credentials(*hmac(v1alpha1.HMACAzureSAS)), want: at + "spec.credentials.hmac: credentials.hmac is for type HTTPPush"},
		"reply at no time":         {change: withSource(func(s *v1alpha1.Source) { s.ReplyTo = new(v1alpha1.Template("{{ time:soon }}")) }), want: at + "spec.sources[0].replyTo: must not use time:soon: the name must be a time such as now-1h"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			l, s := connection("link"), linkSecret(newKeyPair(t, "link"), mustCertificate(t))
			if tt.change != nil {
				tt.change(l)
			}
			if tt.secret != nil {
				tt.secret(s)
			}
			link := onlyLink(t, world(l, s))
			if link.Accepted {
				t.Error("it is accepted in spite of an error")
			}
			if diff := cmp.Diff([]string{tt.want}, texts(link.Findings)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// onlyLink returns what became of the one Connection or Subscription.
func onlyLink(t *testing.T, o compile.Objects) compile.Link {
	t.Helper()
	outcomes, orphans := compile.Gateways(o)
	if len(outcomes) != 1 || len(outcomes[0].Links) != 1 || len(orphans) > 0 {
		t.Fatalf("outcomes %v, orphans %v", outcomes, orphans)
	}
	if outcomes[0].Snapshot == nil || len(outcomes[0].Findings) > 0 {
		t.Errorf("the Gateway is not as it was: %v", outcomes[0].Findings)
	}
	return outcomes[0].Links[0]
}

// texts returns findings as text, without files and lines.
func texts(findings snapshot.Findings) []string {
	var all []string
	for _, f := range findings {
		f.File, f.Document, f.Line = "", 0, 0
		all = append(all, f.String())
	}
	return all
}

func TestWhenCertificatesAreValid(t *testing.T) {
	g := gateway()
	g.Spec.Listener.TLS = &v1alpha1.ListenerTLS{CertificateRef: v1alpha1.SecretReference{Name: "demo-tls"}}
	pair := newKeyPair(t, "demo")
	for name, tt := range map[string]struct {
		now  time.Time
		want []string
	}{
		"valid":   {noon, nil},
		"expired": {noon.AddDate(1, 0, 1), []string{"Secret default/demo-tls: warning: data[tls.crt]: the certificate has expired at 2027-06-01T12:00:00Z"}},
		"early":   {noon.AddDate(-1, 0, -1), []string{"Secret default/demo-tls: warning: data[tls.crt]: the certificate is not valid before 2025-06-01T12:00:00Z"}},
	} {
		o := objects([]*v1alpha1.Gateway{g}, users(), pair.secret("default", "demo-tls"))
		o.Now = tt.now
		snap, findings := compile.Compile(o)
		if diff := cmp.Diff(tt.want, texts(findings)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		want := &snapshot.ListenerTLS{Certificate: pair.certificate, Key: pair.key}
		if diff := cmp.Diff(want, snap.Listener.TLS); diff != "" {
			t.Errorf("%s: TLS (-want +got):\n%s", name, diff)
		}
	}
}

func TestFindingsAboutLinksShowNoSecret(t *testing.T) {
	const secret = "TopSecret"
	o := world(opaque("", "link", "username", secret+":\n1", "password", secret+"\xff", "token", secret+"\n1",
		"client-id", secret+"\n1", "client-secret", secret+"\n1", "tls.crt", secret, "tls.key", secret, "ca.crt", secret))
	for _, kind := range connectionTypes {
		l := ofType(strings.ToLower(string(kind)), kind)
		l.Spec.URI = "wss://operator:" + secret + "@host"
		o.Connections = append(o.Connections, compile.Connection{Connection: l})
	}
	outcomes, _ := compile.Gateways(o)
	for _, link := range outcomes[0].Links {
		if link.Accepted || len(link.Findings) == 0 {
			t.Errorf("%v is accepted", link.Object)
		}
	}
	if shown := fmt.Sprintf("%+v", outcomes); strings.Contains(shown, secret) {
		t.Errorf("findings show a secret: %s", shown)
	}
}
