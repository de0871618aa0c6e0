package compile_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/internal/snapshot/compile"
)

// noon is a time at which the certificates of tests are valid.
var noon = time.Date(2026, time.June, 1, 12, 0, 0, 0, time.UTC)

// keyPair is a certificate and its private key, in PEM, as a snapshot has them.
type keyPair struct {
	certificate snapshot.Content
	key         snapshot.SecretContent
}

// newKeyPair returns a certificate that is valid a year before and after noon.
func newKeyPair(t testing.TB, name string) keyPair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: noon.AddDate(-1, 0, 0), NotAfter: noon.AddDate(1, 0, 0),
	}
	certificate, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return keyPair{
		certificate: snapshot.Content(inPEM("CERTIFICATE", certificate)),
		key:         snapshot.SecretContent(inPEM("PRIVATE KEY", private)),
	}
}

func inPEM(kind string, data []byte) string {
	return strings.TrimSpace(string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data})))
}

// secret returns the Secret that holds the pair.
func (p keyPair) secret(namespace, name string) *corev1.Secret {
	return opaque(namespace, name, "tls.crt", string(p.certificate)+"\n", "tls.key", string(p.key)+"\n")
}

// opaque returns a Secret with the entries, each a key and its value.
func opaque(namespace, name string, entries ...string) *corev1.Secret {
	s := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}, Data: map[string][]byte{}}
	for i := 0; i < len(entries); i += 2 {
		s.Data[entries[i]] = []byte(entries[i+1])
	}
	return s
}

// connection returns the shortest Connection that there can be, of gateway.
func connection(name string) *v1alpha1.Connection {
	return &v1alpha1.Connection{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: v1alpha1.ConnectionSpec{
			GatewayRef: v1alpha1.GatewayReference{Name: "demo"},
			Type:       v1alpha1.ConnectionDittoWebSocket,
			URI:        "wss://ditto.example.com/ws/2",
		},
	}
}

// subscription returns the shortest Subscription that there can be.
func subscription(name, connection string) *v1alpha1.Subscription {
	return &v1alpha1.Subscription{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: v1alpha1.SubscriptionSpec{
			ConnectionRef:         v1alpha1.ConnectionReference{Name: connection},
			Direction:             v1alpha1.Inbound,
			Signal:                v1alpha1.SignalTwinEvents,
			AuthorizationSubjects: []v1alpha1.AuthorizationSubject{"integration:cloud"},
		},
	}
}

