package compile_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot/compile"
)

func TestEffectiveIsCompleteAndLeavesItsInputAlone(t *testing.T) {
	given := gateway()
	effective := compile.Effective(given.Spec)
	if diff := cmp.Diff(gateway().Spec, given.Spec); diff != "" {
		t.Errorf("Effective changed the spec it was given:\n%s", diff)
	}
	if diff := cmp.Diff(effective, compile.Effective(effective)); diff != "" {
		t.Errorf("Effective of an effective spec (-first +second):\n%s", diff)
	}
	if diff := cmp.Diff(full().Spec, compile.Effective(full().Spec)); diff != "" {
		t.Errorf("Effective changed what was set:\n%s", diff)
	}
}

// An effective spec is a spec: it breaks no rule.
func TestWhatIsEffectiveIsValid(t *testing.T) {
	ephemeral := gateway()
	ephemeral.Spec.Storage = &v1alpha1.Storage{Volume: &v1alpha1.Volume{Type: new(v1alpha1.VolumeEphemeral)}}
	scaled := gateway()
	scaled.Spec.Autoscaling = &v1alpha1.Autoscaling{MaxReplicas: 1}
	for name, g := range map[string]*v1alpha1.Gateway{"short": gateway(), "ephemeral": ephemeral, "scaled": scaled} {
		g.Spec = compile.Effective(g.Spec)
		if _, findings := compileOne(g, users()); len(findings) > 0 {
			t.Errorf("%s: %v", name, findings)
		}
	}
	pair, ca := newKeyPair(t, "link"), mustCertificate(t)
	for _, kind := range connectionTypes {
		c := connection("link")
		c.Spec.Type, c.Spec.URI = kind, ofType("", kind).Spec.URI
		c.Spec = compile.EffectiveConnection(c)
		s := subscription("events", "link")
		if kind != v1alpha1.ConnectionDittoWebSocket {
			s.Spec.Direction = v1alpha1.Outbound
			s.Spec.Target = &v1alpha1.Target{Address: new(v1alpha1.Template("twins"))}
		}
		if kind == v1alpha1.ConnectionHTTPPush {
			s.Spec.Target.Address = new(v1alpha1.Template("POST:/twins"))
		}
		s.Spec = compile.EffectiveSubscription(s.Spec)
		if _, findings := compile.Compile(world(c, s, linkSecret(pair, ca))); len(findings) > 0 {
			t.Errorf("%s: %v", kind, findings)
		}
	}
}

var connectionTypes = []v1alpha1.ConnectionType{
	v1alpha1.ConnectionDittoWebSocket, v1alpha1.ConnectionHTTPPush, v1alpha1.ConnectionMQTT, v1alpha1.ConnectionKafka, v1alpha1.ConnectionNATS,
}

func TestEffectiveOfLinksIsCompleteAndLeavesItsInputAlone(t *testing.T) {
	for _, kind := range connectionTypes {
		given := connection("link")
		given.Spec.Type = kind
		before := given.DeepCopy()
		effective := *given
		effective.Spec = compile.EffectiveConnection(given)
		if diff := cmp.Diff(before, given); diff != "" {
			t.Errorf("%s was changed:\n%s", kind, diff)
		}
		if diff := cmp.Diff(effective.Spec, compile.EffectiveConnection(&effective)); diff != "" {
			t.Errorf("effective %s again (-first +second):\n%s", kind, diff)
		}
	}
	set := ofType("link", v1alpha1.ConnectionMQTT)
	set.Spec.Sources = set.Spec.Sources[:1]
	if diff := cmp.Diff(set.Spec, compile.EffectiveConnection(set)); diff != "" {
		t.Errorf("what was set is changed:\n%s", diff)
	}
	s := outbound("events", "link")
	if diff := cmp.Diff(s.Spec, compile.EffectiveSubscription(s.Spec)); diff != "" {
		t.Errorf("what was set is changed:\n%s", diff)
	}
}

