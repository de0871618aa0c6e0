package compile_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/gateway/connectivity/mapping"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/internal/snapshot/compile"
)

// random makes objects out of a seed: good ones, broken ones, some that refer to
// each other and some twice.
type random struct{ *rand.Rand }

func (r random) objects(pair keyPair, ca string) compile.Objects {
	o := compile.Objects{Root: "dir", Now: noon}
	for range r.IntN(4) {
		o.Gateways = append(o.Gateways, compile.Gateway{Gateway: r.gateway()})
	}
	for range r.IntN(8) {
		o.Connections = append(o.Connections, compile.Connection{Connection: r.connection()})
	}
	for range r.IntN(12) {
		o.Subscriptions = append(o.Subscriptions, compile.Subscription{Subscription: r.subscription()})
	}
	for range r.IntN(5) {
		o.Secrets = append(o.Secrets, compile.Secret{Secret: in(r.namespace(), []*corev1.Secret{
			users(), linkSecret(pair, ca), pair.secret("", "demo-tls"), opaque("", "link", "token", "a"),
		}[r.IntN(4)])})
	}
	return o
}

func (r random) namespace() string { return r.of("", "default", "plant") }

func (r random) of(texts ...string) string { return texts[r.IntN(len(texts))] }

func (r random) gateway() *v1alpha1.Gateway {
	g := gateway()
	if r.IntN(4) == 0 {
		g = full()
	}
	g.Namespace, g.Name = r.namespace(), r.of("demo", "demo", "other", "")
	g.Spec.Listener.Port = int32(r.IntN(3))
	if r.IntN(3) == 0 {
		g.Spec.Listener.TLS = &v1alpha1.ListenerTLS{CertificateRef: v1alpha1.SecretReference{Name: r.of("demo-tls", "link", "")}}
	}
	return g
}

func (r random) connection() *v1alpha1.Connection {
	c := connection(r.of("a", "b", "c", "d", "-"))
	if r.IntN(2) == 0 {
		c = ofType(c.Name, connectionTypes[r.IntN(len(connectionTypes))])
	}
	c.Namespace, c.Spec.GatewayRef.Name = r.namespace(), r.of("demo", "other", "nowhere", "-")
	if len(c.Spec.Sources) > 0 && r.IntN(2) == 0 {
		r.vary(&c.Spec.Sources[0])
	}
	if r.IntN(5) == 0 {
		c.Spec.URI = r.of("", "a", "wss://[", "tcp://a,b", "nats://a:1")
	}
	return c
}

// templates are what may stand in any field that has templates.
var templates = []string{
	"a", "{{ header:a }}", "{{ source:address }}", "{{ connection:id }}", "{{ thing:id }}", "{{ feature:id | fn:join(',') }}", "{{ topic:subject }}",
	"{{ resource:path }}", "{{ time:now }}", "{{ request:subjectId }}", "{{ policy:name }}", "{{ jwt:sub }}", "{{ thing-json:attributes/a }}", "{{", "{{ fn:x() }}",
}

// vary puts templates into a source.
func (r random) vary(s *v1alpha1.Source) {
	template := func() v1alpha1.Template { return v1alpha1.Template(r.of(templates...)) }
	s.Payload = &[]v1alpha1.SourcePayload{v1alpha1.SourceDittoProtocol, v1alpha1.SourceRawMessage, v1alpha1.SourceImplicitThing}[r.IntN(3)]
	s.Headers = map[string]v1alpha1.Template{r.of("a", "status", "Content-Type"): template()}
	s.ReplyHeaders = map[string]v1alpha1.Template{r.of("a", "status"): template()}
	s.Enforcement = &v1alpha1.Enforcement{Input: template(), Filters: []v1alpha1.Template{template()}}
	s.ReplyTo = new(template())
	s.AuthorizationSubjects = []v1alpha1.SubjectTemplate{v1alpha1.SubjectTemplate("a:" + template())}
	if r.IntN(3) > 0 {
		s.ImplicitThing = &v1alpha1.ImplicitThing{Thing: `{"thingId":"a:` + r.of(templates...) + `","` + r.of(templates...) + `":[` + r.of("1", `"a"`, "{{") + "]}"}
	}
}