// ofType returns a Connection of a type with everything that is particular to it
// set to something that is not the default.
func ofType(name string, kind v1alpha1.ConnectionType) *v1alpha1.Connection {
	c := connection(name)
	c.Spec.Type = kind
	c.Spec.State = new(v1alpha1.ConnectionClosed)
	c.Spec.TLS = &v1alpha1.ConnectionTLS{CA: inSecret("link", "ca.crt"), ServerName: new("broker.internal")}
	c.Spec.Reconnect = &v1alpha1.Reconnect{InitialDelay: new(v1alpha1.Duration("500ms")), MaxDelay: new(v1alpha1.Duration("1h"))}
	switch kind {
	case v1alpha1.ConnectionDittoWebSocket:
		c.Spec.Credentials = &v1alpha1.ConnectionCredentials{Bearer: &v1alpha1.KeyReference{Name: "link", Key: "token"}}
	case v1alpha1.ConnectionHTTPPush:
		c.Spec.URI = "https://example.com/hooks"
		c.Spec.HTTPPush = &v1alpha1.HTTPPushOptions{Parallelism: new(int32(1)), Timeout: new(v1alpha1.Duration("100ms")), OmitBody: []v1alpha1.HTTPMethod{"PUT", "GET"}}
		c.Spec.Credentials = &v1alpha1.ConnectionCredentials{OAuth2: &v1alpha1.OAuth2ClientCredentials{
			TokenEndpoint: "https://login.example.com/token?tenant=a", ClientSecretRef: v1alpha1.SecretReference{Name: "link"},
			Scopes: []v1alpha1.Scope{"write", "read"}, Audience: new("twins"),
		}}
	case v1alpha1.ConnectionMQTT:
		c.Spec.URI = "mqtts://broker.example.com:8883"
		c.Spec.MQTT = &v1alpha1.MQTTOptions{Version: new(v1alpha1.MQTT3), ClientID: new("edge"), KeepAlive: new(v1alpha1.Duration("5s")),
			CleanStart: new(v1alpha1.Enabled),
			LastWill:   &v1alpha1.LastWill{Topic: "gateways/edge", Message: new("gone\n"), QoS: new(int32(2)), Retain: new(v1alpha1.Enabled)}}
		c.Spec.Credentials = &v1alpha1.ConnectionCredentials{ClientCertificate: &v1alpha1.SecretReference{Name: "link"}}
		c.Spec.Sources = []v1alpha1.Source{source(), {Name: "a", Addresses: []v1alpha1.Address{"a"}, AuthorizationSubjects: []v1alpha1.SubjectTemplate{"a:a"}}}
	case v1alpha1.ConnectionKafka:
		c.Spec.URI = "ssl://a:9092,b:9092"
		c.Spec.Kafka = &v1alpha1.KafkaOptions{SASLMechanism: new(v1alpha1.SASLPlain), GroupID: new("twins")}
		c.Spec.Credentials = &v1alpha1.ConnectionCredentials{Basic: &v1alpha1.SecretReference{Name: "link"}}
	case v1alpha1.ConnectionNATS:
		c.Spec.URI = "tls://nats.example.com:4222"
		c.Spec.NATS = &v1alpha1.NATSOptions{Consumer: new("edge_1"), QueueGroup: new("edges.a")}
	}
	return c
}

// source returns a source that sets every field to something that is not the
// default.
func source() v1alpha1.Source {
	return v1alpha1.Source{
		Name:                  "up",
		Addresses:             []v1alpha1.Address{"devices/+/up", "devices/+/state"},
		AuthorizationSubjects: []v1alpha1.SubjectTemplate{"integration:{{ header:device }}", "integration:all"},
		Delivery:              new(v1alpha1.AtMostOnce),
		QoS:                   new(int32(2)),
		Enforcement: &v1alpha1.Enforcement{
			Input: "{{ source:address }}", Filters: []v1alpha1.Template{"devices/{{ thing:name }}/up", "devices/{{ entity:name }}/state"},
		},
		Payload:       new(v1alpha1.SourceImplicitThing),
		Headers:       map[string]v1alpha1.Template{"Correlation-ID": "{{ header:id | fn:default(topic:action) }}"},
		RequestedAcks: []v1alpha1.AcknowledgementLabel{"twin-persisted", "search-persisted"},
		DeclaredAcks:  []v1alpha1.AcknowledgementLabel{"field:done"},
		ImplicitThing: &v1alpha1.ImplicitThing{Thing: thingTemplate},
		ReplyTo:       new(v1alpha1.Template("devices/{{ thing:name }}/reply")),
		ReplyHeaders:  map[string]v1alpha1.Template{"Content-Type": "{{ header:content-type }}"},
		Replies:       []v1alpha1.ReplyKind{v1alpha1.ReplyResponse, v1alpha1.ReplyNack},
	}
}

// thingTemplate is a thing that is created for a device.
const thingTemplate = `{"thingId":"com.example:{{ header:device }}","attributes":{"seen":{"at":"{{ time:now }}"}},` +
	`"_policy":{"entries":{"{{ source:address | fn:substring-before('/') }}":{"subjects":{"integration:{{ header:device }}":{"type":"device"}},"resources":{}}}},"_copyPolicyFrom":"{{ ref:things/com.example:template/policyId }}"}`