// withEntries returns a Gateway with the shortest entry of every list that has
// objects in it, and with what is not there unless somebody asks for it.
func withEntries() *v1alpha1.Gateway {
	g := gateway()
	g.Spec.Authentication.OIDC = []v1alpha1.OIDCProvider{provider("keycloak", "https://login.example.com")}
	g.Spec.EntityCreation = &v1alpha1.EntityCreation{Grant: []v1alpha1.CreationRule{{}}, Revoke: []v1alpha1.CreationRule{{}}}
	g.Spec.NamespaceAccess = []v1alpha1.NamespaceRule{{}}
	g.Spec.Policies = &v1alpha1.Policies{NamespaceRoots: []v1alpha1.NamespaceRoot{{Pattern: "*", Policies: []v1alpha1.PolicyID{"a:b"}}}}
	g.Spec.Autoscaling = &v1alpha1.Autoscaling{MaxReplicas: 1}
	g.Spec.HTTP = &v1alpha1.HTTP{CORS: &v1alpha1.CORS{AllowedOrigins: []v1alpha1.Origin{"*"}}}
	return g
}

// Defaults are documented where users look for them.
func TestDocumentedDefaults(t *testing.T) {
	t.Run("gateways", func(t *testing.T) {
		short, entries := tree(t, gateway()), tree(t, withEntries())
		eachDefault(t, "gateways", func(path string, value any) {
			if strings.Contains(path, "[0]") || strings.HasPrefix(path, "spec.autoscaling.") || strings.HasPrefix(path, "spec.http.cors.") {
				set(t, entries, path, value)
				return
			}
			set(t, short, path, value)
		})
		mustBeEffective(t, gateway().Spec, fromTree[v1alpha1.Gateway](t, short).Spec, compile.Effective)
		mustBeEffective(t, withEntries().Spec, fromTree[v1alpha1.Gateway](t, entries).Spec, compile.Effective)
	})
	for _, kind := range []v1alpha1.ConnectionType{v1alpha1.ConnectionMQTT, v1alpha1.ConnectionKafka, v1alpha1.ConnectionNATS, v1alpha1.ConnectionHTTPPush} {
		t.Run(string(kind), func(t *testing.T) {
			c := connection("link")
			c.Spec.Type = kind
			c.Spec.Credentials = &v1alpha1.ConnectionCredentials{Basic: &v1alpha1.SecretReference{Name: "link"}}
			c.Spec.Sources = []v1alpha1.Source{{Name: "up", RequestedAcks: []v1alpha1.AcknowledgementLabel{"a"}, ReplyTo: new(v1alpha1.Template("a"))}}
			if kind == v1alpha1.ConnectionMQTT {
				c.Spec.MQTT = &v1alpha1.MQTTOptions{LastWill: &v1alpha1.LastWill{}}
			}
			explicit := tree(t, c)
			options := map[v1alpha1.ConnectionType]string{
				v1alpha1.ConnectionMQTT: "spec.mqtt", v1alpha1.ConnectionKafka: "spec.kafka", v1alpha1.ConnectionHTTPPush: "spec.httpPush",
				v1alpha1.ConnectionNATS: "spec.nats",
			}
			eachDefault(t, "connections", func(path string, value any) {
				if strings.HasPrefix(path, "spec.credentials.") {
					return
				}
				for other, prefix := range options {
					if other != kind && strings.HasPrefix(path, prefix) {
						return
					}
				}
				set(t, explicit, path, value)
			})
			effective := func(s v1alpha1.ConnectionSpec) v1alpha1.ConnectionSpec {
				return compile.EffectiveConnection(&v1alpha1.Connection{ObjectMeta: c.ObjectMeta, Spec: s})
			}
			mustBeEffective(t, c.Spec, fromTree[v1alpha1.Connection](t, explicit).Spec, effective)
		})
	}
	for _, algorithm := range []v1alpha1.HMACAlgorithm{v1alpha1.HMACAWS4, v1alpha1.HMACAzureSAS} {
		t.Run(string(algorithm), func(t *testing.T) {
			c := requests("link", &v1alpha1.ConnectionCredentials{HMAC: &v1alpha1.HMACCredentials{Algorithm: algorithm}})
			explicit := tree(t, c)
			eachDefault(t, "connections", func(path string, value any) {
				if strings.HasPrefix(path, "spec.credentials.hmac") && (algorithm == v1alpha1.HMACAzureSAS) == strings.HasSuffix(path, ".ttl") {
					set(t, explicit, path, value)
				}
			})
			mustBeEffective(t, c.Spec, fromTree[v1alpha1.Connection](t, explicit).Spec, func(s v1alpha1.ConnectionSpec) v1alpha1.ConnectionSpec {
				return compile.EffectiveConnection(&v1alpha1.Connection{Spec: s})
			})
		})
	}
	t.Run("subscriptions", func(t *testing.T) {
		s := subscription("events", "link")
		s.Spec.Target = &v1alpha1.Target{}
		explicit := tree(t, s)
		eachDefault(t, "subscriptions", func(path string, value any) {
			if path != "spec.target.deletedFields" { // is for one payload only
				set(t, explicit, path, value)
			}
		})
		mustBeEffective(t, s.Spec, fromTree[v1alpha1.Subscription](t, explicit).Spec, compile.EffectiveSubscription)
	})
}