func (r random) subscription() *v1alpha1.Subscription {
	s := subscription(r.of("a", "b", "c", "d", "e", "f"), r.of("a", "b", "c", "nothing", ""))
	if r.IntN(2) == 0 {
		s = outbound(s.Name, s.Spec.ConnectionRef.Name)
	}
	s.Namespace = r.namespace()
	if s.Spec.Target != nil && r.IntN(2) == 0 {
		s.Spec.Target.Address = new(v1alpha1.Template("POST:/" + r.of(templates...)))
		s.Spec.Target.Headers = map[string]v1alpha1.Template{"a": v1alpha1.Template(r.of(templates...))}
		s.Spec.Target.Payload = new(v1alpha1.TargetPayload(r.of("DittoProtocol", "NormalizedThing", "RawMessage", "CloudEvent", "JSON")))
		s.Spec.Target.IssuedAck = new(v1alpha1.AcknowledgementLabel(r.of("a:b", "live-response", "twin-persisted")))
		if r.IntN(2) == 0 {
			s.Spec.Target.Fields = new(r.of("thingId", "features(a,b)", "a,"))
		}
	}
	if r.IntN(4) == 0 {
		s.Spec.Filter = new(r.of("eq(attributes/a,1)", "not(", "exists(a)"))
	}
	return s
}

func (r random) shuffle(o *compile.Objects) {
	r.Shuffle(len(o.Gateways), func(i, j int) { o.Gateways[i], o.Gateways[j] = o.Gateways[j], o.Gateways[i] })
	r.Shuffle(len(o.Connections), func(i, j int) { o.Connections[i], o.Connections[j] = o.Connections[j], o.Connections[i] })
	r.Shuffle(len(o.Subscriptions), func(i, j int) { o.Subscriptions[i], o.Subscriptions[j] = o.Subscriptions[j], o.Subscriptions[i] })
	r.Shuffle(len(o.Secrets), func(i, j int) { o.Secrets[i], o.Secrets[j] = o.Secrets[j], o.Secrets[i] })
}

// Whatever objects there are: the order in which they come makes no difference to
// what is accepted and to the bytes of any snapshot, every object is told of
// exactly once, and every snapshot can be decoded.
func FuzzGateways(f *testing.F) {
	pair := newKeyPair(f, "link")
	ca, err := certificate()
	if err != nil {
		f.Fatal(err)
	}
	for seed := range uint64(40) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := random{rand.New(rand.NewPCG(seed, seed))}
		o := r.objects(pair, ca)
		accepted, snapshots := told(t, o)
		for _, l := range o.Connections {
			mustBeTold(t, accepted, "Connection", l.Namespace, l.Name)
		}
		for _, l := range o.Subscriptions {
			mustBeTold(t, accepted, "Subscription", l.Namespace, l.Name)
		}
		r.shuffle(&o)
		again, others := told(t, o)
		if diff := cmp.Diff(accepted, again); diff != "" {
			t.Errorf("in another order other objects are accepted:\n%s", diff)
		}
		if diff := cmp.Diff(snapshots, others); diff != "" {
			t.Errorf("in another order the snapshots differ:\n%s", diff)
		}
	})
}

// told returns which objects are accepted, and the snapshots. It checks that they
// agree with each other and with the findings.
func told(t *testing.T, objects compile.Objects) (accepted map[string]bool, snapshots map[string]string) {
	t.Helper()
	outcomes, orphans := compile.Gateways(objects)
	accepted, snapshots = map[string]bool{}, map[string]string{}
	for _, o := range outcomes {
		if (o.Snapshot == nil) != o.Findings.HasErrors() {
			t.Errorf("%v: snapshot %v with findings %v", o.Gateway, o.Snapshot, o.Findings)
		}
		parts := 0
		for _, l := range o.Links {
			accepted[l.Object.String()] = l.Accepted
			if l.Accepted == l.Findings.HasErrors() {
				t.Errorf("%v: accepted %v with findings %v", l.Object, l.Accepted, l.Findings)
			}
			if l.Accepted {
				parts++
			}
		}
		if o.Snapshot == nil {
			continue
		}
		if n := len(o.Snapshot.Connections) + len(o.Snapshot.Subscriptions); n != parts {
			t.Errorf("%v: %d links are accepted, %d are in the snapshot", o.Gateway, parts, n)
		}
		data := o.Snapshot.Encode()
		if _, err := snapshot.Decode(data); err != nil {
			t.Errorf("%v: %v", o.Gateway, err)
		}
		snapshots[o.Gateway.String()] = string(data)
		mustMap(t, o.Snapshot)
	}
	for _, l := range orphans {
		if l.Accepted || !l.Findings.HasErrors() {
			t.Errorf("orphan %v is accepted", l.Object)
		}
		accepted[l.Object.String()] = false
	}
	return accepted, snapshots
}