// hmac returns credentials that set every field of an algorithm to something
// that is not the default.
func hmac(algorithm v1alpha1.HMACAlgorithm) *v1alpha1.ConnectionCredentials {
	h := &v1alpha1.HMACCredentials{Algorithm: algorithm, SecretRef: v1alpha1.SecretReference{Name: "link"}}
	switch algorithm {
	case v1alpha1.HMACAWS4:
		h.Region, h.Service = new("eu-central-1"), new("s3")
		h.ContentHash, h.PathEncoding = new(v1alpha1.ContentHashUnsigned), new(v1alpha1.PathEncodedOnce)
		h.SignedHeaders = []v1alpha1.HeaderName{"x-amz-date", "content-type"}
	case v1alpha1.HMACAzureSAS:
		h.Endpoint, h.TTL = new("https://plant.servicebus.windows.net/hub"), new(v1alpha1.Duration("1h"))
	}
	return &v1alpha1.ConnectionCredentials{HMAC: h}
}

// requests returns a Connection of type HTTPPush with credentials.
func requests(name string, credentials *v1alpha1.ConnectionCredentials) *v1alpha1.Connection {
	c := connection(name)
	c.Spec.Type, c.Spec.URI, c.Spec.Credentials = v1alpha1.ConnectionHTTPPush, "https://example.com", credentials
	return c
}

// outbound returns a Subscription that sets every field to something that is not
// the default.
func outbound(name, connection string) *v1alpha1.Subscription {
	s := subscription(name, connection)
	s.Spec.Direction = v1alpha1.Outbound
	s.Spec.AuthorizationSubjects = []v1alpha1.AuthorizationSubject{"integration:z", "integration:a"}
	s.Spec.Namespaces = []v1alpha1.EntityNamespace{"com.example", "com.another"}
	s.Spec.Filter = new(`and(gt(attributes/temperature,20),eq(topic:action,"modified"))`)
	s.Spec.ExtraFields = new("attributes/location,features/*/properties")
	s.Spec.Target = &v1alpha1.Target{
		Address:   new(v1alpha1.Template("POST:/twins/{{ thing:id }}")),
		Headers:   map[string]v1alpha1.Template{"X-Topic": "{{ topic:full }}", "x-at": "{{ time:now-1h[d] }}"},
		Payload:   new(v1alpha1.TargetCloudEvent),
		Delivery:  new(v1alpha1.AtLeastOnce),
		IssuedAck: new(v1alpha1.AcknowledgementLabel("push:sent")),
	}
	return s
}

// linkSecret returns the Secret that the Connections of ofType refer to.
func linkSecret(pair keyPair, ca string) *corev1.Secret {
	return opaque("", "link",
		"username", "operator\n", "password", "TopSecret:1\n", "token", "TopSecretToken", "client-id", "twinway",
		"client-secret", "TopSecretClient", "access-key", "AKIA", "secret-key", "TopSecret+Key", "workspace-id", "plant",
		"shared-key-name", "sender", "shared-key", "VG9wU2VjcmV0",
		"tls.crt", string(pair.certificate), "tls.key", string(pair.key), "ca.crt", ca)
}

// world returns objects of a gateway with its users.
func world(objects ...any) compile.Objects {
	o := compile.Objects{
		Root: "config", Now: noon,
		Gateways: []compile.Gateway{{Gateway: gateway()}},
		Secrets:  []compile.Secret{{Secret: users()}},
	}
	for i, object := range objects {
		switch object := object.(type) {
		case *v1alpha1.Gateway:
			o.Gateways = append(o.Gateways, compile.Gateway{Gateway: object, Origin: origin("more.yaml", i)})
		case *v1alpha1.Connection:
			o.Connections = append(o.Connections, compile.Connection{Connection: object, Origin: origin("more.yaml", i)})
		case *v1alpha1.Subscription:
			o.Subscriptions = append(o.Subscriptions, compile.Subscription{Subscription: object, Origin: origin("more.yaml", i)})
		case *corev1.Secret:
			o.Secrets = append(o.Secrets, compile.Secret{Secret: object, Origin: origin("more.yaml", i)})
		case *corev1.ConfigMap:
			o.ConfigMaps = append(o.ConfigMaps, compile.ConfigMap{ConfigMap: object, Origin: origin("more.yaml", i)})
		}
	}
	return o
}