// mustBeEffective checks that what is left out means what was said explicitly,
// and that something was said.
func mustBeEffective[S any](t *testing.T, implicit, explicit S, effective func(S) S) {
	t.Helper()
	if cmp.Equal(implicit, explicit) {
		t.Error("no default is documented")
	}
	if diff := cmp.Diff(effective(explicit), effective(implicit)); diff != "" {
		t.Errorf("the documented default is not the one that takes effect (-documented +effective):\n%s", diff)
	}
}

// eachDefault calls f for the fields of a kind whose documentation names a
// default that is a value.
func eachDefault(t *testing.T, plural string, f func(path string, value any)) {
	t.Helper()
	each("spec", readSchema(t, plural).Properties["spec"], true, func(path string, s schema, _ bool) {
		if value, ok := documentedDefault(s); ok && s.Type != "object" {
			f(path, value)
		}
	})
}

// noValue are documented defaults of one word that are no value.
var noValue = []string{"none", "all"}

// documentedDefault returns the default that the description of a field names,
// unless that is to have none or described in words.
func documentedDefault(s schema) (any, bool) {
	_, text, ok := strings.Cut(strings.ReplaceAll(s.Description, "\n", " "), "Default: ")
	if list, _, isList := strings.Cut(text, "]"); isList {
		return json.RawMessage(list + "]"), true
	}
	text = strings.TrimSuffix(strings.Split(text, ",")[0], ".")
	switch {
	case !ok || slices.Contains(noValue, text) || strings.Contains(text, " "):
		return nil, false
	case json.Valid([]byte(text)):
		return json.RawMessage(text), true
	}
	return text, true
}

// Defaults that are documented in words.
func TestDefaultsInWords(t *testing.T) {
	spec := compile.Effective(gateway().Spec)
	want := &corev1.ResourceRequirements{
		Requests: corev1.ResourceList{"cpu": resource.MustParse("100m"), "memory": resource.MustParse("128Mi")},
		Limits:   corev1.ResourceList{"memory": resource.MustParse("512Mi")},
	}
	if diff := cmp.Diff(want, spec.Workload.Resources); diff != "" {
		t.Errorf("resources (-want +got):\n%s", diff)
	}
	if spec.Workload.Image != nil {
		t.Errorf("image %s: only the operator knows its own", *spec.Workload.Image)
	}
	if *spec.Service.Port != 8080 {
		t.Errorf("the port of the Service is %d, and not the listener's", *spec.Service.Port)
	}
	scaled := gateway().Spec
	scaled.Autoscaling = &v1alpha1.Autoscaling{MaxReplicas: 1}
	if replicas := compile.Effective(scaled).Replicas; replicas != nil {
		t.Errorf("%d replicas with autoscaling", *replicas)
	}
	ephemeral := gateway().Spec
	ephemeral.Storage = &v1alpha1.Storage{Volume: &v1alpha1.Volume{Type: new(v1alpha1.VolumeEphemeral)}}
	if v := compile.Effective(ephemeral).Storage.Volume; v.Size != nil || v.Retention != nil {
		t.Errorf("an ephemeral volume has size %v and retention %v", v.Size, v.Retention)
	}
}