// mustMap checks that what is accepted is what the data plane can make sources and
// targets of.
func mustMap(t *testing.T, s *snapshot.Snapshot) {
	t.Helper()
	kinds := map[string]snapshot.ConnectionType{}
	for _, c := range s.Connections {
		kinds[c.Name] = c.Type
		for i := range c.Sources {
			if _, err := mapping.NewSource(c.Name, &c.Sources[i]); err != nil {
				t.Errorf("source %+v: %v", c.Sources[i], err)
			}
		}
	}
	for i := range s.Subscriptions {
		sub := &s.Subscriptions[i]
		if sub.Target == nil {
			continue
		}
		if _, err := mapping.NewTarget(sub.Connection, kinds[sub.Connection], sub); err != nil {
			t.Errorf("target %+v: %v", sub.Target, err)
		}
	}
}

func mustBeTold(t *testing.T, accepted map[string]bool, kind, namespace, name string) {
	t.Helper()
	if namespace == "" {
		namespace = compile.DefaultNamespace
	}
	object := snapshot.Object{Kind: kind, Namespace: namespace, Name: name}
	if _, there := accepted[object.String()]; !there {
		t.Errorf("nothing is told of %v", object)
	}
}

// Whatever is referred to and whatever a template is: compiling ends without a
// panic, there is a snapshot exactly when there is no error, and findings about
// content show nothing of it.
func FuzzContent(f *testing.F) {
	ca, err := certificate()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(keySet(ecKey("a"), rsaKey("b", 2048)), ca, "{{ jwt:sub | fn:filter('like','a*') }}@{{ jwt:azp }}")
	f.Add(`{"keys":[{"kty":"EC","d":"TopSecret"}]}`, "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----", "{{ fn:default('a') }}")
	f.Add(`{"keys":null}`, "-----BEGIN CERTIFICATE-----", "{{")
	f.Fuzz(func(t *testing.T, jwks, ca, template string) {
		g := gateway()
		static, fetched := provider("static", "https://a"), provider("fetched", "https://b")
		static.Keys = &v1alpha1.OIDCKeys{JWKS: inConfigMap("trust", "jwks.json")}
		static.Subjects = []v1alpha1.SubjectTemplate{v1alpha1.SubjectTemplate(template)}
		fetched.Keys = &v1alpha1.OIDCKeys{CA: inConfigMap("trust", "ca.crt")}
		fetched.Prerequisites = []v1alpha1.Condition{v1alpha1.Condition(template)}
		g.Spec.Authentication.OIDC = []v1alpha1.OIDCProvider{static, fetched}
		m := &corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{Name: "trust"}, Data: map[string]string{"jwks.json": jwks, "ca.crt": ca},
		}
		snap, findings := compileAll(g, users(), m)
		if (snap == nil) != findings.HasErrors() {
			t.Fatalf("snapshot %v with findings %v", snap, findings)
		}
		for _, found := range findings {
			if found.Object.Kind == "ConfigMap" && strings.Contains(found.Message, "TopSecret") {
				t.Errorf("finding shows what was referred to: %v", found)
			}
		}
		if snap == nil {
			return
		}
		if again, _ := compileAll(g, users(), m); again.Hash() != snap.Hash() {
			t.Errorf("the same objects give %s and %s", snap.Encode(), again.Encode())
		}
	})
}