func TestDefaultsOfConnectionsInWords(t *testing.T) {
	mqtt := connection("link")
	mqtt.Namespace = "plant"
	mqtt.Spec.Type = v1alpha1.ConnectionMQTT
	mqtt.Spec.Sources = []v1alpha1.Source{{Name: "a"}, {Name: "b", Delivery: new(v1alpha1.AtMostOnce)}}
	spec := compile.EffectiveConnection(mqtt)
	if got := *spec.MQTT.ClientID; got != "twinway.plant.link" {
		t.Errorf("client id %q", got)
	}
	asked := [][]v1alpha1.AcknowledgementLabel{spec.Sources[0].RequestedAcks, spec.Sources[1].RequestedAcks}
	if diff := cmp.Diff([][]v1alpha1.AcknowledgementLabel{{"twin-persisted"}, nil}, asked); diff != "" {
		t.Errorf("requested acknowledgements (-want +got):\n%s", diff)
	}
	mqtt.Name = strings.Repeat("long.", 50) + "a"
	long := *compile.EffectiveConnection(mqtt).MQTT.ClientID
	mqtt.Name = strings.Repeat("long.", 50) + "b"
	other := *compile.EffectiveConnection(mqtt).MQTT.ClientID
	if len(long) != 128 || long == other {
		t.Errorf("client ids of long names: %q and %q", long, other)
	}

	qualities := []int32{*spec.Sources[0].QoS, *spec.Sources[1].QoS}
	if diff := cmp.Diff([]int32{1, 0}, qualities); diff != "" {
		t.Errorf("qualities of service (-want +got):\n%s", diff)
	}
	mqtt.Spec.MQTT = &v1alpha1.MQTTOptions{CleanStart: new(v1alpha1.Enabled)}
	if expiry := *compile.EffectiveConnection(mqtt).MQTT.SessionExpiry; expiry != "0s" {
		t.Errorf("a session that nobody resumes is kept for %s", expiry)
	}
	mqtt.Spec.MQTT.Version = new(v1alpha1.MQTT3)
	if expiry := compile.EffectiveConnection(mqtt).MQTT.SessionExpiry; expiry != nil {
		t.Errorf("MQTT 3 keeps a session for %s", *expiry)
	}

	nats := connection("link.a-b")
	nats.Namespace, nats.Spec.Type = "plant", v1alpha1.ConnectionNATS
	if got := *compile.EffectiveConnection(nats).NATS.Consumer; got != "twinway_plant_link_a-b" {
		t.Errorf("consumer %q", got)
	}

	normalized := v1alpha1.SubscriptionSpec{Target: &v1alpha1.Target{Payload: new(v1alpha1.TargetNormalizedThing)}}
	if got := compile.EffectiveSubscription(normalized).Target.DeletedFields; got == nil || *got != v1alpha1.Disabled {
		t.Errorf("deleted fields of a normalized thing: %v", got)
	}

	kafka := connection("link")
	kafka.Spec.Type = v1alpha1.ConnectionKafka
	if mechanism := compile.EffectiveConnection(kafka).Kafka.SASLMechanism; mechanism != nil {
		t.Errorf("logs in by %s, without credentials", *mechanism)
	}
}
